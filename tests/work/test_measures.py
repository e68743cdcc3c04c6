"""Do duties become tasks, are reports told, and is a response proposed, declared, shown and ended by the right people?"""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from publisher.model.bulletin import Bulletin
from publisher.model.directory import Officer
from publisher.model.words import Act, Mode
from publisher.store import clock
from publisher.store.tables import alarm, bulletin, notice, page, response, task
from publisher.work import alarms, approve, beside, bulletins, measures, plan, responses, submit, tasks
from publisher.work.approve import Yes
from publisher.work.bulletins import Conflict
from publisher.work.context import Hub
from publisher.work.watch import Chore, Watch
from tests.kit.county import content, county, hazard, section, towns
from tests.kit.desk import desk, drafted, later, people


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    async with desk(f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}", tmp_path) as made:
        yield made


def sweeper(hub: Hub) -> Watch:
    chores = (
        Chore(measures.due, lambda tx, one: measures.make(hub, tx, one)),
        Chore(measures.late, measures.chase),
    )
    return Watch(hub.db, chores=chores)


async def released(hub: Hub, what: object = None) -> Bulletin:
    """A red warning for one town, signed and out, with its measures made."""
    known = await people(hub)
    made = await submit.submit(hub, (await drafted(hub, known["drafter"], what)).id, by=known["drafter"])  # type: ignore[arg-type]
    for name in ("reviewer", "leader"):
        made = await approve.approve(hub, made.id, Yes(made.digest, None), by=known[name])
    assert made.state == "released"
    await sweeper(hub).sweep()
    return made


async def submit_and_sign(hub: Hub, wanted: str) -> None:
    """Submitted, checked and signed by those of amber and red, with its measures made."""
    known = await people(hub)
    made = await submit.submit(hub, wanted, by=known["drafter"])
    for name in ("reviewer", "leader"):
        made = await approve.approve(hub, made.id, Yes(made.digest, None), by=known[name])
    await sweeper(hub).sweep()


async def asked(hub: Hub, kind: str) -> dict[str, str]:
    """Unit by subject of the open tasks of a kind."""
    async with hub.db.read() as tx:
        return {row.subject: row.unit for row in await tasks.pending(tx) if row.kind == kind}


async def the_response(hub: Hub) -> tuple[str, str, str]:
    async with hub.db.read() as tx:
        row = (await tx.execute(select(response))).one()
    return row.id, row.state, row.grade


async def leader(hub: Hub) -> Officer:
    return (await people(hub))["leader"]


async def test_a_release_gives_the_warned_town_its_task_and_no_other(hub: Hub) -> None:
    await released(hub)
    units = set((await asked(hub, "duty")).values())
    town = next(one.id for one in county().units.values() if towns()[0] in one.jurisdiction and one.kind == "town")
    assert town in units
    assert not any(unit.startswith("town-") and unit != town for unit in units)


async def test_reports_are_owed_to_everyone_the_rules_name_by_their_time(hub: Hub) -> None:
    made = await released(hub)
    owed = await asked(hub, "report")
    assert {subject.split(":", 1)[1] for subject in owed} == {"neighbour:neighbour", "council:county"}
    async with hub.db.read() as tx:
        rows = {row.subject: row.due for row in (await tx.execute(select(task).where(task.c.kind == "report"))).all()}
    assert made.released_at is not None
    assert rows[f"{made.id}:council:county"] == made.released_at + timedelta(minutes=15)


async def test_a_warning_without_a_headline_of_its_own_is_named_by_hazard_and_level(hub: Hub) -> None:
    written = section(4, towns()[0])
    words = {tongue: replace(one, headline="") for tongue, one in written.words.items()}
    await released(hub, content(replace(written, words=words)))
    async with hub.db.read() as tx:
        owed = (await tx.execute(select(task.c.facts).where(task.c.kind.in_(("duty", "report"))))).scalars().all()
        told = (await tx.execute(select(notice.c.facts).where(notice.c.kind == "report"))).scalars().all()
    assert owed
    assert told
    pack = county()
    name = f"{pack.hazards[hazard()].name['en']} {pack.levels[0].name['en']}"
    assert {one["warning"] for one in owed} == {one["title"] for one in told} == {name}


async def test_measures_are_made_once_however_often_the_watch_looks(hub: Hub) -> None:
    await released(hub)
    before = await asked(hub, "duty"), await asked(hub, "report")
    await sweeper(hub).sweep()
    assert (await asked(hub, "duty"), await asked(hub, "report")) == before


async def test_a_late_task_rings_once_and_its_alarm_ends_with_it(hub: Hub) -> None:
    made = await released(hub)
    await later(hub, timedelta(hours=3))
    for _ in range(2):
        await sweeper(hub).sweep()
    async with hub.db.read() as tx:
        rung = (await tx.execute(select(alarm.c.subject).where(alarm.c.kind == "task-late"))).scalars().all()
        late = [row.id for row in await tasks.pending(tx) if row.kind == "duty"]
    assert len(rung) == len(set(rung)) > 3
    assert set(late) <= set(rung)
    async with hub.db.write() as tx:
        await tasks.finish(tx, late[0], by=(await people(hub))["signer"])
        await tasks.drop_of(tx, "report", made.id)
        still = {row.subject for row in await alarms.ringing(tx) if row.kind == "task-late"}
        open_now = {row.id for row in await tasks.pending(tx) if row.chased is not None}
    assert still == open_now < set(rung)


async def test_a_response_is_proposed_declared_shown_and_ended(hub: Hub) -> None:
    made = await released(hub)
    mine, state, _ = await the_response(hub)
    assert (state, list((await asked(hub, "response")).values())) == ("proposed", ["county"])
    who = await leader(hub)
    with pytest.raises(Conflict) as refused:
        await responses.declare(hub, mine, by=(await people(hub))["signer"])
    assert len(refused.value.reasons) == 2
    await responses.declare(hub, mine, by=who, note="by telephone")
    assert (await the_response(hub))[1:] == ("declared", "major")
    assert await asked(hub, "response") == {}
    assert {"roads", "police"} <= set((await asked(hub, "measure")).values())
    async with hub.db.read() as tx:
        shown = await beside.declared(tx, county())
        sites = {row.path: row.body.decode() for row in await tx.execute(select(page).where(page.c.gone.is_(False)))}
    assert shown[made.warning].name == {"en": "Major incident"}
    told = next(body for path, body in sites.items() if path.startswith("/w/"))
    assert "<strong>Major incident</strong>" in told
    assert "<li>Open rest centres</li><li>Close roads at risk</li>" in told
    assert "<strong>Major incident</strong>" in sites["/"]
    await responses.end(hub, mine, by=who, note="over")
    assert (await the_response(hub))[1] == "ended"
    with pytest.raises(Conflict):
        await responses.end(hub, mine, by=who, note="again")


async def test_another_grade_than_proposed_may_be_declared_but_only_one_there_is(hub: Hub) -> None:
    await released(hub)
    mine, _, _ = await the_response(hub)
    with pytest.raises(Conflict, match="there are major, standby"):
        await responses.declare(hub, mine, by=await leader(hub), grade="IX")
    await responses.declare(hub, mine, by=await leader(hub), grade="standby")
    assert (await the_response(hub))[2] == "standby"


async def test_texts_to_duty_posts_tell_the_response_that_is_proposed_or_declared(hub: Hub) -> None:
    made = await released(hub)
    known = await people(hub)
    async with hub.db.read() as tx:
        first = await plan.make(hub, tx, await bulletins.get(tx, made.id))
    assert any(
        b"Proposed response: Major incident" in one.body for name, one in first.artefacts.items() if "wecom" in name
    )
    mine, _, _ = await the_response(hub)
    await responses.declare(hub, mine, by=known["leader"])
    what = replace(content(section(4, towns()[0]), act=Act.UPDATE), names=made.id)
    draft = await drafted(hub, known["drafter"], what, of_warning=made.warning)
    async with hub.db.read() as tx:
        second = await plan.make(hub, tx, draft)
    texts = [one.body for name, one in second.artefacts.items() if "wecom" in name]
    assert texts
    assert all(b"Response: Major incident" in body and b"Proposed" not in body for body in texts)


async def test_a_lift_drops_a_proposal_and_asks_for_the_end_of_a_declared_response(hub: Hub) -> None:
    made = await released(hub)
    mine, _, _ = await the_response(hub)
    await responses.declare(hub, mine, by=await leader(hub))
    async with hub.db.write() as tx:
        ended, _ = await bulletins.end_of(tx, made.id, Act.LIFT, "over", pack=county())
        ended = replace(ended, expires=await clock.now(tx) + timedelta(hours=6))
        signer = (await people(hub))["signer"]
        draft = await bulletins.draft(tx, ended, by=signer, pack=county(), of_warning=made.warning)
    await submit.submit(hub, draft.id, by=signer)
    assert await asked(hub, "duty") and await asked(hub, "measure")
    await sweeper(hub).sweep()
    assert list((await asked(hub, "response-end")).values()) == ["county"]
    assert await asked(hub, "duty") == {}, "nobody need answer that they have a warning which is over"
    await responses.end(hub, mine, by=await leader(hub), note="over")
    assert await asked(hub, "measure") == await asked(hub, "response-end") == {}


async def test_an_update_asks_anew_and_what_was_asked_before_it_falls(hub: Hub) -> None:
    made = await released(hub)
    known = await people(hub)
    mine, _, _ = await the_response(hub)
    await responses.declare(hub, mine, by=known["leader"])
    what = replace(content(section(3, towns()[0]), act=Act.UPDATE), names=made.id)
    await submit_and_sign(hub, (await drafted(hub, known["drafter"], what, of_warning=made.warning)).id)
    newest = {subject.partition(":")[0] for subject in await asked(hub, "duty")}
    assert len(newest) == 1 and made.id not in newest
    assert list((await asked(hub, "response")).values()) == ["ops"], "amber asks for another grade"
    async with hub.db.write() as tx:
        await bulletins.lock(tx, made.warning)
        await tx.execute(update(bulletin).where(bulletin.c.id.in_(newest)).values(state="lapsed"))
    await later(hub, timedelta(hours=3))
    await sweeper(hub).sweep()
    assert await asked(hub, "duty") == {}, "nor of one that has run out"


async def test_an_exercise_tells_nobody_outside(hub: Hub) -> None:
    await released(hub, content(section(4, towns()[0]), mode=Mode.EXERCISE))
    assert await asked(hub, "report") == {}
    assert await asked(hub, "duty")


async def test_a_release_whose_measures_were_not_made_is_made_up_for_later(hub: Hub) -> None:
    made = await released(hub)
    async with hub.db.write() as tx:
        await tx.execute(task.delete())
        await tx.execute(update(bulletin).where(bulletin.c.id == made.id).values(measured=None))
    await sweeper(hub).sweep()
    assert await asked(hub, "duty")
