"""What may this display show right now? Takes sealed playlists and beats, refuses the rest, and keeps the lease.

Pure: bytes and the hub's time come in. The hub's time is learnt from beats and carried on by a steady clock, so a display
with a wrong clock still obeys `expires` and the lease.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from publisher.formats import bundle, lease
from publisher.formats.bundle import Unsealed

Kind = Literal["warning", "idle", "safe", "blank"]
State = Mapping[str, Any]


class Refused(Exception):
    """This may not be shown; the message says why."""


@dataclass(frozen=True, slots=True)
class Slide:
    """One page to show: `as_of` stands beside a text that could not be confirmed in time."""

    text: str
    seconds: int
    label: str = ""
    glyph: str = ""
    colour: str = ""
    ink: str = ""
    item: str = ""
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class Showing:
    """What is to be on the display. `blank` only before the first playlist was confirmed."""

    kind: Kind
    slides: tuple[Slide, ...] = ()
    sequence: int = 0
    exercise: bool = False


class Player:
    """One display's mind. `sequence` is the newest number it ever accepted: keep it over restarts."""

    def __init__(self, screen: str, trust: str, *, sequence: int = 0, exercise: bool = False) -> None:
        self.screen, self.sequence = screen, sequence
        self._trust, self._exercise = trust, exercise
        self._next: State | None = None
        self._state: State | None = None
        self._heard: datetime | None = None
        self._steady = 0.0

    def take(self, raw: bytes) -> None:
        """A playlist as fetched; it is shown once a beat confirms it. Raises Refused, and keeps what it had."""
        found = self._opened(raw, bundle.PLAYLIST)
        if found["sequence"] < self.sequence:
            raise Refused(f"playlist {found['sequence']} is older than {self.sequence}, which was here before")
        if found["exercise"] != self._exercise:
            kind = "an exercise" if found["exercise"] else "no exercise"
            raise Refused(f"it is {kind}, which this display is not for")
        self._next = found

    def confirm(self, raw: bytes, nonce: str, steady: float) -> None:
        """A beat in answer to `nonce`, got when this machine's steady clock (seconds) stood at `steady`.

        Raises Refused for anything else, and when it confirms another playlist than the one taken last.
        """
        found = self._opened(raw, bundle.BEAT)
        if found["nonce"] != nonce:
            raise Refused("this beat answers another question: it may be an old one")
        candidate = self._next or self._state
        if candidate is None or candidate["sequence"] != found["sequence"]:
            raise Refused(f"the newest playlist is {found['sequence']}: fetch it")
        self._state, self._next, self.sequence = candidate, None, found["sequence"]
        self._heard, self._steady = datetime.fromisoformat(found["at"]), steady

    def _opened(self, raw: bytes, form: str) -> State:
        try:
            found = bundle.opened(raw, self._trust, form)
        except Unsealed as error:
            raise Refused(str(error)) from error
        if found["screen"] != self.screen:
            raise Refused(f"it is for screen {found['screen']}, not for {self.screen}")
        return found

    def now(self, steady: float) -> datetime | None:
        """The hub's time, None before the first beat."""
        return self._heard + timedelta(seconds=steady - self._steady) if self._heard else None

    def showing(self, steady: float) -> Showing:
        """What is to be on the display when the steady clock stands at `steady`."""
        state, now = self._state, self.now(steady)
        if state is None or now is None or self._heard is None:
            return Showing("blank")
        slides = tuple(_slides(state, now, self._heard))
        if slides:
            return self._show("warning", *slides)
        if state["state"] == "idle" and not lease.over(state, now, self._heard):
            return self._show("idle", Slide(state["idle"], state["page_seconds"]))
        return self._show("safe", Slide(state["safe"], state["page_seconds"]))

    def _show(self, kind: Kind, *slides: Slide) -> Showing:
        return Showing(kind, slides, self.sequence, self._exercise)


def _slides(state: State, now: datetime, heard: datetime) -> Iterator[Slide]:
    """The pages of all items that may still be shown, then the words for what is hidden behind them."""
    late = ""
    shown = 0
    for item in state["items"]:
        if item["expires"] and datetime.fromisoformat(item["expires"]) <= now:
            continue
        over = lease.over(item, now, heard)
        if over and item["at_lease_end"] == "safe":
            continue
        late = lease.as_of(state, now, heard) if over else ""
        shown += 1
        for page in item["pages"]:
            looks = {name: item[name] for name in ("label", "glyph", "colour", "ink")}
            yield Slide(page, item["seconds"], item=item["id"], as_of=late, **looks)
    if shown and state["more"]:
        yield Slide(state["more"], state["page_seconds"], as_of=late)
