"""What does a pack answer beside who signs and who is told? Clocks, the desk, studios, screens, CAP."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from publisher.core.answer import Answer
from publisher.core.approval import single_signer_rank
from publisher.core.policy import Fact, within
from publisher.model.pack import Display, Level, Pack

ABOUT = ("pack.yaml:*",)


def of(pack: Pack, fact: Fact) -> Iterator[Answer]:
    """Every such point of a case."""
    level = pack.level[fact.level]
    yield _clocks(pack, level)
    yield _floor(pack, fact, level)
    yield _desk(pack, level)
    yield _studios(pack, level)
    yield _quiet(pack, fact, level)
    yield _cap(pack, fact)
    yield from (_screen(pack, level, one) for one in pack.displays)
    yield from (_filed(fact, channel, pack) for channel in dict.fromkeys(one.channel for one in pack.filings))


def _clocks(pack: Pack, level: Level) -> Answer:
    told = (
        f"plan good for {level.fresh_minutes} min",
        f"asked again after {level.review_minutes} min and {level.nudge_minutes} min before its end",
        f"a screen alone shows it {level.lease_minutes} min, then {level.at_lease_end}",
        f"wants a click after a stop of {level.stale_after_minutes} min",
        f"lasts {level.default_minutes} min where nothing is said and {level.max_minutes} at most",
    )
    where = pack.where("levels.yaml", level.id)
    return Answer("clocks", "; ".join(told), level.id, where, (f"levels.yaml:{level.id}",))


def _floor(pack: Pack, fact: Fact, level: Level) -> Answer:
    alone = fact.act.ends or level.rank <= single_signer_rank(pack)
    return Answer(
        "signatures at least", "one" if alone else "two people, or a rule that two signed ahead", depends=ABOUT
    )


def _desk(pack: Pack, level: Level) -> Answer:
    room, notices = pack.about.desk, pack.about.notices
    told = [f"decided within {room.answer_minutes} min, {room.emergency_minutes} in emergency mode"]
    if level.rank >= room.unopened_rank:
        told.append(f"telephones when nobody opens it for {room.unopened_seconds} s")
    if level.rank >= room.emergency_rank:
        told.append("puts the room in emergency mode")
    ways = "; ".join(f"{medium} by {' then '.join(channels)}" for medium, channels in notices.channels.items())
    told.append(f"its people are asked by {ways or 'nothing'}, the next way after {notices.answer_minutes} min")
    return Answer("at the desk", "; ".join(told), depends=ABOUT)


def _studios(pack: Pack, level: Level) -> Answer:
    asked = pack.about.stations
    called = "then they are called" if level.rank >= asked.from_rank else "then nobody calls them"
    return Answer("studios", f"confirm within {asked.received_minutes} min, {called}", depends=ABOUT)


def _quiet(pack: Pack, fact: Fact, level: Level) -> Answer:
    about, local = pack.about, fact.at.astimezone(ZoneInfo(pack.about.time_zone))
    night = bool(about.quiet_hours) and within(about.quiet_hours, local.hour * 60 + local.minute)
    shown = night and level.rank <= about.quiet_rank
    value = f"yes, {about.quiet_hours}" if shown else "no"
    return Answer("pointed out as within quiet hours", value, depends=ABOUT)


def _cap(pack: Pack, fact: Fact) -> Answer:
    hazard, about = pack.hazards[fact.hazard], pack.about
    value = f"{hazard.cap_category}, {hazard.cap_response}, from {about.cap_sender}, places by {about.area_scheme}"
    where = pack.where("hazards.yaml", hazard.code)
    return Answer("in CAP", value, hazard.code, where, (*ABOUT, f"hazards.yaml:{hazard.code}"))


def _screen(pack: Pack, level: Level, one: Display) -> Answer:
    turns = f"in turn with up to {one.max_items}, {one.page_seconds} s a page"
    value = "alone" if level.rank >= one.preempt_rank else turns
    where, depends = pack.where("displays.yaml", one.id), (f"displays.yaml:{one.id}",)
    return Answer(f"on screens by {one.id}", f"{value}; asked for every {one.poll_seconds} s", one.id, where, depends)


def _filed(fact: Fact, channel: str, pack: Pack) -> Answer:
    """The texts a provider would take for this act, in the order they are tried."""
    fitting = [one for one in pack.filings if one.channel == channel and (not one.act or fact.act in one.act)]
    told = (f"{one.template} {'/'.join(one.language)} {one.status}".replace("  ", " ") for one in fitting)
    depends = tuple(f"filings.yaml:{one.id}" for one in pack.filings)
    return Answer(f"filed with {channel}", ", ".join(told) or "none fits", depends=depends)
