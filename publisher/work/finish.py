"""How are the approved texts finished? Slots filled from the release's clock, CAP signed, media drawn from filled texts.

Only here are bytes signed: an authentic warning that nobody approved must never exist. A failure stops the release.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, bindparam, insert, select, update

from publisher.core.manifest import sha256
from publisher.formats.sign import sign
from publisher.model import slots
from publisher.model.pack import Pack
from publisher.store.database import Tx
from publisher.store.tables import artefact
from publisher.work import media
from publisher.work.context import Hub
from publisher.work.surfaces import SOURCE


async def fill(hub: Hub, tx: Tx, of: str, pack: Pack, *, issued: datetime, public_id: str) -> None:
    """Store the final bytes and their hash for every artefact of bulletin `of`."""
    zone = ZoneInfo(pack.about.time_zone)
    rows = (await tx.execute(select(artefact).where(artefact.c.bulletin == of))).all()
    done: list[Mapping[str, Any]] = []
    drawn: list[Mapping[str, Any]] = []
    for row in rows:
        own = row.kind == SOURCE
        body = row.body if own else slots.fill_bytes(row.body, issued=issued, public_id=public_id, zone=zone)
        if row.kind == "cap":
            body = sign(body, hub.keys.key, hub.keys.certificate)
        done.append({"of": of, "named": row.name, "final": body, "final_hash": sha256(body)})
        drawn += _drawn(hub, row, body)
    statement = update(artefact).where(artefact.c.bulletin == bindparam("of"), artefact.c.name == bindparam("named"))
    await tx.execute(statement.values(final=bindparam("final"), final_hash=bindparam("final_hash")), done)
    if drawn:
        await tx.execute(insert(artefact), drawn)


def _drawn(hub: Hub, row: Row[Any], body: bytes) -> list[Mapping[str, Any]]:
    """Media that a filled text stands for, as further artefacts bound by that text's hash."""
    return [
        {
            "bulletin": row.bulletin,
            "name": one.name,
            "kind": row.kind,
            "section": row.section,
            "language": row.language,
            "media_type": one.media_type,
            "body": b"",
            "bound": row.bound,
            "derived": row.derived,
            "facts": {},
            "final": one.body,
            "final_hash": sha256(one.body),
        }
        for one in media.draw(row.name, row.derived, body, hub.font)
    ]
