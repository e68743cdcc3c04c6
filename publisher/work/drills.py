"""How is an exercise run? Its injects come by the clock, a real alert stops it at once, and at the end there is a score.

While it is paused nothing of it comes in and nothing of it goes out; a person resumes it.
"""

import secrets
from collections import Counter
from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Row, Select, func, insert, select, update

from publisher.core import drills as scripts
from publisher.core.drills import Inject, Script
from publisher.model import states
from publisher.model.directory import Officer, Source
from publisher.model.received import Received
from publisher.model.words import Medium, Mode
from publisher.store import clock, directory, ledger
from publisher.store.codec import dump, load
from publisher.store.database import Tx
from publisher.store.standing import standing
from publisher.store.tables import alert, bulletin, delivery, drill
from publisher.work import alarms
from publisher.work.bulletins import Conflict, Missing
from publisher.work.context import Hub

ON = ("running", "paused")
REACHED = ("accepted", "delivered", "shown", "acknowledged")
JSON = "application/json"


class Put(Protocol):
    """How a message is taken in within this transaction (`publisher.intake.accept.put`)."""

    def __call__(self, tx: Tx, raw: bytes, *, source: Source, pack: Any, media_type: str) -> Awaitable[Received]:
        """What became of it."""
        ...


async def start(hub: Hub, script: Script, *, by: Officer) -> str:
    """Begin; its id. Raises Conflict while another is on, or when there is nobody to play it with."""
    async with hub.db.write() as tx:
        on = (await tx.execute(select(drill).where(drill.c.state.in_(ON)))).first()
        reasons = [f"{on.name} ({on.id}) is {on.state}: end it first"] if on is not None else []
        if not await directory.endpoints(tx, mode=Mode.EXERCISE.value):
            reasons.append("there is no exercise endpoint: enrol some first")
        if reasons:
            raise Conflict("no-drill", tuple(reasons))
        now = await clock.now(tx)
        made = f"drill-{secrets.token_hex(5)}"
        row = {
            "id": made,
            "name": script.name,
            "state": "running",
            "script": dump(script),
            "started": now,
            "anchor": now,
        }
        await tx.execute(insert(drill).values(**row, alerts=[], by=by.id))
        await ledger.append(tx, actor=by.id, act="drill.start", subject=made, body={"name": script.name})
    return made


async def row_of(tx: Tx, wanted: str) -> Row[Any]:
    """One exercise. Raises Missing."""
    row = (await tx.execute(select(drill).where(drill.c.id == wanted))).first()
    if row is None:
        raise Missing(f"no exercise {wanted}")
    return row


def running_ones() -> Select[Any]:
    """The ids of exercises that run: the watch tends each once a second."""
    return select(drill.c.id).where(drill.c.state == "running")


async def tend(hub: Hub, tx: Tx, wanted: str, put: Put) -> None:
    """Stop for a real alert, else make the injects that are due."""
    row = await row_of(tx, wanted)
    if row.state != "running":
        return
    real = await _real(tx, row)
    if real is not None:
        await _stop(tx, row, f"{real.sender} {real.identifier}", by=alarms.HUB)
        await alarms.ring(tx, "drill.paused", row.id, name=row.name, alert=real.id, sender=real.sender)
        return
    script = load(Script, row.script)
    now = await clock.now(tx)
    ran = timedelta(seconds=row.ran_seconds) + (now - row.anchor)
    while row.position < len(script.injects) and timedelta(minutes=script.injects[row.position].at) <= ran:
        await _inject(hub, tx, row, script.injects[row.position], now, put)
        row = await row_of(tx, wanted)


async def _real(tx: Tx, row: Row[Any]) -> Row[Any] | None:
    """The first message since it last began to run that is no exercise's: live, a system's, or not to be understood."""
    mode = alert.c.result["content"]["mode"].as_string()
    rows = await tx.execute(
        select(alert.c.id, alert.c.sender, alert.c.identifier, mode.label("mode"))
        .where(alert.c.received >= row.anchor)
        .order_by(alert.c.received)
    )
    drills = (Mode.EXERCISE.value, Mode.TEST.value)
    return next((one for one in rows if one.id not in row.alerts and one.mode not in drills), None)


async def _inject(hub: Hub, tx: Tx, row: Row[Any], one: Inject, now: datetime, put: Put) -> None:
    made: list[str] = list(row.alerts)
    if one.alert:
        made.append((await _sent(hub, tx, row, one, now, put)).id)
    else:
        await alarms.ring(tx, "drill.says", f"{row.id}.{row.position}", name=row.name, says=one.says)
    await tx.execute(update(drill).where(drill.c.id == row.id).values(position=row.position + 1, alerts=made))
    body = {"inject": row.position, "at": one.at, "alert": made[-1] if one.alert else ""}
    await ledger.append(tx, actor=alarms.HUB, act="drill.inject", subject=row.id, body=body)


async def _sent(hub: Hub, tx: Tx, row: Row[Any], one: Inject, now: datetime, put: Put) -> Received:
    source = (await directory.sources(tx))[one.source]
    raw = scripts.raw(one, row.id, row.position, now)
    return await put(tx, raw, source=source, pack=await hub.packs.active(tx), media_type=JSON)


async def _stop(tx: Tx, row: Row[Any], why: str, *, by: str) -> None:
    now = await clock.now(tx)
    ran = row.ran_seconds + int((now - row.anchor).total_seconds())
    values = {"state": "paused", "ran_seconds": ran, "why": why}
    await tx.execute(update(drill).where(drill.c.id == row.id, drill.c.state == "running").values(**values))
    await ledger.append(tx, actor=by, act="drill.pause", subject=row.id, body={"why": why})


async def pause(tx: Tx, wanted: str, why: str, *, by: Officer) -> None:
    """Stop for a while. Raises Missing or Conflict."""
    row = await _may(tx, wanted, "paused")
    await _stop(tx, row, why, by=by.id)


async def resume(tx: Tx, wanted: str, *, by: Officer) -> None:
    """Go on where it stopped. Raises Missing or Conflict."""
    await _may(tx, wanted, "running")
    values = {"state": "running", "anchor": await clock.now(tx), "why": ""}
    await tx.execute(update(drill).where(drill.c.id == wanted).values(**values))
    await alarms.clear(tx, "drill.paused", wanted)
    await ledger.append(tx, actor=by.id, act="drill.resume", subject=wanted)


async def end(tx: Tx, wanted: str, *, by: Officer) -> None:
    """It is over; what it published stays until it is lifted or its end comes. Raises Missing or Conflict."""
    row = await _may(tx, wanted, "ended")
    await tx.execute(update(drill).where(drill.c.id == wanted).values(state="ended", ended=await clock.now(tx)))
    await alarms.clear(tx, "drill.paused", wanted)
    for number in range(row.position):
        await alarms.clear(tx, "drill.says", f"{wanted}.{number}")
    await ledger.append(tx, actor=by.id, act="drill.end", subject=wanted)


async def _may(tx: Tx, wanted: str, new: str) -> Row[Any]:
    row = await row_of(tx, wanted)
    if not states.allowed(states.DRILL, row.state, new):
        raise Conflict("drill", (states.refusal(states.DRILL, row.state, new),))
    return row


async def enrol(tx: Tx, wanted: Sequence[str], *, by: str) -> Sequence[str]:
    """Give actual endpoints an exercise twin at the same address; the twins' ids. Raises Missing naming unknown ones."""
    known = {str(one.id): one for one in await directory.endpoints(tx, mode=Mode.ACTUAL.value)}
    unknown = [one for one in wanted if one not in known]
    if unknown:
        raise Missing(f"no actual endpoint {', '.join(unknown)}")
    made = [scripts.twin(known[one]) for one in wanted]
    await directory.add_endpoints(tx, made)
    await ledger.append(tx, actor=by, act="drill.enrol", subject="endpoints", body={"endpoints": list(wanted)})
    return [one.id for one in made]


async def score(tx: Tx, wanted: str) -> Mapping[str, Any]:
    """How it went: each bulletin from draft to the last screen, in seconds, and who was reached. Raises Missing."""
    row = await row_of(tx, wanted)
    until = row.ended or await clock.now(tx)
    played = await tx.execute(
        select(bulletin)
        .where(bulletin.c.mode == Mode.EXERCISE.value, bulletin.c.created >= row.started, bulletin.c.created <= until)
        .order_by(bulletin.c.created)
    )
    return {
        "id": row.id,
        "name": row.name,
        "state": row.state,
        "why": row.why,
        "injects": {"made": row.position, "of": len(row.script["injects"])},
        "bulletins": [await _scored(tx, one) for one in played.all()],
    }


async def _scored(tx: Tx, one: Row[Any]) -> Mapping[str, Any]:
    told: Counter[str] = Counter()
    for (state, _), many in (await standing(tx, [one.id])).items():
        told[state] += many
    mine = delivery.c.bulletin == one.id, delivery.c.medium == Medium.SCREEN.value, delivery.c.state.in_(REACHED)
    screens = (await tx.execute(select(func.max(delivery.c.updated)).where(*mine))).scalar()
    received = (await tx.execute(select(alert.c.received).where(alert.c.bulletin == one.id))).scalars().first()
    return {
        "bulletin": one.id,
        "act": one.act,
        "state": one.state,
        "seconds_to_draft": _between(received, one.created),
        "seconds_to_submit": _between(one.created, one.submitted),
        "seconds_to_release": _between(one.created, one.released),
        "seconds_to_last_screen": _between(one.created, screens),
        "reached": sum(told[state] for state in REACHED),
        "told": told.total(),
        "acknowledged": told["acknowledged"],
    }


def _between(start: datetime | None, end: datetime | None) -> float | None:
    """Seconds, to a tenth; None where either has not happened."""
    return None if start is None or end is None else round((end - start).total_seconds(), 1)
