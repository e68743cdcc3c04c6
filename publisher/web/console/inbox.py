"""What came in? Every message that still waits for a person, then the newest that do not; grave ones nobody opened first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from publisher.model.bulletin import Content
from publisher.store.alerts import LIGHT, WAITING, of
from publisher.store.database import Tx
from publisher.store.tables import alert
from publisher.work.asking import GRAVE

SHOWN = 30
"""Messages that the desk shows when fewer wait."""
MOST = 200
"""Of those that wait, on one page; the count says how many there are."""
UNOPENED = alert.c.state == "new"
WAITS = alert.c.state.in_(WAITING)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message in the inbox; `content` is what classification made of it."""

    row: Row[Any]
    content: Content | None
    refused: bool
    reasons: int

    @property
    def waits(self) -> bool:
        """Whether its clock still runs."""
        return self.row.state in WAITING

    @property
    def loud(self) -> bool:
        """Whether nobody has opened it yet and it is grave."""
        return bool(self.row.state == "new" and self.row.rank >= GRAVE)

    @property
    def since(self) -> datetime:
        """From when its clock runs: the source's own time where it gave one."""
        moment: datetime = self.row.sent or self.row.received
        return moment


async def shown(tx: Tx) -> list[Incoming]:
    """What the desk lists. However many came in since, what waits is among them."""
    newest = alert.c.received.desc()
    waiting = (await tx.execute(select(*LIGHT).where(WAITS).order_by(newest).limit(MOST))).all()
    rest = max(SHOWN - len(waiting), 0)
    others = (await tx.execute(select(*LIGHT).where(~WAITS).order_by(newest).limit(rest))).all() if rest else []
    found = sorted((*waiting, *others), key=lambda row: row.received, reverse=True)
    return sorted(map(_incoming, found), key=lambda one: (not one.loud, not one.waits))


def _incoming(row: Row[Any]) -> Incoming:
    got = of(row)
    return Incoming(row, got.content, got.outcome == "refused", len(got.findings))


@dataclass(frozen=True, slots=True)
class Unopened:
    """Messages that nobody has opened: how many, since when the first of them waits, and the grave ones' ids."""

    count: int
    oldest: datetime | None
    loud: tuple[str, ...]


async def unopened(tx: Tx) -> Unopened:
    """For the wall, which shows no list."""
    since = func.min(func.coalesce(alert.c.sent, alert.c.received))
    count, oldest = (await tx.execute(select(func.count(), since).where(UNOPENED))).one()
    grave = select(alert.c.id).where(UNOPENED, alert.c.rank >= GRAVE).order_by(alert.c.received.desc()).limit(MOST)
    return Unopened(count, oldest, tuple((await tx.execute(grave)).scalars()))


async def waiting(tx: Tx) -> int:
    """How many messages still wait for somebody to say what becomes of them."""
    found: int = (await tx.execute(select(func.count()).select_from(alert).where(WAITS))).scalar_one()
    return found
