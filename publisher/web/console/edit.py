"""How is a bulletin written? One form for a new one and for a draft: levels, areas, texts in every language, times."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from aiohttp import web
from pydantic import ValidationError

from publisher.core.datum import SHIFTS
from publisher.model.bulletin import Content
from publisher.model.pack import Pack, PackArea
from publisher.model.words import Mode
from publisher.web import deeds, errors, reading
from publisher.web.console import jots, sheet, subjects
from publisher.web.console.sheet import TEXTS, Sheet
from publisher.web.console.shell import Scene
from publisher.web.drafting import ContentIn, ContentPatch
from publisher.web.errors import Problem, simple
from publisher.work import bulletins
from publisher.work import submit as submitting
from publisher.work.bulletins import Conflict
from publisher.work.submit import Blocked

NEW = "/console/bulletins/new"


async def blank(scene: Scene) -> web.Response:
    """An empty form, one filled from a watched place, or what was typed and not saved; beside it what else to begin with."""
    began = subjects.begun(scene)
    async with scene.at.hub.db.read() as tx:
        jot = await jots.found(tx, scene.who.id, jots.NEW)
        stands = [(row, bulletins.of(row).content) for row in await reading.in_force(tx)]
    live = [one for one in stands if not scene.drilling or one[1].mode is Mode.EXERCISE]
    if began is not None:
        return _page(scene, began.sheet, post=NEW, place=jots.NEW, began=began, live=live)
    found = sheet.of_form(jot.form, scene.pack) if jot else Sheet()
    return _page(scene, found, post=NEW, place=jots.NEW, jot=jot, live=live)


async def create(scene: Scene) -> web.Response | str:
    """A new draft, or the form again with what does not fit."""
    found = sheet.of_form(scene.form, scene.pack)
    if scene.drilling:
        found = replace(found, mode=Mode.EXERCISE.value)
    if sheet.text(scene.form, "add"):
        return _page(scene, found, post=NEW, place=jots.NEW)
    try:
        made = await deeds.draft(scene.at, ContentIn.model_validate(sheet.given(found, scene.pack)), scene.me)
    except (Problem, ValidationError) as error:
        return _again(scene, found, error, post=NEW, place=jots.NEW)
    return await _onward(scene, made.id, jots.NEW, made_revision=1)


async def show(scene: Scene) -> web.Response:
    """A draft as it is, with what this officer typed and did not save."""
    wanted = scene.path("id")
    async with scene.at.hub.db.read() as tx:
        row = await bulletins.row_of(tx, wanted)
        jot = await jots.found(tx, scene.who.id, wanted)
        others = await jots.here(tx, wanted, scene.who.id)
    content = bulletins.of(row).content
    found = sheet.of_form(jot.form, scene.pack) if jot else sheet.of_content(content, row.revision, scene.pack)
    more = {"jot": jot, "revision": row.revision, "others": others}
    return _page(scene, found, post=scene.request.path, place=wanted, content=content, **more)


async def save(scene: Scene) -> web.Response | str:
    """The draft changed, or the form again with what does not fit."""
    found, wanted = sheet.of_form(scene.form, scene.pack), scene.path("id")
    async with scene.at.hub.db.read() as tx:
        content = (await bulletins.get(tx, wanted)).content
    if sheet.text(scene.form, "add"):
        return _page(scene, found, post=scene.request.path, place=wanted, content=content)
    given = sheet.given(found, scene.pack)
    del given["mode"]
    if content.origin is not None and content.origin.relay:
        _keep_words(given, content)
    try:
        await deeds.edit(scene.at, wanted, ContentPatch.model_validate(given), found.revision, scene.me)
    except (Problem, ValidationError) as error:
        return _again(scene, found, error, post=scene.request.path, place=wanted, content=content)
    except Conflict:
        await _saved_meanwhile(scene, wanted, found.revision)
        raise
    return await _onward(scene, wanted, wanted, made_revision=found.revision + 1)


async def _saved_meanwhile(scene: Scene, wanted: str, revision: int) -> None:
    """Raises Problem 409 that says who else saved it; what was typed here is kept beside theirs."""
    async with scene.at.hub.db.read() as tx:
        row = await bulletins.row_of(tx, wanted)
    if row.revision != revision:
        says = scene.words("edit.meanwhile", who=scene.say.person(row.editor))
        raise simple(409, "saved-meanwhile", says)


async def _onward(scene: Scene, made: str, place: str, *, made_revision: int) -> str:
    """To the wall, submitted at once where that was asked for and nothing is in the way of it."""
    async with scene.at.hub.db.write() as tx:
        await jots.drop(tx, scene.who.id, place)
    if sheet.text(scene.form, "then") in ("submit", "hold") and scene.may("bulletin.submit"):
        held = sheet.text(scene.form, "then") == "hold"
        with suppress(Blocked):  # the wall says what is in the way
            await submitting.submit(scene.at.hub, made, by=scene.me, hold=held, revision=made_revision)
    return f"/console/bulletins/{made}"


def _keep_words(given: dict[str, Any], content: Content) -> None:
    """A relay's words are not on the form: they stay as the source wrote them."""
    for part, old in zip(given["sections"], content.sections, strict=False):
        part["words"] = {
            language: {name: getattr(words, name) for name in TEXTS} for language, words in old.words.items()
        }


def _again(
    scene: Scene,
    found: Sheet,
    error: Problem | ValidationError,
    *,
    post: str,
    place: str,
    content: Content | None = None,
) -> web.Response:
    told = error if isinstance(error, Problem) else errors.invalid(error)
    return _page(scene, found, post=post, place=place, content=content, problem=told)


def _page(
    scene: Scene,
    found: Sheet,
    *,
    post: str,
    place: str,
    content: Content | None = None,
    problem: Problem | None = None,
    **more: Any,
) -> web.Response:
    relay = content is not None and content.origin is not None and content.origin.relay
    values: Mapping[str, Any] = {
        "jot": None,
        "revision": found.revision,
        "others": (),
        "live": (),
        "began": None,
        **more,
    }
    return scene.page(
        "edit.html",
        status=problem.status if problem else 200,
        sheet=found,
        post=post,
        place=place,
        content=content,
        problem=problem,
        relay=relay,
        areas=areas(scene.pack, frozenset(sheet.used(found))),
        languages=scene.pack.about.languages,
        datums=tuple(SHIFTS),
        **values,
    )


def areas(pack: Pack, used: frozenset[str]) -> Sequence[PackArea]:
    """The root, what lies right below it, and whatever a section names already."""
    root = pack.about.root_area
    near = {root, *pack.children.get(root, ())}
    return [one for code, one in pack.areas.items() if code in near or code in used]
