"""Who says that an endpoint shows nothing old any more? Entries of the withdrawal list, closed by a person with a reason."""

from collections.abc import Sequence

from publisher.model.directory import Officer
from publisher.store import clock, ledger, reach
from publisher.store.conflict import insert_if_new
from publisher.store.database import Tx
from publisher.store.tables import closure
from publisher.work import answers, bulletins
from publisher.work.bulletins import Conflict


async def close(tx: Tx, of_warning: str, endpoints: Sequence[str], *, by: Officer, reason: str) -> int:
    """Close entries; how many. Raises Missing, or Conflict that names every endpoint which is not on the list."""
    await bulletins.lock(tx, of_warning)
    newest = await answers.newest(tx, of_warning)
    if newest is None:
        raise Conflict("nothing-out", (f"nothing of {of_warning} has gone out",))
    listed = {one.endpoint for one in await reach.left(tx, of_warning, newest.id, newest.version)}
    strange = sorted(set(endpoints) - listed)
    if strange:
        raise Conflict("not-listed", tuple(f"{one} is not on the withdrawal list" for one in strange))
    body = {"endpoints": sorted(set(endpoints)), "version": newest.version, "reason": reason}
    await ledger.append(tx, actor=by.id, act="withdrawal.close", subject=of_warning, body=body)
    now = await clock.now(tx)
    for one in sorted(set(endpoints)):
        key = {"warning": of_warning, "endpoint": one, "version": newest.version}
        await insert_if_new(tx, closure, {**key, "by": by.id, "reason": reason, "at": now})
    return len(set(endpoints))
