"""Which words go out on a medium? Message templates filled for one section, language and class of endpoint.

A template file `messages/<medium>/<what>.<language>.txt` holds named fields under `=== name` lines. `<what>` is
`<act>[.<class>][.<level>]` or `any`, either with `[.<hazard>][.short]`; the most specific file wins, then the same in
English. `messages/common` is read first: its fields (`name`, `title`, `lead`, `text`) are names that every medium's
templates may use.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from publisher.model.bulletin import Chain, Content
from publisher.model.pack import Pack
from publisher.model.words import Act, EndpointClass, Medium
from publisher.render import context, sandbox
from publisher.render.asked import Asked
from publisher.render.fault import Fault, Refused, Wrong
from publisher.render.sandbox import Checked, Value
from publisher.render.tongue import PATH as TONGUE_PATH
from publisher.render.tongue import Tongue, tongues

FIELDS: Mapping[str, tuple[str, ...]] = {
    "common": ("name", "title", "lead", "text"),
    Medium.SMS: ("body",),
    Medium.WECHAT: ("title", "level", "area", "time", "action"),
    Medium.WECOM: ("title", "body"),
    Medium.SCREEN: ("label", "body"),
    Medium.STATION: ("script", "crawl"),
    Medium.FEED: ("title", "summary"),
    Medium.MANUAL: ("title", "body"),
    Medium.VOICE: ("script",),
    Medium.EMAIL: ("title", "body"),
    Medium.APP: ("title", "body"),
    Medium.PARTNER: ("title", "body"),
}
"""Which fields a medium's template must hold, all of them and no other."""

COMMON = FIELDS["common"]
NOTICES = "messages/notice/"
"""The hub's own messages have readers of their own (`publisher.render.notices`)."""
FALLBACK = "en"
SHORT = "short"
"""Ends the stem of a template that is the pack's short form: `any.short.zh.txt`."""
_UNMARKED = frozenset({"level", "area", "time", "action"})
"""Parts of one card whose title carries the exercise mark."""
PATH = re.compile(r"messages/([a-z]+)/([A-Za-z0-9_.-]+)\.([A-Za-z0-9-]+)\.txt")
"""Medium, what it is for, and language of a template's path."""
_HEAD = re.compile(r"=== ([a-z_]+)( lines)?")


class NoTemplate(LookupError):
    """No template fits; the message names every path that was tried."""


class Unmarked(ValueError):
    """A template dropped the exercise mark, so that a drill would look like the real thing."""


@dataclass(frozen=True, slots=True)
class Field:
    """One named text of a template file; `lines` keeps its line breaks, else they are closed up."""

    name: str
    lines: bool
    template: Checked


def read_templates(*folders: Path) -> dict[str, str]:
    """Path such as `messages/sms/issue.zh.txt` -> text, from each folder's `messages`; a later folder overrides."""
    found: dict[str, str] = {}
    for folder in folders:
        for pattern in ("messages/words.*.yaml", "messages/*/*.txt"):
            for path in sorted(folder.glob(pattern)):
                found[path.relative_to(folder).as_posix()] = path.read_text("utf-8")
    return found


def texts_of(sources: Mapping[str, str]) -> "Texts":
    """`Texts`, checked once in a process however often the same sources are asked for. Raises Refused like it."""
    return _texts_of(tuple(sorted(sources.items())))


@lru_cache(maxsize=4)
def _texts_of(sources: tuple[tuple[str, str], ...]) -> "Texts":
    return Texts(dict(sources))


class Texts:
    """Every message template of one pack version, checked. Raises Refused naming every fault of every file."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._tongues, faults = tongues(sources)
        self._files: dict[str, tuple[Field, ...]] = {}
        for path, text in sorted(sources.items()):
            if TONGUE_PATH.fullmatch(path) is None and not path.startswith(NOTICES):
                try:
                    self._files[path] = self._read(path, text)
                except Refused as wrong:
                    faults += wrong.faults
        if faults:
            raise Refused(faults)

    def fields(
        self,
        medium: Medium,
        *,
        content: Content,
        section: int,
        language: str,
        endpoint_class: EndpointClass,
        pack: Pack,
        chain: Chain,
        look: str = "",
        url: str = "",
        past: bool = False,
        whole: bool = False,
        short: bool = False,
    ) -> Mapping[str, str]:
        """The medium's fields (`FIELDS`), slots still in them. `url` is the public page, and may hold `⟦id:raw⟧`.

        `section` counts the content's sections, or with `past` those of `chain.past`; without it, an update to those
        who left speaks of all they may have left. `short`: the pack's short form, where it has one. Raises NoTemplate,
        Unrenderable, Unmarked, TooLong.
        """
        asked = Asked(medium, content, section, language, endpoint_class, pack, chain, look, url, past, whole, short)
        tongue = self._tongue(language)
        known = context.values(asked, tongue)
        known |= self._fill("common", asked, known, tongue)
        filled = self._fill(medium, asked, known, tongue)
        _keep_mark(filled, str(known["mark"]), str(known["signature"]))
        return filled

    def _fill(self, folder: str, asked: Asked, known: Mapping[str, Value], tongue: Tongue) -> dict[str, str]:
        filled: dict[str, str] = {}
        for field in self._file(folder, asked):
            text = field.template.render({**known, **filled} if folder == "common" else known)
            filled[field.name] = _closed_up(text, "\n" if field.lines else tongue.glue)
        return filled

    def _file(self, folder: str, asked: Asked) -> tuple[Field, ...]:
        tried = list(dict.fromkeys(candidates(folder, asked)))
        for path in tried:
            if path in self._files:
                return self._files[path]
        raise NoTemplate(f"no template for {folder}; tried: {', '.join(tried)}")

    def _tongue(self, language: str) -> Tongue:
        for one in _languages(language):
            if one in self._tongues:
                return self._tongues[one]
        raise NoTemplate(f"no messages/words.{language}.yaml and no messages/words.{FALLBACK}.yaml")

    def _read(self, path: str, text: str) -> tuple[Field, ...]:
        folder, language = _named(path)
        env = sandbox.environment(self._tongue(language).filters())
        names = set(context.NAMES) | (set() if folder == "common" else set(COMMON))
        made: list[Field] = []
        found: list[str] = []
        faults: list[Fault] = []
        for name, lines, at, body in _parts(path, text):
            try:
                template = sandbox.checked(body, where=path, line=at, names=names, env=env)
                made.append(Field(name, lines, template))
            except Refused as wrong:
                faults += wrong.faults
            found.append(name)
            names |= {name} if folder == "common" else set()
        faults += _unlike(path, folder, found)
        if faults:
            raise Refused(faults)
        return tuple(made)


def candidates(folder: str, asked: Asked) -> Iterator[str]:
    """Template paths, most specific first: the act itself, what it reads like to this endpoint, any; then English.

    Each may be for the hazard or its family only, which goes before the one for all. A short form has its own files.
    """
    level, own = asked.level_id(), asked.endpoint_class.value
    acts = dict.fromkeys((asked.content.act, asked.reads))
    stems: list[str] = []
    for act in acts:
        stems += [f"{act}.{own}.{level}", f"{act}.{own}"]
    stems += [f"{asked.reads}.{level}", f"{asked.reads}", "any"]
    ending = f".{SHORT}" if asked.short and folder != "common" else ""
    for language in _languages(asked.language):
        for stem in stems:
            yield from (f"messages/{folder}/{stem}{which}{ending}.{language}.txt" for which in _hazards(asked))


def _hazards(asked: Asked) -> Sequence[str]:
    """File name parts for the hazard, for its family (the first three characters of its code), and for any hazard."""
    code = asked.content.hazard
    return (*dict.fromkeys((f".{code}", f".{code[:3]}")), "")


def _languages(language: str) -> Sequence[str]:
    return tuple(dict.fromkeys((language, language.partition("-")[0], FALLBACK)))


def _named(path: str) -> tuple[str, str]:
    """Folder and language of a template's path. Raises Refused for a path that no text would ever be looked up at."""
    named = PATH.fullmatch(path)
    if named is None:
        wanted = "messages/<medium>/<what>.<language>.txt"
        raise Refused([Wrong(f"the name must be {wanted}", "TEMPLATE_PATH", {"wanted": wanted}).at(path)])
    if named[1] not in FIELDS:
        says = f"there is no medium {named[1]!r}; there are: {', '.join(FIELDS)}"
        raise Refused([Wrong(says, "TEMPLATE_MEDIUM", {"name": named[1], "there": tuple(FIELDS)}).at(path)])
    first = named[2].split(".")[0]
    if first not in {"any", *Act}:
        says = f"must begin with any, {', '.join(Act)}; not {first!r}"
        raise Refused([Wrong(says, "TEMPLATE_ACT", {"first": first, "there": ("any", *Act)}).at(path)])
    return named[1], named[3]


def _parts(path: str, text: str) -> Iterator[tuple[str, bool, int, str]]:
    """(field, keeps lines, line number of its first line, body); what comes before the first field is a comment."""
    lines = text.split("\n")
    heads = [(number, _HEAD.fullmatch(line.rstrip())) for number, line in enumerate(lines) if line[:3] == "==="]
    ends = [number for number, _ in heads[1:]] + [len(lines)]
    for (number, head), end in zip(heads, ends[: len(heads)], strict=True):
        if head is None:
            says = "a field begins with `=== name` or `=== name lines`"
            raise Refused([Wrong(says, "TEMPLATE_HEAD").at(path, number + 1)])
        yield head[1], head[2] is not None, number + 2, "\n".join(lines[number + 1 : end])


def _unlike(path: str, folder: str, names: Sequence[str]) -> list[Fault]:
    if sorted(names) == sorted(FIELDS[folder]):
        return []
    says = f"must hold the fields {', '.join(FIELDS[folder])}, once each; it holds: {', '.join(names)}"
    return [Wrong(says, "TEMPLATE_FIELDS", {"fields": tuple(FIELDS[folder]), "held": tuple(names)}).at(path)]


def _closed_up(text: str, glue: str) -> str:
    """The lines that say something, without the blanks around them."""
    return glue.join(line.strip() for line in text.splitlines() if line.strip())


def _keep_mark(filled: Mapping[str, str], mark: str, signature: str) -> None:
    if not mark:
        return
    opening = len(mark) + len(signature) + 4
    bare = [name for name, text in filled.items() if name not in _UNMARKED and mark not in text[:opening]]
    if bare:
        raise Unmarked(f"the template must start {', '.join(bare)} with the mark {mark!r}: use {{{{ mark }}}}")
