"""Which ways out does this hub have, and how is one opened? Rows of table `channel`, each built when first needed."""

import json
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from sqlalchemy import select

from channels import registry
from channels.base import Channel, Desk, Misconfigured, Pull, Setup, Traits
from channels.registry import Kind
from publisher.model.words import World
from publisher.store.clock import now_sql
from publisher.store.database import Database, Tx
from publisher.store.tables import channel
from publisher.store.vault import Vault

HEARD_SECONDS = 0.25
"""How soon a changed configuration reaches those who call back."""
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_SECRET = re.compile(r"\{secret:([A-Za-z0-9][A-Za-z0-9_.-]*)\}")


class ChannelRefused(Misconfigured):
    """This channel may not or cannot be opened; the message gives every reason, `reasons` each by itself."""

    def __init__(self, says: str, *reasons: str) -> None:
        super().__init__(says)
        self.reasons = reasons or (says,)


class Secrets:
    """The secrets that configurations name, one file each in `folder`; a process sees those that it may read."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def fill(self, value: str, channel: str) -> str:
        """`value`, with the secret in its place if it names one. Raises ChannelRefused where it cannot be had."""
        named = _SECRET.fullmatch(value)
        if named is None:
            return value
        if self._folder is None:
            raise ChannelRefused(f"channel {channel} names the secret {named[1]}: set TOCSIN_SECRETS to their folder")
        try:
            return (self._folder / named[1]).read_text("utf-8").strip()
        except OSError as error:
            raise ChannelRefused(f"channel {channel}: no secret {named[1]}: {error.strerror}") from error


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


def _with_doors(bases: Mapping[str, str]) -> dict[str, str]:
    """`bases` and, beside a sandbox, the addresses of its stand-ins that do not speak HTTP."""
    if "sandbox" not in bases:
        return dict(bases)
    broker = bases["sandbox"].replace("http", "ws", 1) + "/mqtt"
    doors = {"sandbox-mail": "smtp://127.0.0.1:9", "sandbox-smpp": "smpp://127.0.0.1:9"}
    return {**doors, "sandbox-mqtt": broker, **bases}


class Channels:
    """The configured channels.

    A value `{secret:NAME}` of a configuration is what `secrets` says; `bases` gives the addresses that
    `{sandbox}` and `{public}` stand for; providers call back at `{hooks_base}/hooks/{name}`.
    """

    def __init__(
        self,
        db: Database,
        *,
        world: World,
        bases: Mapping[str, str],
        hooks_base: str,
        kinds: Callable[[str], Kind] = registry.kind,
        secrets: Secrets | None = None,
        sends: bool = True,
    ) -> None:
        self._db, self._world, self._hooks, self._kinds = db, world, hooks_base, kinds
        self._secrets, self._sends = secrets or Secrets(None), sends
        self._bases = _with_doors(bases)
        self._rows: dict[str, _Row] = {}
        self._built: dict[tuple[str, bool], tuple[_Row, Channel]] = {}
        self._old: list[Channel] = []
        self._read_at = 0.0
        self.clock = HubClock()
        self.vault: Vault | None = None

    def place(self, name: str, address: str) -> None:
        """Say what `{name}` stands for, once it is known."""
        self._bases[name] = address

    async def names(self, tx: Tx) -> tuple[str, ...]:
        """Every configured channel that belongs to this world and whose kind exists."""
        await self._read(tx)
        return tuple(name for name, row in self._rows.items() if not self._against(name, row))

    async def desk(self, tx: Tx, name: str) -> Desk:
        """The channel without the keys that send, for composing and for callbacks. Raises ChannelRefused."""
        return await self._open(tx, name, sends=False)

    async def ear(self, name: str) -> Channel:
        """The same for one of a thousand callbacks a second: as configured at most `HEARD_SECONDS` ago."""
        if name not in self._rows or time.monotonic() - self._read_at > HEARD_SECONDS:
            async with self._db.read() as tx:
                await self._read(tx)
        return self._kept(name, sends=False)

    async def get(self, tx: Tx, name: str) -> Channel:
        """The channel, ready to send, built again if its configuration changed. Raises ChannelRefused."""
        if not self._sends:
            raise ChannelRefused(f"channel {name}: this process only has the desk's keys; sending is the worker's")
        return await self._open(tx, name, sends=True)

    async def usable(self, tx: Tx) -> Mapping[str, Traits]:
        """The traits of every channel that planning may count on; one that cannot be opened is not among them."""
        found: dict[str, Traits] = {}
        for name in await self.names(tx):
            with suppress(ChannelRefused):
                found[name] = self._kept(name, sends=False).traits
        return found

    async def _open(self, tx: Tx, name: str, *, sends: bool) -> Channel:
        await self._read(tx)
        return self._kept(name, sends=sends)

    def _kept(self, name: str, *, sends: bool) -> Channel:
        row = self._row(name)
        kept = self._built.get((name, sends))
        if kept is not None and kept[0] == row:
            return kept[1]
        if kept is not None:
            self._old.append(kept[1])
        made = self._build(name, row, sends=sends)
        self._built[name, sends] = (row, made)
        return made

    async def with_reports(self, tx: Tx) -> tuple[str, ...]:
        """Every channel whose kind gets receipts over a line of its own; none of them is opened for that."""
        names = await self.names(tx)
        return tuple(name for name in names if self._kinds(self._rows[name].kind).TRAITS.line)

    async def pulls(self, tx: Tx) -> Mapping[str, Pull]:
        """Every channel that others fetch from."""
        names = [name for name in await self.names(tx) if self._kinds(self._rows[name].kind).TRAITS.pull]
        found = {name: self._kept(name, sends=False) for name in names}
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
        self._read_at = time.monotonic()
        self._rows = {row.name: _Row(row.kind, row.world, json.dumps(row.config, sort_keys=True)) for row in rows}
        if rows:
            self.clock.set(rows[0].now)

    def tried(self, name: str, kind: str, config: Mapping[str, object], *, sends: bool) -> Channel:
        """A channel as it would be with this configuration, kept nowhere. Raises ChannelRefused with every mistake."""
        row = _Row(kind, self._world.value, json.dumps(config, sort_keys=True))
        reasons = list(self._against(name, row))
        if not _NAME.fullmatch(name):
            reasons.append(f"{name!r}: a channel's name is 1 to 40 of a-z, 0-9 and -, beginning with a letter")
        made: Channel | None = None
        try:
            made = self._build(name, row, sends=sends)
        except ChannelRefused as error:
            reasons += error.reasons
        except LookupError:
            pass  # no such kind: `_against` has told so
        if reasons or made is None:
            raise ChannelRefused("; ".join(reasons), *reasons)
        return made

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

    def _build(self, name: str, row: _Row, *, sends: bool) -> Channel:
        kind = self._kinds(row.kind)
        config: Mapping[str, object] = json.loads(row.config)
        given = self._filled(config if sends else registry.without_keys(kind, config), name)
        try:
            return kind.build(Setup(name, self._world, given, f"{self._hooks}/hooks/{name}", self.clock))
        except ValidationError as error:
            found = [_mistake(one, kind) for one in error.errors(include_input=False)]
            says = f"channel {name} of kind {row.kind} is configured wrongly: {'; '.join(found)}"
            raise ChannelRefused(says, *found) from error

    def _filled(self, value: Any, channel: str) -> Any:
        if isinstance(value, str):
            for name, base in self._bases.items():
                value = value.replace(f"{{{name}}}", base)
            return self._secrets.fill(value, channel)
        if isinstance(value, dict | Mapping):
            return {key: self._filled(inner, channel) for key, inner in value.items()}
        return [self._filled(inner, channel) for inner in value] if isinstance(value, list) else value


def _mistake(one: Any, kind: Kind) -> str:
    """One mistake of a configuration: where, and what would be right."""
    where, says = ".".join(map(str, one["loc"])), one["msg"].removeprefix("Value error, ")
    known: type[BaseModel] | None = getattr(kind, "Config", None)
    if one["type"] == "extra_forbidden" and len(one["loc"]) == 1 and known is not None:
        says = f"unknown key; accepted here: {', '.join(known.model_fields) or 'none'}"
    return f"{where}: {says}" if where else says
