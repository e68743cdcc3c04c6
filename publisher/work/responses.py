"""Which response is in force beside a warning? Proposed by policy, declared or ended by a person of the unit named.

A response (应急响应) is never a warning level. One row a warning is open at a time; an update that asks for another grade
changes the suggestion and asks the unit again, and never the declared grade.
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, select, update

from publisher.core import decision
from publisher.model.bulletin import Bulletin
from publisher.model.directory import Officer
from publisher.model.measures import ResponseRule
from publisher.model.pack import Pack, said
from publisher.model.words import AreaCode
from publisher.store import clock, ledger
from publisher.store.conflict import insert_if_new
from publisher.store.database import Tx
from publisher.store.tables import response
from publisher.work import beside, pages, tasks
from publisher.work.bulletins import Conflict, Missing
from publisher.work.context import Hub

DECIDE, MEASURE, END = "response", "measure", "response-end"


async def follow(tx: Tx, one: Bulletin, pack: Pack, rule: ResponseRule | None, areas: Sequence[AreaCode]) -> None:
    """Bring the warning's response to what its newest bulletin asks for."""
    row = await open_one(tx, one.warning)
    if one.content.act.ends:
        await _over(tx, row)
    elif rule is not None and row is None:
        await _propose(tx, one, pack, rule, areas)
    elif rule is not None and row is not None and row.suggested != rule.grade:
        await tx.execute(update(response).where(response.c.id == row.id).values(suggested=rule.grade, rule=rule.id))
        await _ask(tx, row.id, one, pack, rule)


async def open_one(tx: Tx, of_warning: str) -> Row[Any] | None:
    """The response open beside a warning."""
    return (await tx.execute(select(response).where(response.c.open == of_warning))).first()


async def _propose(tx: Tx, one: Bulletin, pack: Pack, rule: ResponseRule, areas: Sequence[AreaCode]) -> None:
    mine = f"r-{secrets.token_hex(8)}"
    row = {
        "id": mine,
        "warning": one.warning,
        "bulletin": one.id,
        "pack": pack.hash,
        "rule": rule.id,
        "suggested": rule.grade,
        "grade": "",
        "unit": rule.declared_by,
        "roles": list(rule.roles),
        "areas": list(areas),
        "state": "proposed",
        "proposed": await clock.now(tx),
        "note": "",
        "open": one.warning,
    }
    if await insert_if_new(tx, response, row):
        body = {"warning": one.warning, "grade": rule.grade, "rule": rule.id}
        await ledger.append(tx, actor="hub", act="response.propose", subject=mine, body=body)
        await _ask(tx, mine, one, pack, rule)


async def _ask(tx: Tx, mine: str, one: Bulletin, pack: Pack, rule: ResponseRule) -> None:
    at = await clock.now(tx) + timedelta(minutes=rule.decide_minutes)
    facts = {"what": _grade(pack, rule.grade), "who": said(pack.units[rule.declared_by].name, pack.language)}
    await tasks.drop(tx, DECIDE, mine)
    await tasks.add(tx, DECIDE, mine, unit=rule.declared_by, roles=rule.roles, due=at, **facts)


def _grade(pack: Pack, grade: str) -> str:
    return next((said(one.name, pack.language) for one in pack.grades if one.id == grade), grade)


async def _over(tx: Tx, row: Row[Any] | None) -> None:
    """The warning is over: a mere proposal falls, a declared response is for its unit to end."""
    if row is None:
        return
    await tasks.drop(tx, DECIDE, row.id)
    if row.state == "proposed":
        await _end(tx, row.id, "dropped", "")
    else:
        await tasks.add(tx, END, row.id, unit=row.unit, roles=row.roles, what=row.grade, who=row.unit)


async def _end(tx: Tx, wanted: str, state: str, by: str, note: str = "") -> None:
    values = {"state": state, "ended": await clock.now(tx), "ended_by": by, "note": note, "open": None}
    await tx.execute(update(response).where(response.c.id == wanted).values(**values))


async def listed(tx: Tx, *, all_of_them: bool = False) -> Sequence[Row[Any]]:
    """Open responses, or every one there ever was; the newest first."""
    wanted = select(response).order_by(response.c.proposed.desc())
    return (await tx.execute(wanted if all_of_them else wanted.where(response.c.open.is_not(None)))).all()


async def declare(hub: Hub, wanted: str, *, by: Officer, grade: str = "", note: str = "") -> None:
    """Declare the suggested response, or another grade of the pack; its measures become tasks. Raises Missing, Conflict."""
    async with hub.db.write() as tx:
        row = await _mine(tx, wanted, by)
        pack = await hub.packs.get(tx, row.pack)
        chosen = grade or row.suggested
        if chosen not in {one.id for one in pack.grades}:
            known = ", ".join(one.id for one in pack.grades)
            raise Conflict("no-grade", (f"there is no response {chosen}; there are {known}",))
        now = await clock.now(tx)
        values = {"state": "declared", "grade": chosen, "declared": now, "declared_by": by.id, "note": note}
        await tx.execute(update(response).where(response.c.id == wanted).values(**values))
        body = {"warning": row.warning, "grade": chosen, "suggested": row.suggested, "note": note}
        await ledger.append(tx, actor=by.id, act="response.declare", subject=wanted, body=body)
        await tasks.drop(tx, DECIDE, wanted)
        await _measures(tx, row, pack, chosen)
        await pages.materialise(hub, tx, pack)


async def _measures(tx: Tx, row: Row[Any], pack: Pack, grade: str) -> None:
    """The measures of the rule that proposed it; another grade than proposed takes the measures of a rule of its own."""
    rule = beside.rule_of(pack, row.rule, grade)
    now = await clock.now(tx)
    for one in rule.measures if rule else ():
        for unit in decision.meant(pack, one.units, one.unit_kinds, tuple(AreaCode(code) for code in row.areas)):
            facts = {"what": said(one.name, pack.language), "who": said(unit.name, pack.language)}
            at = now + timedelta(minutes=one.decide_minutes)
            await tasks.add(tx, MEASURE, f"{row.id}:{one.id}:{unit.id}", unit=unit.id, due=at, **facts)


async def end(hub: Hub, wanted: str, *, by: Officer, note: str) -> None:
    """End a response, with what was still to be decided under it, or turn a proposal down; with a reason.

    Raises Missing or Conflict.
    """
    async with hub.db.write() as tx:
        row = await _mine(tx, wanted, by)
        await _end(tx, wanted, "ended" if row.state == "declared" else "dropped", by.id, note)
        body = {"warning": row.warning, "grade": row.grade or row.suggested, "reason": note}
        await ledger.append(tx, actor=by.id, act="response.end", subject=wanted, body=body)
        for kind in (DECIDE, END):
            await tasks.drop(tx, kind, wanted)
        await tasks.drop_of(tx, MEASURE, wanted)
        await pages.materialise(hub, tx, await hub.packs.get(tx, row.pack))


async def _mine(tx: Tx, wanted: str, by: Officer) -> Row[Any]:
    """The open response, if this officer may decide on it. Raises Missing, or Conflict with every reason."""
    row = (await tx.execute(select(response).where(response.c.id == wanted))).first()
    if row is None:
        raise Missing(f"no response {wanted}")
    if row.open is None:
        raise Conflict("not-open", (f"it is {row.state} and was decided by {row.ended_by or 'the hub'}",))
    wrong = [] if by.unit == row.unit else [f"{row.unit} decides on it; you are in {by.unit}"]
    if not by.roles & set(row.roles):
        wrong.append(f"it needs the role {' or '.join(row.roles)}; you have {', '.join(sorted(by.roles))}")
    if wrong:
        raise Conflict("role", tuple(wrong))
    return row
