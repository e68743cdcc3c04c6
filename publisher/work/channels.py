"""Which ways out does this hub have, and how is one opened? Rows of table `channel`, each built when first needed."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select

from channels import registry
from channels.base import Channel, Misconfigured, Pull, Setup, Traits
from channels.registry import Kind
from publisher.model.words import World
from publisher.store.clock import now_sql
from publisher.store.database import Database, Tx
from publisher.store.tables import channel


class ChannelRefused(Misconfigured):
    """This channel may not or cannot be opened; the message gives every reason."""


class HubClock:
    """The hub's clock for channels: the database's time as last read, moved on by this machine's steady clock."""

    def __init__(self) -> None:
        self._steady = time.monotonic()
        self._at = datetime.now(UTC)

    def set(self, now: datetime) -> None:
        """Take over the database's time."""
        self._at, self._steady = now, time.monotonic()

    def __call__(self) -> datetime:
        """The hub's time now."""
        return self._at + timedelta(seconds=time.monotonic() - self._steady)


@dataclass(frozen=True, slots=True)
class _Row:
    """One configured channel; `config` as JSON text, so that a change is seen."""

    kind: str
    world: str
    config: str


class Channels:
    """The configured channels. `bases` gives the addresses that `{sandbox}` and `{public}` stand for in a configuration;
    providers call back at `{hooks_base}/hooks/{name}`.
    """

    def __init__(
        self,
        db: Database,
        *,
        world: World,
        bases: Mapping[str, str],
        hooks_base: str,
        kinds: Callable[[str], Kind] = registry.kind,
    ) -> None:
        self._db, self._world, self._hooks, self._kinds = db, world, hooks_base, kinds
        self._bases = dict(bases)
        self._rows: dict[str, _Row] = {}
        self._built: dict[str, tuple[_Row, Channel]] = {}
        self._old: list[Channel] = []
        self.clock = HubClock()

    async def names(self, tx: Tx) -> tuple[str, ...]:
        """Every configured channel that belongs to this world and whose kind exists."""
        await self._read(tx)
        return tuple(name for name, row in self._rows.items() if not self._against(name, row))

    async def traits(self, tx: Tx, name: str) -> Traits:
        """What planning must know of a channel, without opening it. Raises ChannelRefused."""
        if name not in self._rows:
            await self._read(tx)
        row = self._row(name)
        return self._built[name][1].traits if name in self._built else self._kinds(row.kind).TRAITS

    async def get(self, tx: Tx, name: str) -> Channel:
        """The open channel, built again if its configuration changed. Raises ChannelRefused."""
        await self._read(tx)
        row = self._row(name)
        kept = self._built.get(name)
        if kept is not None and kept[0] == row:
            return kept[1]
        if kept is not None:
            self._old.append(kept[1])
        made = self._build(name, row)
        self._built[name] = (row, made)
        return made

    async def pulls(self, tx: Tx) -> Mapping[str, Pull]:
        """Every channel that others fetch from."""
        found = {name: await self.get(tx, name) for name in await self.names(tx)}
        return {name: one for name, one in found.items() if isinstance(one, Pull)}

    async def close(self) -> None:
        """Close every channel that was opened."""
        opened = [*self._old, *(one for _, one in self._built.values())]
        self._built, self._old = {}, []
        for one in opened:
            if not isinstance(one, Pull):
                await one.close()

    async def _read(self, tx: Tx) -> None:
        found = await tx.execute(select(channel, now_sql().label("now")).order_by(channel.c.name))
        rows = found.all()
        self._rows = {row.name: _Row(row.kind, row.world, json.dumps(row.config, sort_keys=True)) for row in rows}
        if rows:
            self.clock.set(rows[0].now)

    def _row(self, name: str) -> _Row:
        row = self._rows.get(name)
        if row is None:
            raise ChannelRefused(f"no channel {name!r}; configured are: {', '.join(self._rows) or 'none'}")
        reasons = self._against(name, row)
        if reasons:
            raise ChannelRefused("; ".join(reasons))
        return row

    def _against(self, name: str, row: _Row) -> tuple[str, ...]:
        reasons: list[str] = []
        if row.world != self._world.value:
            reasons.append(
                f"channel {name} belongs to the {row.world} world, this hub to the {self._world.value} world"
            )
        try:
            self._kinds(row.kind)
        except LookupError as error:
            reasons.append(f"channel {name}: {error}")
        return tuple(reasons)

    def _build(self, name: str, row: _Row) -> Channel:
        setup = Setup(name, self._world, self._config(row), f"{self._hooks}/hooks/{name}", self.clock)
        try:
            return self._kinds(row.kind).build(setup)
        except ValidationError as error:
            found = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            raise ChannelRefused(f"channel {name} of kind {row.kind} is configured wrongly: {found}") from error

    def _config(self, row: _Row) -> Mapping[str, object]:
        filled: Mapping[str, object] = self._filled(json.loads(row.config))
        return filled

    def _filled(self, value: Any) -> Any:
        if isinstance(value, str):
            for name, base in self._bases.items():
                value = value.replace(f"{{{name}}}", base)
            return value
        if isinstance(value, dict):
            return {key: self._filled(inner) for key, inner in value.items()}
        return [self._filled(inner) for inner in value] if isinstance(value, list) else value
