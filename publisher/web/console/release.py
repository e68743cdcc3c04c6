"""How far did it get? By channel, unit, place and time, why not, who answered by village, and what may still be done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from publisher.model.coverage import Coverage
from publisher.model.pack import WaveRule
from publisher.store import coverage as covered
from publisher.store import duty, reach
from publisher.store.database import Tx
from publisher.web import reading
from publisher.web.console import charts
from publisher.web.console.shell import Scene
from publisher.work import answers, resend, waves

MOST_PLACES = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """One person or post that was asked to answer: when and how they did, or nothing yet."""

    id: str
    name: str
    at: datetime | None = None
    how: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Village:
    """One village of the answering board (叫应): it has answered when any of its people has."""

    place: str
    people: tuple[Asked, ...]

    @property
    def answered(self) -> bool:
        """Whether anybody there has."""
        return any(one.at for one in self.people)


@dataclass(frozen=True, slots=True)
class Told:
    """Everything of the release view that is counted over all deliveries."""

    coverage: Coverage
    areas: Mapping[str, Mapping[str, Any]]
    line: str
    last: float
    reasons: Sequence[Any]
    villages: Sequence[Village]
    silent: Mapping[str, int]


async def show(scene: Scene) -> web.Response:
    """The part of a warning's page that counts over all deliveries; fetched apart, so that the page is there at once."""
    async with scene.at.hub.db.read() as tx:
        row = await reading.warning_row(tx, scene.path("id"))
        newest = await answers.newest(tx, row.id)
        told = await _told(tx, row.id, newest.id) if newest is not None else None
    more = _addable(scene.pack.waves, newest.plan or {}) if newest is not None and row.current == newest.id else ()
    return scene.page(
        "_release.html",
        row=row,
        newest=newest,
        told=told,
        more=more,
        ground=charts.ground(scene.pack),
        share=charts.share,
    )


async def _told(tx: Tx, of_warning: str, of: str) -> Told:
    whole = await covered.coverage(tx, of_warning)
    counts = await reach.over_time(tx, of)
    return Told(
        coverage=whole,
        areas={str(one["area"]): one for one in await reach.by_area(tx, of)},
        line=charts.curve(counts, whole.all.planned),
        last=counts[-1][0] if counts else 0.0,
        reasons=await reach.reasons(tx, of),
        villages=await villages(tx, of),
        silent=await resend.silent(tx, of),
    )


async def villages(tx: Tx, of: str) -> Sequence[Village]:
    """Who was asked to answer, by place; those where nobody has answered first."""
    asked = await answers.asked_of(tx, of)
    told = {one.contact: one for one in await answers.answered_of(tx, of)}
    known = await duty.contacts(tx) if asked else {}
    places: dict[str, list[Asked]] = {}
    for contact, place in asked.items():
        name = known[contact].name if contact in known else contact
        answer = told.get(contact)
        one = Asked(contact, name, answer.at, answer.how, answer.by) if answer else Asked(contact, name)
        places.setdefault(place, []).append(one)
    found = [Village(place, tuple(people)) for place, people in places.items()]
    return sorted(found, key=lambda one: (one.answered, one.place))[:MOST_PLACES]


def _addable(rules: Sequence[WaveRule], plan: Mapping[str, Any]) -> Sequence[WaveRule]:
    """Waves of the pack that this release does not have, each once."""
    there = {one["id"] for one in plan.get("waves", ())}
    return list({one.id: one for one in rules if one.id not in there}.values())


async def add_wave(scene: Scene) -> str:
    """Add a wave of the pack to what is out; it is signed on its own."""
    rule = str(scene.form.get("wave", ""))
    made = await waves.add(scene.at.hub, scene.path("id"), rule, None, by=scene.me)
    return f"/console/bulletins/{made.id}"
