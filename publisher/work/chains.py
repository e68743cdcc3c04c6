"""Which warning does an alert continue? Links by what it references, else by issuer, hazard and place, else opens a chain."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, select, update

from publisher.core.planning import review_in
from publisher.core.textually import alike
from publisher.model.bulletin import Bulletin, Content, Issued
from publisher.model.directory import Officer
from publisher.model.pack import Pack
from publisher.model.received import Received
from publisher.model.words import Act, BulletinId
from publisher.store import clock, ledger
from publisher.store.alerts import of
from publisher.store.codec import load
from publisher.store.database import Tx
from publisher.store.tables import alert, bulletin, warning
from publisher.work import bulletins
from publisher.work.bulletins import Conflict, Missing

OPEN = ("draft", "returned", "unsubmitted", "stale", "submitted", "held", "released")
LATEST = 200
"""How many of the newest bulletins an alert is held against for having come by another route."""


async def draft_from_alert(tx: Tx, alert_id: str, *, by: Officer, pack: Pack, readable: bool = False) -> Bulletin:
    """The bulletin an accepted alert asks for, in its chain. Raises Missing, or Conflict when it was refused.

    With `readable` a refused one may be drafted too, from what could be made out of it, as the officer's own text.
    """
    row = (await tx.execute(select(alert).where(alert.c.id == alert_id))).first()
    if row is None:
        raise Missing(f"no alert {alert_id}")
    got = of(row)
    wanted = got.content or (got.readable if readable else None)
    if wanted is None:
        reasons = tuple(f"{one.path}: {one.message}" for one in got.findings if one.refuses)
        raise Conflict("refused", reasons or ("the alert was refused",))
    if row.bulletin is not None:
        raise Conflict("drafted", (f"already drafted as {row.bulletin}",))
    twin = await _twin(tx, wanted)
    if twin is not None:
        return await _joins(tx, alert_id, twin, by)
    content, of_warning = await _linked(tx, got, wanted, pack)
    content = await _with_review(tx, content, pack)
    return await bulletins.draft(tx, content, by=by, pack=pack, of_warning=of_warning, from_alert=alert_id)


async def _twin(tx: Tx, content: Content) -> Row[Any] | None:
    """The open or live bulletin drawn from the same alert as it came by another route."""
    if content.origin is None:
        return None
    wanted = select(bulletin).where(
        bulletin.c.alert.is_not(None), bulletin.c.state.in_(OPEN), bulletin.c.mode == content.mode.value
    )
    rows = await tx.execute(wanted.order_by(bulletin.c.created.desc()).limit(LATEST))
    return next((row for row in rows if alike(content, load(Content, row.content))), None)


async def _joins(tx: Tx, alert_id: str, twin: Row[Any], by: Officer) -> Bulletin:
    """Two messages, one warning: the second is kept with the bulletin of the first."""
    await tx.execute(update(alert).where(alert.c.id == alert_id).values(state="drafted", bulletin=twin.id))
    await ledger.append(tx, actor=by.id, act="alert.same", subject=alert_id, body={"bulletin": twin.id})
    return bulletins.of(twin)


async def live(tx: Tx, content: Content) -> tuple[Issued, ...]:
    """Every bulletin in force of the content's hazard and mode."""
    wanted = _in_force().where(warning.c.hazard == content.hazard, bulletin.c.mode == content.mode.value)
    rows = await tx.execute(wanted.where(bulletin.c.released.is_not(None)).order_by(bulletin.c.released))
    return tuple(Issued(bulletins.of(row), row.public_id, row.released) for row in rows)


async def _linked(tx: Tx, got: Received, content: Content, pack: Pack) -> tuple[Content, str | None]:
    standing = await _referenced(tx, got.references) or await _same(tx, content, pack)
    if standing is None:
        if content.act.ends:
            says = (
                f"nothing in force that this could {content.act}: no reference matches and no {content.hazard} stands"
            )
            raise Conflict("nothing-to-end", (says,))
        origin = content.origin and replace(content.origin, orphan=content.act is Act.UPDATE)
        return replace(content, act=Act.ISSUE, names=None, origin=origin), None
    act = Act.UPDATE if content.act is Act.ISSUE else content.act
    return replace(content, act=act, names=BulletinId(standing.id)), standing.warning


async def _referenced(tx: Tx, references: Sequence[str]) -> Row[Any] | None:
    """The bulletin in force of a chain that holds a referenced alert; a wrong `sent` in a reference does not matter."""
    names = [one.rsplit(",", 1)[-1] for one in references]
    if not names:
        return None
    from_alert = select(alert.c.bulletin).where(alert.c.identifier.in_(names))
    chains = select(bulletin.c.warning).where(bulletin.c.id.in_(from_alert) | bulletin.c.public_id.in_(names))
    found = await tx.execute(_in_force().where(bulletin.c.warning.in_(chains)))
    return found.first()


def _in_force() -> Any:
    return bulletins.in_force(*bulletins.LIGHT)


async def _same(tx: Tx, content: Content, pack: Pack) -> Row[Any] | None:
    """One issuer has one warning of a hazard in one place: the one in force that overlaps."""
    wanted = _in_force().where(warning.c.hazard == content.hazard, bulletin.c.mode == content.mode.value)
    for row in await tx.execute(wanted.order_by(bulletin.c.released.desc())):
        old = load(Content, row.content)
        if old.unit == content.unit and overlap(old, content, pack):
            found: Row[Any] = row
            return found
    return None


def overlap(one: Content, other: Content, pack: Pack) -> bool:
    """Whether two contents warn any place in common."""
    mine = frozenset(area for section in one.sections for area in section.areas)
    theirs = frozenset(area for section in other.sections for area in section.areas)
    return any(pack.inside(area, theirs) for area in mine) or any(pack.inside(area, mine) for area in theirs)


async def _with_review(tx: Tx, content: Content, pack: Pack) -> Content:
    """Every live bulletin has a time at which somebody must look again."""
    if content.review_by is not None or content.act.ends:
        return content
    return replace(content, review_by=await clock.now(tx) + review_in(content, pack))
