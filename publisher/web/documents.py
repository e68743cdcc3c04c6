"""How does a report read? Its frozen facts as headings, lines and tables in the reader's language: a page, print, or DOCX."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from publisher.model.coverage import ARRIVED, OVER
from publisher.web.console.say import Say
from publisher.web.exports import legible

TITLE = 255
"""Characters that a DOCX file's own title may have."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with what stands under it."""

    title: str
    lines: Sequence[str] = ()
    tables: Sequence[Table] = field(default=())


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report; `as_of` says of when its figures are."""

    title: str
    as_of: str
    parts: Sequence[Part]


def document(kind: str, body: Mapping[str, Any], say: Say) -> Document:
    """A report's facts in words."""
    writer = _Writer(body, say)
    parts = writer.day() if kind == "daily" else writer.event(kind)
    title = say.words(f"report.{kind}", what=writer.title())
    return Document(f"{_mark(body, say)}{title}", say.words("report.as_of", at=say.full(body["as_of"])), list(parts))


def _mark(body: Mapping[str, Any], say: Say) -> str:
    """What tells a drill's report from a real one, at its very beginning."""
    mode = body.get("mode", "actual")
    return "" if mode == "actual" else f"[{say.words(f'mode.{mode}')}] "


class _Writer:
    def __init__(self, body: Mapping[str, Any], say: Say) -> None:
        self._body, self._say = body, say

    def title(self) -> str:
        """The warning's hazard and number, or the day."""
        if "hazard" not in self._body:
            return self._say.full(self._body["as_of"])[:10]
        ids = [one["public_id"] for one in self._body["bulletins"] if one["public_id"]]
        return " ".join((self._say.hazard(self._body["hazard"]), *ids[:1]))

    def event(self, kind: str) -> Iterator[Part]:
        """One warning: what happened, what it said, whom it reached; the longer kinds add the whole timeline."""
        words, some = self._say.words, self._body["bulletins"]
        yield Part(words("report.summary"), [*self._note(), *self._facts(kind, some)])
        yield Part(words("report.versions"), tables=[self._versions(some)])
        yield Part(words("report.texts"), [text for one in some for text in self._texts(one)])
        yield Part(words("report.reach"), tables=[self._reach(some)])
        if kind != "flash":
            yield Part(words("report.timeline"), tables=[self._timeline()])

    def _note(self) -> list[str]:
        return [self._body["note"]] if self._body["note"] else []

    def _facts(self, kind: str, some: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        words, say = self._say.words, self._say
        out = [one for one in some if one["released"]]
        if out:
            yield words("report.first", at=say.full(out[0]["released"]), who=say.person(out[0]["drafter"]))
        yield words("report.live" if self._body["live"] else "report.over")
        yield words("report.answers", n=self._body["answers"])
        if kind == "false":
            wrong = [one for one in some if one["state"] == "retracted"]
            for one in wrong:
                minutes = say.between(one["released"], one["ended"]) if one["ended"] else "–"
                yield words("report.stood", what=one["public_id"], length=minutes)
            taken = [one for one in out if one["act"] == "retract"]
            for one in taken:
                yield words("report.corrected", at=say.full(one["released"]), n=_all(one), why=one["note"] or "–")

    def _versions(self, some: Sequence[Mapping[str, Any]]) -> Table:
        words, say = self._say.words, self._say
        names = ("public_id", "act", "hazard", "level", "areas", "state", "released", "ended")
        head = [words(f"export.{name}") for name in names]
        rows = [
            (
                one["public_id"] or one["id"],
                words(f"act.{one['act']}"),
                say.hazard(one["hazard"]),
                words("join").join(say.level(level) for level in dict.fromkeys(one["levels"])),
                say.places(one["areas"]),
                words(f"state.{one['state']}"),
                say.full(one["released"]),
                say.full(one["ended"]),
            )
            for one in some
        ]
        return Table(head, rows)

    def _texts(self, one: Mapping[str, Any]) -> Iterator[str]:
        language = self._say.words.language
        for texts in one["texts"]:
            text = texts.get(language) or next(iter(texts.values()), "")
            if text:
                yield f"{one['public_id'] or one['id']} {text}"

    def _reach(self, some: Sequence[Mapping[str, Any]]) -> Table:
        words = self._say.words
        names = ("public_id", "endpoints", "reached", "failed", "uncertain_or_open")
        head = [words("export.public_id"), words("stats.medium"), *(words(f"export.{name}") for name in names[1:])]
        return Table(head, [row for one in some for row in self._account(one)])

    def _account(self, one: Mapping[str, Any]) -> Iterator[Sequence[str]]:
        for medium, states in one["account"].items():
            total, reached = sum(states.values()), sum(states.get(state, 0) for state in ARRIVED)
            lost = sum(states.get(state, 0) for state in OVER)
            counts = (total, reached, lost, total - reached - lost)
            yield (
                one["public_id"] or one["id"],
                self._say.words.code("medium", medium),
                *(f"{n:,}" for n in counts),
            )

    def _timeline(self) -> Table:
        words, say = self._say.words, self._say
        head = [words("report.when"), words("report.who"), words("report.what")]
        lines = self._body["timeline"]
        return Table(head, [(say.full(one["at"]), say.person(one["actor"]), self._deed(one)) for one in lines])

    def _deed(self, one: Mapping[str, Any]) -> str:
        if whose := one.get("of"):
            return self._say.words("report.attested", who=self._say.person(whose))
        return self._say.words.code("deed", one["act"])

    def day(self) -> Iterator[Part]:
        """The last 24 hours."""
        words, say, body = self._say.words, self._say, self._body
        came = [f"{words.code('outcome', name)} {n}" for name, n in body["alerts"].items()]
        lines = [words("report.counts", n=len(body["bulletins"]), live=len(body["standing"])), *came]
        yield Part(words("report.summary"), [*self._note(), *lines])
        yield Part(words("report.standing"), tables=[self._versions(body["standing"])])
        yield Part(words("report.versions"), tables=[self._versions(body["bulletins"])])
        yield Part(words("report.reach"), tables=[self._reach(body["bulletins"])])
        handed = [
            f"{say.full(one['at'])} {say.person(one['from'])} → {say.person(one['to'])} {one['note']}".strip()
            for one in body["shifts"]
        ]
        yield Part(words("duty.earlier"), handed or [words("duty.none")])


def _all(one: Mapping[str, Any]) -> int:
    return sum(sum(states.values()) for states in one["account"].values())


def to_docx(what: Document, foot: str) -> bytes:
    """The same as a DOCX file. Takes a while: run it in a thread."""
    from docx import Document as new

    made = new()
    made.core_properties.title = legible(what.title)[:TITLE]
    made.core_properties.author = ""
    made.add_heading(legible(what.title), 0)
    made.add_paragraph(what.as_of)
    for part in what.parts:
        made.add_heading(part.title, 1)
        for line in part.lines:
            made.add_paragraph(legible(line))
        for table in part.tables:
            _table(made, table)
    made.add_paragraph(foot)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _table(made: Any, what: Table) -> None:
    grid = made.add_table(rows=1, cols=len(what.head), style="Table Grid")
    for cell, text in zip(grid.rows[0].cells, what.head, strict=True):
        cell.text = text
    for row in what.rows:
        for cell, text in zip(grid.add_row().cells, row, strict=True):
            cell.text = legible(text)
