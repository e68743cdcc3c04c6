"""What does the hub say to its own people? `messages/notice/<kind>.<language>.txt`, in the words of whoever gets it.

Each file holds `title`, `body` (lines kept) and `sms`; names are the facts of a notice and `mark`, `signature`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from publisher.model.notice import FACTS
from publisher.model.pack import Pack, said
from publisher.model.words import Medium, Mode
from publisher.render import sandbox
from publisher.render.fault import Refused, Wrong
from publisher.render.sandbox import Checked
from publisher.render.texts import FALLBACK, NOTICES
from publisher.render.tongue import Tongue, tongues

FIELDS = ("title", "body", "sms")
NAMES = frozenset({*FACTS, "mark", "signature"})
_PATH = re.compile(re.escape(NOTICES) + r"([a-z_]+)\.([A-Za-z0-9-]+)\.txt")
_HEAD = re.compile(r"^=== (.*)$", re.MULTILINE)


class NoNotice(LookupError):
    """There is no template for this kind in this language or English."""


@dataclass(frozen=True, slots=True)
class _File:
    fields: Mapping[str, Checked]


def notice_texts_of(sources: Mapping[str, str]) -> "NoticeTexts":
    """`NoticeTexts`, checked once in a process however often the same sources are asked for. Raises Refused like it."""
    return _notice_texts_of(tuple(sorted(sources.items())))


@lru_cache(maxsize=4)
def _notice_texts_of(sources: tuple[tuple[str, str], ...]) -> "NoticeTexts":
    return NoticeTexts(dict(sources))


class NoticeTexts:
    """Every notice template of one pack version, checked. Raises Refused naming every fault of every file."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._tongues, faults = tongues(sources)
        self._files: dict[tuple[str, str], _File] = {}
        for path, text in sorted(sources.items()):
            if path.startswith(NOTICES):
                try:
                    self._read(path, text)
                except Refused as wrong:
                    faults += wrong.faults
        if faults:
            raise Refused(faults)

    @property
    def kinds(self) -> frozenset[str]:
        """Every kind that has a template in some language."""
        return frozenset(kind for kind, _ in self._files)

    def words(
        self, kind: str, language: str, medium: Medium, facts: Mapping[str, str], *, pack: Pack, mode: Mode
    ) -> Mapping[str, str]:
        """The words a channel of `medium` composes from. Raises NoNotice, TooLong, and KeyError for an unknown fact."""
        strange = sorted(set(facts) - set(FACTS))
        if strange:
            raise KeyError(f"a notice has no fact {', '.join(strange)}; there are: {', '.join(FACTS)}")
        file, spoken = self._file(kind, language)
        known = {**dict.fromkeys(FACTS, ""), **facts, **self._frame(spoken, pack, mode, medium)}
        made = {name: _tidy(field.render(known), name) for name, field in file.fields.items()}
        if medium is Medium.SMS:
            return {"body": made["sms"]}
        return {"title": made["title"], "body": made["body"], "script": _script(made, facts)}

    def _frame(self, language: str, pack: Pack, mode: Mode, medium: Medium) -> Mapping[str, str]:
        tongue = self._tongue(language)
        return {"mark": _mark(tongue, mode, medium), "signature": said(pack.about.sms_signature, language)}

    def _file(self, kind: str, language: str) -> tuple[_File, str]:
        for one in (language, language.partition("-")[0], FALLBACK):
            if (kind, one) in self._files:
                return self._files[kind, one], one
        raise NoNotice(f"no {NOTICES}{kind}.{language}.txt and no {NOTICES}{kind}.{FALLBACK}.txt")

    def _tongue(self, language: str) -> Tongue:
        return self._tongues[language if language in self._tongues else FALLBACK]

    def _read(self, path: str, text: str) -> None:
        named = _PATH.fullmatch(path)
        if named is None:
            wanted = f"{NOTICES}<kind>.<language>.txt"
            raise Refused([Wrong(f"the name must be {wanted}", "TEMPLATE_PATH", {"wanted": wanted}).at(path)])
        parts = _HEAD.split(text)
        heads = [head.strip() for head in parts[1::2]]
        if sorted(heads) != sorted(FIELDS):
            says = f"must hold the fields {', '.join(FIELDS)}, once each; it holds: {', '.join(heads)}"
            raise Refused([Wrong(says, "TEMPLATE_FIELDS", {"fields": tuple(FIELDS), "held": tuple(heads)}).at(path)])
        env = sandbox.environment(self._tongue(named[2]).filters())
        fields: dict[str, Checked] = {}
        line = parts[0].count("\n") + 2
        for head, body in zip(heads, parts[2::2], strict=True):
            fields[head] = sandbox.checked(body[1:], where=path, line=line, names=NAMES, env=env)
            line += body.count("\n")
        self._files[named[1], named[2]] = _File(fields)


def _mark(tongue: Tongue, mode: Mode, medium: Medium) -> str:
    match mode:
        case Mode.ACTUAL:
            return ""
        case Mode.EXERCISE:
            return tongue.exercise_mark_sms if medium is Medium.SMS else tongue.exercise_mark
        case Mode.TEST:
            return tongue.test_mark_sms if medium is Medium.SMS else tongue.test_mark


def _script(made: Mapping[str, str], facts: Mapping[str, str]) -> str:
    """What a voice says of it: title and body without the address, which nobody can write down, and nothing twice."""
    url, name = facts.get("url", ""), facts.get("title", "")
    return "\n".join(
        (made["title"], *(one for one in made["body"].splitlines() if one != name and not (url and url in one)))
    )


def _tidy(text: str, field: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return ("\n" if field == "body" else " ").join(lines)
