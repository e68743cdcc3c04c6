"""Which batches does a signed plan become? Audience rows of at most five seconds' worth of sends, written at submission.

Canaries (endpoints tagged `canary`: the centre's own phones) are spread so that each batch begins with one. With weights
the channels take turns at being first; without, the first one is.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from channels.base import Traits
from publisher.core.retrying import batch_size
from publisher.model.plan import Group, PlannedWave, PlannedWay
from publisher.model.words import Act, EndpointId, Mode
from publisher.work import surfaces

LARGEST = 500


def batches(
    row: Row[Any], wave_id: str, one: PlannedWave, channels: Mapping[str, Traits], now: datetime
) -> Sequence[Mapping[str, Any]]:
    """The rows of one wave. A batch counts as made a microsecond after the one before it in its way.

    So of all batches that are set free together the first of every way go first, whatever their waves are called: the
    site, the screens and the duty desks never wait behind a hundred batches of text messages.
    """
    rows: list[Mapping[str, Any]] = []
    for way in one.ways:
        order = turns(way.way.channels, way.way.weights)
        size = min((batch_size(channels[name]) for name in way.way.channels if name in channels), default=LARGEST)
        dealt = ((group, members) for group in way.groups for members in spread(group, size))
        for number, (group, members) in enumerate(dealt):
            mine, at = f"{wave_id}.{len(rows):05d}", now + timedelta(microseconds=number)
            rows.append(_batch(row, mine, wave_id, one, way, group, members, next(order), at))
    return rows


def turns(channels: Sequence[str], weights: Sequence[int]) -> Iterator[Sequence[str]]:
    """Failover lists for one batch after the other: each channel comes first as often as its weight says.

    Smooth weighted turns: of 3 and 1 the second is every fourth, not one long run after another.
    """
    if not weights:
        while True:
            yield channels
    debt = [0] * len(channels)
    while True:
        debt = [have + weight for have, weight in zip(debt, weights, strict=True)]
        first = debt.index(max(debt))
        debt[first] -= sum(weights)
        yield (*channels[first:], *channels[:first])


def spread(group: Group, size: int) -> Iterator[Sequence[EndpointId]]:
    """The members in batches of `size`; the leading canaries are dealt out, one to the front of each batch."""
    canaries, rest = list(group.endpoints[: group.canaries]), list(group.endpoints[group.canaries :])
    while canaries or rest:
        front = [canaries.pop(0)] if canaries else []
        take = size - len(front) if rest else 0
        more, rest = rest[:take], rest[take:]
        if not rest:
            front, canaries = [*front, *canaries], []
        yield [*front, *more]


def _batch(
    row: Row[Any],
    mine: str,
    wave_id: str,
    wave: PlannedWave,
    way: PlannedWay,
    group: Group,
    members: Sequence[EndpointId],
    order: Sequence[str],
    now: datetime,
) -> Mapping[str, Any]:
    return {
        "id": mine,
        "wave": wave_id,
        "bulletin": row.id,
        "warning": row.warning,
        "medium": way.way.medium.value,
        "channels": list(order),
        "text": surfaces.file_of(group.text),
        "uncertain": way.way.uncertain,
        "endpoints": list(members),
        "repeat_minutes": way.way.repeat_minutes,
        "lane": int(wave.lane),
        "rank": row.rank,
        "exercise": row.mode != Mode.ACTUAL,
        "state": "ready",
        "provided": _provided(row, way),
        "stands_for": {one: list(way.stands_for[one]) for one in members if one in way.stands_for},
        "wait_seconds": way.wait_minutes * 60,
        "due_at": now,
        "expires": row.expires,
        "created": now,
    }


def _provided(row: Row[Any], way: PlannedWay) -> str:
    if way.stands_for:
        return "unanswered"
    if not Act(row.act).ends:
        return ""
    if way.way.ends == "all":
        return "all"
    return "reached" if way.only_reached else ""


def goals(row: Row[Any], wave_id: str, one: PlannedWave) -> list[dict[str, Any]]:
    """What the ways that ask for answers must reach by when, with everyone who is asked."""
    made: list[dict[str, Any]] = []
    for number, way in enumerate(one.ways):
        if way.way.answers is not None and way.asks:
            wanted = way.way.answers
            made.append(
                {
                    "id": f"{wave_id}.{number}",
                    "wave": wave_id,
                    "bulletin": row.id,
                    "counted": wanted.counted,
                    "percent": wanted.percent,
                    "wait_seconds": wanted.within_minutes * 60,
                    "members": dict(way.asks),
                    "state": "waiting",
                }
            )
    return made
