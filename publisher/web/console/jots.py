"""What was typed and not saved, what of it is missing, and who else writes here? Kept as one types, found again afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from multidict import MultiDict, MultiDictProxy
from pydantic import ValidationError
from sqlalchemy import delete, select

from publisher.core import items, planning
from publisher.core.items import Item
from publisher.model.bulletin import Chain
from publisher.model.pack import Pack
from publisher.model.plan import Problem as Found
from publisher.store import clock
from publisher.store.conflict import put
from publisher.store.database import Tx
from publisher.store.tables import jotting
from publisher.web import errors
from publisher.web.console import sheet as sheets
from publisher.web.console.shell import Form, Scene
from publisher.web.drafting import ContentIn, fresh
from publisher.web.errors import Problem
from publisher.work import bulletins

NEW, CALL = "new", "call"
HERE = timedelta(seconds=60)
"""Who typed within this time is still at it."""
LONGEST = 120_000
NOT_KEPT = ("csrf", "once", "proof", "proof_passkey")


@dataclass(frozen=True, slots=True)
class Jot:
    """What somebody typed on a page: the form's fields, against which revision, and when."""

    form: Form
    revision: int
    at: datetime


async def keep(scene: Scene) -> web.Response:
    """Keep the form as it stands; the answer says what is missing and who else is here."""
    place = scene.path("place")
    fields = [[name, value] for name, value in scene.form.items() if name not in NOT_KEPT and isinstance(value, str)]
    if sum(len(value) for _, value in fields) > LONGEST:
        return scene.page("_missing.html", items=(), found=(), wrong=None, others=(), kept=False)
    async with scene.at.hub.db.write() as tx:
        revision = int(sheets.text(scene.form, "revision") or 0)
        now = await clock.now(tx)
        # In one statement: two tabs of one officer may keep the same page at the same moment.
        mine = {"officer": scene.who.id, "place": place}
        await put(tx, jotting, mine, {"fields": fields, "revision": revision, "at": now})
        others = await here(tx, place, scene.who.id)
        relay = await _relay(tx, place)
    missing = Missing() if relay or place == CALL else look(scene)
    return scene.page("_missing.html", **missing.values(), others=others, kept=True)


async def _relay(tx: Tx, place: str) -> bool:
    """Whether the words are not on the form at all."""
    if place in (NEW, CALL):
        return False
    origin = (await bulletins.get(tx, place)).content.origin
    return origin is not None and origin.relay


async def drop(tx: Tx, who: str, place: str) -> None:
    """It was saved, or is not wanted any more."""
    await tx.execute(delete(jotting).where(jotting.c.officer == who, jotting.c.place == place))


async def forget(scene: Scene) -> str:
    """Throw what was typed away and show what is saved."""
    place = scene.path("place")
    async with scene.at.hub.db.write() as tx:
        await drop(tx, scene.who.id, place)
    pages = {NEW: "/console/bulletins/new", CALL: "/console/call"}
    return pages.get(place, f"/console/bulletins/{place}/edit")


async def found(tx: Tx, who: str, place: str) -> Jot | None:
    """What an officer typed here and did not save."""
    mine = select(jotting).where(jotting.c.officer == who, jotting.c.place == place)
    row = (await tx.execute(mine)).first()
    if row is None:
        return None
    return Jot(MultiDictProxy(MultiDict([(name, value) for name, value in row.fields])), row.revision, row.at)


async def here(tx: Tx, place: str, who: str) -> Sequence[str]:
    """Officers who are writing at the same draft now. A new one, and a call, are everybody's own."""
    if place in (NEW, CALL):
        return ()
    since = await clock.now(tx) - HERE
    others = (jotting.c.place == place) & (jotting.c.officer != who) & (jotting.c.at > since)
    return list((await tx.execute(select(jotting.c.officer).where(others).order_by(jotting.c.officer))).scalars())


@dataclass(frozen=True, slots=True)
class Missing:
    """What a form does not say yet: the items the law wants, what planning finds, and what does not fit the pack."""

    items: Sequence[Item] = ()
    found: Sequence[Found] = ()
    wrong: Problem | None = None

    def values(self) -> Mapping[str, Any]:
        """For a template."""
        return {"items": self.items, "found": self.found, "wrong": self.wrong}


def look(scene: Scene) -> Missing:
    """Check a form as it stands, without saving or planning anything."""
    pack: Pack = scene.pack
    try:
        edge = ContentIn.model_validate(sheets.given(sheets.of_form(scene.form, pack), pack))
        content = fresh(edge, pack=pack, by=scene.me, now=scene.now)
    except ValidationError as error:
        return Missing(wrong=errors.invalid(error))
    except (Problem, KeyError) as error:
        return Missing(wrong=error if isinstance(error, Problem) else None)
    today = scene.now.astimezone(ZoneInfo(pack.about.time_zone))
    return Missing(items.items(content, pack), planning.check(content, pack, today, Chain()))
