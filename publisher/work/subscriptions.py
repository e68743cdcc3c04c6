"""How does somebody of the public come to get warnings by text, e-mail or push, and leave again? Asked, proven by a code, done.

The web process writes what was asked; the worker, which alone can send, makes the endpoint (silent until proven) and sends
the code as a tracked notice. Addresses and codes are sealed; an HMAC finds an address again without telling it.
"""

import hmac
import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import structlog
from sqlalchemy import Row, delete, func, insert, select, update

from publisher.model.directory import RESIDENT, Contact, Endpoint
from publisher.model.notice import Notice, Purpose, Wants
from publisher.model.pack import Pack, said
from publisher.model.words import AreaCode, ContactId, EndpointId, Language, Medium, Mode
from publisher.store import clock, ledger
from publisher.store.codec import dump, load
from publisher.store.database import Tx
from publisher.store.tables import contact, endpoint, subscription
from publisher.work import notices
from publisher.work.context import Hub
from publisher.work.sealed import sealed

log = structlog.get_logger()

VALID = timedelta(minutes=15)
FIRST_REST = timedelta(seconds=2)
"""Doubled each time a code cannot be sent."""
KEPT = timedelta(days=1)
TRIES = 5
CODES_AN_HOUR = 3
"""To one address."""
CODES_A_MINUTE = 60
"""To all addresses together: texts cost money, and a stranger could ask for anybody."""
LOOK_SECONDS = 1.0
PLACES = {
    Medium.SMS: re.compile(r"\+?[0-9][0-9 ()-]{5,22}[0-9]"),
    Medium.EMAIL: re.compile(r"[^@\s]{1,40}@[^@\s.]+(\.[^@\s.]+)+"),
    Medium.APP: re.compile(
        r'\{"endpoint":"https://[^"\\\s]+","keys":\{"auth":"[A-Za-z0-9_-]{22}","p256dh":"[A-Za-z0-9_-]{87}"\}\}'
    ),
}
LONGEST = {Medium.SMS: 80, Medium.EMAIL: 80, Medium.APP: 1500}


class Wish(StrEnum):
    """What somebody asks for."""

    JOIN = "join"
    LEAVE = "leave"


class Refused(ValueError):
    """The address, place or language is none of ours."""


class Busy(Exception):
    """Too many codes were asked for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A checked request. `address`: a number as digits with an optional plus, or an e-mail address in lower
    case, or what a browser says of its push subscription."""

    wish: Wish
    medium: Medium
    address: str
    area: AreaCode
    language: Language


def checked(pack: Pack, wish: str, medium: str, address: str, area: str, language: str) -> Asked:
    """The request if the hub can serve it. Raises Refused."""
    if (
        medium not in PLACES
        or not PLACES[Medium(medium)].fullmatch(address := address.strip())
        or len(address) > LONGEST[Medium(medium)]
    ):
        raise Refused("a mobile number or an e-mail address is wanted")
    if wish == Wish.JOIN and medium not in pack.media_of(RESIDENT):
        raise Refused(f"nobody is told by {medium} here")
    code, tongue = AreaCode(area or pack.about.root_area), Language(language or pack.language)
    if code not in pack.areas or tongue not in pack.about.languages:
        raise Refused("an area and a language of this site are wanted")
    return Asked(Wish(wish), Medium(medium), _plain(Medium(medium), address), code, tongue)


def _plain(medium: Medium, address: str) -> str:
    """The one way to write an address."""
    if medium is Medium.SMS:
        return re.sub(r"[ ()-]", "", address)
    return address.lower() if medium is Medium.EMAIL else address


async def ask(hub: Hub, tx: Tx, asked: Asked) -> str:
    """Write the request down; its secret id. Raises Busy."""
    now = await clock.now(tx)
    index = hub.vault.index(f"{asked.medium}:{asked.address}", "subscription")
    await _not_too_often(tx, index, now)
    made = secrets.token_urlsafe(24)
    values = {
        "id": made,
        "wish": asked.wish.value,
        "medium": asked.medium.value,
        "lookup": index,
        "address": hub.vault.seal(asked.address, "subscription"),
        "area": asked.area,
        "language": asked.language,
        "code": hub.vault.seal(f"{secrets.randbelow(10**6):06d}", "code"),
        "tries": 0,
        "state": "asked",
        "asked": now,
        "expires": now + VALID,
    }
    await tx.execute(insert(subscription).values(**values))
    return made


async def _not_too_often(tx: Tx, index: str, now: datetime) -> None:
    many = select(func.count()).select_from(subscription)
    mine = many.where(subscription.c.lookup == index, subscription.c.asked > now - timedelta(hours=1))
    all_of_it = many.where(subscription.c.asked > now - timedelta(minutes=1))
    for wanted, most in ((mine, CODES_AN_HOUR), (all_of_it, CODES_A_MINUTE)):
        if (await tx.execute(wanted)).scalar_one() >= most:
            raise Busy("too many codes were asked for")


async def confirm(hub: Hub, tx: Tx, of: str, code: str) -> Wish | None:
    """What was done, or None for a wrong, old or used code. A fifth wrong try ends the request."""
    now = await clock.now(tx)
    tried = (
        update(subscription)
        .where(subscription.c.id == of, subscription.c.state == "sent", subscription.c.expires > now)
        .where(subscription.c.tries < TRIES)
        .values(tries=subscription.c.tries + 1)
        .returning(subscription)
    )
    row = (await tx.execute(tried)).first()
    if row is None or not hmac.compare_digest(hub.vault.open(row.code, "code").encode(), code.strip().encode()):
        return None
    await tx.execute(update(subscription).where(subscription.c.id == of).values(state="done"))
    wish = Wish(row.wish)
    await _settle(tx, row, "verified" if wish is Wish.JOIN else "opted_out")
    await ledger.append(tx, actor="public", act=f"subscription.{wish}", subject=endpoint_of(row), body={})
    return wish


async def _settle(tx: Tx, row: Row[Any], state: str) -> None:
    """The endpoint as proven. Who leaves is forgotten but for the account of what was sent."""
    held = (await tx.execute(select(endpoint.c.body).where(endpoint.c.id == endpoint_of(row)))).scalar_one()
    one = replace(load(Endpoint, held), state=state)
    if state == "verified":
        one = replace(one, areas=(AreaCode(row.area),), language=Language(row.language))
    else:
        one = replace(one, address="")
    await _put(tx, one)


def endpoint_of(row: Row[Any]) -> str:
    """The endpoint of an address: always the same one, so that nobody is on the list twice."""
    return f"sub-{row.lookup[:32]}"


@dataclass(frozen=True, slots=True)
class Rest:
    """A request whose code could not be sent: how often it was tried, and until when it rests."""

    tries: int
    until: datetime


Resting = dict[str, Rest]


async def run(hub: Hub) -> None:
    """Send codes until cancelled; the process border for a database that is away."""
    resting: Resting = {}
    while True:
        since = hub.bell.heard
        try:
            await send_codes(hub, resting)
        except Exception:
            log.exception("codes are not sent")
        await hub.bell.wait(LOOK_SECONDS, since)


async def send_codes(hub: Hub, resting: Resting | None = None) -> int:
    """Send every code that was asked for and is still good, and forget what is long over; how many requests were seen to.

    What cannot be sent rests for longer each time; `resting` remembers it from one call to the next.
    """
    tired = {} if resting is None else resting
    async with hub.db.read() as tx:
        now = await clock.now(tx)
        wanted = select(subscription.c.id).where(subscription.c.state == "asked", subscription.c.expires > now)
        wanted = wanted.where(subscription.c.id.not_in([one for one, rest in tired.items() if rest.until > now]))
        due = (await tx.execute(wanted.order_by(subscription.c.asked).limit(100))).scalars().all()
        old = (await tx.execute(select(subscription.c.id).where(subscription.c.asked < now - KEPT).limit(1))).first()
    sent = {one: await _try(hub, one) for one in due}
    for one, gone in sent.items():
        tries = tired.pop(one, Rest(0, now)).tries
        if not gone:
            tired[one] = Rest(tries + 1, now + FIRST_REST * 2**tries)
    if due:
        hub.bell.ring(0)
    if old:
        async with hub.db.write() as tx:
            await tx.execute(delete(subscription).where(subscription.c.asked < now - KEPT))
    return sum(sent.values())


async def _try(hub: Hub, of: str) -> bool:
    """Send one code; one that cannot be sent, whatever the reason, keeps nobody else waiting."""
    try:
        async with hub.db.write() as tx:
            await _send(hub, tx, of)
    except Exception:
        log.exception("a code is not sent", request=of)
        return False
    return True


async def _send(hub: Hub, tx: Tx, of: str) -> None:
    mine = update(subscription).where(subscription.c.id == of, subscription.c.state == "asked")
    row = (await tx.execute(mine.values(state="sent").returning(subscription))).first()
    if row is None:
        return
    pack = await hub.packs.active(tx)
    if not await _known(hub, tx, row, pack):
        return
    facts = {
        "text": hub.vault.open(row.code, "code"),
        "minutes": str(int(VALID.total_seconds() // 60)),
        "title": said(pack.about.name, row.language),
    }
    what = Notice(Purpose.NOTICE, "subscribe", of, of, row.expires, facts=facts, wants=Wants.ARRIVAL)
    await notices.send(hub, tx, what, (endpoint_of(row),))


async def _known(hub: Hub, tx: Tx, row: Row[Any], pack: Pack) -> bool:
    """Whether there is an endpoint to send a code to. Somebody who never joined cannot leave, and is told nothing."""
    name = endpoint_of(row)
    held = (await tx.execute(select(endpoint.c.body).where(endpoint.c.id == name))).scalar()
    joins = row.wish == Wish.JOIN.value
    if held is not None and load(Endpoint, held).state in ("verified", "silent"):
        return True
    if not joins:
        return False
    address = sealed(hub.vault, hub.vault.open(row.address, "subscription"))
    one = Endpoint(
        EndpointId(name),
        Medium(row.medium),
        address,
        (AreaCode(row.area),),
        pack.about.centre,
        Language(row.language),
        Mode.ACTUAL,
        contact=ContactId(name),
        role=RESIDENT,
        tags=frozenset({"subscriber"}),
        state="silent",
    )
    await tx.execute(delete(contact).where(contact.c.id == name))
    person = Contact(ContactId(name), "", RESIDENT, pack.about.centre, on_duty=False)
    await tx.execute(insert(contact).values(id=name, unit=person.unit, body=dump(person)))
    await _put(tx, one)
    return True


async def _put(tx: Tx, one: Endpoint) -> None:
    values = {
        "medium": one.medium.value,
        "mode": one.mode.value,
        "state": one.state,
        "address": one.address,
        "unit": one.unit,
        "contact": one.contact,
        "body": dump(one),
    }
    changed = await tx.execute(update(endpoint).where(endpoint.c.id == one.id).values(**values))
    if changed.rowcount == 0:
        await tx.execute(insert(endpoint).values(id=one.id, **values))
