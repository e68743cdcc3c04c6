"""What does a person who signs need, and nothing else? What waits for them, one bulletin, yes to several, or back.

These pages are all that the listener for leaders' telephones has (`publisher.web.doors`); they fit 390 pixels.
"""

from collections.abc import Sequence
from typing import Any

from aiohttp import web
from sqlalchemy import Row

from publisher.model.bulletin import Bulletin, Content
from publisher.model.words import Act
from publisher.store.database import Tx
from publisher.web import changes, deeds, errors, reading, subject, waiting
from publisher.web.console import binding
from publisher.web.console.screen import Screen
from publisher.web.console.shell import Scene
from publisher.web.errors import Problem, Reason, simple
from publisher.work import attesting, bulletins
from publisher.work.approve import Yes

PAGE = "/console/sign"
RULES = "flows.yaml"
"""The policy file that says who must sign."""


async def show(scene: Scene) -> web.Response:
    """What waits for me, to be signed one by one or as a set; what I have just signed."""
    async with scene.at.hub.db.read() as tx:
        asked = await waiting.for_officer(scene.at.hub, tx, scene.me)
        marks = {one.row.id: changes.mark(one.row, await changes.newest(tx, one.row.id)) for one in asked}
        does = {one.row.id: await _consequence(scene, tx, one) for one in asked}
        done = [await bulletins.row_of(tx, one) for one in _ids(scene.request.query.get("signed", ""))]
    return scene.page(
        "sign-list.html",
        asked=asked,
        marks=marks,
        does=does,
        done=[(row, bulletins.of(row).content) for row in done],
        why={one.row.id: reasons(one.row.plan) for one in asked},
    )


async def _consequence(scene: Scene, tx: Tx, one: waiting.Asked) -> str:
    reached = binding.bound(await binding.waves(tx, one.row), one.steps)
    return binding.consequence(scene, one.content, reached, await restores(tx, bulletins.of(one.row)))


def _ids(text: str) -> Sequence[str]:
    return [one for one in text.split(",") if one][:20]


async def one(scene: Scene) -> web.Response:
    """One bulletin as a signer needs it: the consequence, the words, who must sign and why, the digest."""
    async with scene.at.hub.db.read() as tx:
        row = await bulletins.row_of(tx, scene.path("id"))
        values = await values_of(scene, tx, row)
    return scene.page("sign-one.html", **values)


async def values_of(scene: Scene, tx: Tx, row: Row[Any]) -> dict[str, Any]:
    """What the panel of signatures shows of a bulletin that was submitted."""
    found = bulletins.of(row)
    pack = await scene.at.hub.packs.get(tx, row.pack)
    waits = row.state in ("submitted", "released")
    judged = await reading.judged(tx, row, scene.me, pack) if waits else ()
    mine = [each for each in judged if not each.denied]
    mine = [each for each in mine if each.digest == mine[0].digest]
    reached = await binding.waves(tx, row)
    again = await restores(tx, found)
    return {
        "row": row,
        "one": found,
        "content": found.content,
        "waves": reached,
        "steps": await reading.steps(tx, row.id),
        "mine": mine,
        "denied": {(scene.say.name(step.body.name), why.code): why for step in judged for why in step.denied},
        "owed": await attesting.owed_by(tx, row.id, scene.me) if scene.may("bulletin.approve") else (),
        "consequence": binding.consequence(scene, found.content, binding.bound(reached, mine), again),
        "mark": changes.mark(row, await changes.newest(tx, row.id)),
        "why": reasons(row.plan),
        "stale": row.state == "submitted" and row.valid_until is not None and scene.now > row.valid_until,
    }


def reasons(plan: Any) -> list[dict[str, Any]]:
    """The rules that hold and say who must sign, each once."""
    held = [each for each in (plan or {}).get("why", ()) if each["held"] and each["where"].startswith(RULES)]
    return list({each["where"]: each for each in held}.values())


async def restores(tx: Tx, one: Bulletin) -> Content | None:
    """What will stand again once a retraction is out."""
    if one.content.act is not Act.RETRACT:
        return None
    chain = await bulletins.versions_before(tx, one)
    return chain.restores.bulletin.content if chain.restores else None


async def approve(scene: Scene) -> str:
    """Sign one bulletin by its digest."""
    made = await sign(scene, scene.path("id"), "")
    return f"{PAGE}?signed={made}"


async def approve_some(scene: Scene) -> str:
    """Sign the ticked ones with one proof, each by its own digest. What cannot be signed is told; the rest counts."""
    wanted = [str(each) for each in scene.form.getall("bulletin", [])]
    if not wanted:
        raise simple(422, "invalid", scene.words("sign.choose"), where="bulletin")
    signed: list[str] = []
    refused: list[Reason] = []
    for each in wanted:
        try:
            signed.append(await sign(scene, each, f"{each}."))
        except errors.KNOWN as error:
            refused += await _why_not(scene, each, error)
    if refused:
        counted = [Reason("signed", scene.words("sign.counted", what=await _title(scene, each))) for each in signed]
        raise Problem(409, "partly-signed", (*refused, *counted))
    return f"{PAGE}?signed={','.join(signed)}"


async def _why_not(scene: Scene, wanted: str, error: Exception) -> list[Reason]:
    told = errors.of(error)
    title = await _title(scene, wanted)
    return [Reason(one.code, f"{title}: {one.says}", one.where) for one in told.reasons] if told else []


async def _title(scene: Scene, wanted: str) -> str:
    async with scene.at.hub.db.read() as tx:
        return scene.say.headline((await bulletins.get(tx, wanted)).content)


async def sign(scene: Scene, wanted: str, prefix: str) -> str:
    """Count this officer's yes to one bulletin, from the fields that begin with `prefix`. Raises Problem."""
    async with scene.at.hub.db.read() as tx:
        await subject.within(scene.at.hub, tx, scene.me, "bulletin.approve", wanted)
        row = await bulletins.row_of(tx, wanted)
    digest = str(scene.form.get(f"{prefix}digest", ""))
    await same_as_seen(scene, row, digest, str(scene.form.get(f"{prefix}mark", "")))
    typed_right(scene, bulletins.of(row).content, str(scene.form.get(f"{prefix}typed", "")))
    waves = tuple(str(each) for each in scene.form.getall(f"{prefix}wave", [])) or None
    return (await deeds.say_yes(scene.at, wanted, Yes(digest, waves), scene.me)).id


def typed_right(scene: Scene, content: Content, typed: str) -> None:
    """Raises Problem 422 unless the gravest level's words were typed."""
    wanted = scene.say.confirmation(content)
    if scene.say.must_type(content) and _plain(typed) != _plain(wanted):
        raise simple(422, "invalid", scene.words("refusal.typed", phrase=wanted))


def _plain(typed: str) -> str:
    """Letters alone count, in whatever case and width they were typed."""
    return "".join(typed.casefold().split())


async def same_as_seen(scene: Scene, row: Row[Any], digest: str, mark: str) -> None:
    """Raises Problem 409 that says what changed, and by whom, when the page's digest is not the bulletin's any more."""
    if digest == row.digest or not row.digest or await _of_a_wave(scene, row.id, digest):
        return
    told = await differences(scene, row, mark)
    raise Problem(409, "changed", tuple(Reason("changed", one) for one in told) or (Reason("digest", row.digest[:12]),))


async def _of_a_wave(scene: Scene, wanted: str, digest: str) -> bool:
    async with scene.at.hub.db.read() as tx:
        return any(each.digest == digest for each in await reading.steps(tx, wanted))


async def differences(scene: Scene, row: Row[Any], mark: str) -> list[str]:
    """What changed since a page with this mark was made: the parts as they are now, then who did what."""
    say, content = scene.say, bulletins.of(row).content
    now = {
        "level": scene.words("join").join(say.name(each.name) for each in say.levels(content)),
        "areas": say.all_places(content),
        "texts": " / ".join(each.headline or each.description for each in content.sections[0].words.values()),
        "ends": scene.words("clock.until_lifted") if content.until_lifted else say.at(row.expires),
        "reach": say.consequence(content, (row.plan or {}).get("waves", ()), None),
    }
    parts = [scene.words(f"moved.{each}", now=now.get(each, "")) for each in changes.moved(mark, row)]
    async with scene.at.hub.db.read() as tx:
        acts = await changes.acts_since(tx, row.id, mark)
    return parts + [
        scene.words("moved.act", at=say.at(each.at), who=say.person(each.actor), act=scene.words.code("deed", each.act))
        for each in acts
    ]


async def give_back(scene: Scene) -> str:
    """Return it with a reason."""
    await deeds.give_back(scene.at, scene.path("id"), scene.reason(), scene.me)
    return PAGE


async def countersign(scene: Scene) -> str:
    """The real signature for a yes that was recorded in one's name."""
    digest = str(scene.form.get("digest", ""))
    await attesting.confirm(scene.at.hub, scene.path("id"), digest, by=scene.me)
    return f"{PAGE}?signed={scene.path('id')}"


SCREENS = (
    Screen("GET", PAGE, "desk.read", show),
    Screen("POST", PAGE, "bulletin.approve", approve_some),
    Screen("GET", f"{PAGE}/{{id}}", "desk.read", one),
    Screen("POST", f"{PAGE}/{{id}}/approve", "bulletin.approve", approve),
    Screen("POST", f"{PAGE}/{{id}}/return", "bulletin.return", give_back),
    Screen("POST", f"{PAGE}/{{id}}/countersign", "bulletin.approve", countersign),
)
