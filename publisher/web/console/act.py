"""What does a button do? Each form of the console is one deed, and leads to the page that shows what became of it."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from publisher.model.words import Act, ApprovalKind
from publisher.web import deeds, proposals, reading
from publisher.web.console import approvals
from publisher.web.console.shell import Scene
from publisher.web.errors import simple
from publisher.work import alarms, answers, attesting, bulletins, closing, hold, resend, responses, restart, tasks
from publisher.work import approve as signing
from publisher.work import submit as submitting
from publisher.work.approve import Yes


def _field(scene: Scene, name: str) -> str:
    return str(scene.form.get(name, "")).strip()


def _all(scene: Scene, name: str) -> Sequence[str]:
    return [str(one) for one in scene.form.getall(name, [])]


def _bulletin(wanted: str) -> str:
    return f"/console/bulletins/{wanted}"


def _warning(wanted: str) -> str:
    return f"/console/warnings/{wanted}"


async def submit(scene: Scene) -> str:
    """Freeze and ask for signatures; what needs none is out at once."""
    revision = int(_field(scene, "revision") or 0) or None
    held = _field(scene, "hold") == "yes"
    made = await submitting.submit(scene.at.hub, scene.path("id"), by=scene.me, hold=held, revision=revision)
    return _bulletin(made.id)


async def unsubmit(scene: Scene) -> str:
    """Take one's own submission back."""
    made = await deeds.take_back(scene.at, scene.path("id"), scene.me)
    return _bulletin(made.id)


async def refresh(scene: Scene) -> str:
    """Plan a stale one again."""
    made = await deeds.refresh(scene.at, scene.path("id"), scene.me)
    return _bulletin(made.id)


async def give_back(scene: Scene) -> str:
    """Return it with a reason."""
    made = await deeds.give_back(scene.at, scene.path("id"), scene.reason(), scene.me)
    return _bulletin(made.id)


async def confirm(scene: Scene) -> str:
    """Take a phrase's areas."""
    section, revision = int(_field(scene, "section") or 0), int(_field(scene, "revision") or 0)
    words = _field(scene, "words")
    made = await proposals.confirm(scene.at, scene.path("id"), section, words, revision, scene.me)
    return _bulletin(made.id)


async def into(scene: Scene) -> str:
    """Update another's warning with this draft."""
    made = await proposals.into(scene.at, scene.path("id"), _field(scene, "warning"), scene.me)
    return _bulletin(made.id)


async def shorten(scene: Scene) -> str:
    """Use the pack's short form on a medium."""
    revision = int(_field(scene, "revision") or 0)
    made = await proposals.shorten(scene.at, scene.path("id"), _field(scene, "medium"), revision, scene.me)
    return _bulletin(made.id)


async def discard(scene: Scene) -> str:
    """Throw it away."""
    await deeds.discard(scene.at, scene.path("id"), scene.me)
    return "/console/"


async def approve(scene: Scene) -> str:
    """Sign what was seen, by its digest. The gravest level asks for its words to be typed."""
    async with scene.at.hub.db.read() as tx:
        row = await bulletins.row_of(tx, scene.path("id"))
    one = bulletins.of(row)
    await approvals.same_as_seen(scene, row, _field(scene, "digest"), _field(scene, "mark"))
    approvals.typed_right(scene, one.content, _field(scene, "typed"))
    kind = ApprovalKind.ATTESTED if _field(scene, "kind") == "attested" else ApprovalKind.SIGNED
    evidence = await _evidence(scene) if kind is ApprovalKind.ATTESTED else {}
    waves = tuple(_all(scene, "wave")) or None
    made = await deeds.say_yes(scene.at, one.id, Yes(_field(scene, "digest"), waves, kind, evidence), scene.me)
    return _bulletin(made.id)


async def _evidence(scene: Scene) -> dict[str, Any]:
    """What the form tells of somebody else's yes, with the scan that came with it. Raises Problem naming every gap."""
    told = {name: _field(scene, name) for name in ("who", "how", "number", "note") if _field(scene, name)}
    if when := _field(scene, "when"):
        at = scene.this_day(when)
        told["when"] = at.isoformat() if at else when
    paper = scene.files.get("scan", b"")
    if paper:
        try:
            async with scene.at.hub.db.write() as tx:
                told["scan"] = await attesting.keep_scan(tx, paper, by=scene.me)
        except attesting.NotAScan as error:
            raise simple(415, "media-type", str(error), where="scan") from error
    return dict(deeds.attested(told, scene.now))


async def countersign(scene: Scene) -> str:
    """The real signature for a yes that was recorded in one's name."""
    await attesting.confirm(scene.at.hub, scene.path("id"), _field(scene, "digest"), by=scene.me)
    return _bulletin(scene.path("id"))


async def fire(scene: Scene) -> str:
    """Release what is held."""
    made = await signing.fire(scene.at.hub, scene.path("id"), by=scene.me)
    return _bulletin(made.id)


async def update(scene: Scene) -> str:
    """A draft of the next version, opened for editing."""
    made = await deeds.update_of(scene.at, scene.path("id"), None, scene.me)
    return f"{_bulletin(made.id)}/edit"


async def ask_lift(scene: Scene) -> web.Response:
    """What lifting will do, before it is done."""
    async with scene.at.hub.db.read() as tx:
        one = await deeds.in_force(tx, scene.path("id"))
        values = await _ending(scene, tx, one)
    return scene.page("end.html", act="lift", stands=None, post=f"{_warning(one.warning)}/lift", **values)


async def lift(scene: Scene) -> str:
    """It is over."""
    made = await deeds.lift(scene.at, scene.path("id"), scene.why_ended(), scene.me)
    return _warning(made.warning)


async def ask_retract(scene: Scene) -> web.Response:
    """What taking it back will do, and what will stand then."""
    async with scene.at.hub.db.read() as tx:
        one = await bulletins.get(tx, scene.path("id"))
        stands = await deeds.would_stand(tx, one)
        values = await _ending(scene, tx, one)
    return scene.page("end.html", act="retract", stands=stands, post=f"{_bulletin(one.id)}/retract", **values)


async def _ending(scene: Scene, tx: Any, one: Any) -> dict[str, Any]:
    row = await bulletins.row_of(tx, one.id)
    account = (await reading.tallies(tx, [row]))[one.id]
    told = sum(each.count("sending", "accepted", "delivered", "shown", "acknowledged") for each in account)
    return {"one": one, "row": row, "told": told, "allowed": deeds.may_end(scene.me)}


async def retract(scene: Scene) -> str:
    """It was never right."""
    made = await deeds.end(scene.at, scene.path("id"), Act.RETRACT, scene.why_ended(), scene.me)
    return _warning(made.warning)


async def hold_all(scene: Scene) -> str:
    """Stop all sending but lifts and retracts."""
    await hold.hold(scene.at.hub, by=scene.me, reason=_field(scene, "reason"))
    return _field(scene, "back") or "/console/"


async def resume(scene: Scene) -> str:
    """Let it go on."""
    await hold.resume(scene.at.hub, by=scene.me, reason=_field(scene, "reason") or scene.words("hold.resumed"))
    return "/console/"


async def close_alarm(scene: Scene) -> str:
    """Close an alarm, with a reason."""
    reason = scene.reason()
    async with scene.at.hub.db.write() as tx:
        await alarms.close(tx, scene.path("id"), by=scene.me, reason=reason)
    return "/console/"


async def close_alarms(scene: Scene) -> str:
    """Close the alarms ticked, with one reason; one that fell silent meanwhile is passed over."""
    reason = scene.reason()
    async with scene.at.hub.db.write() as tx:
        ringing = {row.id for row in await alarms.ringing(tx)}
        for wanted in _all(scene, "alarm"):
            if wanted in ringing:
                await alarms.close(tx, wanted, by=scene.me, reason=reason)
    return "/console/"


async def finish_task(scene: Scene) -> str:
    """Say that a task is done."""
    async with scene.at.hub.db.write() as tx:
        await tasks.finish(tx, scene.path("id"), by=scene.me, note=_field(scene, "note"))
    return "/console/"


async def declare(scene: Scene) -> str:
    """Declare the response beside a warning, or another grade."""
    grade, note = _field(scene, "grade"), _field(scene, "note")
    await responses.declare(scene.at.hub, scene.path("id"), by=scene.me, grade=grade, note=note)
    return "/console/"


async def end_response(scene: Scene) -> str:
    """End it, or turn the proposal down, with a reason."""
    await responses.end(scene.at.hub, scene.path("id"), by=scene.me, note=scene.reason())
    return "/console/"


async def close_restart(scene: Scene) -> str:
    """Say that a restart's report was read."""
    async with scene.at.hub.db.write() as tx:
        await restart.close(tx, scene.path("id"), by=scene.me)
    return "/console/"


async def send_waiting(scene: Scene) -> str:
    """Let a bulletin's waiting members go; without one, say that nothing of a restored hub is still due."""
    async with scene.at.hub.db.write() as tx:
        await restart.send(tx, _all(scene, "bulletin"), by=scene.me, reason=_field(scene, "reason"))
    scene.at.hub.bell.ring(0)
    return "/console/"


async def close_withdrawal(scene: Scene) -> str:
    """Close entries of the withdrawal list, with a reason."""
    reason, of = scene.reason(), scene.path("id")
    async with scene.at.hub.db.write() as tx:
        await closing.close(tx, of, _all(scene, "endpoint"), by=scene.me, reason=reason)
    return f"/console/warnings/{of}"


async def answer_for(scene: Scene) -> str:
    """Say that a contact has answered, with a reason."""
    reason, of = scene.reason(), scene.path("id")
    async with scene.at.hub.db.write() as tx:
        await answers.on_behalf(tx, of, _field(scene, "contact"), by=scene.me, reason=reason)
    return f"/console/warnings/{of}"


async def send_again(scene: Scene) -> str:
    """Send the newest text to everyone without a receipt once more."""
    reason, of = scene.reason(), scene.path("id")
    async with scene.at.hub.db.write() as tx:
        await resend.without_receipt(tx, of, by=scene.me, reason=reason, medium=_field(scene, "medium"))
    scene.at.hub.bell.ring(0)
    return f"/console/warnings/{of}"
