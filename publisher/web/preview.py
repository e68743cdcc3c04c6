"""What would go out, or went out? One view of a plan: made fresh for a draft, read back frozen once it was submitted."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from publisher.model import states
from publisher.model.plan import Artefact
from publisher.model.slots import used
from publisher.store.database import Tx
from publisher.store.tables import artefact
from publisher.web.errors import simple
from publisher.work import bulletins, plan
from publisher.work.context import Hub
from publisher.work.submit import summary

FROZEN = frozenset({"submitted", "held", "released", "superseded", "lifted", "retracted", "lapsed"})
"""States in which a bulletin has the plan it was submitted with. `stale` ones are planned again."""
assert set(states.BULLETIN) >= FROZEN


@dataclass(frozen=True, slots=True)
class Shown:
    """A plan as people see it: JSON-like waves, problems and trace, and the artefacts with their bytes.

    `frozen`: these are the very bytes that were submitted; `final`: and their slots are filled.
    """

    waves: Sequence[Mapping[str, Any]]
    problems: Sequence[Mapping[str, Any]]
    why: Sequence[Mapping[str, Any]]
    artefacts: Sequence[Artefact]
    digest: str
    valid_until: datetime | None
    frozen: bool
    final: bool
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def blocked(self) -> bool:
        """Whether any problem stops submission."""
        return any(one["blocks"] for one in self.problems)

    def named(self, name: str) -> Artefact | None:
        """One artefact."""
        return next((one for one in self.artefacts if one.name == name), None)


async def shown(hub: Hub, tx: Tx, row: Row[Any]) -> Shown:
    """The plan of a bulletin's row."""
    if row.state in FROZEN and row.plan is not None:
        return await _frozen(tx, row)
    made = await plan.make(hub, tx, bulletins.of(row))
    told = summary(made)
    files = tuple(made.artefacts.values())
    return Shown(
        told["waves"], told["problems"], told["why"], files, made.digest, made.valid_until, False, False, told["told"]
    )


async def _frozen(tx: Tx, row: Row[Any]) -> Shown:
    kept = (await tx.execute(select(artefact).where(artefact.c.bulletin == row.id).order_by(artefact.c.name))).all()
    final = row.released is not None
    files = tuple(_artefact(one, final=final) for one in kept)
    told = row.plan
    return Shown(
        told["waves"],
        told["problems"],
        told["why"],
        files,
        row.digest,
        row.valid_until,
        True,
        final,
        told.get("told", {}),
    )


def _artefact(row: Row[Any], *, final: bool) -> Artefact:
    body = row.final if final and row.final is not None else row.body
    return Artefact(
        row.name, row.kind, row.media_type, bytes(body), row.section, row.language, row.derived, dict(row.facts)
    )


def decoded(one: Artefact) -> Mapping[str, Any]:
    """An artefact as JSON: its text, or its JSON value, or base64, and the facts beside it."""
    told: dict[str, Any] = {
        "name": one.name,
        "kind": one.kind,
        "section": one.section,
        "language": one.language,
        "media_type": one.media_type,
        "bytes": len(one.body),
        "facts": dict(one.facts),
        "slots": [],
    }
    try:
        text = one.body.decode()
    except UnicodeDecodeError:
        return told | {"base64": base64.b64encode(one.body).decode()}
    told["slots"] = [f"{name}:{form}" for name, form in used(text)]
    if one.media_type.partition(";")[0].endswith("json"):
        return told | {"json": json.loads(text)}
    return told | {"text": text}


async def one_of(hub: Hub, tx: Tx, row: Row[Any], name: str) -> Artefact:
    """One artefact of a bulletin. Raises Problem 404 naming those there are."""
    found = await shown(hub, tx, row)
    made = found.named(name)
    if made is None:
        names = ", ".join(one.name for one in found.artefacts)
        raise simple(404, "missing", f"bulletin {row.id} has no artefact {name}; it has: {names}")
    return made
