"""How does another policy come into force, over the API? Versions, what they change, a trial on the past, two yeses."""

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from pydantic import AwareDatetime, Field
from sqlalchemy import Row

from publisher.core.packs import PackRefused
from publisher.model.directory import Officer
from publisher.store import versions
from publisher.web.api.models import Answer, Asked, Because, Done, Listed
from publisher.web.context import Call
from publisher.web.errors import Problem, Reason
from publisher.web.routes import Reply, Route
from publisher.work import activation
from publisher.work.activation import Seen
from publisher.work.context import Hub

LARGEST = 16 * 1024 * 1024
MOST_FILES = 2000


class ImportIn(Asked):
    """A pack's files, or a zip of its folder as the body."""

    files: dict[str, str] = Field(default_factory=dict, description="Name inside the folder -> text.")


class VersionOut(Answer):
    """A version of a pack."""

    hash: str
    pack: str
    new: bool


class SimulateIn(Asked):
    """Which version to try, on which past: the hub's own alerts when no archive is given."""

    version: str
    archive: list[dict[str, Any]] | None = Field(None, max_length=5000)


class ReportOut(Answer):
    """What was found, under the digest that `activate` asks for."""

    digest: str
    version: str
    against: str
    body: dict[str, Any]


class ActivateIn(Asked):
    """One person's yes to two reports they looked at."""

    diff: str = Field(description="Digest of the diff that was read.")
    simulation: str = Field(description="Digest of the simulation that was read.")
    effective: AwareDatetime | None = Field(None, description="When it shall hold; at the second yes if left out.")


class ActivationOut(Answer):
    """Where a version stands on its way into force."""

    version: str
    state: str
    proposed_by: str
    confirmed_by: str | None
    effective: AwareDatetime | None


async def listed(call: Call) -> Reply:
    """Every version kept, the newest first; one of them is in force."""
    async with call.hub.db.read() as tx:
        active = await versions.active_hash(tx)
        rows = await versions.listed(tx)
        items = [{**_version(row, active), "decided": await _decided(tx, row.hash)} for row in rows]
    return Reply(Listed(items=items))


def _version(row: Row[Any], active: str) -> dict[str, Any]:
    at = row.activated.isoformat() if row.activated else None
    named = {"version": row.hash, "pack": row.name, "in_force": row.hash == active}
    return {**named, "imported": row.imported.isoformat(), "imported_by": row.imported_by, "activated": at}


async def _decided(tx: Any, wanted: str) -> list[dict[str, Any]]:
    return [_decision(row).model_dump(mode="json") for row in await activation.history(tx, wanted)]


def _decision(row: Row[Any]) -> ActivationOut:
    return ActivationOut(
        version=row.pack,
        state=row.state,
        proposed_by=row.proposed_by,
        confirmed_by=row.confirmed_by,
        effective=row.effective,
    )


async def take_in(call: Call) -> Reply:
    """Import a pack as a version that does nothing yet."""
    files = unpacked(call.raw) if call.body is None else {n: text.encode() for n, text in call.body.files.items()}
    pack, new = await imported(call.hub, files, call.who.person)
    return Reply(VersionOut(hash=pack.hash, pack=pack.about.id, new=new))


async def imported(hub: Hub, files: Mapping[str, bytes], by: Officer) -> tuple[Any, bool]:
    """The version of these files. Raises Problem 422 with every mistake of every file."""
    try:
        return await activation.take_in(hub, files, by=by)
    except PackRefused as refused:
        reasons = tuple(
            Reason(one.code, one.message, f"{one.file}:{one.line} {one.path}".strip(), one.told)
            for one in refused.errors
        )
        raise Problem(422, "pack-refused", reasons) from refused


def unpacked(raw: bytes) -> dict[str, bytes]:
    """The files of a zip; one folder around all of them is left out. Raises Problem 422 for anything else."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as held:
            entries = [one for one in held.infolist() if not one.is_dir()]
            if len(entries) > MOST_FILES or sum(one.file_size for one in entries) > LARGEST:
                says = f"at most {MOST_FILES} files and {LARGEST} bytes are taken"
                raise Problem(422, "pack-refused", (Reason("too-large", says),))
            files = {one.filename: held.read(one) for one in entries}
    except (zipfile.BadZipFile, RuntimeError) as bad:
        raise Problem(422, "pack-refused", (Reason("zip", f"not a zip of a pack's folder: {bad}"),)) from bad
    around = next((name.removesuffix("pack.yaml") for name in files if name.endswith("pack.yaml")), "")
    return {name.removeprefix(around): body for name, body in files.items() if name.startswith(around)}


async def compare(call: Call) -> Reply:
    """What a version would change against the one in force."""
    return _report(await activation.compare(call.hub, call.path("version"), by=call.who.person))


async def simulate(call: Call) -> Reply:
    """Past warnings under a version, and every difference with the rule and line that made it."""
    given: SimulateIn = call.body
    past = None if given.archive is None else {"archive.json": json.dumps(given.archive, ensure_ascii=False).encode()}
    return _report(await activation.rehearse(call.hub, given.version, past, by=call.who.person))


def _report(row: Row[Any]) -> Reply:
    return Reply(ReportOut(digest=row.digest, version=row.pack, against=row.base, body=row.body))


async def activate(call: Call) -> Reply:
    """Say yes; the second person's yes puts it in force."""
    given: ActivateIn = call.body
    seen = Seen(given.diff, given.simulation)
    row = await activation.say_yes(call.hub, call.path("version"), seen, by=call.who.person, effective=given.effective)
    call.hub.bell.ring_here()
    return Reply(_decision(row))


async def withdraw(call: Call) -> Reply:
    """Take back a version that is not in force yet."""
    given: Because = call.body
    await activation.withdraw(call.hub, call.path("version"), by=call.who.person, reason=given.reason)
    return Reply(Done(id=call.path("version")))


ONE = "/api/v1/policy/versions/{version}"
ROUTES = (
    Route("GET", "/api/v1/policy/versions", "policy.read", listed, "Versions of the policy pack.", answer=Listed),
    Route(
        "POST",
        "/api/v1/policy/versions",
        "policy.import",
        take_in,
        "Import a pack as a version that does nothing yet.",
        body=ImportIn,
        answer=VersionOut,
        media=("application/zip",),
        largest=LARGEST,
        refusals=(422,),
    ),
    Route(
        "POST",
        f"{ONE}/diff",
        "policy.read",
        compare,
        "What a version changes against the one in force.",
        answer=ReportOut,
        refusals=(404,),
    ),
    Route(
        "POST",
        "/api/v1/policy/simulate",
        "policy.read",
        simulate,
        "Past warnings under a version, with every difference.",
        body=SimulateIn,
        answer=ReportOut,
        largest=LARGEST,
        refusals=(404,),
    ),
    Route(
        "POST",
        f"{ONE}/activate",
        "policy.activate",
        activate,
        "One of the two yeses that put a version in force.",
        body=ActivateIn,
        answer=ActivationOut,
        refusals=(404, 409),
    ),
    Route(
        "POST",
        f"{ONE}/withdraw",
        "policy.activate",
        withdraw,
        "Take back a version that is not in force yet.",
        body=Because,
        answer=Done,
        refusals=(404, 409),
    ),
)
