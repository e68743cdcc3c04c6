"""What must be told afterwards, and of when are its figures? Reports as facts frozen at one moment, sent and receipted.

A report keeps codes, instants and counts, never words: each reader gets it in their language, on a page, for print or as
DOCX (`publisher.web.documents`). The kinds: `flash` (值班快报) on one warning, `after` at its end, `false` on one that was
taken back, `daily` each morning.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import ColumnElement, Row, func, select, update

from publisher.core.manifest import digest_of
from publisher.model.notice import Notice, Purpose, Wants
from publisher.model.pack import Pack, said
from publisher.model.words import Mode
from publisher.store import clock, duty, ledger
from publisher.store.conflict import insert_if_new
from publisher.store.database import Tx
from publisher.store.standing import standing
from publisher.store.tables import alert, answer, bulletin, report, shift, warning
from publisher.store.tables import ledger as rows
from publisher.work import notices
from publisher.work.bulletins import LIGHT, Missing, in_force, new_id
from publisher.work.context import Hub

log = structlog.get_logger()

KINDS = ("flash", "after", "false", "daily")
DAILY = time(6, 30)
"""When the morning's report is made, in the pack's zone."""
LOOK_SECONDS = 30.0
READ_WITHIN = timedelta(days=1)
TIMELINE = 400
"""Lines of a timeline at most."""


async def make(tx: Tx, kind: str, subject: str, *, by: str, note: str = "", named: str = "") -> str:
    """Freeze a report; its id. `subject` is a warning's id, or a day for the daily one. Raises Missing.

    `named`: the id of one that is made once; empty when somebody made it already.
    """
    now = await clock.now(tx)
    facts = await (_day(tx, now) if kind == "daily" else _event(tx, subject))
    body = {**facts, "as_of": now.isoformat(), "note": note}
    mine = named or new_id("r")
    values = {"id": mine, "kind": kind, "subject": subject, "as_of": now, "made_by": by, "body": body}
    if not await insert_if_new(tx, report, {**values, "digest": digest_of(body)}):
        return ""
    told = {"kind": kind, "about": subject, "digest": digest_of(body)}
    await ledger.append(tx, actor=by, act="report.make", subject=mine, body=told)
    return mine


async def get(tx: Tx, wanted: str) -> Row[Any]:
    """One report. Raises Missing."""
    row = (await tx.execute(select(report).where(report.c.id == wanted))).first()
    if row is None:
        raise Missing(f"no report {wanted}")
    return row


async def _event(tx: Tx, wanted: str) -> dict[str, Any]:
    """Everything of one warning: its bulletins with their accounts, and who did what when."""
    row = (await tx.execute(select(warning).where(warning.c.id == wanted))).first()
    if row is None:
        raise Missing(f"no warning {wanted}")
    chain = select(*LIGHT).where(bulletin.c.warning == wanted).order_by(bulletin.c.version)
    found = (await tx.execute(chain)).all()
    ids = [one.id for one in found]
    answered = select(func.count()).select_from(answer).where(answer.c.warning == wanted)
    return {
        "warning": wanted,
        "hazard": row.hazard,
        "mode": row.mode,
        "live": row.current is not None,
        "bulletins": await _told(tx, found),
        "answers": int((await tx.execute(answered)).scalar() or 0),
        "timeline": await _timeline(tx, [wanted, *ids]),
    }


async def _day(tx: Tx, now: datetime) -> dict[str, Any]:
    """The last 24 hours: what went out, what came in, what stands, who handed over to whom. Drills are no part of it."""
    since, real = now - timedelta(days=1), bulletin.c.mode == Mode.ACTUAL.value
    out = select(*LIGHT).where(bulletin.c.released >= since, real).order_by(bulletin.c.released)
    live = in_force(*LIGHT).where(real)
    came = select(alert.c.outcome, func.count()).where(alert.c.received >= since, _meant()).group_by(alert.c.outcome)
    taken = select(shift).where(shift.c.taken >= since).order_by(shift.c.taken)
    return {
        "since": since.isoformat(),
        "bulletins": await _told(tx, (await tx.execute(out)).all()),
        "standing": await _told(tx, (await tx.execute(live.order_by(bulletin.c.rank.desc()))).all()),
        "alerts": {row[0]: row[1] for row in await tx.execute(came)},
        "shifts": [
            {"from": row.handed_by, "to": row.taken_by, "at": row.taken.isoformat(), "note": row.note}
            for row in await tx.execute(taken)
        ],
    }


def _meant() -> ColumnElement[bool]:
    """Incoming messages that are no drill's, as far as they could be read."""
    modes = [alert.c.result[(name, "mode")].as_string() for name in ("content", "readable")]
    meant: ColumnElement[bool] = func.coalesce(*modes, Mode.ACTUAL.value) == Mode.ACTUAL.value
    return meant


async def _told(tx: Tx, found: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    accounts = await _accounts(tx, [one.id for one in found])
    return [_bulletin(one, accounts.get(one.id, {})) for one in found]


def _bulletin(row: Row[Any], account: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    sections = row.content["sections"]
    moments = {name: _iso(row, name) for name in ("created", "submitted", "released", "ended", "expires")}
    return {
        "id": row.id,
        "public_id": row.public_id or "",
        "version": row.version,
        "act": row.act,
        "state": row.state,
        "hazard": row.content["hazard"],
        "levels": [one["level"] for one in sections],
        "areas": [area for one in sections for area in one["areas"]],
        "texts": [{name: words["description"] for name, words in one["words"].items()} for one in sections],
        "note": row.content.get("note", ""),
        "drafter": row.drafter,
        "account": {medium: dict(states) for medium, states in account.items()},
        **moments,
    }


def _iso(row: Row[Any], name: str) -> str | None:
    moment = getattr(row, name)
    return moment.isoformat() if moment is not None else None


async def _accounts(tx: Tx, of: Sequence[str]) -> Mapping[str, Mapping[str, Mapping[str, int]]]:
    """Bulletin -> medium -> delivery state -> endpoints."""
    found: dict[str, dict[str, Counter[str]]] = {}
    for (one, medium, state, _), many in (await standing(tx, of, "bulletin", "medium")).items():
        found.setdefault(one, {}).setdefault(medium, Counter())[state] += many
    return found


async def _timeline(tx: Tx, subjects: Sequence[str]) -> list[dict[str, Any]]:
    acts = select(rows.c.at, rows.c.actor, rows.c.act, rows.c.subject, rows.c.body)
    found = await tx.execute(acts.where(rows.c.subject.in_(subjects)).order_by(rows.c.seq).limit(TIMELINE))
    return [
        {
            "at": row.at.isoformat(),
            "actor": row.actor,
            "act": row.act,
            "subject": row.subject,
            "of": _whose(json.loads(row.body)),
        }
        for row in found
    ]


def _whose(body: Mapping[str, Any]) -> str:
    """Whose yes was taken down; empty where a person acted for themselves."""
    return str(body.get("officer") or body.get("who") or "") if body.get("kind") == "attested" else ""


async def send(
    hub: Hub, tx: Tx, wanted: str, contacts: Sequence[str], *, title: str, by: str, kind: str = "report"
) -> int:
    """Tell contacts that a report is there, with its address; how many are told now. Each is a tracked delivery.

    `kind` names the words it is told in, those of `templates/messages/notice/`.
    """
    row, now = await get(tx, wanted), await clock.now(tx)
    facts = {"title": title, "text": row.body["note"], "by": by, "url": f"{hub.desk_url}/console/reports/{wanted}"}
    what = Notice(
        purpose=Purpose.REPORT,
        kind=kind,
        subject=wanted,
        key=f"{wanted}|report",
        expires=now + READ_WITHIN,
        mode=Mode(row.body.get("mode", Mode.ACTUAL)),
        facts=facts,
        wants=Wants.ARRIVAL,
    )
    made = await notices.send(hub, tx, what, contacts, actor=by)
    if made and row.sent is None:
        await tx.execute(update(report).where(report.c.id == wanted).values(sent=now))
    return len(made)


async def people_of(tx: Tx, units: Sequence[str]) -> list[str]:
    """Who is on duty for these units; all of a unit's contacts where nobody is."""
    known, posts = await duty.staff(tx), await duty.posts(tx)
    found: list[str] = []
    for unit in units:
        found += sorted(posts.get(unit, ())) or [one.id for one in known.values() if one.unit == unit]
    return found


async def morning(hub: Hub) -> str:
    """Make and send today's daily report once its time has come; its id, empty when there is nothing to do."""
    async with hub.db.read() as tx:
        pack = await hub.packs.active(tx)
        local = (await clock.now(tx)).astimezone(ZoneInfo(pack.about.time_zone))
        day = f"{local:%Y-%m-%d}"
        made = select(report.c.id).where(report.c.id == f"r-daily-{day}")
        if local.time() < DAILY or (await tx.execute(made)).first() is not None:
            return ""
    async with hub.db.write() as tx:
        mine = await make(tx, "daily", day, by="hub", named=f"r-daily-{day}")
        if mine:
            await send(
                hub,
                tx,
                mine,
                await people_of(tx, [pack.about.centre]),
                title=_named(pack, local),
                by="hub",
                kind="daily",
            )
    hub.bell.ring(0)
    return mine


def _named(pack: Pack, local: datetime) -> str:
    return f"{said(pack.about.name, pack.language)} {local:%Y-%m-%d %H:%M}"


async def run(hub: Hub) -> None:
    """Look every half minute; the process border for a database that is away."""
    while True:
        try:
            await morning(hub)
        except Exception:
            log.exception("no morning report")
        await asyncio.sleep(LOOK_SECONDS)
