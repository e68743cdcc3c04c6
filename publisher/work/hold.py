"""How is everything stopped at once? Hold all: nothing but lifts and retracts leaves the queue until somebody resumes."""

from sqlalchemy import select, update

from publisher.model.directory import Officer
from publisher.store import ledger
from publisher.store.database import Tx
from publisher.store.tables import hub as hub_table
from publisher.work.bulletins import Conflict
from publisher.work.context import Hub


async def is_held(tx: Tx) -> bool:
    """Whether sending is held."""
    return bool((await tx.execute(select(hub_table.c.held))).scalar())


async def hold(hub: Hub, *, by: Officer, reason: str) -> None:
    """Stop starting anything but withdrawals. Raises Conflict when it is held already."""
    await _set(hub, True, by, reason)


async def resume(hub: Hub, *, by: Officer, reason: str) -> None:
    """Let the queue go on. Raises Conflict when nothing is held."""
    await _set(hub, False, by, reason)


async def _set(hub: Hub, held: bool, by: Officer, reason: str) -> None:
    async with hub.db.write() as tx:
        changed = await tx.execute(update(hub_table).where(hub_table.c.held.is_(not held)).values(held=held))
        if changed.rowcount != 1:
            raise Conflict("held" if held else "not-held", (f"sending is {'already' if held else 'not'} held",))
        act = "sending.hold" if held else "sending.resume"
        await ledger.append(tx, actor=by.id, act=act, subject="hub", body={"reason": reason})
    hub.bell.ring(0)
