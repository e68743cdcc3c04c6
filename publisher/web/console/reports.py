"""Which reports are there, and whom were they sent to? Made of a warning or a day, read, printed, taken as DOCX, sent."""

import asyncio
from zoneinfo import ZoneInfo

from aiohttp import web
from sqlalchemy import select

from publisher.store import duty
from publisher.store.tables import notice, report, warning
from publisher.web import documents
from publisher.web.console.screen import Screen
from publisher.web.console.shell import Scene
from publisher.web.documents import Document
from publisher.web.errors import simple
from publisher.work import reports

PAGE = "/console/reports"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHOWN = 50


async def some(scene: Scene) -> web.Response:
    """The newest reports, and the form for another."""
    newest = select(report.c.id, report.c.kind, report.c.subject, report.c.as_of, report.c.made_by, report.c.sent)
    latest = select(warning.c.id, warning.c.hazard, warning.c.opened).order_by(warning.c.opened.desc()).limit(SHOWN)
    async with scene.at.hub.db.read() as tx:
        rows = (await tx.execute(newest.order_by(report.c.as_of.desc()).limit(SHOWN))).all()
        warnings = (await tx.execute(latest)).all()
    about = scene.request.query.get("about", "")
    return scene.page("reports.html", rows=rows, warnings=warnings, kinds=reports.KINDS, about=about)


async def make(scene: Scene) -> str:
    """Freeze one now."""
    kind, about = str(scene.form.get("kind", "")), str(scene.form.get("about", "")).strip()
    if kind not in reports.KINDS:
        raise simple(422, "invalid", ", ".join(reports.KINDS), where="kind")
    local = scene.now.astimezone(ZoneInfo(scene.pack.about.time_zone))
    subject = f"{local:%Y-%m-%d %H:%M}" if kind == "daily" else about
    note = str(scene.form.get("note", "")).strip()
    async with scene.at.hub.db.write() as tx:
        made = await reports.make(tx, kind, subject, by=scene.who.id, note=note)
    return f"{PAGE}/{made}"


async def one(scene: Scene) -> web.Response:
    """One report, with whom it was sent to and who has it."""
    told = select(notice).where(notice.c.subject == scene.path("id")).order_by(notice.c.created, notice.c.contact)
    async with scene.at.hub.db.read() as tx:
        row = await reports.get(tx, scene.path("id"))
        sent = (await tx.execute(told)).all()
        names = {who: one.name for who, one in (await duty.contacts(tx)).items()}
    document = _document(scene, row.kind, row.body)
    return scene.page("report.html", row=row, sent=sent, names=names, document=document)


def _document(scene: Scene, kind: str, body: dict[str, object]) -> Document:
    return documents.document(kind, body, scene.say)


async def docx(scene: Scene) -> web.Response:
    """The same as a file."""
    async with scene.at.hub.db.read() as tx:
        row = await reports.get(tx, scene.path("id"))
    foot = f"{scene.words('digest')} {row.digest}"
    body = await asyncio.to_thread(documents.to_docx, _document(scene, row.kind, row.body), foot)
    headers = {"Content-Disposition": f'attachment; filename="{row.id}.docx"', "Cache-Control": "no-store"}
    return web.Response(body=body, content_type=DOCX, headers=headers)


async def send(scene: Scene) -> str:
    """Send it to the people on duty in the units that are ticked; each is a tracked delivery."""
    wanted, units = scene.path("id"), [str(each) for each in scene.form.getall("unit", [])]
    if not units:
        raise simple(422, "invalid", scene.words("report.choose"), where="unit")
    async with scene.at.hub.db.write() as tx:
        row = await reports.get(tx, wanted)
        title = _document(scene, row.kind, row.body).title
        people = await reports.people_of(tx, units)
        await reports.send(scene.at.hub, tx, wanted, people, title=title, by=scene.who.id)
    scene.at.hub.bell.ring(0)
    return f"{PAGE}/{wanted}"


SCREENS = (
    Screen("GET", PAGE, "desk.read", some),
    Screen("POST", PAGE, "report.make", make),
    Screen("GET", f"{PAGE}/{{id}}", "desk.read", one),
    Screen("GET", f"{PAGE}/{{id}}/docx", "desk.read", docx),
    Screen("POST", f"{PAGE}/{{id}}/send", "report.make", send),
)
