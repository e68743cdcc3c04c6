"""What would go out, and who must say yes? The preview wall with its steps and acts."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web
from sqlalchemy import Row

from publisher.core.approval import Denied
from publisher.model import slots
from publisher.model.bulletin import Bulletin
from publisher.render import board, pixels
from publisher.store.database import Tx
from publisher.web import changes, deeds, preview, reading
from publisher.web.console import approvals, binding, outlook, wall
from publisher.web.console.shell import Scene
from publisher.web.errors import simple
from publisher.web.preview import Shown
from publisher.web.reading import Step
from publisher.work import attesting, bulletins

COLOURS = "full"
"""Of the panels on the wall: a sign with fewer shows the same in its own."""
SUBMITTABLE = ("draft", "returned", "unsubmitted", "stale")


async def show(scene: Scene) -> web.Response:
    """The wall."""
    async with scene.at.hub.db.read() as tx:
        row = await bulletins.row_of(tx, scene.path("id"))
        values = await _values(scene, tx, row)
        shown: Shown = values["shown"]
        one: Bulletin = values["one"]
        cards = wall.cards(scene, shown, one.content, row)
        ahead = await outlook.look(scene, tx, one, shown.waves)
    return scene.page("bulletin.html", cards=cards, ahead=ahead, looks=wall.ORDER, **values)


async def side(scene: Scene) -> web.Response:
    """Whether the page still tells the truth: 204 when nothing changed since it was made, else a word that it did."""
    async with scene.at.hub.db.read() as tx:
        row = await bulletins.row_of(tx, scene.path("id"))
    seen = _seen(row, await _signed(scene, row))
    if scene.request.query.get("seen") == seen:
        return web.Response(status=204, headers={"Cache-Control": "no-store"})
    told = await approvals.differences(scene, row, scene.request.query.get("mark", ""))
    return scene.page("_changed.html", told=told)


async def _signed(scene: Scene, row: Row[Any]) -> int:
    async with scene.at.hub.db.read() as tx:
        return sum(len(one.signed) for one in await reading.steps(tx, row.id))


def _seen(row: Row[Any], signed: int) -> str:
    return f"{row.state}.{row.revision}.{row.digest[:8]}.{signed}"


async def _values(scene: Scene, tx: Tx, row: Row[Any]) -> dict[str, Any]:
    one = bulletins.of(row)
    pack = await scene.at.hub.packs.get(tx, row.pack)
    shown = await preview.shown(scene.at.hub, tx, row)
    steps = await reading.steps(tx, row.id)
    open_steps = await reading.judged(tx, row, scene.me, pack) if row.state in ("submitted", "released") else ()
    mine = _same_digest([step for step in open_steps if not step.denied])
    attestable = _same_digest([step for step in open_steps if step.attestable])
    waves = await binding.waves(tx, row) if shown.frozen else shown.waves
    restores = await approvals.restores(tx, one)
    bound = binding.bound(waves, mine or attestable)
    return {
        "row": row,
        "one": one,
        "shown": shown,
        "steps": steps,
        "open_steps": {step.id: step for step in open_steps},
        "mine": mine,
        "attestable": attestable,
        "waves": waves,
        "owed": await attesting.owed_by(tx, row.id, scene.me) if scene.may("bulletin.approve") else (),
        "denied": _denied(scene, open_steps),
        "mark": changes.mark(row, await changes.newest(tx, row.id)),
        "signers": approvals.reasons({"why": shown.why}),
        "stands": await deeds.would_stand(tx, one) if row.state == "released" and not one.content.act.ends else None,
        "consequence": scene.say.consequence(one.content, shown.waves, restores),
        "signing": binding.consequence(scene, one.content, bound, restores),
        "seen": _seen(row, sum(len(step.signed) for step in steps)),
        "stale": row.state == "submitted" and row.valid_until is not None and scene.now > row.valid_until,
        "submittable": row.state in SUBMITTABLE,
        "chain": await reading.listed(tx, of_warning=row.warning, limit=20),
        "relay": one.content.origin is not None and one.content.origin.relay,
        "may_end": deeds.may_end(scene.me),
    }


def _same_digest(steps: Sequence[Step]) -> list[Step]:
    """Steps that one form can sign: those bound to the same digest as the first."""
    return [step for step in steps if step.digest == steps[0].digest]


def _denied(scene: Scene, steps: Sequence[Step]) -> list[tuple[str, Denied]]:
    """Why not, once for each step's name and reason."""
    found = {(scene.say.name(step.body.name), why.code): why for step in steps for why in step.denied}
    return [(name, why) for (name, _), why in found.items()]


async def panel(scene: Scene) -> web.Response:
    """A screen's picture as it will be, with the release time standing in for the true one."""
    async with scene.at.hub.db.read() as tx:
        row = await bulletins.row_of(tx, scene.path("id"))
        name, _, number = scene.path("name").rpartition(".")
        made = await preview.one_of(scene.at.hub, tx, row, name)
        others = [other.state for other in await outlook.beside(scene, tx, bulletins.of(row))]
    kept = made.media_type == "image/png"
    issued = row.released or scene.now
    own = "" if kept else made.body.decode()
    text = slots.fill(own, issued=issued, public_id=wall.SAMPLE_ID, zone=wall.zone(scene))
    try:
        frames = (made.body,) if kept else wall.pictures(made.derived, text, scene.at.hub.font)
        picture = frames[int(number)]
    except (ValueError, IndexError) as error:
        raise simple(404, "missing", f"{name} has no picture {number}") from error
    if others:
        picture = pixels.png(board.with_others(board.opened(picture), others, scene.at.hub.font), COLOURS)
    return web.Response(body=picture, content_type="image/png", headers={"Cache-Control": "private, max-age=10"})
