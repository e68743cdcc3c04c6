"""How are the approved texts finished? Slots filled from the release's clock, CAP signed, media drawn from filled texts.

Only here are bytes signed: an authentic warning that nobody approved must never exist. A failure stops the release.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, bindparam, insert, select, update

from publisher.core.manifest import sha256
from publisher.formats.outgoing import site
from publisher.formats.resources import SPOKEN, Resource, with_resources
from publisher.formats.sign import sign
from publisher.model import slots
from publisher.model.pack import Pack
from publisher.model.words import Mode
from publisher.store.database import Tx
from publisher.store.tables import artefact
from publisher.work import media
from publisher.work.context import Hub
from publisher.work.relayed import SOURCE


async def fill(
    hub: Hub,
    tx: Tx,
    of: str,
    pack: Pack,
    *,
    issued: datetime,
    public_id: str,
    mode: Mode,
    only: Sequence[str] | None = None,
) -> None:
    """Store the final bytes and their hash for every artefact of bulletin `of`, or for those named in `only`.

    CAP comes last, for it names the others.
    """
    zone = ZoneInfo(pack.about.time_zone)
    wanted = select(artefact).where(artefact.c.bulletin == of)
    rows = (await tx.execute(wanted if only is None else wanted.where(artefact.c.name.in_(only)))).all()
    done: list[Mapping[str, Any]] = []
    drawn: list[Mapping[str, Any]] = []
    for row in sorted(rows, key=lambda one: one.kind == "cap"):
        own = row.kind == SOURCE or _is_sound(row.name)
        body = row.body if own else slots.fill_bytes(row.body, issued=issued, public_id=public_id, zone=zone)
        if row.kind == "cap":
            spoken = _spoken([*done, *drawn], f"{site(hub.public_url, mode)}/cap/{public_id}")
            body = sign(with_resources(body, spoken), hub.keys.key, hub.keys.certificate)
        done.append(
            {"of": of, "named": row.name, "media_type": row.media_type, "final": body, "final_hash": sha256(body)}
        )
        drawn += _drawn(hub, row, body)
    statement = update(artefact).where(artefact.c.bulletin == bindparam("of"), artefact.c.name == bindparam("named"))
    values = [{key: value for key, value in one.items() if key != "media_type"} for one in done]
    await tx.execute(statement.values(final=bindparam("final"), final_hash=bindparam("final_hash")), values)
    if drawn:
        await tx.execute(insert(artefact), drawn)


def _spoken(made: Sequence[Mapping[str, Any]], base: str) -> list[Resource]:
    """The warning as sound, as CAP names it: where it will be, and the digest of its bytes."""
    found = {str(one.get("name") or one["named"]): one for one in made}
    return [
        Resource(name.split(".")[1], "Audio", one["media_type"], f"{base}/{name}", one["final"])
        for name, one in sorted(found.items())
        if _is_sound(name)
    ]


def _is_sound(name: str) -> bool:
    """Whether an artefact is the warning spoken, made before the release; its script is a text like another."""
    return name.startswith(SPOKEN) and not name.endswith(".txt")


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
