"""How is a bulletin drafted, looked at, submitted, signed, returned and taken back?"""

from typing import Any

from aiohttp import web
from sqlalchemy import Row

from publisher.model.words import Act, ApprovalKind
from publisher.store import clock
from publisher.web import deeds, preview, proposals, reading, views
from publisher.web.api.models import (
    ApproveIn,
    Because,
    BulletinOut,
    Bulletins,
    BulletinsQuery,
    ConfirmIn,
    DraftIn,
    EditIn,
    IntoIn,
    Nothing,
    PreviewOut,
    SubmitIn,
    Why,
)
from publisher.web.context import Call
from publisher.web.errors import simple
from publisher.web.routes import Reply, Route
from publisher.work import approve, bulletins, submit
from publisher.work.approve import Yes

BASE = "/api/v1/bulletins"


async def told(call: Call, wanted: str) -> Reply:
    """A bulletin as it is now, with its steps."""
    async with call.hub.db.read() as tx:
        row = await bulletins.row_of(tx, wanted)
        return Reply(views.bulletin(row, await reading.steps(tx, wanted)))


async def draft(call: Call) -> Reply:
    """From an alert, or written here."""
    by = call.who.person
    given: DraftIn = call.body
    if (given.alert is None) == (given.content is None):
        raise simple(422, "invalid", "give `alert`, the id to draft from, or `content`; exactly one", where="body")
    if given.content is not None:
        made = await deeds.draft(call.at, given.content, by)
    else:
        made = await deeds.draft_alert(call.at, given.alert or "", by, readable=given.readable)
    return await told(call, made.id)


async def some(call: Call) -> Reply:
    """Newest first, by state and warning."""
    asked: BulletinsQuery = call.query
    async with call.hub.db.read() as tx:
        rows = await reading.listed(
            tx, state=asked.state, of_warning=asked.warning, after=asked.after, limit=asked.limit
        )
    return Reply(Bulletins(bulletins=[views.bulletin(row) for row in rows], next=following(rows, asked.limit)))


def following(rows: list[Row[Any]], limit: int) -> str:
    """The id to go on after, empty at the end."""
    return str(rows[-1].id) if len(rows) == limit else ""


async def one(call: Call) -> Reply:
    """One bulletin."""
    return await told(call, call.path("id"))


async def edit(call: Call) -> Reply:
    """Change a draft; whatever was approved is void."""
    given: EditIn = call.body
    made = await deeds.edit(call.at, call.path("id"), given.content, given.revision, call.who.person)
    return await told(call, made.id)


async def look(call: Call) -> Reply:
    """The plan: what would go out, or what was submitted."""
    async with call.hub.db.read() as tx:
        row = await bulletins.row_of(tx, call.path("id"))
        return Reply(views.preview(await preview.shown(call.hub, tx, row)))


async def artefact(call: Call) -> web.Response:
    """One artefact's bytes: with slots before the release, final after it."""
    async with call.hub.db.read() as tx:
        row = await bulletins.row_of(tx, call.path("id"))
        made = await preview.one_of(call.hub, tx, row, call.path("name"))
    kind, _, charset = made.media_type.partition("; charset=")
    shown = kind if not kind.startswith("text/html") else "text/plain"
    return web.Response(body=made.body, content_type=shown, charset=charset or None)


async def hand_in(call: Call) -> Reply:
    """Freeze the plan and open the first signatures."""
    given: SubmitIn = call.body
    made = await submit.submit(call.hub, call.path("id"), by=call.who.person, hold=given.hold, revision=given.revision)
    return await told(call, made.id)


async def adopt(call: Call) -> Reply:
    """Move a draft to the policy in force."""
    return await told(call, (await deeds.adopt(call.at, call.path("id"), call.who.person)).id)


async def unsubmit(call: Call) -> Reply:
    """Take back one's own submission."""
    made = await deeds.take_back(call.at, call.path("id"), call.who.person)
    return await told(call, made.id)


async def refresh(call: Call) -> Reply:
    """Plan a stale submission again."""
    made = await deeds.refresh(call.at, call.path("id"), call.who.person)
    return await told(call, made.id)


async def give_back(call: Call) -> Reply:
    """Return it with a reason."""
    given: Because = call.body
    made = await deeds.give_back(call.at, call.path("id"), given.reason, call.who.person)
    return await told(call, made.id)


async def discard(call: Call) -> Reply:
    """Throw a draft away."""
    made = await deeds.discard(call.at, call.path("id"), call.who.person)
    return await told(call, made.id)


async def sign(call: Call) -> Reply:
    """Count one yes to one digest."""
    given: ApproveIn = call.body
    evidence = dict(given.evidence)
    if given.kind == "attested":
        async with call.hub.db.read() as tx:
            evidence = dict(deeds.attested(evidence, await clock.now(tx)))
    waves = None if given.waves is None else tuple(given.waves)
    yes = Yes(given.digest, waves, ApprovalKind(given.kind), evidence)
    made = await deeds.say_yes(call.at, call.path("id"), yes, call.who.person)
    return await told(call, made.id)


async def confirm(call: Call) -> Reply:
    """Take a phrase's areas."""
    given: ConfirmIn = call.body
    made = await proposals.confirm(
        call.at, call.path("id"), given.section, given.words, given.revision, call.who.person
    )
    return await told(call, made.id)


async def into(call: Call) -> Reply:
    """Make it the next version of a warning it meets. Answers the new draft."""
    given: IntoIn = call.body
    made = await proposals.into(call.at, call.path("id"), given.warning, call.who.person)
    return await told(call, made.id)


async def fire(call: Call) -> Reply:
    """Release what is held."""
    made = await approve.fire(call.hub, call.path("id"), by=call.who.person)
    return await told(call, made.id)


async def retract(call: Call) -> Reply:
    """It was never right: put back what stood before it. Answers the retracting bulletin."""
    given: Why = call.body
    made = await deeds.end(call.at, call.path("id"), Act.RETRACT, given.reason, call.who.person)
    return await told(call, made.id)


def _act(name: str, action: str, handler: Any, summary: str, body: Any = Nothing, *, key: Any = "accepted") -> Route:
    path = f"{BASE}/{{id}}/{name}"
    refusals = (403, 404, 409, 422)
    return Route("POST", path, action, handler, summary, body=body, answer=BulletinOut, key=key, refusals=refusals)


ROUTES = (
    Route(
        "POST",
        BASE,
        "bulletin.draft",
        draft,
        "Draft a bulletin from an accepted alert, or from content.",
        body=DraftIn,
        answer=BulletinOut,
        status=201,
        key="required",
        refusals=(404, 409, 422),
    ),
    Route("GET", BASE, "desk.read", some, "Bulletins, newest first.", query=BulletinsQuery, answer=Bulletins),
    Route("GET", f"{BASE}/{{id}}", "desk.read", one, "One bulletin and its signatures.", answer=BulletinOut),
    Route(
        "PATCH",
        f"{BASE}/{{id}}",
        "bulletin.draft",
        edit,
        "Change a bulletin that is not out; approvals are void.",
        body=EditIn,
        answer=BulletinOut,
        refusals=(404, 409, 422),
    ),
    Route(
        "GET",
        f"{BASE}/{{id}}/preview",
        "desk.read",
        look,
        "The plan: waves, artefacts, problems, reasons and digest.",
        answer=PreviewOut,
    ),
    Route(
        "GET",
        f"{BASE}/{{id}}/artefacts/{{name}}",
        "desk.read",
        artefact,
        "One artefact's bytes.",
        answers=("text/plain", "application/json", "application/cap+xml", "image/png"),
    ),
    _act("submit", "bulletin.submit", hand_in, "Freeze the plan and ask for signatures.", SubmitIn, key="required"),
    _act("adopt", "bulletin.draft", adopt, "Move a draft to the policy in force."),
    _act("unsubmit", "bulletin.submit", unsubmit, "Take back one's own submission."),
    _act("refresh", "bulletin.submit", refresh, "Plan a stale submission again, for new signatures."),
    _act("return", "bulletin.return", give_back, "Return a submission with a reason.", Because),
    _act("discard", "bulletin.draft", discard, "Throw a draft away."),
    _act("confirm", "bulletin.draft", confirm, "Take the areas that words that stand for places propose.", ConfirmIn),
    _act("into", "bulletin.draft", into, "Update another's warning instead of opening a second one.", IntoIn),
    _act("approve", "bulletin.approve", sign, "Sign the open steps by digest.", ApproveIn, key="required"),
    _act("fire", "bulletin.fire", fire, "Release a held bulletin."),
    _act("retract", "warning.end", retract, "Retract a bulletin in force: it was never right.", Why, key="required"),
)
