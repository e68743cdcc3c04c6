"""A hub on a given database with the example county's demo people, for tests that draft, submit, sign and release."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from channels import registry
from publisher import first_start
from publisher.background import watch_of
from publisher.core.packs import load
from publisher.model.bulletin import Bulletin, Content
from publisher.model.directory import Officer
from publisher.model.words import World
from publisher.settings import Settings, resource
from publisher.store import clock, directory
from publisher.store.database import Database
from publisher.store.versions import Packs
from publisher.work import bulletins, submit
from publisher.work.bell import Bells
from publisher.work.channels import Channels
from publisher.work.context import Hub
from publisher.work.deliver import Worker
from publisher.work.watch import Watch
from tests.kit import provider
from tests.kit.county import content, county, section, towns

Kinds = Callable[[str], registry.Kind]


@asynccontextmanager
async def desk(
    database_url: str, folder: Path, *, pack: str = "example-county", kinds: Kinds = registry.kind
) -> AsyncIterator[Hub]:
    """The hub, without web and worker: what the hands need."""
    db = Database(database_url)
    await db.open()
    packs = Packs(load)
    settings = Settings(data=folder, pack=pack, redis=False)
    await first_start.prepare(db, settings, packs, passwords=False)
    bases = {"sandbox": "http://127.0.0.1:9/sandbox", "public": "https://hub.example"}
    channels = Channels(db, world=World.SANDBOX, bases=bases, hooks_base="http://127.0.0.1:9", kinds=kinds)
    keys = first_start.read_keys(folder / "keys", "test")
    font = resource("assets") / "fonts" / "unifontex.woff"
    made = Hub(db, packs, channels, Bells(), keys, World.SANDBOX, "https://hub.example", font, resource("templates"))
    yield made
    await channels.close()
    await db.close()


@dataclass
class Wire:
    """A desk whose pushed messages go to throw-away providers: everything the hub says to anybody can be read here."""

    hub: Hub
    world: provider.World
    watch: Watch

    async def drain(self) -> None:
        """Send whatever is due."""
        await Worker(self.hub.db, self.hub.channels, self.hub.bell, runners=1).drain()

    async def later(self, **by: float) -> None:
        """Let time pass, do what it brings, and send what is then due."""
        await later(self.hub, timedelta(**by))
        await self.watch.sweep()
        await self.drain()
        await self.watch.sweep()

    @property
    def told(self) -> list[str]:
        """The addresses called, in order."""
        return [address for _, address in self.world.order]

    @property
    def said(self) -> list[str]:
        """Every message handed over, in order."""
        return [one.body.decode() for one in self.world.messages]


@asynccontextmanager
async def wire(database_url: str, folder: Path, *, pack: str = "example-county") -> AsyncIterator[Wire]:
    """A desk with every push channel replaced by a throw-away one of the same name."""
    world = provider.World()

    def kinds(name: str) -> registry.Kind:
        real = registry.kind(name)
        return real if real.TRAITS.pull else provider.like(world, real.TRAITS)

    async with desk(database_url, folder, pack=pack, kinds=kinds) as hub:
        yield Wire(hub, world, watch_of(hub))


async def people(hub: Hub) -> dict[str, Officer]:
    """The demo officers by id."""
    async with hub.db.read() as tx:
        return {one.id: one for one in await directory.officers(tx)}


async def drafted(hub: Hub, by: Officer, what: Content | None = None, of_warning: str | None = None) -> Bulletin:
    """A draft of the gravest level for one town, or of `what`."""
    async with hub.db.write() as tx:
        made = what or content(section(4, towns()[0]))
        made = replace(made, expires=await clock.now(tx) + timedelta(hours=6))
        return await bulletins.draft(tx, made, by=by, pack=county(), of_warning=of_warning)


async def submitted(hub: Hub, by: Officer, what: Content | None = None, *, hold: bool = False) -> Bulletin:
    """A frozen bulletin waiting for signatures."""
    return await submit.submit(hub, (await drafted(hub, by, what)).id, by=by, hold=hold)


async def later(hub: Hub, by: timedelta) -> None:
    """Move the hub's clock."""
    async with hub.db.write() as tx:
        await clock.shift(tx, by)
