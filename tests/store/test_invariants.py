"""Does every invariant see its own breach, and none where there is none?"""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from channels.base import Page
from publisher.formats import bundle, seal
from publisher.model.words import Mode
from publisher.store import clock, ledger
from publisher.store.coverage import members
from publisher.store.database import Tx
from publisher.store.invariants import PROMISES, RULES, Rule, check
from publisher.store.tables import (
    approval,
    artefact,
    attempt,
    batch,
    bulletin,
    delivery,
    endpoint,
    evidence,
    heartbeat,
    idempotency,
    page,
    release,
    step,
    wave,
)
from publisher.store.tables import hub as hub_table
from publisher.store.tables import ledger as chain
from publisher.work.pages import etag
from tests.kit import hub
from tests.kit.hub import Out, Rig
from tests.kit.sqlite import Blank


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


async def _attempt(tx: Tx, endpoint_id: str, **values: Any) -> None:
    at = await clock.now(tx) - timedelta(hours=7)
    wanted = delivery.select().where(delivery.c.endpoint == endpoint_id, delivery.c.bulletin == "b-1")
    row = (await tx.execute(wanted)).one()
    known = {"delivery": row.id, "channel": "a", "epoch": 1, "started": at, "ended": at, "sha256": ""}
    await tx.execute(insert(attempt).values(**known, **values))


async def _tell_twice(tx: Tx) -> None:
    await tx.execute(update(wave).values(released=await clock.now(tx) - timedelta(days=1)))
    await _attempt(tx, "ok-1", state="sent", ref="other")


async def _tell_twice_unmarked(tx: Tx) -> None:
    await tx.execute(update(delivery).where(delivery.c.endpoint == "ok-1").values(tries=2))
    await _attempt(tx, "ok-1", state="fenced", reason="sent", ref="other")


async def _lift_for_a_stranger(tx: Tx) -> None:
    await tx.execute(update(delivery).where(delivery.c.version < 3, delivery.c.endpoint == "ok-2").values(tries=0))


async def _lose_an_answer(tx: Tx) -> None:
    row = {"principal": "p", "route": "r", "key": "k", "request": "x", "status": 200, "answer": None}
    await tx.execute(insert(idempotency).values(**row, at=await clock.now(tx)))


async def _change_a_page(tx: Tx) -> None:
    await _page(tx, "/w/x", "0" * 32)


async def _page(tx: Tx, path: str, etag: str) -> None:
    row = {"path": path, "owner": "feed", "etag": etag, "media_type": "text/html", "body": b"x", "seq": 1}
    await tx.execute(insert(page).values(**row, visible_from=await clock.now(tx)))


async def _seal_over(tx: Tx, **changed: Any) -> None:
    """A screen's playlist in the table, as it is written, then with some columns changed."""
    ends = (await clock.now(tx) - timedelta(minutes=1)).isoformat()
    state = {"screen": "s", "items": [{"text": "x", "expires": ends if changed.pop("ended", False) else None}]}
    keys = seal.make_key()
    one = Page("/led/s.json", "application/json", json.dumps(state, separators=(",", ":")).encode(), sealed=True)
    tag = f"{etag(one, bundle.key_id(seal.public_of(keys)))}-7"
    row = {"path": one.path, "owner": "led", "etag": tag, "media_type": one.media_type, "seq": 7}
    row |= {"body": bundle.playlist(state, 7, keys), "visible_from": await clock.now(tx), **changed}
    await tx.execute(insert(page).values(**row))


async def _swap_a_playlist(tx: Tx) -> None:
    await _seal_over(tx, body=bundle.playlist({"screen": "s", "items": []}, 7, seal.make_key()))


async def _play_an_old_number(tx: Tx) -> None:
    await _seal_over(tx, body=bundle.playlist({"screen": "s", "items": []}, 6, seal.make_key()))


async def _show_what_ended(tx: Tx) -> None:
    await _seal_over(tx, ended=True)
    now = await clock.now(tx)
    row = {"worker": "w", "kind": "work", "host": "h", "pid": 1, "started": now, "seen": now}
    await tx.execute(insert(heartbeat).values(**row))


async def _hide_what_is_in_force(tx: Tx) -> None:
    at = await clock.now(tx) + timedelta(hours=1)
    await tx.execute(update(bulletin).where(bulletin.c.id == "b-3").values(expires=at, public_id="p-3"))
    await tx.execute(update(batch).where(batch.c.bulletin == "b-3").values(medium="feed"))


async def _sleep_on_the_job(tx: Tx) -> None:
    now = await clock.now(tx)
    due = {"state": "ready", "current": True, "due_at": now - timedelta(minutes=2), "expires": now + timedelta(hours=1)}
    await tx.execute(update(batch).where(batch.c.bulletin == "b-3").values(**due))
    row = {"worker": "w", "kind": "work", "host": "h", "pid": 1, "started": now - timedelta(minutes=5), "seen": now}
    await tx.execute(insert(heartbeat).values(**row))


async def _trust_a_fenced_answer(tx: Tx) -> None:
    await _attempt(tx, "refused-1", state="fenced", reason="sent", ref="late")
    await tx.execute(update(delivery).where(delivery.c.endpoint == "refused-1").values(ref="late"))


async def _send_from_a_backup(tx: Tx) -> None:
    await tx.execute(update(hub_table).values(restored=await clock.now(tx) - timedelta(days=1)))


async def _warn_nowhere(tx: Tx) -> None:
    nowhere = {"until_lifted": False, "sections": [{"level": "red", "areas": []}]}
    await tx.execute(update(bulletin).where(bulletin.c.id == "b-1").values(content=nowhere))


def _yes(digest: str) -> dict[str, Any]:
    row = {"bulletin": "b-1", "wave": "b-1.now", "step": "s", "officer": "signer", "kind": "signed"}
    return {**row, "digest": digest, "evidence": {}}


@pytest.mark.parametrize(
    ("breach", "name"),
    [
        (_lose_a_row, "I1"),
        (_add_a_stranger, "I1"),
        (_leave_one_open, "I1"),
        (_tell_twice, "I2"),
        (_tell_twice_unmarked, "I3"),
        (_send_too_early, "I4"),
        (_sign_too_late, "I4"),
        (_send_too_late, "I5"),
        (_sign_something_else, "I6"),
        (_release_half_signed, "I6"),
        (_send_the_old_after_the_new, "I7"),
        (_forget_someone_in_the_lift, "I8"),
        (_lift_for_a_stranger, "I9"),
        (_release_without_a_decision, "I10"),
        (_decide_about_a_draft, "I10"),
        (_drill_to_the_public, "I11"),
        (_send_other_bytes, "I12"),
        (_change_the_bytes, "I12"),
        (_claim_more_than_the_evidence, "I13"),
        (_claim_shown_on_a_plain_yes, "I13"),
        (_doubt_without_a_mark, "I13"),
        (_lose_a_ledger_row, "I14"),
        (_lose_an_answer, "I15"),
        (_change_a_page, "I16"),
        (_swap_a_playlist, "I16"),
        (_play_an_old_number, "I16"),
        (_show_what_ended, "I16"),
        (_hide_what_is_in_force, "I16"),
        (_sleep_on_the_job, "I17"),
        (_trust_a_fenced_answer, "I18"),
        (_send_from_a_backup, "I19"),
        (_warn_nowhere, "I20"),
    ],
)
async def test_each_breach_is_seen_by_its_own_invariant(rig: Rig, breach: Any, name: str) -> None:
    async with rig.db.write() as tx:
        await breach(tx)
    assert name in await _names(rig)
    assert PROMISES[name]


def test_every_invariant_is_asked_about() -> None:
    assert set(PROMISES) == {f"I{number}" for number in range(1, 21)}


async def test_a_playlist_as_it_is_written_breaks_nothing_though_it_stands_while_nobody_is_at_work(rig: Rig) -> None:
    async with rig.db.write() as tx:
        await _seal_over(tx, ended=True)
    assert await _names(rig) == set()


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


async def lifted(url: str, many: int) -> None:
    """A hub in which `many` were told of a warning and of its end."""
    everyone = [f"ok-{number}" for number in range(many)]
    async with hub.rig(url) as rig:
        await rig.publish(Out(everyone, size=100))
        await rig.drain()
        await rig.end("b-1", "lifted")
        await rig.publish_more(Out(everyone, id="b-2", version=2, act="lift", lane=0, size=100))
        await rig.drain()
        await rig.sweep(timedelta(hours=7))


def steps(file: Path, rule: Rule) -> int:
    """What SQLite does to ask `rule`, in hundreds of its own machine's steps."""
    taken = [0]

    def more() -> None:
        taken[0] += 1

    with closing(sqlite3.connect(file)) as db:
        db.set_progress_handler(more, 100)
        sql = rule.sql.replace("{members}", members("sqlite")).replace(
            "{others}", members("sqlite", "c.endpoints", "o")
        )
        db.execute(sql, {"now": 0} if ":now" in sql else {}).fetchall()
    return taken[0]


async def test_no_question_costs_the_square_of_what_it_is_asked_about(tmp_path: Path, blank: Blank) -> None:
    """A hub that told a hundred thousand people is checked in seconds, while it runs."""
    files = []
    for many in (200, 800):
        folder = tmp_path / str(many)
        folder.mkdir()
        url = await blank.copy(folder)
        await lifted(url, many)
        files.append(Path(url.partition("///")[2]))
    costs = [(rule.promise, steps(files[0], rule), steps(files[1], rule)) for rule in RULES]
    assert [promise for promise, few, many in costs if many > 6 * few + 100] == []
