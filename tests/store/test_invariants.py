"""Does every invariant see its own breach, and none where there is none?"""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from publisher.model.words import Mode
from publisher.store import clock, ledger
from publisher.store.database import Tx
from publisher.store.invariants import PROMISES, check
from publisher.store.tables import (
    approval,
    artefact,
    attempt,
    batch,
    bulletin,
    delivery,
    endpoint,
    evidence,
    release,
    step,
    wave,
)
from publisher.store.tables import ledger as chain
from tests.kit import hub
from tests.kit.hub import Out, Rig


@pytest.fixture
async def rig(database_url: str) -> AsyncIterator[Rig]:
    """A hub with a warning issued, updated and lifted, all accounts closed."""
    async with hub.rig(database_url) as made:
        await made.publish(Out(["ok-1", "ok-2", "refused-1"]))
        await made.drain()
        await made.end("b-1", "superseded")
        await made.publish_more(Out(["ok-1", "ok-2"], id="b-2", version=2, act="update"))
        await made.drain()
        await made.end("b-2", "lifted")
        await made.publish_more(Out(["ok-1", "ok-2"], id="b-3", version=3, act="lift", lane=0))
        await made.drain()
        async with made.db.write() as tx:
            for one in ("b-1", "b-2", "b-3"):
                await ledger.append(tx, actor="signer", act="bulletin.release", subject=one)
        await made.sweep(timedelta(hours=7))
        yield made


async def _names(rig: Rig) -> set[str]:
    async with rig.db.read() as tx:
        return {one.name for one in await check(tx)}


async def test_a_sound_hub_breaks_none(rig: Rig) -> None:
    async with rig.db.read() as tx:
        assert await check(tx) == ()


async def _lose_a_row(tx: Tx) -> None:
    await tx.execute(delete(attempt))
    await tx.execute(delete(delivery).where(delivery.c.endpoint == "refused-1"))


async def _add_a_stranger(tx: Tx) -> None:
    await tx.execute(update(batch).where(batch.c.bulletin == "b-1").values(endpoints=["ok-1", "ok-2"]))


async def _leave_one_open(tx: Tx) -> None:
    await tx.execute(update(delivery).where(delivery.c.endpoint == "refused-1").values(state="sending"))


async def _send_too_early(tx: Tx) -> None:
    await tx.execute(update(wave).values(released=await clock.now(tx)))


async def _sign_too_late(tx: Tx) -> None:
    await tx.execute(insert(approval).values(**_yes("d"), at=await clock.now(tx)))


async def _send_too_late(tx: Tx) -> None:
    at = await clock.now(tx) - timedelta(hours=24)
    await tx.execute(update(batch).values(expires=at))


async def _sign_something_else(tx: Tx) -> None:
    at = await clock.now(tx) - timedelta(hours=24)
    await tx.execute(insert(approval).values(**_yes("other"), at=at))


async def _release_half_signed(tx: Tx) -> None:
    row = {"id": "s", "bulletin": "b-1", "wave": "b-1.now", "position": 0, "state": "open", "body": {}}
    await tx.execute(insert(step).values(**row))


async def _send_the_old_after_the_new(tx: Tx) -> None:
    await tx.execute(update(delivery).where(delivery.c.version == 2).values(version=0))


async def _forget_someone_in_the_lift(tx: Tx) -> None:
    await tx.execute(update(batch).where(batch.c.bulletin == "b-3").values(endpoints=["ok-1"]))


async def _release_without_a_decision(tx: Tx) -> None:
    await tx.execute(delete(release).where(release.c.bulletin == "b-2"))


async def _decide_about_a_draft(tx: Tx) -> None:
    await tx.execute(update(bulletin).where(bulletin.c.id == "b-2").values(state="draft"))


async def _drill_to_the_public(tx: Tx) -> None:
    await tx.execute(update(endpoint).values(mode=Mode.EXERCISE.value))


async def _send_other_bytes(tx: Tx) -> None:
    await tx.execute(update(attempt).values(sha256="0" * 64))


async def _change_the_bytes(tx: Tx) -> None:
    await tx.execute(update(artefact).where(artefact.c.bulletin == "b-1").values(final=b"changed"))


async def _claim_more_than_the_evidence(tx: Tx) -> None:
    mine = delivery.c.endpoint == "refused-1"
    await tx.execute(update(delivery).where(mine).values(state="accepted"))


async def _claim_shown_on_a_plain_yes(tx: Tx) -> None:
    await tx.execute(update(delivery).where(delivery.c.endpoint == "ok-1").values(state="shown"))


async def _doubt_without_a_mark(tx: Tx) -> None:
    await tx.execute(update(batch).values(accounted=False))
    await tx.execute(update(delivery).where(delivery.c.endpoint == "refused-1").values(state="sending", stage="left"))


async def _lose_a_ledger_row(tx: Tx) -> None:
    await tx.execute(delete(chain).where(chain.c.seq == 2))


def _yes(digest: str) -> dict[str, Any]:
    row = {"bulletin": "b-1", "wave": "b-1.now", "step": "s", "officer": "signer", "kind": "signed"}
    return {**row, "digest": digest, "evidence": {}}


@pytest.mark.parametrize(
    ("breach", "name"),
    [
        (_lose_a_row, "I1"),
        (_add_a_stranger, "I1"),
        (_leave_one_open, "I1"),
        (_send_too_early, "I4"),
        (_sign_too_late, "I4"),
        (_send_too_late, "I5"),
        (_sign_something_else, "I6"),
        (_release_half_signed, "I6"),
        (_send_the_old_after_the_new, "I7"),
        (_forget_someone_in_the_lift, "I8"),
        (_release_without_a_decision, "I10"),
        (_decide_about_a_draft, "I10"),
        (_drill_to_the_public, "I11"),
        (_send_other_bytes, "I12"),
        (_change_the_bytes, "I12"),
        (_claim_more_than_the_evidence, "I13"),
        (_claim_shown_on_a_plain_yes, "I13"),
        (_doubt_without_a_mark, "I13"),
        (_lose_a_ledger_row, "I14"),
    ],
)
async def test_each_breach_is_seen_by_its_own_invariant(rig: Rig, breach: Any, name: str) -> None:
    async with rig.db.write() as tx:
        await breach(tx)
    assert name in await _names(rig)
    assert PROMISES[name]


async def test_a_receipt_is_evidence(rig: Rig) -> None:
    async with rig.db.write() as tx:
        await tx.execute(update(delivery).where(delivery.c.endpoint == "ok-1").values(state="delivered"))
    assert await _names(rig) == {"I13"}
    async with rig.db.write() as tx:
        at = await clock.now(tx)
        for one in (await tx.execute(delivery.select().where(delivery.c.endpoint == "ok-1"))).all():
            row = {"delivery": one.id, "channel": "a", "at": at, "state": "delivered", "moved": True}
            await tx.execute(insert(evidence).values(**row))
    assert await _names(rig) == set()


async def test_many_breaches_of_one_rule_do_not_hide_the_others(rig: Rig) -> None:
    await rig.publish_more(Out([f"ok-{number}" for number in range(100)], id="b-9", warning="w-9"))
    async with rig.db.write() as tx:
        await tx.execute(update(batch).where(batch.c.bulletin == "b-9").values(state="done"))
        found = await check(tx)
    assert sum(one.name == "I1" for one in found) == 20
    assert "has no delivery" in str(found[0])
    assert any(one.name == "I14" for one in found)
