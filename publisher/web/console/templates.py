"""What do the texts say under a policy, and under another one? Its templates, and one bulletin rendered by both, side by side."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from aiohttp import web

from publisher.model.bulletin import Bulletin
from publisher.model.pack import Pack
from publisher.model.plan import Artefact
from publisher.store import versions
from publisher.store.database import Tx
from publisher.web import reading
from publisher.web.console.differences import Pieces, pieces_of
from publisher.web.console.screen import Screen
from publisher.web.console.shell import Scene
from publisher.web.errors import simple
from publisher.work import bulletins, plan

PAGE = "/console/templates"
RECENT = 20
"""Bulletins offered to be rendered."""
LONGEST = 6000
"""Characters of a text that are compared piece by piece; of a longer one, a file for programs, only whether it differs."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text as it goes out: whether the other version makes it `new`, `gone`, `changed` or the `same`."""

    name: str
    kind: str
    language: str
    state: str
    pieces: Pieces = ()


@dataclass(frozen=True, slots=True)
class Source:
    """One template whose source differs: its lines, each marked `+`, `-` or a space."""

    name: str
    state: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """Another version held against the one in force: sources that differ, and a bulletin's texts under both."""

    other: str
    sources: tuple[Source, ...]
    texts: tuple[Text, ...]


def spoken(pack: Pack) -> Mapping[str, str]:
    """The templates in the pack's languages: a version holds the hub's others too, which nobody here can need.

    A template's language stands before its last suffix, as in `any.short.en.txt`.
    """
    languages = {*pack.about.languages, *(one.partition("-")[0] for one in pack.about.languages)}
    return {name: text for name, text in pack.templates.items() if name.rpartition("/")[2].split(".")[-2] in languages}


async def show(scene: Scene) -> web.Response:
    """The templates in force; with `against` and `bulletin`, what another version would make of them."""
    against, wanted = (scene.request.query.get(name, "") for name in ("against", "bulletin"))
    async with scene.at.hub.db.read() as tx:
        rows = [row for row in await versions.listed(tx) if row.hash != scene.pack.hash]
        recent = await reading.listed(tx, limit=RECENT)
        compared = await _compared(scene, tx, against, wanted or (recent[0].id if recent else "")) if against else None
    return scene.page(
        "templates.html",
        templates=spoken(scene.pack),
        rows=rows,
        recent=[(row, bulletins.of(row).content) for row in recent],
        compared=compared,
        query=scene.request.query,
    )


async def _compared(scene: Scene, tx: Tx, against: str, wanted: str) -> Compared:
    if against not in {row.hash for row in await versions.listed(tx)}:
        raise simple(404, "missing", against, where="against")
    other = await scene.at.hub.packs.get(tx, against)
    texts: tuple[Text, ...] = ()
    if wanted:
        one = await bulletins.get(tx, wanted)
        texts = tuple(_texts(await _rendered(scene, tx, one, scene.pack), await _rendered(scene, tx, one, other)))
    return Compared(against, tuple(_sources(spoken(scene.pack), spoken(other))), texts)


async def _rendered(scene: Scene, tx: Tx, one: Bulletin, pack: Pack) -> Mapping[str, Artefact]:
    """What would go out of a bulletin today, under a pack: the same plan as in earnest, on paper."""
    return (await plan.make(scene.at.hub, tx, replace(one, pack=pack.hash))).artefacts


def _texts(before: Mapping[str, Artefact], after: Mapping[str, Artefact]) -> Iterator[Text]:
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        one = new or old
        if one is not None and not one.derived:
            state = _state(old.body if old else None, new.body if new else None)
            yield Text(name, one.kind, one.language, state, _pieces(old, new) if state != "same" else ())


def _pieces(old: Artefact | None, new: Artefact | None) -> Pieces:
    was, now = (one.body.decode("utf-8", "replace") if one else "" for one in (old, new))
    return pieces_of(was, now) if max(len(was), len(now)) <= LONGEST else ()


def _sources(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Source]:
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if old != new:
            lines = difflib.unified_diff((old or "").splitlines(), (new or "").splitlines(), lineterm="", n=1)
            yield Source(name, _state(old, new), tuple(one for one in lines if one[:3] not in ("---", "+++")))


def _state(old: object, new: object) -> str:
    if old is None or new is None:
        return "new" if old is None else "gone"
    return "same" if old == new else "changed"


SCREENS = (Screen("GET", PAGE, "policy.read", show),)
