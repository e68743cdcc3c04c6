"""How is a bulletin written? One form for a new one and for a draft: levels, areas, texts in every language, times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from pydantic import ValidationError

from publisher.model.bulletin import Content
from publisher.model.pack import Pack, PackArea
from publisher.web import deeds, errors
from publisher.web.console.shell import Form, Scene
from publisher.web.drafting import ContentIn, ContentPatch
from publisher.web.errors import Problem
from publisher.work import bulletins

TEXTS = ("headline", "description", "instruction", "area")
MODES = ("actual", "exercise", "test")
DEEPEST = 1
"""How far below the root the area list goes; villages are drafted through the API."""


@dataclass(frozen=True, slots=True)
class Part:
    """One section as the form holds it: texts by (language, field)."""

    level: str = ""
    areas: frozenset[str] = frozenset()
    words: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole form's values."""

    hazard: str = ""
    mode: str = "actual"
    expires: str = ""
    until_lifted: bool = False
    note: str = ""
    parts: tuple[Part, ...] = (Part(),)
    revision: int = 0


async def blank(scene: Scene) -> web.Response:
    """An empty form."""
    return _page(scene, Sheet(), post="/console/bulletins/new")


async def create(scene: Scene) -> web.Response | str:
    """A new draft, or the form again with what does not fit."""
    sheet = _sheet(scene)
    if _text(scene.form, "add"):
        return _page(scene, sheet, post="/console/bulletins/new")
    try:
        made = await deeds.draft(scene.at, ContentIn.model_validate(_given(sheet, scene.pack)), scene.me)
    except (Problem, ValidationError) as error:
        return _again(scene, sheet, error, post="/console/bulletins/new")
    return f"/console/bulletins/{made.id}"


async def show(scene: Scene) -> web.Response:
    """A draft as it is."""
    async with scene.at.hub.db.read() as tx:
        row = await bulletins.row_of(tx, scene.path("id"))
    content = bulletins.of(row).content
    sheet = _of(content, row.revision, scene)
    return _page(scene, sheet, post=scene.request.path, content=content)


async def save(scene: Scene) -> web.Response | str:
    """The draft changed, or the form again with what does not fit."""
    sheet, wanted = _sheet(scene), scene.path("id")
    async with scene.at.hub.db.read() as tx:
        content = (await bulletins.get(tx, wanted)).content
    if _text(scene.form, "add"):
        return _page(scene, sheet, post=scene.request.path, content=content)
    given = _given(sheet, scene.pack)
    del given["mode"]
    if content.origin is not None and content.origin.relay:
        _keep_words(given, content)
    try:
        await deeds.edit(scene.at, wanted, ContentPatch.model_validate(given), sheet.revision, scene.me)
    except (Problem, ValidationError) as error:
        return _again(scene, sheet, error, post=scene.request.path, content=content)
    return f"/console/bulletins/{wanted}"


def _keep_words(given: dict[str, Any], content: Content) -> None:
    """A relay's words are not on the form: they stay as the source wrote them."""
    for part, old in zip(given["sections"], content.sections, strict=False):
        part["words"] = {
            language: {name: getattr(words, name) for name in TEXTS} for language, words in old.words.items()
        }


def _again(
    scene: Scene, sheet: Sheet, error: Problem | ValidationError, *, post: str, content: Content | None = None
) -> web.Response:
    found = error if isinstance(error, Problem) else errors.invalid(error)
    return _page(scene, sheet, post=post, content=content, problem=found)


def _page(
    scene: Scene, sheet: Sheet, *, post: str, content: Content | None = None, problem: Problem | None = None
) -> web.Response:
    relay = content is not None and content.origin is not None and content.origin.relay
    used = frozenset(code for part in sheet.parts for code in part.areas)
    return scene.page(
        "edit.html",
        status=problem.status if problem else 200,
        sheet=sheet,
        post=post,
        content=content,
        problem=problem,
        relay=relay,
        areas=areas(scene.pack, used),
        languages=scene.pack.about.languages,
    )


def areas(pack: Pack, used: frozenset[str]) -> Sequence[PackArea]:
    """The root, what lies right below it, and whatever a section names already."""
    root = pack.about.root_area
    near = {root, *pack.children.get(root, ())}
    return [one for code, one in pack.areas.items() if code in near or code in used]


def _of(content: Content, revision: int, scene: Scene) -> Sheet:
    zone = ZoneInfo(scene.pack.about.time_zone)
    parts = tuple(
        Part(
            one.level,
            frozenset(one.areas),
            {(language, name): getattr(words, name) for language, words in one.words.items() for name in TEXTS},
        )
        for one in content.sections
    )
    expires = content.expires.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
    return Sheet(content.hazard, content.mode.value, expires, content.until_lifted, content.note, parts, revision)


def _sheet(scene: Scene) -> Sheet:
    """The form as it was sent. Sections are numbered; one without areas and texts is left out, as is one ticked away."""
    form = scene.form
    count = min(int(_text(form, "parts") or 1), 20)
    parts = [_part(form, number, scene) for number in range(count) if _text(form, f"{number}.drop") != "yes"]
    if _text(form, "add") == "yes":
        parts.append(Part())
    return Sheet(
        hazard=_text(form, "hazard"),
        mode=_text(form, "mode") or "actual",
        expires=_text(form, "expires"),
        until_lifted=_text(form, "until_lifted") == "yes",
        note=_text(form, "note"),
        parts=tuple(parts) or (Part(),),
        revision=int(_text(form, "revision") or 0),
    )


def _text(form: Form, name: str) -> str:
    return str(form.get(name, "")).strip().replace("\r\n", "\n")


def _part(form: Form, number: int, scene: Scene) -> Part:
    names = [(str(language), name) for language in scene.pack.about.languages for name in TEXTS]
    words = {(language, name): _text(form, f"{number}.{language}.{name}") for language, name in names}
    chosen = frozenset(str(one) for one in form.getall(f"{number}.area", []))
    return Part(_text(form, f"{number}.level"), chosen, words)


def _given(sheet: Sheet, pack: Pack) -> dict[str, Any]:
    """The form as the edge model's keys; areas in the pack's order."""
    order = {str(code): number for number, code in enumerate(pack.areas)}
    sections = [
        {
            "level": part.level,
            "areas": sorted(part.areas, key=lambda code: order.get(code, len(order))),
            "words": _words(part),
        }
        for part in sheet.parts
    ]
    given: dict[str, Any] = {
        "hazard": sheet.hazard,
        "mode": sheet.mode,
        "until_lifted": sheet.until_lifted,
        "note": sheet.note,
        "sections": sections,
    }
    return given | ({"expires": _instant(sheet.expires, pack)} if sheet.expires else {})


def _words(part: Part) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for (language, name), text in part.words.items():
        found.setdefault(language, {})[name] = text
    return found


def _instant(local: str, pack: Pack) -> str:
    """A browser's date and time, which has no zone, in the pack's zone."""
    try:
        return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(pack.about.time_zone)).isoformat()
    except ValueError:
        return local
