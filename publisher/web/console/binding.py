"""Whom does one yes reach? The whole release while it waits; once it is out, only the waves that were added and are signed now."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select

from publisher.model.bulletin import Content
from publisher.store.database import Tx
from publisher.store.tables import wave
from publisher.web.console.shell import Scene
from publisher.web.reading import Step

Waves = Sequence[Mapping[str, Any]]
"""Waves as a frozen plan tells them: id, name, ways with their counts."""


async def waves(tx: Tx, row: Row[Any]) -> Waves:
    """Every wave of a bulletin that was submitted: those of its plan, then those added to what was out already."""
    planned: Waves = (row.plan or {}).get("waves", ())
    if row.released is None:
        return planned
    later = select(wave.c.added).where(wave.c.bulletin == row.id, wave.c.added.is_not(None)).order_by(wave.c.position)
    return [*planned, *(_told(one) for one in (await tx.execute(later)).scalars())]


def _told(added: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**added["wave"], "name": added["name"], "flow_name": added["flow_name"], "added": True}


def bound(found: Waves, steps: Sequence[Step]) -> Waves:
    """The waves that one yes to these steps lets go. They share a digest: the release's, or that of an added wave."""
    later = {one["id"] for one in found if one.get("added")}
    mine = {one.wave for one in steps} & later
    return [one for one in found if (one["id"] in mine if mine else one["id"] not in later)]


def consequence(scene: Scene, content: Content, found: Waves, restores: Content | None) -> str:
    """One sentence: what a yes that binds these waves does."""
    if not any(one.get("added") for one in found):
        return scene.say.consequence(content, found, restores)
    names = scene.words("join").join(scene.say.name(one["name"]) or str(one["id"]) for one in found)
    return scene.words(
        "consequence.wave", title=scene.say.title(content), wave=names, whom=scene.say.reach(content, found)
    )
