"""Is the room in its routine or its emergency mode (平战), and what does that change? By what is live, or by hand."""

from dataclasses import replace

from sqlalchemy import func, select, update

from publisher.model.directory import Officer
from publisher.model.pack import Pack, Room
from publisher.model.words import Mode
from publisher.store import ledger
from publisher.store.database import Tx
from publisher.store.tables import bulletin, hub
from publisher.work.bulletins import Conflict, in_force


async def by_hand(tx: Tx) -> bool:
    """Whether an officer has declared the emergency mode."""
    return bool((await tx.execute(select(hub.c.emergency))).scalar())


async def is_emergency(tx: Tx, pack: Pack) -> bool:
    """Whether the room is in its emergency mode now."""
    gravest = in_force(func.max(bulletin.c.rank))
    rank = (await tx.execute(gravest.where(bulletin.c.mode == Mode.ACTUAL.value))).scalar()
    return (rank is not None and rank >= pack.about.desk.emergency_rank) or await by_hand(tx)


async def rules(tx: Tx, pack: Pack) -> Room:
    """The room's numbers as they hold in its mode now."""
    room = pack.about.desk
    if not await is_emergency(tx, pack):
        return room
    lower = max(1, room.unopened_rank - 1)
    return replace(room, answer_minutes=room.emergency_minutes, unopened_rank=lower)


async def declare(tx: Tx, *, on: bool, by: Officer, reason: str) -> None:
    """Put the room in emergency mode by hand, or let what is live decide again. Raises Conflict where it is so already."""
    changed = await tx.execute(update(hub).where(hub.c.emergency.is_(not on)).values(emergency=on))
    if changed.rowcount != 1:
        raise Conflict("mode", (f"the room is {'already' if on else 'not'} in emergency mode by hand",))
    act = "room.emergency" if on else "room.routine"
    await ledger.append(tx, actor=by.id, act=act, subject="hub", body={"reason": reason})
