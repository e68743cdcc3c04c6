"""What else must one know before the last click? What a sign shows beside it, how long it takes, what stays unused."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select

from channels.base import Traits
from publisher.model.bulletin import Bulletin, Content
from publisher.store.database import Tx
from publisher.store.tables import artefact
from publisher.web import reading
from publisher.web.console.differences import Change, differences
from publisher.web.console.shell import Scene
from publisher.work import bulletins


@dataclass(frozen=True, slots=True)
class Beside:
    """Another warning that a sign shows in turn with this one, as its chip is drawn."""

    warning: str
    title: str
    rank: int
    state: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Way:
    """How long one way takes: endpoints, the account's rate a second, and seconds to its last delivery."""

    medium: str
    channel: str
    count: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """Everything beside the wall."""

    changes: Sequence[Change]
    beside: Sequence[Beside]
    gives_way: bool
    ways: Sequence[Way]
    unused: Sequence[str]

    @property
    def last(self) -> int:
        """Seconds to the last delivery of all, if nothing else is being sent."""
        return max((one.seconds for one in self.ways), default=0)


async def look(scene: Scene, tx: Tx, one: Bulletin, waves: Sequence[Mapping[str, Any]]) -> Outlook:
    """What stands beside one plan."""
    before = (await bulletins.versions_before(tx, one)).standing
    others = await beside(scene, tx, one)
    traits = await scene.at.hub.channels.usable(tx)
    rank = max((level.rank for level in scene.say.levels(one.content)), default=0)
    above = scene.pack.display().preempt_rank
    return Outlook(
        changes=tuple(differences(before.bulletin.content, one.content, scene.say)) if before else (),
        beside=others,
        gives_way=rank < above and any(other.rank >= above for other in others),
        ways=tuple(_ways(waves, traits)),
        unused=_unused(waves, traits),
    )


async def beside(scene: Scene, tx: Tx, one: Bulletin) -> Sequence[Beside]:
    """What else is live in the same mode for places that this one names, gravest first, as signs name it."""
    areas = [code for section in one.content.sections for code in section.areas]
    found: list[tuple[Row[Any], Content]] = []
    for row in await reading.in_force(tx):
        content = bulletins.of(row).content
        theirs = frozenset(code for section in content.sections for code in section.areas)
        meets = any(scene.pack.inside(code, theirs) for code in areas) or any(
            scene.pack.inside(code, frozenset(areas)) for code in theirs
        )
        if row.warning != one.warning and content.mode is one.content.mode and meets:
            found.append((row, content))
    labels = await _labels(tx, [row.id for row, _ in found])
    others = [_other(scene, row.warning, content, labels.get(row.id, "")) for row, content in found]
    return sorted(others, key=lambda other: -other.rank)


async def _labels(tx: Tx, of: Sequence[str]) -> Mapping[str, str]:
    """Bulletin -> what the first of its signs calls it."""
    signs = artefact.c.bulletin.in_(of) & artefact.c.name.like("led.%.json")
    first = select(artefact.c.bulletin, func.min(artefact.c.name).label("name")).where(signs)
    first_of = first.group_by(artefact.c.bulletin).subquery()
    same = (artefact.c.bulletin == first_of.c.bulletin) & (artefact.c.name == first_of.c.name)
    made = await tx.execute(select(artefact.c.bulletin, artefact.c.final).join(first_of, same))
    return {row.bulletin: str(json.loads(row.final).get("label", "")) for row in made if row.final}


def _other(scene: Scene, warning: str, content: Content, label: str) -> Beside:
    level = scene.say.levels(content)[0]
    state = {"label": label or scene.say.title(content), "colour": level.colour, "ink": level.ink, "glyph": level.glyph}
    return Beside(warning, scene.say.title(content), level.rank, state)


def _ways(waves: Sequence[Mapping[str, Any]], traits: Mapping[str, Traits]) -> Iterator[Way]:
    """Each pushed way at its first channel's rate; what others fetch takes no time of ours."""
    for wave in waves:
        for way in wave["ways"]:
            channel = next((name for name in way["channels"] if name in traits and not traits[name].pull), "")
            if channel and way["count"]:
                seconds = -(-way["count"] // max(traits[channel].rate, 0.01)) + 1
                yield Way(way["medium"], channel, way["count"], int(seconds))


def _unused(waves: Sequence[Mapping[str, Any]], traits: Mapping[str, Traits]) -> Sequence[str]:
    """Channels that are open and in no way of this plan, not even to stand in."""
    used = {name for wave in waves for way in wave["ways"] for name in way["channels"]}
    return sorted(name for name in traits if name not in used)
