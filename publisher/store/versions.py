"""Which policy is in force? Packs as immutable versions by content hash, one of them active."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select, update

from publisher.model.pack import Pack
from publisher.store import clock, ledger
from publisher.store.database import Tx
from publisher.store.tables import hub, pack_version

Loader = Callable[[Mapping[str, bytes]], Pack]


def _pack(files: Mapping[str, bytes]) -> bytes:
    return json.dumps({name: base64.b64encode(body).decode() for name, body in sorted(files.items())}).encode()


def _unpack(body: bytes) -> dict[str, bytes]:
    return {name: base64.b64decode(text) for name, text in json.loads(body).items()}


async def keep(tx: Tx, pack: Pack, files: Mapping[str, bytes], *, by: str) -> bool:
    """Store a checked pack's files under its hash, inert; whether it is new. The same hash again changes nothing."""
    known = select(pack_version.c.hash).where(pack_version.c.hash == pack.hash)
    if (await tx.execute(known)).first() is None:
        now = await clock.now(tx)
        row = {"hash": pack.hash, "name": pack.about.id, "files": _pack(files), "imported": now, "imported_by": by}
        await tx.execute(insert(pack_version).values(**row))
        await ledger.append(tx, actor=by, act="pack.import", subject=pack.hash, body={"name": pack.about.id})
        return True
    return False


async def listed(tx: Tx) -> Sequence[Any]:
    """Every version without its files, the newest first."""
    named = (pack_version.c.hash, pack_version.c.name, pack_version.c.imported, pack_version.c.imported_by)
    wanted = select(*named, pack_version.c.activated, pack_version.c.activated_by)
    return (await tx.execute(wanted.order_by(pack_version.c.imported.desc(), pack_version.c.hash))).all()


async def activate(tx: Tx, digest: str, by: Sequence[str]) -> None:
    """Make one version the active one, with the two people who did it in the ledger."""
    await tx.execute(
        update(pack_version)
        .where(pack_version.c.hash == digest)
        .values(activated=await clock.now(tx), activated_by=list(by))
    )
    await tx.execute(update(hub).values(pack=digest))
    await ledger.append(tx, actor=by[0], act="pack.activate", subject=digest, body={"by": list(by)})


async def active_hash(tx: Tx) -> str:
    """The active version's hash. Raises LookupError before the first activation."""
    digest: str | None = (await tx.execute(select(hub.c.pack))).scalar()
    if digest is None:
        raise LookupError("no policy pack is active yet")
    return digest


async def files_of(tx: Tx, digest: str) -> dict[str, bytes]:
    """The files of one version. Raises LookupError for an unknown hash."""
    body = (await tx.execute(select(pack_version.c.files).where(pack_version.c.hash == digest))).scalar()
    if body is None:
        raise LookupError(f"no pack version {digest}")
    return _unpack(body)


class Packs:
    """Checked packs by hash, each read once: versions never change."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader
        self._read: dict[str, Pack] = {}

    def remember(self, pack: Pack) -> None:
        """Spare reading again a pack that was just checked."""
        self._read[pack.hash] = pack

    async def get(self, tx: Tx, digest: str) -> Pack:
        """The pack of one version."""
        if digest not in self._read:
            self._read[digest] = self._loader(await files_of(tx, digest))
        return self._read[digest]

    async def active(self, tx: Tx) -> Pack:
        """The pack in force."""
        return await self.get(tx, await active_hash(tx))
