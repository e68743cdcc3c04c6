"""What do pull surfaces show now? Makes every page of every pull channel from what is in force, in the caller's transaction.

Only pages whose bytes changed get a new sequence number, so a poller's ETag changes exactly when the content does.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, exists, insert, select, update

from channels.base import Entry, Page, Pull, Surface, Trust
from publisher.formats import bundle, seal
from publisher.model.directory import Endpoint
from publisher.model.pack import Pack
from publisher.model.words import Act, Mode
from publisher.store import clock, directory, news, numbers
from publisher.store.database import Tx
from publisher.store.tables import artefact, batch, bulletin, page, warning, wave
from publisher.work import beside, bulletins
from publisher.work.context import Hub, Keys


async def materialise(hub: Hub, tx: Tx, pack: Pack) -> int:
    """Bring the page table up to date; how many pages changed."""
    # Locked before anything is read: on PostgreSQL two at once would each write what they saw before the other committed.
    sequence = await numbers.take(tx, "page", 0)
    now = await clock.now(tx)
    trust = trust_of(hub.keys)
    changed = 0
    for exercise in (False, True):
        entries = await _entries(tx, pack, exercise, now)
        places = await _places(tx, exercise)
        told = await news.latest(tx, exercise=exercise)
        for name, channel in (await hub.channels.pulls(tx)).items():
            surface = Surface(entries, places, pack, now, hub.public_url, exercise, sequence, trust, told)
            changed += await _write(hub, tx, _owner(name, exercise), channel, surface)
    return changed


def trust_of(keys: Keys) -> Trust:
    """How the pages prove where they are from."""
    return Trust(lambda body: seal.seal(body, keys.display), seal.public_of(keys.display), keys.certificate)


def _owner(name: str, exercise: bool) -> str:
    return f"exercise/{name}" if exercise else name


async def _places(tx: Tx, exercise: bool) -> Sequence[Endpoint]:
    if not exercise:
        return await directory.endpoints(tx, mode=Mode.ACTUAL)
    return [*await directory.endpoints(tx, mode=Mode.EXERCISE), *await directory.endpoints(tx, mode=Mode.TEST)]


async def _entries(tx: Tx, pack: Pack, exercise: bool, now: datetime) -> tuple[Entry, ...]:
    listed = [
        row
        for row in await _candidates(tx, exercise, now - timedelta(minutes=pack.about.lift_shown_minutes))
        if _shown_until(row, pack) > now or row.until_lifted
    ]
    shown = await beside.declared(tx, pack)
    files = beside.on_pages(
        await _files(tx, [row.id for row in listed]), {row.id: shown.get(row.warning) for row in listed}
    )
    found = [
        Entry(
            bulletin=(one := bulletins.of(row)),
            public_id=row.public_id,
            issued=row.released,
            active=not one.content.act.ends,
            shown_until=_shown_until(row, pack),
            files=files.get(row.id, {}),
        )
        for row in listed
    ]
    return tuple(sorted(found, key=lambda entry: (entry.issued, entry.public_id), reverse=True))


async def _candidates(tx: Tx, exercise: bool, since: datetime) -> Sequence[Row[Any]]:
    """Bulletins in force, and ends released lately, that have a released wave.

    A withdrawal says again what it put back, so it leaves as soon as something newer speaks for its warning.
    """
    modes = [Mode.EXERCISE.value, Mode.TEST.value] if exercise else [Mode.ACTUAL.value]
    in_force = warning.c.current == bulletin.c.id
    newer = bulletin.alias()
    outdated = exists().where(
        newer.c.warning == bulletin.c.warning, newer.c.version > bulletin.c.version, newer.c.released.is_not(None)
    )
    ended_lately = bulletin.c.act.in_((Act.LIFT.value, Act.RETRACT.value)) & (bulletin.c.released > since) & ~outdated
    wanted = (
        select(bulletin, (bulletin.c.content["until_lifted"].as_boolean()).label("until_lifted"))
        .join(warning, warning.c.id == bulletin.c.warning)
        .where(bulletin.c.state == "released", bulletin.c.mode.in_(modes), in_force | ended_lately)
        .where(select(wave.c.id).where(wave.c.bulletin == bulletin.c.id, wave.c.state == "released").exists())
    )
    return (await tx.execute(wanted)).all()


def _shown_until(row: Row[Any], pack: Pack) -> datetime:
    expires: datetime = row.expires
    if row.act in (Act.LIFT.value, Act.RETRACT.value):
        kept: datetime = row.released + timedelta(minutes=pack.about.lift_shown_minutes)
        return max(kept, expires)
    return expires


SHOWN_BY = {"cap": "feed", "cap-cn": "feed", "feed": "feed", "source": "feed", "broadcast": "station", "led": "screen"}
"""Artefact kind -> the medium whose wave must be out before anyone may fetch it."""


async def _out(tx: Tx, wanted: Sequence[str]) -> frozenset[tuple[str, str]]:
    """(bulletin, medium) of every wave that is released."""
    found = await tx.execute(
        select(batch.c.bulletin, batch.c.medium).where(batch.c.bulletin.in_(wanted), batch.c.released).distinct()
    )
    return frozenset((row.bulletin, row.medium) for row in found)


async def _files(tx: Tx, wanted: Sequence[str]) -> beside.Files:
    found: dict[str, dict[str, tuple[str, bytes]]] = {}
    out = await _out(tx, wanted)
    rows = await tx.execute(
        select(artefact.c.bulletin, artefact.c.name, artefact.c.kind, artefact.c.media_type, artefact.c.final).where(
            artefact.c.bulletin.in_(wanted), artefact.c.final.is_not(None)
        )
    )
    for row in rows:
        if (row.bulletin, SHOWN_BY.get(row.kind, "")) in out:
            found.setdefault(row.bulletin, {})[row.name] = (row.media_type, row.final)
    return found


async def _write(hub: Hub, tx: Tx, owner: str, channel: Pull, surface: Surface) -> int:
    made = {one.path: one for one in channel.materialise(surface)}
    known = {
        row.path: row
        for row in await tx.execute(select(page.c.path, page.c.etag, page.c.gone).where(page.c.owner == owner))
    }
    changed = [
        one
        for path, one in made.items()
        if path not in known or _content(known[path].etag) != _hash(one, hub) or known[path].gone != one.gone
    ]
    left = [path for path, row in known.items() if path not in made and not row.gone]
    if not changed and not left:
        return 0
    seq = await numbers.take(tx, "page", len(changed) + len(left)) - len(changed) - len(left)
    rows = [_row(hub, owner, one, number, surface.now) for number, one in enumerate(changed, start=seq + 1)]
    await _put(tx, [row for row in rows if row["path"] not in known], [row for row in rows if row["path"] in known])
    for number, path in enumerate(left, start=seq + len(changed) + 1):
        empty = {"gone": True, "body": b"", "etag": "", "visible_from": surface.now, "seq": number}
        await tx.execute(update(page).where(page.c.path == path).values(**empty))
    return len(changed) + len(left)


def etag(one: Page, key: str = "") -> str:
    """What tells a page's content apart: its type, its bytes before they are numbered, and the name of the sealing `key`."""
    return hashlib.sha256(f"{one.media_type}\0{key}".encode() + one.body).hexdigest()[:32]


def _hash(one: Page, hub: Hub) -> str:
    return etag(one, bundle.key_id(seal.public_of(hub.keys.display)) if one.sealed else "")


def _content(stored: str) -> str:
    """The part of a stored ETag that tells the content apart."""
    return stored.partition("-")[0]


def _row(hub: Hub, owner: str, one: Page, seq: int, now: datetime) -> dict[str, Any]:
    """A page's row. A sealed one is numbered with `seq`, so that its ETag never comes back either."""
    return {
        "path": one.path,
        "owner": owner,
        "etag": f"{_hash(one, hub)}-{seq}" if one.sealed else _hash(one, hub),
        "media_type": one.media_type,
        "body": bundle.playlist(json.loads(one.body), seq, hub.keys.display) if one.sealed else one.body,
        "visible_from": now,
        "expires": one.expires,
        "gone": one.gone,
        "seq": seq,
    }


async def _put(tx: Tx, fresh: Sequence[dict[str, Any]], known: Sequence[dict[str, Any]]) -> None:
    """Write whole rows, all of a kind in one statement: a release changes a hundred pages at once."""
    if fresh:
        await tx.execute(insert(page), list(fresh))
    if known:
        changes: dict[str, Any] = {name: bindparam(f"new_{name}") for name in known[0] if name != "path"}
        statement = update(page).where(page.c.path == bindparam("at")).values(**changes)
        rows = [{"at": row["path"], **{f"new_{name}": row[name] for name in changes}} for row in known]
        await tx.execute(statement, rows)
