"""What do the bytes of a message say, and does policy take it? No database: the time and the pack are given."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from publisher.core.intake import Classified, classify
from publisher.core.reader_zh import read_text
from publisher.formats.read import read
from publisher.model.alert import Reading
from publisher.model.bulletin import Content, Origin
from publisher.model.directory import Source
from publisher.model.finding import Finding
from publisher.model.pack import Pack
from publisher.model.received import Received
from publisher.model.words import SourceId

PASTED = "text/plain"
"""The media type of a text without fields around it: a telephone note, a pasted bulletin."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A message as read, and what the pack's rules made of it where it could be read."""

    reading: Reading
    made: Classified | None
    source: Source

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that was found, of the last who looked."""
        return self.made.findings if self.made else self.reading.findings

    def answer(self, also: Sequence[Finding] = ()) -> Received:
        """The answer to its sender; `also`: what the hub itself holds against it."""
        findings = (*self.findings, *also)
        refused = any(one.refuses for one in findings)
        outcome = "refused" if refused else "accepted with findings" if findings else "accepted"
        new = f"a-{self.reading.sha256[:16]}"
        content = content_of(self.made, self.reading, self.source, new) if self.made and self.made.hazard else None
        return Received(
            new,
            outcome,
            findings,
            None if refused else content,
            self._references(),
            readable=_retyped(content) if content and content.sections and refused else None,
            extra_areas=tuple(self.made.extra_areas) if self.made else (),
        )

    def _references(self) -> tuple[str, ...]:
        alert = self.reading.alert
        return tuple(f"{one.sender},{one.identifier}" for one in alert.references) if alert else ()


def judge(raw: bytes, source: Source, pack: Pack, media_type: str, now: datetime, *, anywhere: bool = False) -> Judged:
    """Read and classify. Never raises for what the message says. `anywhere`: its own areas are the jurisdiction."""
    reading = _read(raw, source, pack, media_type, now)
    made = classify(reading, source, pack, now, anywhere=anywhere) if reading.alert is not None else None
    return Judged(reading, made, source)


def _read(raw: bytes, source: Source, pack: Pack, media_type: str, now: datetime) -> Reading:
    """A pasted text is read as one (`core.reader_zh`); everything else by its own format."""
    if media_type == PASTED:
        return read_text(raw.decode("utf-8", "replace"), pack, now)
    return read(raw, now=now, tolerant=source.tolerant)


def _retyped(content: Content) -> Content:
    """What an officer may draft from a refused message: his own text then, and no relay of the source's."""
    assert content.origin is not None
    return replace(content, origin=replace(content.origin, relay=False))


def content_of(made: Classified, reading: Reading, source: Source, alert_id: str) -> Content:
    """The bulletin content an accepted alert proposes."""
    alert = reading.alert
    assert alert is not None
    return made.content(
        Origin(
            source=SourceId(source.id),
            alert=alert_id,
            sender=alert.sender,
            identifier=alert.identifier,
            sent=alert.sent or made.expires,
            relay=made.relay,
            doubts=made.doubts,
        )
    )
