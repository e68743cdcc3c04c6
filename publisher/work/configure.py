"""How does a way out get its configuration? Every mistake is told at once, its account is tried, and only then is it taken.

The account is tried by a worker, which alone has the keys that send; until it has said yes the hub goes on as it was.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from channels.base import Channel, Health, Misconfigured, Pull
from publisher.core.manifest import digest_of
from publisher.store import ledger
from publisher.store.conflict import put
from publisher.store.database import Tx
from publisher.store.tables import channel
from publisher.work import pages
from publisher.work.context import Hub

Config = Mapping[str, Any]


async def configure(hub: Hub, name: str, kind: str, config: Config, *, by: str) -> Health:
    """Make `name` a channel of `kind`, new or changed, if its account works."""
    try:
        made = hub.channels.tried(name, kind, config, sends=True)
        async with hub.db.read() as tx:
            await fits(tx, name, kind)
    except Misconfigured as error:
        return Health(False, f"not taken: {error}")
    health = await _probed(made)
    if not health.ok:
        return Health(False, f"not taken: its account does not work: {health.says}")
    async with hub.db.write() as tx:
        await _put(hub, tx, name, kind, config, by)
        if isinstance(made, Pull):
            await pages.materialise(hub, tx, await hub.packs.active(tx))
    hub.bell.ring(0)
    return health


async def fits(tx: Tx, name: str, kind: str) -> None:
    """Raises Misconfigured for a channel that is of another kind: what it sent could not be understood any more."""
    was = (await tx.execute(select(channel.c.kind).where(channel.c.name == name))).scalar()
    if was not in (None, kind):
        raise Misconfigured(f"channel {name} is of kind {was} and stays so; give one of kind {kind} another name")


async def _probed(made: Channel) -> Health:
    if isinstance(made, Pull):
        return Health(True, "others fetch from this one; there is no account to try")
    try:
        return await made.probe()
    finally:
        await made.close()


async def _put(hub: Hub, tx: Tx, name: str, kind: str, config: Config, by: str) -> None:
    """Whoever paused it meant the way and not its settings: it stays paused."""
    await put(tx, channel, {"name": name}, {"kind": kind, "world": hub.world.value, "config": dict(config)})
    body = {"kind": kind, "keys": sorted(config), "digest": digest_of(config)}
    await ledger.append(tx, actor=by, act="channel.configure", subject=name, body=body)
