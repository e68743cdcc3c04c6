"""What do the tables say? Queries behind the API and the console, as rows and plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, select

from publisher.core import approval as rules
from publisher.model.directory import Officer
from publisher.model.pack import FlowStep, Pack
from publisher.model.words import ApprovalKind
from publisher.store import clock
from publisher.store.codec import load
from publisher.store.database import Tx
from publisher.store.standing import standing
from publisher.store.tables import approval, bulletin, delivery, step, warning, wave
from publisher.work import asking, bulletins

DONE = ("delivered", "shown", "acknowledged")


@dataclass(frozen=True, slots=True)
class Step:
    """A signature place with those who signed it; `denied` is why one officer may not, empty when they may."""

    id: str
    wave: str
    position: int
    state: str
    body: FlowStep
    deadline: Any
    signed: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    denied: tuple[rules.Denied, ...] = ()
    digest: str = ""
    valid_until: datetime | None = None
    reminders: int = 0
    attestable: bool = False
    """Whether this officer may record somebody else's yes here."""


async def steps(tx: Tx, of: str) -> tuple[Step, ...]:
    """Every step of a bulletin's waves, in order."""
    signed: dict[str, list[Row[Any]]] = {}
    given = select(approval).where(approval.c.bulletin == of, approval.c.void.is_(False)).order_by(approval.c.id)
    for row in await tx.execute(given):
        signed.setdefault(row.step, []).append(row)
    binds = case((wave.c.added.is_not(None), wave.c.digest), else_=bulletin.c.digest).label("binds")
    until = case((wave.c.added.is_not(None), wave.c.valid_until), else_=bulletin.c.valid_until).label("until")
    ordered = select(step, binds, until).join(wave, wave.c.id == step.c.wave)
    ordered = ordered.join(bulletin, bulletin.c.id == step.c.bulletin).order_by(wave.c.position, step.c.position)
    rows = await tx.execute(ordered.where(step.c.bulletin == of))
    return tuple(_step(row, signed.get(row.id, [])) for row in rows)


def _step(row: Row[Any], signed: Sequence[Row[Any]]) -> Step:
    return Step(
        id=row.id,
        wave=row.wave.rsplit(".", 1)[-1],
        position=row.position,
        state=row.state,
        body=load(FlowStep, row.body),
        deadline=row.deadline,
        signed=tuple(one.officer for one in signed),
        kinds=tuple(one.kind for one in signed),
        digest=row.binds,
        valid_until=row.until,
        reminders=row.reminders,
    )


async def judged(tx: Tx, row: Row[Any], officer: Officer, pack: Pack) -> tuple[Step, ...]:
    """The open steps of a submitted bulletin, each with every reason why `officer` may not sign it."""
    found = await steps(tx, row.id)
    now = await clock.now(tx)
    return tuple(_judged(one, found, row, officer, pack, now) for one in found if one.state == "open")


def _judged(one: Step, found: Sequence[Step], row: Row[Any], officer: Officer, pack: Pack, now: datetime) -> Step:
    case = replace(asking.case_of(row), digest=one.digest, valid_until=one.valid_until or now)
    signed = tuple(who for other in found if other.wave == one.wave for who in other.signed)

    def denied(kind: ApprovalKind) -> tuple[rules.Denied, ...]:
        return rules.may_sign(
            officer,
            one.body,
            case=case,
            pack=pack,
            signed=signed,
            digest=one.digest,
            kind=kind,
            now=now,
            escalated=one.reminders >= asking.NEXT_ASKED,
        )

    return replace(one, denied=denied(ApprovalKind.SIGNED), attestable=not denied(ApprovalKind.ATTESTED))


async def listed(tx: Tx, *, state: str = "", of_warning: str = "", after: str = "", limit: int = 100) -> list[Row[Any]]:
    """Bulletin rows without their plans, newest first. `after` is the id of the last one seen."""
    wanted = select(*bulletins.LIGHT).order_by(bulletin.c.created.desc(), bulletin.c.id.desc()).limit(limit)
    if state:
        wanted = wanted.where(bulletin.c.state.in_(state.split(",")))
    if of_warning:
        wanted = wanted.where(bulletin.c.warning == of_warning)
    if after:
        last = await bulletins.row_of(tx, after)
        older = (bulletin.c.created < last.created) | ((bulletin.c.created == last.created) & (bulletin.c.id < last.id))
        wanted = wanted.where(older)
    return list((await tx.execute(wanted)).all())


async def awaiting(tx: Tx) -> list[Row[Any]]:
    """Every bulletin that somebody must still sign: submitted ones, and those out of which a wave waits."""
    opened = bulletin.c.id.in_(select(step.c.bulletin).where(step.c.state == "open"))
    wanted = select(bulletin).where((bulletin.c.state == "submitted") | ((bulletin.c.state == "released") & opened))
    return list((await tx.execute(wanted.order_by(bulletin.c.created.desc()))).all())


async def warnings(tx: Tx, *, live: bool = False, after: str = "", limit: int = 100) -> list[Row[Any]]:
    """Warning rows, newest first."""
    wanted = select(warning).order_by(warning.c.opened.desc(), warning.c.id.desc()).limit(limit)
    if live:
        wanted = wanted.where(warning.c.current.is_not(None))
    if after:
        last = (await tx.execute(select(warning).where(warning.c.id == after))).first()
        if last is None:
            raise bulletins.Missing(f"no warning {after}")
        older = (warning.c.opened < last.opened) | ((warning.c.opened == last.opened) & (warning.c.id < last.id))
        wanted = wanted.where(older)
    return list((await tx.execute(wanted)).all())


async def warning_row(tx: Tx, wanted: str) -> Row[Any]:
    """One warning. Raises Missing."""
    row = (await tx.execute(select(warning).where(warning.c.id == wanted))).first()
    if row is None:
        raise bulletins.Missing(f"no warning {wanted}")
    return row


async def in_force(tx: Tx) -> list[Row[Any]]:
    """The bulletins that stand, without their plans, gravest and newest first."""
    wanted = bulletins.in_force(*bulletins.LIGHT)
    return list((await tx.execute(wanted.order_by(bulletin.c.rank.desc(), bulletin.c.released.desc()))).all())


async def deliveries(
    tx: Tx,
    of_warning: str,
    *,
    of: str = "",
    state: str = "",
    channel: str = "",
    uncertain: bool | None = None,
    after: str = "",
    limit: int = 100,
) -> list[Row[Any]]:
    """Delivery rows of a warning by id, filtered."""
    wanted = select(delivery).where(delivery.c.warning == of_warning).order_by(delivery.c.id).limit(limit)
    for column, value in (("bulletin", of), ("state", state), ("channel", channel)):
        if value:
            wanted = wanted.where(delivery.c[column] == value)
    if uncertain is not None:
        wanted = wanted.where(delivery.c.uncertain.is_(uncertain))
    if after:
        wanted = wanted.where(delivery.c.id > after)
    return list((await tx.execute(wanted)).all())


@dataclass(slots=True)
class Tally:
    """The account of one wave's medium: how many were planned, and how many rows stand in each state."""

    wave: str
    medium: str
    channels: tuple[str, ...]
    planned: int
    people: int
    states: dict[str, int] = field(default_factory=dict)
    uncertain: int = 0

    @property
    def queued(self) -> int:
        """Planned endpoints without a row: not started yet."""
        return max(self.planned - sum(self.states.values()), 0)

    def count(self, *states: str) -> int:
        """Rows in any of these states."""
        return sum(self.states.get(one, 0) for one in states)

    @property
    def reached(self) -> int:
        """Rows with evidence of arrival."""
        return self.count(*DONE)

    def as_json(self) -> dict[str, Any]:
        """For the API."""
        return {
            "wave": self.wave,
            "medium": self.medium,
            "channels": list(self.channels),
            "planned": self.planned,
            "people": self.people,
            "queued": self.queued,
            "states": dict(self.states),
            "uncertain": self.uncertain,
        }


async def tallies(tx: Tx, rows: Sequence[Row[Any]]) -> Mapping[str, list[Tally]]:
    """Bulletin id -> the account of each wave and medium. An endpoint counts once, however often it was sent to."""
    ids = [row.id for row in rows]
    plans = select(bulletin.c.id, bulletin.c.plan["waves"].label("waves")).where(bulletin.c.id.in_(ids))
    waves = {row.id: list(row.waves or ()) for row in await tx.execute(plans)}
    later = select(wave.c.bulletin, wave.c.added).where(wave.c.bulletin.in_(ids), wave.c.added.is_not(None))
    for row in await tx.execute(later.where(wave.c.state.in_(("released", "ended")))):
        waves[row.bulletin].append(row.added["wave"])
    found = {of: planned(each) for of, each in waves.items()}
    for (of, name, medium, state, uncertain), many in (await standing(tx, ids, "bulletin", "wave", "medium")).items():
        key = (name.rsplit(".", 1)[-1], medium)
        mine = found[of].setdefault(key, Tally(*key, (), 0, 0))
        mine.states[state] = mine.states.get(state, 0) + many
        mine.uncertain += many if uncertain else 0
    return {of: list(each.values()) for of, each in found.items()}


def planned(waves: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], Tally]:
    """The tallies of a frozen plan's waves before anything went out."""
    made: dict[tuple[str, str], Tally] = {}
    for one in waves:
        for way in one["ways"]:
            key = (one["id"], way["medium"])
            mine = made.setdefault(key, Tally(*key, (), 0, 0))
            mine.planned += way["count"]
            mine.people += way["people"]
            mine.channels = tuple(dict.fromkeys((*mine.channels, *way["channels"])))
    return made
