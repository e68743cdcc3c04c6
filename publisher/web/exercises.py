"""What is about exercises alone? Under the drill desk's host name nothing live is touched, by form or by API."""

import json
from collections.abc import Sequence
from typing import Any

from aiohttp import web
from sqlalchemy import select

from publisher.model.words import Mode
from publisher.store import alerts
from publisher.store.database import Tx
from publisher.store.tables import alert, bulletin
from publisher.web.console.say import ABOUT
from publisher.web.csrf import SAFE
from publisher.web.errors import simple
from publisher.web.hosts import name_of
from publisher.work.context import Hub

ANYWHERE = frozenset({"drill.run", "me.manage", "me.note", "session.begin", "session.end", "session.prove"})
"""Acts on no warning at all, or on exercises by nature."""
SAYS = "only exercises are dealt with under this host name: name one, or send this to the live desk's address"


def touches(action: str) -> bool:
    """Whether an action would change something of a warning."""
    return action not in ANYWHERE and not action.endswith(".read")


def drilling(hub: Hub, request: web.Request) -> bool:
    """Whether a request was sent to the drill desk: the host name that is for exercises alone."""
    return bool(hub.drill_url) and name_of(request.host) == name_of(hub.drill_url)


async def guard(hub: Hub, action: str, request: web.Request, raw: bytes) -> None:
    """Raises Problem 403 for an API request to the drill desk's name that would change anything but an exercise."""
    if request.method in SAFE or not touches(action) or not drilling(hub, request):
        return
    wanted = request.match_info.get("id", "")
    async with hub.db.read() as tx:
        modes = {await mode_of(tx, wanted)} if wanted else await _begun(tx, raw)
    if modes != {Mode.EXERCISE.value}:
        raise simple(403, "drill-desk", SAYS)


async def _begun(tx: Tx, raw: bytes) -> set[str]:
    """The modes of what a request would begin: its content's, its message's, and that of the message it is made from."""
    try:
        told: Any = json.loads(raw)
    except ValueError:
        return set()
    if not isinstance(told, dict):
        return set()
    content = told["content"] if isinstance(told.get("content"), dict) else {}
    said = {str(one["mode"]) for one in (content, told) if "mode" in one} | {str(told.get("status", "")).lower()}
    from_alert = {await mode_of(tx, str(told["alert"]))} if told.get("alert") else set()
    return (said - {""}) | from_alert


async def all_exercises(tx: Tx, subjects: Sequence[str]) -> bool:
    """Whether every id named is of an exercise, and at least one is named."""
    return bool(subjects) and {await mode_of(tx, one) for one in subjects} == {Mode.EXERCISE.value}


async def mode_of(tx: Tx, subject: str) -> str:
    """The mode of the bulletin, warning or message that an id begins with; empty for anything else."""
    about = ABOUT.match(subject)
    if about is None:
        return ""
    if about[1] == "a":
        row = (await tx.execute(select(alert).where(alert.c.id == about[0]))).first()
        got = alerts.of(row) if row is not None else None
        content = (got.content or got.readable) if got else None
        return content.mode.value if content else ""
    key = bulletin.c.id if about[1] == "b" else bulletin.c.warning
    return str((await tx.execute(select(bulletin.c.mode).where(key == about[0]).limit(1))).scalar() or "")
