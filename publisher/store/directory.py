"""Who can be told and who may act? Officers, sources, contacts, endpoints and channels as rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, Table, Text, cast, delete, insert, select

from publisher.model.directory import EVERYTHING, Contact, Endpoint, Officer, Scope, Source
from publisher.model.words import OfficerId, UnitId
from publisher.store.codec import dump, load, load_all
from publisher.store.database import Tx
from publisher.store.tables import channel, contact, endpoint, officer, source


async def _replace(tx: Tx, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    await tx.execute(delete(table))
    if rows:
        await tx.execute(insert(table), [dict(row) for row in rows])


async def put_officers(tx: Tx, officers: Iterable[tuple[Officer, str | None]]) -> None:
    """Replace all officers; each comes with the argon2 hash of a password, or None."""
    rows = [
        {
            "id": who.id,
            "name": who.name,
            "unit": who.unit,
            "roles": sorted(who.roles),
            "scope": dump(who.scope),
            "password": secret,
            "active": True,
        }
        for who, secret in officers
    ]
    await _replace(tx, officer, rows)


async def officers(tx: Tx) -> tuple[Officer, ...]:
    """Every active officer."""
    found = await tx.execute(select(officer).where(officer.c.active).order_by(officer.c.id))
    return tuple(person_of(row) for row in found)


def person_of(row: Row[Any]) -> Officer:
    """An officer from a row of theirs."""
    scope = load(Scope, row.scope) if row.scope else EVERYTHING
    return Officer(OfficerId(row.id), row.name, frozenset(row.roles), UnitId(row.unit), scope)


async def officer_of(tx: Tx, who: str) -> Officer | None:
    """One active officer."""
    return next((found for found in await officers(tx) if found.id == OfficerId(who)), None)


async def put_sources(tx: Tx, sources: Iterable[Source]) -> None:
    """Replace all sources."""
    await _replace(tx, source, [{"id": one.id, "body": dump(one), "active": True} for one in sources])


async def sources(tx: Tx) -> Mapping[str, Source]:
    """Every active source by id."""
    found = await tx.execute(select(source.c.body).where(source.c.active))
    loaded = (load(Source, row.body) for row in found)
    return {one.id: one for one in loaded}


async def put_contacts(tx: Tx, contacts: Iterable[Contact]) -> None:
    """Replace all contacts."""
    await _replace(tx, contact, [{"id": one.id, "unit": one.unit, "body": dump(one)} for one in contacts])


async def contacts(tx: Tx) -> Mapping[str, Contact]:
    """Every contact by id."""
    return {one.id: one for one in (load(Contact, row.body) for row in await tx.execute(select(contact.c.body)))}


async def put_endpoints(tx: Tx, endpoints: Iterable[Endpoint]) -> None:
    """Replace the whole endpoint registry."""
    await _replace(tx, endpoint, [_endpoint(one) for one in endpoints])


async def add_endpoints(tx: Tx, endpoints: Iterable[Endpoint]) -> None:
    """Add endpoints, or put them in the place of those of the same id."""
    rows = [_endpoint(one) for one in endpoints]
    await tx.execute(delete(endpoint).where(endpoint.c.id.in_([row["id"] for row in rows])))
    if rows:
        await tx.execute(insert(endpoint), [dict(row) for row in rows])


def _endpoint(one: Endpoint) -> Mapping[str, Any]:
    return {
        "id": one.id,
        "medium": one.medium.value,
        "mode": one.mode.value,
        "state": one.state,
        "address": one.address,
        "unit": one.unit,
        "contact": one.contact,
        "body": dump(one),
    }


async def revoke(tx: Tx, ids: Iterable[str]) -> None:
    """Endpoints that have ended by themselves, such as a browser's: nothing is sent there again."""
    wanted = select(endpoint.c.body).where(endpoint.c.id.in_(list(ids)))
    ended = [replace(load(Endpoint, body), state="revoked") for body in (await tx.execute(wanted)).scalars()]
    await add_endpoints(tx, ended)


async def endpoints(tx: Tx, *, mode: str) -> tuple[Endpoint, ...]:
    """Every verified endpoint of one mode: an endpoint of another mode cannot even be seen by a plan."""
    body = cast(endpoint.c.body, Text)
    wanted = select(body).where(endpoint.c.mode == mode, endpoint.c.state == "verified").order_by(endpoint.c.id)
    return load_all(Endpoint, (await tx.execute(wanted)).scalars())


async def registry(tx: Tx) -> Mapping[str, Endpoint]:
    """Every endpoint by id, of any mode and state."""
    wanted = select(endpoint.c.state, cast(endpoint.c.body, Text).label("body")).order_by(endpoint.c.id)
    rows = (await tx.execute(wanted)).all()
    found = zip(load_all(Endpoint, (row.body for row in rows)), rows, strict=True)
    return {one.id: replace(one, state=row.state) for one, row in found}


async def put_channels(tx: Tx, channels: Iterable[tuple[str, str, str, Mapping[str, object]]]) -> None:
    """Replace all channels, each (name, kind, world, config)."""
    rows = [
        {"name": name, "kind": kind, "world": world, "config": dict(config), "paused": False}
        for name, kind, world, config in channels
    ]
    await _replace(tx, channel, rows)
