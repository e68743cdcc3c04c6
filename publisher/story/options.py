"""How is a story to be run, and at what time does it play?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from publisher.formats.read import read
from publisher.model.directory import Source
from publisher.model.words import Act

AFTER_SENT = timedelta(seconds=30)
MEDIA_TYPE = "application/xml"


@dataclass(frozen=True, slots=True)
class Options:
    """How a story is to be run; `now` keeps the real clock instead of the alert's own time."""

    pack: str = "pudong"
    source: str = ""
    act: Act | None = None
    now: bool = False
    anywhere: bool = False
    out: Path | None = None
    redis: bool = True

    def source_among(self, known: Mapping[str, Source]) -> Source:
        """The source that sends; from anywhere, it may speak for every place. Raises LookupError naming those there are."""
        name = self.source or "demo"
        if name not in known:
            raise LookupError(f"no source {name!r}; the pack's demo has: {', '.join(sorted(known))}")
        return replace(known[name], areas=()) if self.anywhere else known[name]

    def plays_at(self, raw: bytes, source: Source) -> datetime | None:
        """Just past the message's own `sent`; None for a story that keeps the real clock."""
        alert = None if self.now else read(raw, tolerant=source.tolerant).alert
        return alert.sent + AFTER_SENT if alert is not None and alert.sent is not None else None
