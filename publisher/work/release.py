"""How does a bulletin go out? One transaction: slots filled, bytes signed, pages written, batches set free, ledger.

Also how it ends: superseded, lifted, retracted (and what stood before put back), or lapsed.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, Row, Table, insert, literal, select, type_coerce, update
from sqlalchemy.exc import IntegrityError

from publisher.core.planning import review_in
from publisher.model.bulletin import Content
from publisher.model.pack import Pack
from publisher.model.words import Act, Mode
from publisher.store import clock, ledger, news, numbers
from publisher.store.codec import load
from publisher.store.database import Tx
from publisher.store.tables import batch, bulletin, goal, release, warning, wave
from publisher.store.types import Instant, micros
from publisher.work import bulletins, finish, pages, watch
from publisher.work.bulletins import Conflict
from publisher.work.context import Hub

ENDED_BY = {Act.UPDATE: "superseded", Act.ISSUE: "superseded", Act.LIFT: "lifted", Act.RETRACT: "retracted"}


async def ready(hub: Hub, tx: Tx, wanted: str, *, actor: str) -> bool:
    """Release every wave of the bulletin that is approved and not out yet. False when there is none."""
    found = await tx.execute(
        select(wave.c.id).where(wave.c.bulletin == wanted, wave.c.state == "approved").order_by(wave.c.position)
    )
    waves = tuple(found.scalars())
    if not waves:
        return False
    row = await bulletins.row_of(tx, wanted)
    pack = await hub.packs.get(tx, row.pack)
    body = {"waves": list(waves), "digest": row.digest}
    await ledger.append(tx, actor=actor, act="bulletin.release", subject=wanted, body=body)
    now = await clock.now(tx)
    if row.released is None:
        await _first(hub, tx, row, pack, now)
    await _free(tx, waves, now)
    await pages.materialise(hub, tx, pack)
    return True


async def held_if_signed(tx: Tx, wanted: str, *, actor: str) -> None:
    """A bulletin to be fired later is held (待发) once every wave of it is signed."""
    waiting = select(wave.c.id).where(wave.c.bulletin == wanted, wave.c.state != "approved")
    if (await tx.execute(waiting)).first() is None:
        await tx.execute(update(bulletin).where(bulletin.c.id == wanted).values(state="held"))
        await ledger.append(tx, actor=actor, act="bulletin.held", subject=wanted)


async def _first(hub: Hub, tx: Tx, row: Row[Any], pack: Pack, now: datetime) -> None:
    public_id = await _public_id(tx, pack, now)
    values = {
        "bulletin": row.id,
        "digest": row.digest,
        "manifest": row.plan["manifest"],
        "at": now,
        "public_id": public_id,
    }
    try:
        await tx.execute(insert(release).values(**values))
    except IntegrityError as error:
        raise Conflict("already-released", (f"{row.id} was released at the same moment",)) from error
    changed = await tx.execute(
        update(bulletin)
        .where(bulletin.c.id == row.id, bulletin.c.state.in_(("submitted", "held")))
        .values(state="released", released=now, public_id=public_id, review_by=_review_by(row, pack, now))
    )
    if changed.rowcount != 1:
        raise Conflict("already-released", (f"{row.id} is {row.state}",))
    await finish.fill(hub, tx, row.id, pack, issued=now, public_id=public_id, mode=Mode(row.mode))
    await news.add(tx, row, row.act, public_id)
    await _supersede(tx, row, now)


def _review_by(row: Row[Any], pack: Pack, now: datetime) -> datetime | None:
    """When somebody must look again: what was held begins to stand only now, and so does its time."""
    if row.state != "held" or row.review_by is None:
        return row.review_by  # type: ignore[no-any-return]
    due: datetime = max(row.review_by, now + review_in(load(Content, row.content), pack))
    return due


async def _public_id(tx: Tx, pack: Pack, now: datetime) -> str:
    number = await numbers.take(tx, "public")
    local = now.astimezone(ZoneInfo(pack.about.time_zone))
    return f"{pack.about.identifier_prefix}-{local:%Y%m%d}-{number:06d}"


async def _supersede(tx: Tx, row: Row[Any], now: datetime) -> None:
    """End what stood, in the same transaction, so that no send of an older version starts after this commit."""
    act = Act(row.act)
    one = await bulletins.get(tx, row.id)
    await _still_stands(tx, one.content)
    chain = await bulletins.chain_before(tx, one)
    ended = [old.bulletin.id for old in (chain.standing,) if old is not None]
    if act is Act.RETRACT and one.content.names and one.content.names not in ended:
        ended.append(one.content.names)
    for old in ended:
        state = ENDED_BY[act] if act is not Act.RETRACT or old == one.content.names else "superseded"
        await tx.execute(
            update(bulletin).where(bulletin.c.id == old, bulletin.c.state == "released").values(state=state, ended=now)
        )
        await watch.stop(tx, old, state)
    current: str | None = None if act.ends else row.id
    if chain.restores is not None:
        current = chain.restores.bulletin.id
        await tx.execute(update(bulletin).where(bulletin.c.id == current).values(state="released", ended=None))
    await tx.execute(update(warning).where(warning.c.id == row.warning).values(current=current))


async def _still_stands(tx: Tx, content: Content) -> None:
    """Of two who lift or retract the same bulletin at the same moment, one wins: its row is locked and judged here."""
    if not content.act.ends or content.names is None:
        return
    named = update(bulletin).where(bulletin.c.id == content.names, bulletin.c.state == "released")
    if (await tx.execute(named.values(state="released"))).rowcount != 1:
        row = await bulletins.row_of(tx, content.names)
        raise Conflict("not-live", (f"bulletin {content.names} is {row.state}; only a released one can be ended",))


async def _free(tx: Tx, waves: Sequence[str], now: datetime) -> None:
    await tx.execute(update(wave).where(wave.c.id.in_(waves)).values(state="released", released=now))
    await tx.execute(update(batch).where(batch.c.wave.in_(waves)).values(released=True, due_at=later(batch, now)))
    await tx.execute(update(goal).where(goal.c.wave.in_(waves)).values(due_at=later(goal, now)))


def later(what: Table, now: datetime) -> ColumnElement[Any]:
    """When a row of `what` that waits some seconds after its release is due."""
    return type_coerce(type_coerce(literal(micros(now)), BigInteger) + what.c.wait_seconds * 1_000_000, Instant)


async def lapse(hub: Hub, tx: Tx, wanted: str) -> bool:
    """Take down a bulletin whose end has come: pages go, the account is closed, the ledger says so. Whether it was up."""
    await bulletins.lock(tx, (await bulletins.get(tx, wanted)).warning)
    row = await bulletins.row_of(tx, wanted)
    if row.state != "released" or load(Content, row.content).until_lifted:
        return False
    now = await clock.now(tx)
    await tx.execute(update(bulletin).where(bulletin.c.id == wanted).values(state="lapsed", ended=now))
    await watch.stop(tx, wanted, "expired")
    await tx.execute(
        update(warning).where(warning.c.id == row.warning, warning.c.current == wanted).values(current=None)
    )
    await ledger.append(tx, actor="hub", act="bulletin.lapse", subject=wanted)
    await news.add(tx, row, "lapse", row.public_id)
    await pages.materialise(hub, tx, await hub.packs.get(tx, row.pack))
    return True
