"""How does a night begin? A telephone call taken down (接报), or a text pasted: kept as a message, byte for byte."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from publisher.core.archive import source_of
from publisher.core.reader_zh import read_text
from publisher.intake.judge import PASTED
from publisher.model.directory import Source
from publisher.store import directory
from publisher.web import deeds
from publisher.web.console import jots
from publisher.web.console.edit import areas
from publisher.web.console.shell import NO_FORM, Scene
from publisher.web.errors import simple

JSON = "application/json"
LONGEST = 20_000
STATUSES = {"exercise": "Exercise", "test": "Test"}
"""How an alert says that it is none of the real ones (CAP 1.2, `status`)."""


async def show(scene: Scene) -> web.Response:
    """Both forms; what was typed of a call and not saved stands in it again."""
    async with scene.at.hub.db.read() as tx:
        known = sorted((await directory.sources(tx)).values(), key=lambda one: one.id)
        jot = await jots.found(tx, scene.who.id, jots.CALL)
    given = jot.form if jot else NO_FORM
    return scene.page("call.html", sources=known, areas=areas(scene.pack, frozenset()), jot=jot, given=given)


def _field(scene: Scene, name: str, longest: int = 300) -> str:
    return str(scene.form.get(name, "")).strip().replace("\r\n", "\n")[:longest]


async def take_call(scene: Scene) -> str:
    """Keep what was said on the telephone and draft from it; the page of the message where nothing can be drafted."""
    said = _field(scene, "said", LONGEST)
    if not said:
        raise simple(422, "invalid", scene.words("call.owes_words"), where="said")
    source = await _source(scene, _field(scene, "source"))
    raw = json.dumps(_alert(scene, source, said), ensure_ascii=False).encode()
    caller = {name: _field(scene, name) for name in ("caller", "number", "called_back") if _field(scene, name)}
    theirs = replace(source, relay=False, senders=source.senders | {source.id})
    got = await deeds.take_down(scene.at, raw, JSON, theirs, scene.me, caller)
    async with scene.at.hub.db.write() as tx:
        await jots.drop(tx, scene.who.id, jots.CALL)
    if got.content is None:
        return f"/console/alerts/{got.id}"
    made = await deeds.draft_alert(scene.at, got.id, scene.me)
    return f"/console/bulletins/{made.id}"


def _alert(scene: Scene, source: Source, said: str) -> dict[str, Any]:
    """The note as a JSON alert of its source: the officer's words, so never a relay."""
    given = {
        name: _field(scene, name) for name in ("hazard", "level", "headline", "instruction") if _field(scene, name)
    }
    parameters = {name: _field(scene, name) or "-" for name in ("caller", "number", "called_back")}
    return {
        **given,
        "sender": source.id,
        "sent": _when(scene).isoformat(timespec="seconds"),
        "status": STATUSES.get("exercise" if scene.drilling else _field(scene, "mode"), "Actual"),
        "description": said,
        "areas": [str(one) for one in scene.form.getall("area", [])],
        "area_words": [_field(scene, "places")] if _field(scene, "places") else [],
        "parameters": parameters,
    }


def _when(scene: Scene) -> datetime:
    """When they called: the time given, now without one."""
    return scene.this_day(_field(scene, "when")) or scene.now.astimezone(ZoneInfo(scene.pack.about.time_zone))


async def paste(scene: Scene) -> str:
    """Keep a pasted text and show what could be read in it."""
    text = _field(scene, "text", LONGEST)
    if not text:
        raise simple(422, "invalid", scene.words("call.owes_text"), where="text")
    source = (
        await _issuer(scene, text) if not _field(scene, "source") else await _source(scene, _field(scene, "source"))
    )
    got = await deeds.take_down(scene.at, text.encode(), PASTED, source, scene.me, {})
    return f"/console/alerts/{got.id}"


async def _source(scene: Scene, wanted: str) -> Source:
    async with scene.at.hub.db.read() as tx:
        known = await directory.sources(tx)
    if wanted not in known:
        raise simple(422, "invalid", scene.words("call.owes_source"), where="source")
    return known[wanted]


async def _issuer(scene: Scene, text: str) -> Source:
    """The source whose name the text begins with; one for few hazards before one for all. Raises Problem for nobody's."""
    async with scene.at.hub.db.read() as tx:
        known = await directory.sources(tx)
    found = source_of(read_text(text, scene.pack, scene.now), tuple(known.values()), scene.pack)
    if found.id not in known:
        raise simple(422, "invalid", scene.words("call.owes_source"), where="source")
    return found
