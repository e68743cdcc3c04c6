"""What may a playlist still say for a controller that cannot judge it? Nothing ended, and nothing doubtful as if it were sure.

Pictures and lines of text carry neither `expires` nor `lease`: whoever hands them out keeps both (docs/channels/led.md).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from publisher.formats.resources import with_response

State = Mapping[str, Any]
"""A playlist as it is sealed."""


def over(one: State, now: datetime, heard: datetime) -> bool:
    """Whether the lease of an item, or of a whole playlist, has run out. `heard`: when the hub last confirmed it."""
    return now - heard >= timedelta(seconds=one["lease_seconds"])


def as_of(state: State, now: datetime, heard: datetime) -> str:
    """When the hub last confirmed it, in the place's own time; with the day once that is not today."""
    zone = ZoneInfo(state["time_zone"])
    local = heard.astimezone(zone)
    same = local.date() == now.astimezone(zone).date()
    time = f"{local:%H:%M}" if same else f"{local:%m-%d %H:%M}"
    return str(state["as_of_words"] or "{time}").replace("{time}", time)


def standing(state: State, now: datetime, heard: datetime) -> State:
    """The playlist as it may be shown at `now`; `state` itself where nothing ended and no lease ran out.

    A late item begins with the words that say since when, or goes, by its rule. With nothing left there are the words for when
    nothing can be confirmed: nobody has said that all is well.
    """
    left = [one for one in state["items"] if not _gone(one, now, heard)]
    late = any(over(one, now, heard) for one in left)
    if len(left) == len(state["items"]) and not (late if left else over(state, now, heard)):
        return state
    words = {} if left else {"idle": state["safe"]}
    said = as_of(state, now, heard)
    return {**state, **words, "items": [_late(one, said) if over(one, now, heard) else one for one in left]}


def _gone(one: State, now: datetime, heard: datetime) -> bool:
    ended = one["expires"] and datetime.fromisoformat(one["expires"]) <= now
    return bool(ended) or (one["at_lease_end"] == "safe" and over(one, now, heard))


def _late(one: State, said: str) -> State:
    """Without the frames drawn at release: they do not say it."""
    return {**one, "text": f"{said} {one['text']}", "frames": []}


def lines(state: State) -> Sequence[str]:
    """What a text-only controller shows, one message a line."""
    shown = [with_response(" ".join(one["text"].split("\n")), one["response"]) for one in state["items"]]
    return [*(shown or [str(state["idle"])]), *filter(None, [str(state["more"])])]
