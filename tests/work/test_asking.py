"""Is whoever is on duty asked to sign, and does a missed deadline go on to the next person and then to an alarm?"""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from publisher.model.bulletin import Bulletin
from publisher.model.directory import Scope
from publisher.model.words import ApprovalKind, AreaCode
from publisher.store import clock, invariants
from publisher.store.directory import put_contacts, put_officers
from publisher.store.duty import contacts
from publisher.store.tables import alarm, approval, ledger, notice, shift, task
from publisher.work import approve, attesting, bulletins, submit
from publisher.work.approve import Yes
from publisher.work.bulletins import Conflict, Refused
from tests.kit.county import county
from tests.kit.desk import Wire, people, submitted, wire

PHONE = {"who": "leader", "how": "phone", "number": "+44 7700 900123"}


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Wire]:
    async with wire(database_url, tmp_path) as made:
        yield made


async def waiting(desk: Wire) -> Bulletin:
    """A red bulletin that waits for its check (5 minutes), then its signature (10)."""
    who = await people(desk.hub)
    return await submitted(desk.hub, who["drafter"])


async def asked(desk: Wire, kind: str = "approve") -> list[str]:
    """The contacts that were asked, in order."""
    async with desk.hub.db.read() as tx:
        rows = select(notice.c.contact).where(notice.c.kind == kind).order_by(notice.c.created, notice.c.contact)
        return list((await tx.execute(rows)).scalars())


async def rung(desk: Wire) -> list[str]:
    async with desk.hub.db.read() as tx:
        return list((await tx.execute(select(alarm.c.kind).where(alarm.c.open.is_not(None)))).scalars())


async def off_duty(desk: Wire, *names: str) -> None:
    async with desk.hub.db.write() as tx:
        known = await contacts(tx)
        await put_contacts(tx, [replace(one, on_duty=one.on_duty and one.id not in names) for one in known.values()])


async def test_those_on_duty_who_may_sign_are_asked_and_nobody_else(desk: Wire) -> None:
    await waiting(desk)
    await desk.drain()
    assert await asked(desk) == ["desk-reviewer", "desk-signer"]
    assert "desk-drafter" not in desk.told and sorted(desk.told) == ["desk-reviewer", "desk-signer"]


async def test_the_next_step_asks_its_own_people_and_the_first_ones_are_left_in_peace(desk: Wire) -> None:
    one = await waiting(desk)
    who = await people(desk.hub)
    await approve.approve(desk.hub, one.id, Yes(one.digest), by=who["reviewer"])
    await desk.later(seconds=1)
    assert (await asked(desk))[-1] == "desk-leader"
    async with desk.hub.db.read() as tx:
        rows = await tx.execute(select(notice.c.contact, notice.c.state))
        assert {row.contact: row.state for row in rows} == {
            "desk-reviewer": "closed",
            "desk-signer": "closed",
            "desk-leader": "open",
        }


async def test_deputies_are_asked_for_whoever_is_off_duty(desk: Wire) -> None:
    await off_duty(desk, "desk-reviewer", "desk-signer")
    await waiting(desk)
    assert await asked(desk) == ["desk-reviewer-2", "desk-signer-2"]


async def test_the_roster_says_who_is_on_duty_now(desk: Wire) -> None:
    async with desk.hub.db.write() as tx:
        now = await clock.now(tx)
        seats = [{"role": "reviewer", "contact": "desk-reviewer-2", "in_command": True}]
        hours = {"starts": now, "ends": now.replace(year=now.year + 1)}
        await tx.execute(shift.insert().values(id="s-1", unit="ops", seats=seats, made_by="admin", **hours))
    await waiting(desk)
    assert await asked(desk) == ["desk-reviewer-2"]


async def test_a_missed_deadline_reminds_then_asks_the_next_person_then_rings(desk: Wire) -> None:
    one = await waiting(desk)
    await desk.later(minutes=5)
    assert await asked(desk, "remind") == ["desk-reviewer", "desk-signer"]
    assert await rung(desk) == []
    await desk.later(minutes=1)
    assert (await asked(desk))[2:] == ["desk-reviewer-2"]
    await desk.later(minutes=1)
    assert await rung(desk) == ["approval_overdue"]
    assert "desk-leader" in await asked(desk, "overdue")
    who = await people(desk.hub)
    await approve.approve(desk.hub, one.id, Yes(one.digest), by=who["reviewer-2"])
    await desk.later(seconds=1)
    assert await rung(desk) == []
    async with desk.hub.db.read() as tx:
        stages = (await tx.execute(select(ledger.c.act).where(ledger.c.act == "step.overdue"))).scalars().all()
        assert len(stages) == 3
        assert await invariants.check(tx) == ()


async def test_whom_it_is_escalated_to_may_sign_only_after_the_deadline(desk: Wire) -> None:
    one = await waiting(desk)
    leader = (await people(desk.hub))["leader"]
    with pytest.raises(Refused, match="needs the role reviewer or signer"):
        await approve.approve(desk.hub, one.id, Yes(one.digest), by=leader)
    await desk.later(minutes=5)
    await desk.later(minutes=1)
    one = await approve.approve(desk.hub, one.id, Yes(one.digest), by=leader)
    assert one.state == "submitted"
    with pytest.raises(Refused, match="already signed"):
        await approve.approve(desk.hub, one.id, Yes(one.digest), by=leader)


async def test_taking_it_back_ends_the_asking_and_the_alarm(desk: Wire) -> None:
    one = await waiting(desk)
    for minutes in (5, 1, 1):
        await desk.later(minutes=minutes)
    assert await rung(desk) == ["approval_overdue"]
    await submit.unsubmit(desk.hub, one.id, by=(await people(desk.hub))["drafter"])
    await desk.later(minutes=30)
    assert await rung(desk) == []
    async with desk.hub.db.read() as tx:
        states = set((await tx.execute(select(notice.c.state))).scalars())
    assert states == {"closed"}


async def attested(desk: Wire, **evidence: str) -> Bulletin:
    one = await waiting(desk)
    who = await people(desk.hub)
    await approve.approve(desk.hub, one.id, Yes(one.digest), by=who["reviewer"])
    yes = Yes(one.digest, kind=ApprovalKind.ATTESTED, evidence={**PHONE, **evidence})
    return await approve.approve(desk.hub, one.id, yes, by=who["signer"])


async def test_a_yes_by_phone_releases_and_the_real_signature_is_chased(desk: Wire) -> None:
    one = await attested(desk)
    assert one.state == "released"
    await desk.later(seconds=1)
    assert await asked(desk, "signature") == ["desk-leader"]
    who = await people(desk.hub)
    with pytest.raises(Refused, match="only they can sign"):
        await attesting.confirm(desk.hub, one.id, one.digest, by=who["reviewer"])
    await desk.later(hours=25)
    assert "signature_missing" in await rung(desk)
    await attesting.confirm(desk.hub, one.id, one.digest, by=who["leader"])
    assert "signature_missing" not in await rung(desk)
    async with desk.hub.db.read() as tx:
        chased = select(task.c.state).where(task.c.kind == "signature")
        assert set((await tx.execute(chased)).scalars()) == {"dropped"}
        given = (await tx.execute(select(approval).where(approval.c.kind == "attested"))).all()
        assert {(row.officer, row.confirmed_by, row.evidence["officer"]) for row in given} == {
            ("signer", "leader", "leader")
        }
        assert await invariants.check(tx) == ()
    with pytest.raises(Conflict, match="no signature is owed"):
        await attesting.confirm(desk.hub, one.id, one.digest, by=who["leader"])


async def test_who_wrote_it_records_nobodys_yes_and_nobody_says_yes_to_their_own(desk: Wire) -> None:
    one = await waiting(desk)
    who = await people(desk.hub)
    await approve.approve(desk.hub, one.id, Yes(one.digest), by=who["reviewer"])
    drafter = replace(who["drafter"], roles=frozenset({"signer"}))
    yes = Yes(one.digest, kind=ApprovalKind.ATTESTED, evidence=PHONE)
    with pytest.raises(Refused, match="another officer must record"):
        await approve.approve(desk.hub, one.id, yes, by=drafter)
    own = replace(yes, evidence={**PHONE, "who": "drafter"})
    with pytest.raises(Refused, match="drafter: you drafted or last edited this"):
        await approve.approve(desk.hub, one.id, own, by=who["signer"])


async def test_an_edit_ends_the_chase_for_a_signature_nobody_owes_any_more(desk: Wire) -> None:
    who = await people(desk.hub)
    one = await submitted(desk.hub, who["drafter"], hold=True)
    await approve.approve(desk.hub, one.id, Yes(one.digest), by=who["reviewer"])
    yes = Yes(one.digest, kind=ApprovalKind.ATTESTED, evidence=PHONE)
    beyond = replace(who["leader"], scope=Scope(areas=(AreaCode("EX-02"),), max_rank=2))
    async with desk.hub.db.write() as tx:
        await put_officers(tx, [(beyond, None)])
    with pytest.raises(Refused, match=r"leader: .* outside your areas[\s\S]*leader: it is of rank 4"):
        await approve.approve(desk.hub, one.id, yes, by=who["signer"])
    async with desk.hub.db.write() as tx:
        await put_officers(tx, [(who["leader"], None)])
    assert (await approve.approve(desk.hub, one.id, yes, by=who["signer"])).state == "held"
    await desk.later(hours=25)
    assert "signature_missing" in await rung(desk)
    async with desk.hub.db.write() as tx:
        held = await bulletins.row_of(tx, one.id)
        await bulletins.edit(tx, one.id, one.content, by=who["drafter"], pack=county(), revision=held.revision)
    await desk.later(seconds=1)
    async with desk.hub.db.read() as tx:
        assert list((await tx.execute(select(task.c.state).where(task.c.kind == "signature"))).scalars()) == ["dropped"]
        told = select(notice.c.state).where(notice.c.kind == "signature")
        assert set((await tx.execute(told)).scalars()) <= {"closed"}
    assert "signature_missing" not in await rung(desk)


async def test_nobody_says_yes_twice_to_one_wave_by_hand_and_by_phone(desk: Wire) -> None:
    who = await people(desk.hub)
    both = replace(who["leader"], roles=frozenset({"leader", "reviewer"}))
    async with desk.hub.db.write() as tx:
        await put_officers(tx, [(both, None)])
    one = await submitted(desk.hub, who["drafter"])
    await approve.approve(desk.hub, one.id, Yes(one.digest), by=both)
    yes = Yes(one.digest, kind=ApprovalKind.ATTESTED, evidence=PHONE)
    with pytest.raises(Refused, match="leader: you already signed a step of this wave"):
        await approve.approve(desk.hub, one.id, yes, by=who["signer"])
    other = replace(yes, evidence={**PHONE, "who": "the mayor"})
    assert (await approve.approve(desk.hub, one.id, other, by=who["signer"])).state == "released"
    with pytest.raises(Refused, match="leader: you already signed a step of this wave"):
        await attesting.confirm(desk.hub, one.id, one.digest, by=both)


@pytest.mark.parametrize(
    ("evidence", "says"),
    [
        ({"number": ""}, "number: say from which number"),
        ({"how": "paper"}, "scan: upload the signed paper"),
        ({"how": "paper", "scan": "0" * 64}, "no scan 000"),
        ({"when": "2020-01-01T00:00:00+00:00"}, "before it was submitted"),
        ({"when": "2090-01-01T00:00:00+00:00"}, "has not come yet"),
    ],
)
async def test_evidence_with_a_gap_counts_for_nothing(desk: Wire, evidence: dict[str, str], says: str) -> None:
    with pytest.raises(Refused, match=says):
        await attested(desk, **evidence)


async def test_a_paper_is_kept_and_named_by_its_hash(desk: Wire) -> None:
    who = await people(desk.hub)
    async with desk.hub.db.write() as tx:
        mine = await attesting.keep_scan(tx, b"%PDF-1.7 signed", by=who["signer"])
        assert await attesting.keep_scan(tx, b"%PDF-1.7 signed", by=who["signer"]) == mine
        with pytest.raises(attesting.NotAScan):
            await attesting.keep_scan(tx, b"<script>", by=who["signer"])
    assert (await attested(desk, how="paper", scan=mine)).state == "released"
