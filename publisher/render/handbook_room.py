"""What holds for the room and the screens, what people are told to do, and which places are watched? Handbook chapters."""

from collections.abc import Iterator

from publisher.model.pack import Display, Pack
from publisher.model.subjects import Subject
from publisher.render.handbook_blocks import Block, chapter, head
from publisher.render.handbook_words import Tongue


def ends(pack: Pack, say: Tongue) -> Iterator[Block]:
    """What is asked and said at the end of a level's time, and of its texts."""
    rows = tuple(
        (
            say.names(one.name),
            say.minutes(one.nudge_minutes),
            say.minutes(one.stale_after_minutes),
            say(f"levels.lease.{one.at_lease_end}"),
            say.names(one.closing),
        )
        for one in pack.levels
    )
    yield Block("table", head=head(say, "levels.ends"), rows=rows)


def guidance(pack: Pack, say: Tongue) -> Iterator[Block]:
    """What people are told to do where a text does not say it."""
    rows = tuple(
        (say.names(one.name), say.level(level), say.names(words))
        for one in pack.hazards.values()
        for level, words in one.guidance.items()
    )
    if rows:
        yield Block("rule", say("hazards.guidance"))
        yield Block("table", head=head(say, "hazards.guidance_head"), rows=rows)


def room(pack: Pack, say: Tongue) -> Iterator[Block]:
    """The clocks of the room, what is only pointed out, the hub's own messages, studios and screens."""
    yield from chapter(say, "room")
    yield Block("list", items=(*_desk(pack, say), *_shown(pack, say), *_told(pack, say)))
    yield Block("rule", say("room.displays"))
    yield Block("table", head=head(say, "room.displays_head"), rows=tuple(_display(say, one) for one in pack.displays))


def _desk(pack: Pack, say: Tongue) -> Iterator[str]:
    desk, intake = pack.about.desk, pack.intake
    holes = {"answer": say.minutes(desk.answer_minutes), "sooner": say.minutes(desk.emergency_minutes)}
    yield say("room.answer", **holes)
    yield say("room.unopened", level=say.rank(desk.unopened_rank), seconds=desk.unopened_seconds)
    yield say("room.emergency", level=say.rank(desk.emergency_rank))
    yield say("room.skew", skew=say.minutes(intake.skew_minutes), old=say.minutes(intake.old_minutes))
    for pair in intake.coexist:
        yield say("room.coexist", sources=say.every(map(say.source, pair)))


def _shown(pack: Pack, say: Tongue) -> Iterator[str]:
    about = pack.about
    if about.quiet_hours:
        yield say("room.quiet", hours=about.quiet_hours, level=say.rank(about.quiet_rank))
    yield say("room.large", n=about.large_factor)
    if about.weekly_messages:
        yield say("room.weekly", n=about.weekly_messages)


def _told(pack: Pack, say: Tongue) -> Iterator[str]:
    about, stations = pack.about, pack.about.stations
    ways = [f"{say.code('medium', medium)} {' → '.join(names)}" for medium, names in about.notices.channels.items()]
    yield say("room.notices", minutes=say.minutes(about.notices.answer_minutes), ways=say.every(ways))
    call = say.names(stations.call).replace("{minutes}", str(stations.received_minutes))
    holes = {"minutes": say.minutes(stations.received_minutes), "level": say.rank(stations.from_rank)}
    yield say("room.stations", call=call, **holes)
    yield say("room.marks", signature=say.names(about.sms_signature), mark=say.names(about.exercise_mark))


def _display(say: Tongue, one: Display) -> tuple[str, ...]:
    seconds = (say("seconds", n=one.page_seconds), str(one.max_items), say("seconds", n=one.poll_seconds))
    words = (say.names(one.idle), say.names(one.safe))
    return one.id, say.rank(one.preempt_rank), *seconds, str(one.missed_polls), *words


def subjects(pack: Pack, say: Tongue) -> Iterator[Block]:
    """The watched places, each with how far it may reach."""
    if pack.subjects:
        yield from chapter(say, "subjects", say("subjects.intro"))
        rows = tuple(_subject(say, one) for one in pack.subjects.values())
        yield Block("table", head=head(say, "subjects.head"), rows=rows)


def _subject(say: Tongue, one: Subject) -> tuple[str, ...]:
    far = (f"{say.level(each.level)} {each.km:g} km" for each in one.distances)
    near = (f"{say.names(each.name)} {each.km:g} km" for each in one.neighbours)
    named = (say.names(one.name), say.names(one.substance), say.hazard(one.hazard), say.area(one.area))
    return *named, say.unit(one.unit), say.every(far), say.every(near)
