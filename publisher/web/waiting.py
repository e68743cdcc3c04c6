"""What waits for one officer's yes? Every bulletin with an open step, judged for this person, the gravest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from publisher.core.scope import outside
from publisher.model.bulletin import Content
from publisher.model.directory import Officer
from publisher.store.database import Tx
from publisher.store.tables import bulletin, step
from publisher.web import reading
from publisher.web.reading import Step
from publisher.work import bulletins
from publisher.work.context import Hub


@dataclass(frozen=True, slots=True)
class Asked:
    """A bulletin and the steps of it that this officer may sign now; they share one digest."""

    row: Row[Any]
    content: Content
    steps: tuple[Step, ...]

    @property
    def digest(self) -> str:
        """What one yes binds."""
        return self.steps[0].digest

    @property
    def deadline(self) -> datetime | None:
        """When the first of the steps is due."""
        return min((one.deadline for one in self.steps if one.deadline), default=None)

    @property
    def waves(self) -> Sequence[dict[str, Any]]:
        """The frozen plan's waves."""
        found: Sequence[dict[str, Any]] = (self.row.plan or {}).get("waves", ())
        return found


async def for_officer(hub: Hub, tx: Tx, who: Officer) -> list[Asked]:
    """Everything `who` may sign now."""
    opened = select(step.c.bulletin).where(step.c.state == "open")
    wanted = select(bulletin).where(bulletin.c.id.in_(opened), bulletin.c.state.in_(("submitted", "released")))
    found: list[Asked] = []
    for row in (await tx.execute(wanted.order_by(bulletin.c.rank.desc(), bulletin.c.submitted))).all():
        steps = await signable(hub, tx, row, who)
        if steps:
            found.append(Asked(row, bulletins.of(row).content, steps))
    return found


async def signable(hub: Hub, tx: Tx, row: Row[Any], who: Officer) -> tuple[Step, ...]:
    """The open steps `who` may sign with one yes: those bound to the digest of the first."""
    pack = await hub.packs.get(tx, row.pack)
    if outside(who, bulletins.of(row).content, pack):
        return ()
    mine = [one for one in await reading.judged(tx, row, who, pack) if not one.denied]
    return tuple(one for one in mine if one.digest == mine[0].digest)
