"""How does the hub tell its own people something, and hear that they have it? Tracked messages of its own to contacts.

A notice is ordinary batches and deliveries under its own id (never a warning's), in the withdrawal lane, so that Hold
does not stop it and coverage does not count it. Each endpoint of the contact is one batch, due a few minutes after the
one before: no process need live for the next one to be tried. Its bytes are artefacts of their own, hashed when stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, insert, select, update

from channels.base import Fields, Misconfigured, Push
from publisher.core import notices as rules
from publisher.core.manifest import sha256
from publisher.model.directory import Contact, Endpoint
from publisher.model.notice import Notice, Purpose, Wants
from publisher.model.pack import Pack
from publisher.model.words import Lane, Mode
from publisher.store import clock, ledger
from publisher.store.codec import load
from publisher.store.database import Tx
from publisher.store.tables import artefact, batch, contact, delivery, endpoint, notice
from publisher.work import alarms
from publisher.work.context import Hub
from publisher.work.sift import SENDABLE


@dataclass(frozen=True, slots=True)
class _Text:
    """One composed message: the artefact's name, its bytes, and the channels that shape it alike."""

    name: str
    media_type: str
    body: bytes
    channels: tuple[str, ...]


async def send(hub: Hub, tx: Tx, what: Notice, contacts: Sequence[str], *, actor: str = "hub") -> tuple[str, ...]:
    """Tell each contact, in the caller's transaction; the ids of the notices made (none for a key sent before).

    A contact without a usable endpoint gets a notice that is `unreachable`: seen, never silent. Ring the bell after
    the commit.
    """
    pack = await hub.packs.active(tx)
    made = [await _send(hub, tx, what, one, pack, actor) for one in await _contacts(tx, contacts)]
    return tuple(one for one in made if one)


async def _contacts(tx: Tx, wanted: Sequence[str]) -> list[Contact]:
    rows = await tx.execute(select(contact.c.id, contact.c.body).where(contact.c.id.in_(wanted)))
    known = {row.id: load(Contact, row.body) for row in rows}
    return [known[one] for one in dict.fromkeys(wanted) if one in known]


async def _send(hub: Hub, tx: Tx, what: Notice, to: Contact, pack: Pack, actor: str) -> str:
    key = f"{what.key}|{to.id}"
    mine = f"n-{sha256(key.encode())[:24]}"
    if (await tx.execute(select(notice.c.id).where(notice.c.id == mine))).first() is not None:
        return ""
    now = await clock.now(tx)
    media = tuple(pack.about.notices.channels)
    known = rules.in_order(to, await _endpoints(tx, to, what.mode), media, call=what.call)
    texts = {(one.medium, one.language): await _text(hub, tx, what, one, pack) for one in known}
    ready = [(one, text) for one in known if (text := texts[one.medium, one.language]) is not None]
    values = _row(mine, key, what, to, now, reachable=bool(ready))
    await ledger.append(tx, actor=actor, act="notice.send", subject=mine, body=_told(what, to, ready))
    await tx.execute(insert(notice).values(**values))
    if ready:
        await tx.execute(insert(artefact), _artefacts(mine, {text.name: text for _, text in ready}))
        pause = timedelta(minutes=pack.about.notices.answer_minutes)
        rows = [_batch(mine, what, n, one, text, now + n * pause, now) for n, (one, text) in enumerate(ready)]
        await tx.execute(insert(batch), rows)
    elif what.mode is Mode.ACTUAL:
        await alarms.ring(tx, "notice_unreachable", mine, contact=to.name, about=what.subject)
    return mine


def _row(mine: str, key: str, what: Notice, to: Contact, now: datetime, *, reachable: bool) -> dict[str, Any]:
    return {
        "id": mine,
        "key": key,
        "purpose": what.purpose.value,
        "kind": what.kind,
        "subject": what.subject,
        "contact": to.id,
        "mode": what.mode.value,
        "rank": what.rank,
        "facts": dict(what.facts),
        "wants": what.wants.value,
        "state": "open" if reachable else "unreachable",
        "created": now,
        "expires": what.expires,
        "ended": None if reachable else now,
    }


def _told(what: Notice, to: Contact, ready: Sequence[tuple[Endpoint, _Text]]) -> dict[str, Any]:
    return {
        "kind": what.kind,
        "about": what.subject,
        "contact": to.id,
        "endpoints": [one.id for one, _ in ready],
        "sha256": sorted({sha256(text.body) for _, text in ready}),
    }


async def _endpoints(tx: Tx, to: Contact, mode: Mode) -> list[Endpoint]:
    mine = select(endpoint.c.body).where(
        endpoint.c.contact == to.id, endpoint.c.mode == mode.value, endpoint.c.state.in_(SENDABLE)
    )
    return [load(Endpoint, row.body) for row in await tx.execute(mine)]


async def _text(hub: Hub, tx: Tx, what: Notice, to: Endpoint, pack: Pack) -> _Text | None:
    """The message as the medium's first usable channel shapes it; None when no channel of the medium is open."""
    open_ones = {name: one for name in pack.about.notices.channels[to.medium] if (one := await _open(hub, tx, name))}
    if not open_ones:
        return None
    words = hub.notice_texts(pack).words(what.kind, to.language, to.medium, what.facts, pack=pack, mode=what.mode)
    exercise = what.mode is not Mode.ACTUAL
    fields = Fields(words, to.language, "", "#000000", what.rank, exercise, what.facts.get("url", ""))
    composed = {name: one.compose(fields) for name, one in open_ones.items()}
    first = next(iter(composed.values()))
    alike = tuple(name for name, one in composed.items() if one.body == first.body)
    return _Text(f"{to.medium}.{to.language}", first.media_type, first.body, alike)


async def _open(hub: Hub, tx: Tx, name: str) -> Push | None:
    try:
        found = await hub.channels.get(tx, name)
    except (Misconfigured, LookupError):
        return None
    return found if isinstance(found, Push) else None


def _artefacts(mine: str, texts: Mapping[str, _Text]) -> list[dict[str, Any]]:
    return [
        {
            "bulletin": mine,
            "name": name,
            "kind": "notice",
            "section": 0,
            "language": name.partition(".")[2],
            "media_type": one.media_type,
            "body": one.body,
            "bound": sha256(one.body),
            "facts": {},
            "final": one.body,
            "final_hash": sha256(one.body),
        }
        for name, one in texts.items()
    ]


def _batch(
    mine: str, what: Notice, number: int, to: Endpoint, text: _Text, due_at: datetime, now: datetime
) -> dict[str, Any]:
    return {
        "id": f"{mine}.{number:02}",
        "purpose": what.purpose.value,
        "wave": mine,
        "bulletin": mine,
        "warning": mine,
        "medium": to.medium.value,
        "channels": list(text.channels),
        "text": text.name,
        "uncertain": "repeat",
        "endpoints": [to.id],
        "lane": int(Lane.WITHDRAWAL),
        "rank": what.rank,
        "exercise": what.mode is not Mode.ACTUAL,
        "state": "ready",
        "released": True,
        "due_at": due_at,
        "expires": what.expires,
        "created": now,
    }


async def close(tx: Tx, subject: str, *, state: str = "closed", kinds: Sequence[str] = ()) -> int:
    """End every open notice about `subject` (of `kinds`, if given): the thing was done. What has not started stops."""
    mine = select(notice.c.id).where(notice.c.subject == subject, notice.c.state.in_(("open", "unanswered")))
    if kinds:
        mine = mine.where(notice.c.kind.in_(kinds))
    found = list((await tx.execute(mine.order_by(notice.c.id))).scalars())
    for one in found:
        await _end(tx, one, state)
    return len(found)


async def _end(tx: Tx, mine: str, state: str) -> None:
    now = await clock.now(tx)
    await tx.execute(update(notice).where(notice.c.id == mine).values(state=state, ended=now))
    waiting = (batch.c.bulletin == mine) & (batch.c.state == "ready")
    await tx.execute(update(batch).where(waiting).values(current=False, state="stopped", reason=state))
    await alarms.clear(tx, "notice_unanswered", mine)


async def answer(tx: Tx, mine: str, *, by: str) -> bool:
    """Somebody says "I have it" for a notice; whether it was still open. The caller knows that `by` may."""
    row = (await tx.execute(select(notice).where(notice.c.id == mine))).first()
    if row is None or row.state not in ("open", "unanswered"):
        return False
    await ledger.append(tx, actor=by, act="notice.answer", subject=mine, body={"about": row.subject})
    await _end(tx, mine, "answered")
    return True


def open_ones() -> Select[tuple[str]]:
    """Asks for the notices that may go on because time passed or a receipt came."""
    return select(notice.c.id).where(notice.c.state == "open").order_by(notice.c.id)


async def tend(hub: Hub, tx: Tx, mine: str) -> None:
    """Let one open notice go on: end it when it was answered or nobody will, hasten the next endpoint when one is lost."""
    row = (await tx.execute(select(notice).where(notice.c.id == mine, notice.c.state == "open"))).first()
    if row is None:
        return
    patience = timedelta(minutes=(await hub.packs.active(tx)).about.notices.answer_minutes)
    now = await clock.now(tx)
    tries = await _tries(tx, mine)
    seen = rules.look(tries, wants=Wants(row.wants), now=now, expires=row.expires, patience=patience)
    if seen.hasten:
        await tx.execute(update(batch).where(batch.c.id == seen.hasten, batch.c.state == "ready").values(due_at=now))
    if seen.over:
        await _end(tx, mine, seen.over)
    if seen.over == "unanswered":
        await _nobody(tx, row)


async def _nobody(tx: Tx, row: Row[Any]) -> None:
    """A request goes on to the next person by its own deadline; anything else needs an officer's eye."""
    await ledger.append(tx, actor="hub", act="notice.unanswered", subject=row.id, body={"about": row.subject})
    if row.purpose != Purpose.REQUEST:
        name = (await tx.execute(select(contact.c.body).where(contact.c.id == row.contact))).scalar()
        facts = {"contact": (name or {}).get("name", row.contact), "about": row.facts.get("title", row.subject)}
        await alarms.ring(tx, "notice_unanswered", row.id, **facts)


async def _tries(tx: Tx, mine: str) -> list[rules.Try]:
    """One per endpoint, in order; retries and the next channel of one endpoint are one turn."""
    states = select(delivery.c.endpoint, delivery.c.state).where(delivery.c.wave == mine)
    known = {row.endpoint: row.state for row in await tx.execute(states)}
    rows = (await tx.execute(select(batch).where(batch.c.wave == mine).order_by(batch.c.id))).all()
    firsts = [row for row in rows if "~" not in row.id]
    return [
        rules.Try(row.id, row.due_at, row.state == "ready" and row.endpoints[0] not in known, _stands(row, known))
        for row in firsts
    ]


def _stands(row: Row[Any], known: Mapping[str, str]) -> str:
    return known.get(row.endpoints[0], "stopped" if row.state in ("stopped", "quarantined") else "")
