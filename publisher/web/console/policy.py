"""Which policy is in force, and how does another one get there? Versions, what they change, a trial, two yeses."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from aiohttp import web
from sqlalchemy import select

from publisher.core.packs import FILES
from publisher.pack_files import pack_folder
from publisher.settings import resource
from publisher.store import versions
from publisher.store.packs import NotAPackFolder, read_folder
from publisher.store.tables import pack_report
from publisher.web.api.policies import imported, unpacked
from publisher.web.console.shell import Scene
from publisher.web.errors import Problem, Reason, simple
from publisher.work import activation
from publisher.work.activation import Seen

WHOLE = "zip"
"""How a form says that its file is a whole pack."""


async def show(scene: Scene) -> web.Response:
    """Every version, and the packs on this machine that can be imported."""
    async with scene.at.hub.db.read() as tx:
        rows = await versions.listed(tx)
        decided = {row.hash: await activation.history(tx, row.hash) for row in rows}
    return scene.page(
        "policy.html", rows=rows, decided=decided, installed=installed(), parts=FILES, active=scene.pack.hash
    )


def installed() -> list[str]:
    """The packs under `policies/` on this machine."""
    return sorted(one.parent.name for one in resource("policies").glob("*/pack.yaml"))


async def take_in(scene: Scene) -> str:
    """Import one of the machine's packs as a version that does nothing yet."""
    name = str(scene.form.get("name", ""))
    if name not in installed():
        raise simple(422, "invalid", f"choose one of {', '.join(installed())}", where="name")
    try:
        files = read_folder(pack_folder(name))
    except NotAPackFolder as refused:
        raise Problem(422, "pack-refused", (Reason("pack-folder", str(refused)),)) from refused
    return await _kept(scene, files)


async def upload(scene: Scene) -> str:
    """Import a file from the officer's own desk: a whole pack as a zip, or one file in the place of the one in force."""
    part, data = str(scene.form.get("part", "")), scene.files.get("file", b"")
    if not data:
        raise simple(422, "invalid", scene.words("policy.no_file"), where="file")
    if part == WHOLE:
        return await _kept(scene, unpacked(data))
    if part not in FILES:
        raise simple(422, "invalid", f"choose one of {', '.join((WHOLE, *FILES))}", where="part")
    async with scene.at.hub.db.read() as tx:
        files = await versions.files_of(tx, scene.pack.hash)
    return await _kept(scene, {**files, part: data})


async def _kept(scene: Scene, files: Mapping[str, bytes]) -> str:
    pack, _ = await imported(scene.at.hub, files, scene.me)
    return _address(pack.hash)


def _address(version: str) -> str:
    return f"/console/policy/{version}"


async def version(scene: Scene) -> web.Response:
    """One version: what it changes and what past warnings would have become, once somebody asked for it."""
    wanted = scene.path("id")
    async with scene.at.hub.db.read() as tx:
        row = next((one for one in await versions.listed(tx) if one.hash == wanted), None)
        if row is None:
            raise simple(404, "missing", f"no pack version {wanted}")
        digests = [scene.request.query.get(name, "") for name in ("diff", "simulation")]
        found = await tx.execute(
            select(pack_report).where(pack_report.c.digest.in_(digests), pack_report.c.pack == wanted)
        )
        reports = {one.kind: one for one in found}
        decided = await activation.history(tx, wanted)
    return scene.page("policy_version.html", row=row, reports=reports, decided=decided, active=scene.pack.hash)


async def look(scene: Scene) -> str:
    """Make both reports and show them."""
    wanted = scene.path("id")
    diff = await activation.compare(scene.at.hub, wanted, by=scene.me)
    simulation = await activation.rehearse(scene.at.hub, wanted, by=scene.me)
    return f"{_address(wanted)}?diff={diff.digest}&simulation={simulation.digest}"


async def say_yes(scene: Scene) -> str:
    """Say yes to the two reports on the page."""
    wanted, form = scene.path("id"), scene.form
    if not (form.get("read_diff") and form.get("read_simulation")):
        raise simple(422, "invalid", scene.words("policy.read_first"))
    seen = Seen(str(form.get("diff", "")), str(form.get("simulation", "")))
    await activation.say_yes(scene.at.hub, wanted, seen, by=scene.me, effective=_effective(scene))
    scene.at.hub.bell.ring_here()
    return "/console/policy"


def _effective(scene: Scene) -> datetime | None:
    """The time typed, in the pack's zone; none means at the second yes. Raises Problem 422."""
    text = str(scene.form.get("effective", "")).strip()
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(scene.pack.about.time_zone)) if text else None
    except ValueError as bad:
        raise simple(422, "invalid", "a time is written 2026-07-21T02:30", where="effective") from bad


async def withdraw(scene: Scene) -> str:
    """Take back what is not in force yet."""
    await activation.withdraw(scene.at.hub, scene.path("id"), by=scene.me, reason=scene.reason())
    return "/console/policy"
