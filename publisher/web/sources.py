"""Who may send alerts in, and with which keys? A file adds sources and changes those it names; one goes with a reason.

A key is made and told once; the old ones stay until somebody ends them, so that a source can change over.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select, update

from publisher.core import demo
from publisher.core.approval import Denied
from publisher.core.pack_errors import PackRefused
from publisher.model.directory import Officer, Source
from publisher.model.pack import Pack
from publisher.store import directory, ledger
from publisher.store.codec import dump
from publisher.store.conflict import put
from publisher.store.database import Tx
from publisher.store.tables import source, token
from publisher.web.tokens import hash_of, make_token
from publisher.work.bulletins import Missing, Refused
from publisher.work.difference import Diff, between, mistake
from publisher.work.submit import Blocked

FILE = "sources.yaml"
SHORT = 16
"""Characters of a key's hash that name it; 64 bits, which nobody guesses and no two keys share."""
BEARER = "bearer"


async def compare(tx: Tx, data: bytes, *, pack: Pack, by: Officer) -> Diff[Source]:
    """What `data` (YAML, as a demo's `sources.yaml`) would change. Raises Blocked with every mistake, Refused."""
    return between(await directory.sources(tx), _read(data, pack, by))


async def take(tx: Tx, data: bytes, digest: str, *, pack: Pack, by: Officer) -> Diff[Source]:
    """Carry out exactly the diff that was looked at. Raises Conflict when the list has changed since, and the same."""
    given = _read(data, pack, by)
    diff = between(await directory.sources(tx), given)
    diff.looked_at(digest)
    for name in diff.touched:
        await put(tx, source, {"id": name}, {"body": dump(given[name]), "active": True})
    await ledger.append(tx, actor=by.id, act="source.take", subject="sources", body=diff.told())
    return diff


def _read(data: bytes, pack: Pack, by: Officer) -> Mapping[str, Source]:
    if "admin" not in by.roles:
        raise Refused((Denied("NOT_YOURS", "an administrator keeps the sources"),))
    try:
        return {one.id: one for one in demo.read_sources(FILE, data, pack)}
    except PackRefused as refused:
        raise Blocked(tuple(map(mistake, refused.errors))) from refused


async def end(tx: Tx, wanted: str, reason: str, *, by: str) -> None:
    """Take a source out: its keys end with it, and what it sends is refused. Raises Missing."""
    await _known(tx, wanted)
    await tx.execute(update(source).where(source.c.id == wanted).values(active=False))
    await tx.execute(token.delete().where(_key_of(wanted)))
    await ledger.append(tx, actor=by, act="source.end", subject=wanted, body={"reason": reason})


async def keys(tx: Tx) -> Mapping[str, Sequence[Row[Any]]]:
    """Source -> rows of its keys, the newest first."""
    wanted = select(token).where(token.c.source.is_not(None), token.c.kind == BEARER)
    found: dict[str, list[Row[Any]]] = {}
    for row in await tx.execute(wanted.order_by(token.c.created.desc())):
        found.setdefault(row.source, []).append(row)
    return found


async def give_key(tx: Tx, wanted: str, *, by: str) -> str:
    """One more key of a source, told this once. Raises Missing."""
    await _known(tx, wanted)
    secret = await make_token(tx, source=wanted)
    await ledger.append(tx, actor=by, act="source.key", subject=wanted, body={"key": hash_of(secret)[:SHORT]})
    return secret


async def end_key(tx: Tx, wanted: str, key: str, reason: str, *, by: str) -> None:
    """Nobody gets in with it from now on; `key`: the beginning of its hash. Raises Missing for none of this source's."""
    mine = _key_of(wanted) & token.c.hash.startswith(key, autoescape=True)
    if len(key) != SHORT or (await tx.execute(token.delete().where(mine))).rowcount != 1:
        raise Missing(f"source {wanted} has no key {key}")
    await ledger.append(tx, actor=by, act="source.key-end", subject=wanted, body={"key": key, "reason": reason})


def _key_of(wanted: str) -> Any:
    return (token.c.source == wanted) & (token.c.kind == BEARER)


async def _known(tx: Tx, wanted: str) -> None:
    if wanted not in await directory.sources(tx):
        raise Missing(f"no source {wanted}")
