"""How many, of what, how fast, how far? Figures of a period, each counted from the records, with the time they are of."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, func, select, type_coerce

from publisher.model.coverage import ARRIVED
from publisher.store.database import Tx
from publisher.store.standing import standing
from publisher.store.tables import alert, answer, bulletin, warning
from publisher.store.types import micros

BY_DAY = timedelta(days=62)
"""Longer periods are shown by the month."""
MINUTE = 60_000_000
"""In microseconds."""


@dataclass(frozen=True, slots=True)
class Figures:
    """A period's figures. `bars`: day or month -> rank -> first issues; minutes are medians, None where there is nothing."""

    since: datetime
    until: datetime
    as_of: datetime
    acts: Mapping[str, int]
    ranks: Mapping[int, int]
    hazards: Mapping[str, int]
    bars: Mapping[str, Mapping[int, int]]
    to_submit: float | None
    to_release: float | None
    alerts: Mapping[str, int]
    answers: int

    @property
    def tallest(self) -> int:
        """The highest bar."""
        return max((sum(one.values()) for one in self.bars.values()), default=0)


@dataclass(frozen=True, slots=True)
class Reached:
    """How a period's deliveries stand. `media`: medium -> delivery state -> endpoints."""

    media: Mapping[str, Mapping[str, int]]

    def share(self, medium: str) -> int:
        """Percent of a medium's endpoints with evidence of arrival."""
        states = self.media[medium]
        total = sum(states.values())
        return round(100 * sum(states.get(one, 0) for one in ARRIVED) / total) if total else 0


async def of(tx: Tx, since: datetime, until: datetime, *, now: datetime, zone: ZoneInfo, mode: str) -> Figures:
    """The figures of bulletins of one mode that were released from `since` up to `until`."""
    during = _during(since, until, mode)
    # Years are ten thousand rows: their instants stay whole numbers.
    instants = (bulletin.c.created, bulletin.c.submitted, bulletin.c.released)
    kept = (bulletin.c.act, bulletin.c.rank, *(type_coerce(one, BigInteger).label(one.name) for one in instants))
    joined = select(*kept, warning.c.hazard).join(warning, warning.c.id == bulletin.c.warning)
    rows = (await tx.execute(joined.where(during))).all()
    issues = [row for row in rows if row.act == "issue"]
    return Figures(
        since=since,
        until=until,
        as_of=now,
        acts=Counter(row.act for row in rows),
        ranks=Counter(row.rank for row in issues),
        hazards=dict(Counter(row.hazard for row in issues).most_common(12)),
        bars=_bars(issues, since, until, zone),
        to_submit=_minutes((row.submitted - row.created) for row in issues if row.submitted),
        to_release=_minutes((row.released - row.submitted) for row in issues if row.submitted),
        alerts=await _alerts(tx, since, until),
        answers=await _answers(tx, during),
    )


def _during(since: datetime, until: datetime, mode: str) -> ColumnElement[bool]:
    return (bulletin.c.released >= since) & (bulletin.c.released < until) & (bulletin.c.mode == mode)


def _bars(issues: Sequence[Any], since: datetime, until: datetime, zone: ZoneInfo) -> Mapping[str, Mapping[int, int]]:
    """Every day (or month) of the period, those without a warning too."""
    form = "%m-%d" if until - since <= BY_DAY else "%Y-%m"
    days = range(max((until - since).days, 1))
    begins = [(since + timedelta(days=n)).astimezone(zone) for n in days]
    names, starts = [one.strftime(form) for one in begins], [micros(one) for one in begins]
    found: dict[str, Counter[int]] = {name: Counter() for name in names}
    for row in issues:
        found[names[bisect_right(starts, row.released) - 1]][row.rank] += 1
    return found


def _minutes(lengths: Iterable[int]) -> float | None:
    found = list(lengths)
    return round(median(found) / MINUTE, 1) if found else None


async def _alerts(tx: Tx, since: datetime, until: datetime) -> Mapping[str, int]:
    during = (alert.c.received >= since) & (alert.c.received < until)
    rows = await tx.execute(select(alert.c.outcome, func.count()).where(during).group_by(alert.c.outcome))
    return {row[0]: row[1] for row in rows}


async def _answers(tx: Tx, during: ColumnElement[bool]) -> int:
    joined = select(func.count()).select_from(answer.join(bulletin, bulletin.c.id == answer.c.bulletin)).where(during)
    return int((await tx.execute(joined)).scalar() or 0)


async def reached(tx: Tx, since: datetime, until: datetime, *, mode: str) -> Reached:
    """Every delivery of the same bulletins, counted: of years there are a million, so the page does not wait for it."""
    of_period = select(bulletin.c.id).where(_during(since, until, mode))
    told: dict[str, Counter[str]] = {}
    for (medium, state, _), many in (await standing(tx, of_period, "medium")).items():
        told.setdefault(medium, Counter())[state] += many
    return Reached(told)
