"""Is an answer counted once, does it stop the other tries, and does silence reach the next person and the desk?"""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from publisher.core import ack
from publisher.model.delivery import Receipt
from publisher.model.directory import Endpoint, Officer
from publisher.model.words import ContactId, OfficerId, UnitId
from publisher.store import clock, ledger, reach
from publisher.store.standing import standing
from publisher.store.tables import answer, goal
from publisher.work import answers, closing, receipts, resend
from publisher.work.bulletins import Conflict
from publisher.work.intend import delivery_id
from tests.kit.hub import Out, Rig, later, phone

BY = Officer(OfficerId("officer"), "Duty officer", frozenset({"signer"}), UnitId("centre"))


def of(contact: str, name: str) -> Endpoint:
    return replace(phone(name), contact=ContactId(contact))


async def say_yes(rig: Rig, name: str, *, wave: str = "b-1.now") -> None:
    await receipts.apply(rig.db, "a", [Receipt("acknowledged", delivery=delivery_id(wave, name, 0))])


async def test_an_answer_on_one_endpoint_stops_the_tries_on_all_others(rig: Rig) -> None:
    await rig.publish(Out(["ok-1"]), others=[of("c-1", "ok-1")])
    await rig.drain()
    await say_yes(rig, "ok-1")
    await rig.publish_more(
        Out(["ok-mine", "ok-deputy", "ok-other"], id="b-9", warning="w-9", values=_same_bulletin()),
        others=[of("c-1", "ok-mine"), of("c-2", "ok-deputy"), of("c-3", "ok-other")],
    )
    await rig.drain()
    found = await rig.states()
    assert (found["ok-mine"], found["ok-deputy"], found["ok-other"]) == (
        "skipped(answered)",
        "skipped(answered)",
        "accepted",
    )


def _same_bulletin() -> dict[str, object]:
    stands = {"ok-deputy": ["c-1"]}
    return {"bulletin": "b-1", "wave": "b-1.now", "warning": "w-1", "provided": "unanswered", "stands_for": stands}


async def test_without_an_answer_the_stand_in_is_tried_when_its_time_comes(rig: Rig) -> None:
    await rig.publish(Out(["ok-1"]), others=[of("c-1", "ok-1")])
    async with rig.db.read() as tx:
        due = await clock.now(tx) + timedelta(minutes=5)
    waits = {**_same_bulletin(), "due_at": due}
    await rig.publish_more(Out(["ok-deputy"], id="b-9", warning="w-9", values=waits), others=[of("c-2", "ok-deputy")])
    await rig.drain()
    assert rig.told == {"ok-1": 1}
    await later(rig.db, timedelta(minutes=5, seconds=1))
    await rig.drain()
    assert rig.told == {"ok-1": 1, "ok-deputy": 1}


@pytest.mark.parametrize(("answering", "state"), [(1, "missed"), (2, "met")])
async def test_a_village_has_answered_when_any_of_its_contacts_has_and_a_missed_goal_rings(
    rig: Rig, answering: int, state: str
) -> None:
    names = ["ok-1", "ok-2", "ok-3"]
    await rig.publish(Out(names), others=[of(f"c-{n}", f"ok-{n}") for n in (1, 2, 3)])
    await rig.drain()
    async with rig.db.write() as tx:
        values = {"id": "g", "wave": "b-1.now", "bulletin": "b-1", "counted": "villages", "percent": 95}
        members = {"c-1": "north", "c-2": "south", "c-3": "south"}
        due = await clock.now(tx) + timedelta(minutes=5)
        await tx.execute(insert(goal).values(**values, wait_seconds=300, members=members, state="waiting", due_at=due))
    for name in names[:answering]:
        await say_yes(rig, name)
    await later(rig.db, timedelta(minutes=6))
    async with rig.db.write() as tx:
        for one in (await tx.execute(answers.due())).scalars().all():
            await answers.judge(tx, one)
        row = (await tx.execute(select(goal))).one()
    assert (row.state, row.asked, row.answered) == (state, 2, answering)
    assert await rig.alarms() == (["answers-short g"] if state == "missed" else [])


async def test_an_answer_to_an_old_card_is_answered_with_the_new_text_once(rig: Rig) -> None:
    await rig.publish(Out(["ok-1"]))
    await rig.drain()
    await rig.end()
    await rig.publish_more(Out(["ok-1"], id="b-2", version=2, body=b"new"))
    await rig.drain()
    await say_yes(rig, "ok-1")
    await rig.drain()
    await say_yes(rig, "ok-1")
    await rig.drain()
    assert [one.body for one in rig.world.messages][1:] == [b"new", b"new"]


async def test_exactly_those_without_a_receipt_are_sent_the_text_again_and_the_ledger_says_who_wanted_it(
    rig: Rig,
) -> None:
    await rig.publish(Out(["ok-1", "ok-2", "refused-3", "shown-4"]))
    await rig.drain()
    await receipts.apply(rig.db, "a", [Receipt("delivered", delivery=delivery_id("b-1.now", "ok-1", 0))])
    async with rig.db.write() as tx:
        assert await resend.without_receipt(tx, "w-1", by=BY, reason="no receipts for an hour") == 2
    await rig.drain()
    assert dict(rig.world.calls) == {"ok-1": 1, "ok-2": 2, "refused-3": 2, "shown-4": 1}
    await receipts.apply(rig.db, "a", [Receipt("delivered", delivery=delivery_id("b-1.now", "ok-2", 1))])
    async with rig.db.read() as tx:
        stood = await standing(tx, ["b-1"], "wave")
        assert stood == {("b-1.now", state, False): n for state, n in (("delivered", 2), ("failed", 1), ("shown", 1))}
        assert (await ledger.verify(tx))[1] == ()


async def test_what_is_on_its_way_or_answered_is_not_sent_again(rig: Rig) -> None:
    await rig.publish(Out(["ok-1", "unsent:9-2"]))
    await rig.drain()
    await say_yes(rig, "ok-1")
    for name in ("ok-1", "unsent:9-2"):
        async with rig.db.write() as tx:
            with pytest.raises(Conflict):
                await resend.one(tx, delivery_id("b-1.now", name, 0), by=BY, reason="again")


async def test_an_officer_answers_for_a_contact_with_a_reason_once(rig: Rig) -> None:
    await rig.publish(Out(["ok-1"]), others=[of("c-1", "ok-1")])
    await rig.drain()
    async with rig.db.write() as tx:
        await answers.on_behalf(tx, "w-1", "c-1", by=BY, reason="said so by telephone")
    for contact in ("c-1", "c-nobody"):
        async with rig.db.write() as tx:
            with pytest.raises(Conflict):
                await answers.on_behalf(tx, "w-1", contact, by=BY, reason="again")
    async with rig.db.read() as tx:
        [row] = (await tx.execute(select(answer))).all()
    assert (row.how, row.by, row.reason) == ("on_behalf", "officer", "said so by telephone")


async def test_the_withdrawal_list_names_who_may_show_the_old_text_until_it_is_told_or_closed(rig: Rig) -> None:
    await rig.publish(Out(["ok-1", "unknown:9-2", "ok-3"]), kind="blind")
    await rig.drain()
    await rig.end("b-1", "lifted")
    lift = Out(["ok-1", "unknown:9-2", "refused-3"], id="b-2", version=2, act="lift", lane=0, body=b"over")
    await rig.publish_more(replace(lift, endpoints=["ok-1", "unknown:9-2", "ok-3"], channels=("b",)))
    assert await _left(rig) == ["ok-1", "ok-3", "unknown:9-2"]
    await rig.drain()
    assert await _left(rig) == ["unknown:9-2"]
    async with rig.db.write() as tx:
        with pytest.raises(Conflict):
            await closing.close(tx, "w-1", ["ok-1"], by=BY, reason="a mistake")
    async with rig.db.write() as tx:
        assert await closing.close(tx, "w-1", ["unknown:9-2"], by=BY, reason="rang them") == 1
    assert await _left(rig) == []


async def _left(rig: Rig) -> list[str]:
    async with rig.db.read() as tx:
        return sorted(one.endpoint for one in await reach.left(tx, "w-1", "b-2", 2))


async def test_the_account_tells_how_fast_and_where(rig: Rig) -> None:
    names = [f"ok-{number}" for number in range(4)]
    await rig.publish(Out(names))
    await rig.drain()
    await later(rig.db, timedelta(seconds=30))
    await receipts.apply(
        rig.db, "a", [Receipt("delivered", delivery=delivery_id("b-1.now", one, 0)) for one in names[:3]]
    )
    async with rig.db.read() as tx:
        took = await reach.speed(tx, "b-1")
        [place] = await reach.by_area(tx, "b-1")
    assert took.reached == 3 and took.p50 is not None and 30 <= took.p50 < 60
    assert (place["area"], place["planned"], place["reached"]) == ("310115", 4, 3)


def test_an_answering_link_names_one_delivery_and_cannot_be_made_up() -> None:
    secret = ack.secret_of(b"key")
    mine = delivery_id("b-1.now", "ok-1", 0)
    made = ack.token(secret, mine)
    assert ack.delivery_of(secret, made) == mine
    others = (made[:-1] + "x", made[1:], "", ack.token(ack.secret_of(b"another"), mine), made[::-1], "é" * 52)
    assert [ack.delivery_of(secret, one) for one in others] == [None] * 6
