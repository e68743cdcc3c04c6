"""What do screens ask and tell? Playlists, pictures and beats from memory, and "this is now shown" as a receipt."""

import re
from typing import Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import Row, Select, select

from publisher.formats import bundle
from publisher.model.delivery import Receipt
from publisher.model.words import Medium
from publisher.store.polls import SCREEN
from publisher.store.tables import bulletin, delivery, endpoint
from publisher.web import public
from publisher.web.answers import ANYWHERE
from publisher.web.context import Call, Web
from publisher.web.errors import simple
from publisher.web.polls import BadKey
from publisher.web.routes import Reply, problem
from publisher.work import receipts

_PICTURE = r"(?:/(?P<number>[1-9]\d{0,3}))?\.(?P<form>1bit\.bmp|24bit\.bmp|bmp|png)"
_PART = r"/(?P<part>beat|frames)\.json"
_PAGE = r"\.(?:json|xml|txt|gb\.txt)"
_ASKED = re.compile(rf"(?P<base>(?:/exercise)?/led/(?P<screen>[^/]+?))(?:{_PAGE}|{_PART}|{_PICTURE})")


class Shown(BaseModel):
    """What a screen now shows: the `id` of a playlist item, or a playlist as a whole by its `sequence`."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field("", max_length=80, description="The item's `id` from the screen's playlist.")
    sequence: int | None = Field(
        None, ge=0, description="The playlist's `sequence`: all of its items are shown, and nothing else any more."
    )
    state: Literal["shown"] = "shown"

    @model_validator(mode="after")
    def _one(self) -> "Shown":
        if bool(self.id) == (self.sequence is not None):
            raise ValueError("say either the `id` of one item or the `sequence` of a whole playlist")
        return self


class Heard(BaseModel):
    """What became of it."""

    delivery: str = Field("", description="The delivery this is evidence for, the newest of several.")
    moved: bool = Field(description="Whether it said something new.")
    deliveries: int = Field(1, description="How many deliveries this is evidence for.")


async def shown(call: Call) -> Reply:
    """A screen's own word that a text is on it. Only that screen's token may say so: evidence is not hearsay."""
    screen = call.path("screen")
    if call.who.source != SCREEN + screen:
        raise simple(403, "not-allowed", f"this token belongs to {call.who.id}, not to screen {screen}")
    rows = await _deliveries(call, screen)
    moved = 0
    for channel in sorted({row.channel for row in rows}):
        told = [Receipt("shown", delivery=row.id) for row in rows if row.channel == channel]
        moved += await receipts.apply(call.hub.db, channel, told)
    return Reply(Heard(delivery=rows[0].id if rows else "", moved=bool(moved), deliveries=len(rows)))


async def _deliveries(call: Call, screen: str) -> list[Row[tuple[str, str]]]:
    """What the screen speaks of, the newest first. Raises Problem for an item or a playlist that it was never given."""
    said: Shown = call.body
    if said.sequence is not None:
        _newest(call, screen, said.sequence)
    async with call.hub.db.read() as tx:
        rows = list((await tx.execute(_wanted(screen, said.id))).all())
    if said.id and not rows:
        says = f"nothing with id {said.id!r} was released to screen {screen}; take `id` from /led/{screen}.json"
        raise simple(404, "missing", says, where="id")
    return rows[:1] if said.id else rows


def _newest(call: Call, screen: str, sequence: int) -> None:
    """Raises Problem 409 for a playlist that is not the newest: it proves nothing about what is shown now."""
    held = [call.at.pages.get(f"{prefix}/led/{screen}.json") for prefix in ("", "/exercise")]
    numbers = [one.seq for one in held if one is not None and not one.gone]
    if sequence not in numbers:
        newest = max(numbers, default=0)
        raise simple(409, "old-playlist", f"the newest playlist of screen {screen} is {newest}", where="sequence")


def _wanted(screen: str, item: str) -> Select[tuple[str, str]]:
    """Deliveries to this screen, of one public id or all that are not known to be shown."""
    found = (
        select(delivery.c.id, delivery.c.channel)
        .join(endpoint, endpoint.c.id == delivery.c.endpoint)
        .join(bulletin, bulletin.c.id == delivery.c.bulletin)
        .where(endpoint.c.medium == Medium.SCREEN.value, endpoint.c.address == screen)
        .order_by(delivery.c.created.desc())
    )
    if item:
        return found.where(bulletin.c.public_id.in_((item.rpartition(".")[0] or item, item)))
    return found.where(delivery.c.state.in_(("accepted", "delivered")))


async def fetched(at: Web, request: web.Request) -> web.StreamResponse:
    """Anything under `/led/`: answered from memory, counted as the screen's poll, refused with a key that ended."""
    asked = _ASKED.fullmatch(request.path)
    if asked is None:
        return await public.serve(at.pages, request)
    device = SCREEN + asked["screen"]
    try:
        keyed = at.polls.device(request.headers.get("Authorization", ""))
    except BadKey as error:
        return problem(simple(401, "not-signed-in", str(error), WWW_Authenticate='Bearer error="invalid_token"'))
    if keyed not in ("", device):
        return problem(simple(403, "not-allowed", f"this key belongs to {keyed}, not to screen {asked['screen']}"))
    answer = await _answer(at, request, asked)
    playlist = at.pages.get(f"{asked['base']}.json")
    if answer.status in (200, 304) and playlist is not None:
        at.polls.saw(device, playlist.seq, keyed=bool(keyed))
    return answer


async def _answer(at: Web, request: web.Request, asked: re.Match[str]) -> web.StreamResponse:
    playlist = f"{asked['base']}.json"
    if asked["form"]:
        return await at.pictures.picture(request, playlist, int(asked["number"] or 1), asked["form"])
    if asked["part"] == "frames":
        return await at.pictures.index(request, playlist)
    if asked["part"] == "beat":
        return beat(at, request, playlist, asked["screen"])
    return await public.serve(at.pages, request)


def beat(at: Web, request: web.Request, playlist: str, screen: str) -> web.StreamResponse:
    """The hub's sealed word that a screen's playlist is still the newest: a 304 alone proves nothing."""
    held, sure = at.pages.get(playlist), at.pages.loaded and at.pages.fresh
    if held is None or held.gone or not sure:
        return public.answer(held, request, loaded=sure, now=at.pages.now())
    nonce = request.query.get("nonce", "")
    body = bundle.beat(screen, held.seq, at.pages.now(), nonce, at.hub.keys.display)
    headers = {"Cache-Control": "no-store", **ANYWHERE}
    return web.Response(body=body, content_type="application/json", headers=headers)


def polled(at: Web, path: str) -> None:
    """The fast lane answered a screen's own page: a poll without a key, counted as any other."""
    asked = _ASKED.fullmatch(path)
    playlist = at.pages.get(f"{asked['base']}.json") if asked else None
    if asked is not None and playlist is not None:
        at.polls.saw(SCREEN + asked["screen"], playlist.seq, keyed=False)
