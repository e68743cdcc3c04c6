"""How does a text signed ahead go out by one person? Prepared and held (待发), fired within its limits, reviewed after.

The two who signed the text signed its limits; the plan is made again at the moment of firing, so that times and audience
are true then. Only an unedited text within its limits has this way; an edit makes it an ordinary draft.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, select, update

from publisher.core import approval as rules
from publisher.core import standby as limits
from publisher.core.planning import review_in
from publisher.core.scope import outside
from publisher.model.bulletin import Bulletin, Content
from publisher.model.directory import Officer
from publisher.model.pack import Pack, Standby
from publisher.model.plan import Problem
from publisher.store import clock, ledger
from publisher.store.clock import now_sql
from publisher.store.codec import dump
from publisher.store.database import Tx
from publisher.store.tables import alarm, bulletin, task, warning
from publisher.work import alarms, asking, bulletins, clocks, submit, tasks
from publisher.work.bulletins import Conflict, Missing, Refused
from publisher.work.context import Hub
from publisher.work.submit import Blocked

REVIEW = "standby_review"
UNREVIEWED = "standby_unreviewed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to prepare: `blanks` filled in, for `areas` or the stages of `envelopes` (in one warning), so many minutes."""

    blanks: Mapping[str, str] = field(default_factory=dict)
    areas: tuple[str, ...] = ()
    envelopes: tuple[str, ...] = ()
    minutes: int = 0


async def prepare(hub: Hub, text: str, wanted: Wanted, *, by: Officer) -> tuple[Bulletin, ...]:
    """Make the held bulletins of a standby text, one a stage.

    Raises Missing, Blocked with every limit overstepped, or Refused where it lies outside what the officer deals with.
    """
    async with hub.db.write() as tx:
        pack = await hub.packs.active(tx)
        one = _text(pack, text)
        stages = _stages(one, wanted)
        minutes = wanted.minutes or one.minutes
        wrong = [each for areas in stages for each in _faults(one, wanted, areas, minutes, pack)]
        if wrong:
            raise Blocked(tuple(dict.fromkeys(wrong)))
        expires = await clock.now(tx) + timedelta(minutes=minutes)
        made: list[Bulletin] = []
        for areas in stages:
            content = limits.content(one, filled=wanted.blanks, areas=areas, expires=expires)
            if beyond := outside(by, content, pack):
                raise Refused(beyond)
            chain = made[0].warning if made else None
            made.append(await bulletins.draft(tx, content, by=by, pack=pack, of_warning=chain, standby=one.id))
    return tuple([await submit.submit(hub, each.id, by=by, hold=True) for each in made])


def _text(pack: Pack, wanted: str) -> Standby:
    if wanted not in pack.standby:
        raise Missing(f"no standby text {wanted}; the pack has: {', '.join(pack.standby) or 'none'}")
    return pack.standby[wanted]


def _stages(one: Standby, wanted: Wanted) -> list[Sequence[str]]:
    known = {each.id: each for each in one.envelopes}
    strange = [name for name in wanted.envelopes if name not in known]
    if strange or bool(wanted.envelopes) == bool(wanted.areas):
        says = f"give `areas`, or `envelopes` among: {', '.join(known) or 'none'}; exactly one of the two"
        raise Blocked((Problem("STAGES", "envelopes", says, True, {"known": tuple(known)}),))
    return [wanted.areas] if wanted.areas else [known[name].areas for name in wanted.envelopes]


def _faults(one: Standby, wanted: Wanted, areas: Sequence[str], minutes: int, pack: Pack) -> tuple[Problem, ...]:
    return limits.faults(one, filled=wanted.blanks, areas=areas, minutes=minutes, pack=pack)


async def fire(hub: Hub, wanted: str, *, by: Officer) -> Bulletin:
    """Release a held standby text: one authorised person. Raises Refused, Conflict, Blocked; opens the review it owes.

    One transaction: a text that cannot go out stays held, and none goes out without its review being owed.
    """
    denied = rules.may_end(by)
    if denied:
        raise Refused(denied)

    async def owed(tx: Tx) -> None:
        row = await bulletins.row_of(tx, wanted)
        await _owe_review(hub, tx, row, await hub.packs.get(tx, row.pack), by)

    return await submit.at_once(hub, wanted, by=by, before=lambda tx: _again(hub, tx, wanted), after=owed)


async def _again(hub: Hub, tx: Tx, wanted: str) -> None:
    """Make the held text a fresh plan's start: its minutes and its next look count from now, and it updates what stands."""
    await bulletins.lock(tx, (await bulletins.get(tx, wanted)).warning)
    row = await bulletins.row_of(tx, wanted)
    newer = select(bulletin.c.id).where(
        bulletin.c.warning == row.warning, bulletin.c.version > row.version, bulletin.c.released.is_not(None)
    )
    if row.state not in ("held", "draft") or (await tx.execute(newer)).first() is not None:
        says = f"it is {row.state}; only a held text that no later stage overtook can be fired"
        raise Conflict("not-held", (says,))
    standing = (await tx.execute(select(warning.c.current).where(warning.c.id == row.warning))).scalar()
    minutes = round((row.expires - row.created) / timedelta(minutes=1))
    now = await clock.now(tx)
    content: Content = limits.fired(bulletins.of(row).content, now=now, minutes=minutes, standing=standing)
    content = replace(content, review_by=now + review_in(content, await hub.packs.get(tx, row.pack)))
    values = {"content": dump(content), "expires": content.expires, "review_by": content.review_by}
    values |= {"act": content.act.value}
    fresh = {**values, "state": "draft", "digest": "", "hold": False, "created": now}
    await tx.execute(update(bulletin).where(bulletin.c.id == wanted).values(**fresh))
    await bulletins.drop_plan(tx, wanted)


async def _owe_review(hub: Hub, tx: Tx, row: Row[Any], pack: Pack, by: Officer) -> None:
    one = pack.standby[row.standby]
    due = await clock.now(tx) + timedelta(minutes=one.review_minutes)
    title = asking.facts(row, pack, hub.desk_url)["title"]
    body = {"standby": one.id, "signed_by": list(one.signed_by), "signed_on": one.signed_on}
    await ledger.append(tx, actor=by.id, act="standby.fire", subject=row.id, body=body)
    words = {"title": title, "by": by.id, "bulletin": row.id, "warning": row.warning}
    await tasks.add(tx, REVIEW, row.id, unit="", roles=("signer", "leader"), due=due, **words)


async def reviewed(tx: Tx, wanted: str, *, by: Officer, note: str) -> None:
    """Somebody other than who fired it has looked at a one-person release. Raises Refused or Conflict."""
    row = await bulletins.row_of(tx, wanted)
    if by.id == row.submitter:
        raise Refused((rules.Denied("distinct", "you released this; another person must review it"),))
    if not await tasks.drop(tx, REVIEW, wanted):
        raise Conflict("nothing-owed", (f"no review of {wanted} is owed",))
    await ledger.append(tx, actor=by.id, act="standby.reviewed", subject=wanted, body={"note": note})
    await alarms.clear(tx, UNREVIEWED, wanted)


async def look(hub: Hub, wanted: str, *, by: Officer, note: str) -> None:
    """Count a person's second look for the review that is owed: of a one-person release, else of what is in force."""
    async with hub.db.write() as tx:
        owed = select(task.c.id).where(task.c.kind == REVIEW, task.c.subject == wanted, task.c.state == "open")
        if (await tx.execute(owed)).first() is not None:
            await reviewed(tx, wanted, by=by, note=note)
        else:
            await clocks.still_true(hub, tx, wanted, by=by, note=note)


def unreviewed() -> Any:
    """Asks for reviews that are late and that nobody was told of."""
    told = select(alarm.c.id).where(alarm.c.kind == UNREVIEWED, alarm.c.subject == task.c.subject).exists()
    return select(task.c.subject).where(task.c.kind == REVIEW, task.c.state == "open", task.c.due <= now_sql(), ~told)


async def ring_unreviewed(tx: Tx, wanted: str) -> None:
    """Nobody looked at what one person released."""
    row = await bulletins.row_of(tx, wanted)
    await alarms.ring(tx, UNREVIEWED, wanted, by=row.submitter or "", bulletin=wanted, title=row.standby)
