"""Does one person release only what two signed ahead, within its limits, and is that release reviewed?"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from publisher.store import invariants
from publisher.store.tables import alarm, approval, artefact, bulletin, task, warning
from publisher.work import approve, bulletins, standby, tasks
from publisher.work.bulletins import Conflict, Refused
from publisher.work.standby import Wanted
from publisher.work.submit import Blocked
from tests.kit.county import county
from tests.kit.desk import Wire, people, wire

FILLED = {"substance": "chlorine", "place": "the ferry works"}


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Wire]:
    async with wire(database_url, tmp_path) as made:
        yield made


async def prepared(desk: Wire, **wanted: Any) -> tuple[Any, ...]:
    who = await people(desk.hub)
    given = {"blanks": FILLED, "envelopes": ("now",), **wanted}
    return await standby.prepare(desk.hub, "chemical", Wanted(**given), by=who["drafter"])


async def test_it_waits_signed_ahead_until_one_person_fires_it_and_the_review_is_owed(desk: Wire) -> None:
    (one,) = await prepared(desk)
    assert one.state == "held"
    await desk.drain()
    assert desk.told == []
    await desk.later(hours=4)
    who = await people(desk.hub)
    with pytest.raises(Refused, match="need one of"):
        await approve.fire(desk.hub, one.id, by=who["viewer"])
    one = await approve.fire(desk.hub, one.id, by=who["signer"])
    assert one.state == "released" and one.released_at is not None
    assert (one.content.expires - one.released_at).total_seconds() == pytest.approx(120 * 60, abs=5)
    async with desk.hub.db.read() as tx:
        kinds = set((await tx.execute(select(approval.c.kind).where(~approval.c.void))).scalars())
        texts = (await tx.execute(select(artefact.c.final).where(artefact.c.name == "cap.xml"))).scalar_one()
        assert kinds == {"standing"} and "Chemical release at the ferry works" in texts.decode()
        assert set((await tx.execute(select(task.c.kind))).scalars()) == {"standby_review"}
        assert await invariants.check(tx) == ()
        row = (await tx.execute(select(bulletin.c.review_by, bulletin.c.released).where(bulletin.c.id == one.id))).one()
        level = next(each for each in county().levels if each.id == "amber")
        asked = (row.review_by - row.released).total_seconds()
        assert asked == pytest.approx(level.review_minutes * 60, abs=60)
    await desk.later(minutes=61)
    async with desk.hub.db.write() as tx:
        assert "standby_unreviewed" in (await tx.execute(select(alarm.c.kind))).scalars().all()
        with pytest.raises(Refused, match="another person must review"):
            await standby.reviewed(tx, one.id, by=who["signer"], note="fine")
        await standby.reviewed(tx, one.id, by=who["leader"], note="fine")
        open_ones = select(alarm.c.kind).where(alarm.c.open.is_not(None), alarm.c.kind == "standby_unreviewed")
        assert (await tx.execute(open_ones)).first() is None


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"blanks": {**FILLED, "level": "red"}}, "BLANK_UNKNOWN"),
        ({"blanks": {"substance": "chlorine"}}, "BLANK_EMPTY"),
        ({"blanks": {**FILLED, "substance": "steam"}}, "BLANK_OPTION"),
        ({"blanks": {**FILLED, "place": "x" * 31}}, "BLANK_TOO_LONG"),
        ({"blanks": {**FILLED, "place": "a\nb"}}, "BLANK_TOO_LONG"),
        ({"minutes": 121}, "OUTSIDE_MINUTES"),
        ({"envelopes": (), "areas": ("EX-01-000",)}, "OUTSIDE_AREAS"),
        ({"envelopes": (), "areas": ("EX-01-001", "EX-01-009")}, "OUTSIDE_AREAS"),
        ({"envelopes": (), "areas": ()}, "STAGES"),
    ],
)
async def test_whatever_lies_outside_what_was_signed_is_refused(desk: Wire, wanted: dict[str, Any], code: str) -> None:
    with pytest.raises(Blocked) as refused:
        await prepared(desk, **wanted)
    assert code in {one.code for one in refused.value.problems}
    async with desk.hub.db.read() as tx:
        assert (await tx.execute(select(warning))).first() is None


async def test_an_edited_standby_text_needs_its_signatures_like_any_other(desk: Wire) -> None:
    (one,) = await prepared(desk)
    who = await people(desk.hub)
    async with desk.hub.db.write() as tx:
        row = await bulletins.row_of(tx, one.id)
        await bulletins.edit(tx, one.id, one.content, by=who["drafter"], pack=county(), revision=row.revision)
    with pytest.raises(Conflict, match="only a held bulletin can be fired"):
        await approve.fire(desk.hub, one.id, by=who["signer"])


async def test_envelopes_are_stages_of_one_warning_and_an_overtaken_stage_cannot_be_fired(desk: Wire) -> None:
    now, turned = await prepared(desk, envelopes=("now", "wind-turns"))
    assert now.warning == turned.warning
    who = await people(desk.hub)
    await approve.fire(desk.hub, now.id, by=who["signer"])
    second = await approve.fire(desk.hub, turned.id, by=who["signer"])
    assert (second.content.act, second.content.names) == ("update", now.id)
    async with desk.hub.db.read() as tx:
        assert (await bulletins.get(tx, now.id)).state == "superseded"
        assert await invariants.check(tx) == ()


async def test_a_stage_that_a_later_one_overtook_stays_where_it_is(desk: Wire) -> None:
    now, turned = await prepared(desk, envelopes=("now", "wind-turns"))
    who = await people(desk.hub)
    await approve.fire(desk.hub, turned.id, by=who["signer"])
    with pytest.raises(Conflict, match="overtook"):
        await approve.fire(desk.hub, now.id, by=who["signer"])


async def test_a_text_that_cannot_go_out_whole_stays_held(desk: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    (one,) = await prepared(desk)
    who = await people(desk.hub)

    async def full(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(tasks, "add", full)
        with pytest.raises(OSError, match="full"):
            await approve.fire(desk.hub, one.id, by=who["signer"])
    async with desk.hub.db.read() as tx:
        assert (await bulletins.get(tx, one.id)).state == "held"
    await desk.drain()
    assert desk.told == []
    assert (await approve.fire(desk.hub, one.id, by=who["signer"])).state == "released"
