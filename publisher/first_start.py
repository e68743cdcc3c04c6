"""What must exist before a hub can run? World, pack, keys, and in the sandbox world a demo directory and one alert.

A second start finds everything and changes nothing.
"""

import fcntl
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select

from publisher.core.demo import Demo, load_demo
from publisher.formats import seal
from publisher.formats.sign import make_key
from publisher.intake.accept import receive
from publisher.model.directory import Officer
from publisher.model.pack import Pack
from publisher.model.words import World
from publisher.pack_files import version_files
from publisher.settings import Settings
from publisher.store import clock, directory, ledger, numbers, vault, versions
from publisher.store.database import Database, Tx
from publisher.store.tables import hub as hub_table
from publisher.store.types import DatabaseNow
from publisher.work.activation import sound
from publisher.work.context import Keys


class WrongWorld(Exception):
    """The database belongs to the other world; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Started:
    """What a start found or made; `fresh` is true the first time."""

    pack: Pack
    demo: Demo | None
    fresh: bool
    signins: Path | None = None


def read_keys(folder: Path, name: str) -> Keys:
    """The hub's keys and certificate under `folder`, made at first need (key files 0600)."""
    key, certificate, display = folder / "cap.key.pem", folder / "cap.cert.pem", folder / "display.key.pem"
    sealed = folder / "vault.key"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("wb") as lock:
        # Processes that share the folder make one set of keys between them.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not key.exists():
            private, public = make_key(name)
            certificate.write_bytes(public)
            write_secret(key, private)
        if not display.exists():
            write_secret(display, seal.make_key())
        if not sealed.exists():
            write_secret(sealed, vault.make_key())
    return Keys(key.read_bytes(), certificate.read_bytes(), display.read_bytes(), sealed.read_bytes())


def write_secret(path: Path, body: bytes) -> None:
    """Write a file that only its owner may read, never readable by others even for a moment."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(body)


async def prepare(db: Database, settings: Settings, packs: versions.Packs, *, passwords: bool = True) -> Started:
    """Bring an empty database to life, or check that a used one fits. Raises WrongWorld, LookupError or PackRefused."""
    async with db.write() as tx:
        # Locked first: the processes of a cluster start at the same moment, and one of them brings it to life.
        await numbers.take(tx, "first-start", 0)
        row = (await tx.execute(select(hub_table))).first()
        if row is not None:
            if row.world != settings.world:
                raise WrongWorld(f"this database is of the {row.world} world, the settings say {settings.world}")
            return Started(await packs.active(tx), None, fresh=False)
        return await _first(tx, settings, packs, passwords=passwords)


async def _first(tx: Tx, settings: Settings, packs: versions.Packs, *, passwords: bool) -> Started:
    started = (await tx.execute(select(DatabaseNow()))).scalar_one()
    row = {"id": 1, "world": settings.world.value, "clock_offset": 0, "held": False, "started": started}
    await tx.execute(insert(hub_table).values(**row))
    files = version_files(settings.pack)
    pack = sound(files)
    packs.remember(pack)
    await versions.keep(tx, pack, files, by="first start")
    await versions.activate(tx, pack.hash, ("first start", "first start"))
    await ledger.append(tx, actor="hub", act="hub.first-start", subject="hub", body={"world": settings.world.value})
    if settings.world is not World.SANDBOX:
        return Started(pack, None, fresh=True)
    demo = load_demo(files, pack)
    signins = await _fill(tx, demo, settings, passwords=passwords)
    return Started(pack, demo, fresh=True, signins=signins)


async def _fill(tx: Tx, demo: Demo, settings: Settings, *, passwords: bool) -> Path | None:
    secrets_of: dict[str, str] = {one.id: secrets.token_urlsafe(9) for one in demo.officers} if passwords else {}
    await directory.put_officers(tx, _hashed(demo.officers, secrets_of))
    await directory.put_sources(tx, demo.sources)
    await directory.put_contacts(tx, demo.contacts)
    await directory.put_endpoints(tx, demo.endpoints)
    channels = [(one.name, one.kind, World.SANDBOX.value, one.config) for one in demo.channels]
    await directory.put_channels(tx, channels)
    if not passwords:
        return None
    settings.data.mkdir(parents=True, exist_ok=True)
    path = settings.data / "demo-signins.txt"
    write_secret(path, _signins(demo.officers, secrets_of).encode())
    return path


def _hashed(officers: tuple[Officer, ...], secrets_of: Mapping[str, str]) -> list[tuple[Officer, str | None]]:
    """Officers with their password's hash. A story needs none, and is spared what a good hash costs."""
    if not secrets_of:
        return [(one, None) for one in officers]
    from publisher.web.tokens import hash_password

    return [(one, hash_password(secrets_of[one.id])) for one in officers]


def _signins(officers: tuple[Officer, ...], secrets_of: Mapping[str, str]) -> str:
    lines = [f"{one.id:<16} {secrets_of[one.id]:<16} {', '.join(sorted(one.roles))}  ({one.name})" for one in officers]
    return "\n".join(["sign-in          password         roles", *lines, ""])


_TIMES = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d)")


def restamp(body: bytes, now: datetime, zone: ZoneInfo) -> bytes:
    """The demo alert moved to `now`: every CAP time keeps its distance from `sent`, the identifier gets a new stamp.

    Times written inside the Chinese or English text are moved with it; `{original}` in its note tells from when.
    """
    stamps = [datetime.fromisoformat(one.decode()) for one in _TIMES.findall(body)]
    if not stamps:
        return body
    first = min(stamps)
    shift = now.astimezone(zone).replace(microsecond=0) - first

    def moved(match: re.Match[bytes]) -> bytes:
        return (
            (datetime.fromisoformat(match[1].decode()) + shift).astimezone(zone).isoformat(timespec="seconds").encode()
        )

    local = first.astimezone(zone)
    new = (first + shift).astimezone(zone)
    body = _TIMES.sub(moved, body)
    for form in ("%Y年%m月%d日%H时%M分", "%Y%m%d%H%M%S", "%H:%M on %d %B %Y"):
        body = body.replace(local.strftime(form).encode(), new.strftime(form).encode())
    return body.replace(b"{original}", local.strftime("%Y-%m-%d %H:%M").encode())


async def waiting_alert(db: Database, started: Started) -> None:
    """Put the demo's weather alert, re-stamped to now, into the inbox by the ordinary way in."""
    if started.demo is None or not started.demo.alert:
        return
    async with db.read() as tx:
        now = await clock.now(tx)
        sources = await directory.sources(tx)
    zone = ZoneInfo(started.pack.about.time_zone)
    raw = restamp(started.demo.alert, now, zone)
    source = next((one for one in sources.values() if one.relay), next(iter(sources.values())))
    await receive(db, raw, source=source, pack=started.pack, media_type="application/cap+xml")
