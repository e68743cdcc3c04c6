"""From when to when does it hold? The sender's times against our clock and the level's limits."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from publisher.core.classify_work import Work
from publisher.model.alert import Info
from publisher.model.bulletin import Section
from publisher.model.pack import Level
from publisher.model.words import HazardCode

_ENDS = "/alert/info/expires"


@dataclass(frozen=True, slots=True)
class Times:
    """`expires` is always set; with `until_lifted` it is only when somebody must look again."""

    onset: datetime | None
    expires: datetime
    until_lifted: bool


def times_of(
    on: Work, infos: Iterable[Info], sections: Iterable[Section], hazard: HazardCode | None, *, ends: bool
) -> Times:
    """The times of the alert: the latest end of its infos, else the usual length of its gravest level."""
    _sent(on)
    known = tuple(infos)
    given = [info.expires for info in known if info.expires is not None]
    onset = next((info.onset for info in known if info.onset is not None), None)
    level = _gravest(on, sections)
    if not given:
        return _over(on, onset, level) if ends else _assumed(on, onset, level, hazard)
    end = max(given)
    if ends:
        return Times(onset, max(end, on.now + timedelta(minutes=1)), False)
    if end <= on.now:
        _expired(on, end)
        return _assumed(on, onset, level, hazard) if on.anywhere else Times(onset, end, False)
    if end - on.now > timedelta(minutes=level.max_minutes):
        says = f"stands until {end.isoformat()}; {level.id} may stand {level.max_minutes} minutes (levels.yaml)"
        on.findings = [one for one in on.findings if one.code != "DURATION_TOO_LONG"]
        on.say("DURATION_TOO_LONG", _ENDS, says)
    return Times(onset, end, False)


def _gravest(on: Work, sections: Iterable[Section]) -> Level:
    levels = [on.pack.level[section.level] for section in sections]
    return max(levels or on.pack.levels[:1], key=lambda one: one.rank)


def _over(on: Work, onset: datetime | None, level: Level) -> Times:
    """What ends a warning has no end of its own; the hub says how long it is shown."""
    return Times(onset, on.now + timedelta(minutes=level.default_minutes), False)


def _assumed(on: Work, onset: datetime | None, level: Level, hazard: HazardCode | None) -> Times:
    """No end is given: a relay, or a hazard that is, stands until it is lifted; anything else the level's usual time."""
    until_lifted = on.source.relay or (hazard is not None and on.pack.hazards[hazard].until_lifted)
    says = (
        "until it is lifted" if until_lifted else f"{level.default_minutes} minutes from now ({level.id}, levels.yaml)"
    )
    on.say("EXPIRES_ASSUMED", _ENDS, f"says no end: it stands {says}")
    return Times(onset, on.now + timedelta(minutes=level.default_minutes), until_lifted)


def _expired(on: Work, end: datetime) -> None:
    """Refuse what is over; from anywhere, where old alerts are tried out, only say so."""
    known = [one for one in on.findings if one.code == "ALREADY_EXPIRED"]
    if not known:
        on.say("ALREADY_EXPIRED", _ENDS, f"ended at {end.isoformat()}; send one that still holds", refuses=True)
    refuses = not on.anywhere
    on.findings = [replace(one, refuses=refuses) if one.code == "ALREADY_EXPIRED" else one for one in on.findings]


def _sent(on: Work) -> None:
    sent = on.alert.sent
    if sent is None:
        return
    ahead, limits, path = sent - on.now, on.pack.intake, "/alert/sent"
    if ahead > timedelta(minutes=limits.skew_minutes):
        says = f"sent {sent.isoformat()} is more than {limits.skew_minutes} minutes ahead of now, {on.now.isoformat()}"
        on.say("SENT_IN_FUTURE", path, f"{says}; send it with its real time", refuses=True)
    elif ahead > timedelta(0):
        on.say("CLOCK_SKEW", path, f"the sender's clock is {ahead.total_seconds():.0f} s ahead of ours")
    elif -ahead > timedelta(minutes=limits.old_minutes):
        on.say("ALREADY_OLD", path, f"sent {sent.isoformat()}, more than {limits.old_minutes} minutes ago")
