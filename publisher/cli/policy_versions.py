"""`tocsin policy import|activate`: another version into a hub that is not running, and into force by two people.

Each act is an officer's own and asks for the password (or takes it from TOCSIN_PASSWORD).
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from publisher.cli.packs import files_of, mistakes
from publisher.cli.policy_simulate import show
from publisher.cli.shared import BAD, USAGE, DataOption, fail, no_hub_at, out

if TYPE_CHECKING:
    from publisher.model.directory import Officer
    from publisher.work.context import Hub

AsOption = Annotated[str, typer.Option("--as", help="The officer who does it; the password is asked for.")]
Deed = Callable[["Hub", "Officer"], Awaitable[Any]]


def import_(
    pack: Annotated[str, typer.Argument(help="A pack's name or folder.")], officer: AsOption, data: DataOption = None
) -> None:
    """Import a pack with its templates as an immutable version; it does nothing until two people put it in force."""
    from publisher.core.packs import PackRefused
    from publisher.work import activation

    files = files_of(pack)

    async def deed(hub: "Hub", by: "Officer") -> tuple[Any, bool]:
        return await activation.take_in(hub, files, by=by)

    try:
        made, new = _as(officer, data, "policy.import", deed)
    except PackRefused as error:
        mistakes(files, error.errors)
        raise typer.Exit(BAD) from error
    out().print(f"{made.about.id}: version {made.hash}{'' if new else ' (there already)'}", markup=False)
    out().print(f"In force after two people: tocsin policy activate {made.hash[:12]} --as OFFICER", markup=False)


def activate(
    version: Annotated[str, typer.Argument(help="A version's hash, or how it begins.")],
    officer: AsOption,
    yes: Annotated[bool, typer.Option("--yes", help="You have read both reports; do not ask.")] = False,
    effective: Annotated[datetime | None, typer.Option(help="From when, in the pack's zone; default: at once.")] = None,
    data: DataOption = None,
) -> None:
    """Show what a version changes and what past warnings would have become; then say yes. The second yes counts."""
    done = _as(officer, data, "policy.activate", lambda hub, by: _yes(hub, by, version, yes, effective))
    if done is None:
        raise fail("nothing was done")
    told = {"active": "in force", "confirmed": f"in force from {done.effective}"}
    out().print(f"{done.pack[:12]}: {told.get(done.state, 'proposed; a second person puts it in force')}", markup=False)


async def _yes(hub: "Hub", by: "Officer", version: str, sure: bool, effective: datetime | None) -> Any:
    from zoneinfo import ZoneInfo

    from publisher.store.codec import load
    from publisher.work import activation
    from publisher.work.activation import Seen
    from publisher.work.replay import Report

    wanted, zone = await _version(hub, version)
    changes = await activation.compare(hub, wanted, by=by)
    past = await activation.rehearse(hub, wanted, by=by)
    for one in changes.body["changes"]:
        out().print(
            f"{one['where']}  {one['kind']}  {one['entry']} {one['path']}: {one['before']} → {one['after']}",
            markup=False,
        )
    show(load(Report, past.body))
    if not (sure or typer.confirm("You have read both. Put it in force?")):
        return None
    at = effective.replace(tzinfo=ZoneInfo(zone)) if effective else None
    return await activation.say_yes(hub, wanted, Seen(changes.digest, past.digest), by=by, effective=at)


async def _version(hub: "Hub", version: str) -> tuple[str, str]:
    from publisher.store import versions

    async with hub.db.read() as tx:
        found = [row.hash for row in await versions.listed(tx) if row.hash.startswith(version)]
        zone = (await hub.packs.active(tx)).about.time_zone
    if len(found) != 1:
        raise fail(f"{len(found)} versions begin with {version}; `tocsin policy import` prints the whole hash")
    return found[0], zone


def _as(officer: str, data: Any, action: str, deed: Deed) -> Any:
    """What the officer's deed answers on a hub that is not running. Raises an exit for a wrong password or role."""
    from publisher.app import CannotStart, running
    from publisher.settings import Settings
    from publisher.work.bulletins import Conflict, Missing

    settings = Settings(data=data, redis=False) if data is not None else Settings(redis=False)
    if no_hub_at(settings.database):
        raise fail(f"no hub at {settings.data}: start one with `tocsin serve --data {settings.data}`", USAGE)
    password = os.environ.get("TOCSIN_PASSWORD") or typer.prompt("Password", hide_input=True)

    async def run() -> Any:
        async with running(settings, headless=True, with_web=False, with_work=False) as run:
            return await deed(run.hub, await _officer(run.hub, officer, password, action))

    try:
        return asyncio.run(run())
    except (CannotStart, Conflict, Missing) as error:
        raise fail(str(error)) from error


async def _officer(hub: "Hub", name: str, password: str, action: str) -> "Officer":
    from sqlalchemy import select

    from publisher.store import directory
    from publisher.store.tables import officer
    from publisher.web.principal import RULES
    from publisher.web.tokens import password_fits

    async with hub.db.read() as tx:
        row = (await tx.execute(select(officer.c.password).where(officer.c.id == name, officer.c.active))).first()
        known = {str(one.id): one for one in await directory.officers(tx)}
    if not password_fits(row.password if row else None, password):
        raise fail("this officer and password do not fit")
    if not known[name].roles & RULES[action]:
        raise fail(f"{action} needs one of these roles: {', '.join(sorted(RULES[action]))}")
    return known[name]
