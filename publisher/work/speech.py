"""When is a script spoken? In the background, by a process of its own, from the text that is bound.

Renderer, voice and pace are bound with the script; what another voice would say is not made. A release waits for
nothing here. A station's script, which tells the time of issue, is out at once, and its sound appears some seconds later. The
sound that CAP names has no time in it: it is made while the signatures are given, and CAP goes without it if it is not there.
"""

import asyncio
import base64
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Row, exists, func, select

from publisher.core.manifest import sha256
from publisher.formats.resources import SPOKEN
from publisher.model.bulletin import Content
from publisher.model.pack import Pack, Same
from publisher.model.words import Mode
from publisher.render.speech import audio, same
from publisher.store.codec import load
from publisher.store.conflict import insert_if_new
from publisher.store.database import Tx
from publisher.store.tables import artefact, batch, bulletin
from publisher.work import alarms, pages
from publisher.work.context import Hub

log = structlog.get_logger()

LOOK_SECONDS = 2.0
PATIENCE_SECONDS = 120.0
TRIES = 3
FAILED = "speech-failed"
"""The alarm's kind; its subject is the bulletin."""
SCRIPT = "radio."
AHEAD = ("mp3", "ogg")
"""In which forms CAP names its sound."""


class Unspoken(Exception):
    """The script could not be spoken; the message says why."""


@dataclass(frozen=True, slots=True)
class Order:
    """One script to speak: artefact `name` of `bulletin`, and the SAME header that goes before it, if any."""

    bulletin: str
    name: str
    language: str
    derived: str
    bound: str
    script: str
    header: str


async def waiting(hub: Hub, tx: Tx) -> Sequence[Order]:
    """Released scripts of which there is no sound yet, the gravest and newest first."""
    sound = artefact.alias()
    spoken = exists().where(sound.c.bulletin == artefact.c.bulletin, sound.c.name == _replaced())
    on_air = exists().where(batch.c.bulletin == artefact.c.bulletin, batch.c.medium == "station", batch.c.released)
    wanted = (
        select(artefact, bulletin.c.content, bulletin.c.pack, bulletin.c.released, bulletin.c.expires)
        .join(bulletin, bulletin.c.id == artefact.c.bulletin)
        .where(artefact.c.name.like(f"{SCRIPT}%.txt"), artefact.c.derived != "", artefact.c.final.is_not(None))
        .where(bulletin.c.state == "released", on_air, ~spoken)
        .order_by(bulletin.c.rank.desc(), bulletin.c.released.desc(), artefact.c.name)
    )
    return [_order(row, await hub.packs.get(tx, row.pack)) for row in await tx.execute(wanted)]


async def ahead(tx: Tx) -> Sequence[Order]:
    """CAP's own scripts of bulletins that wait for their signatures or their hour."""
    sound = artefact.alias()
    spoken = exists().where(sound.c.bulletin == artefact.c.bulletin, sound.c.name == _replaced())
    wanted = (
        select(artefact)
        .join(bulletin, bulletin.c.id == artefact.c.bulletin)
        .where(artefact.c.name.like(f"{SPOKEN}%.txt"), artefact.c.derived != "", ~spoken)
        .where(bulletin.c.state.in_(("submitted", "held")))
        .order_by(bulletin.c.rank.desc(), artefact.c.bulletin, artefact.c.name)
    )
    return [
        Order(row.bulletin, row.name, row.language, row.derived, row.bound, bytes(row.body).decode(), "")
        for row in await tx.execute(wanted)
    ]


async def keep_ahead(hub: Hub, order: Order, made: Mapping[str, Any]) -> bool:
    """Put CAP's sound beside its script, unless that is out or was withdrawn meanwhile; whoever edits it waits for us."""
    async with hub.db.write() as tx:
        mine = select(artefact.c.bound).join(bulletin, bulletin.c.id == artefact.c.bulletin)
        mine = mine.where(artefact.c.bulletin == order.bulletin, artefact.c.name == order.name)
        waits = mine.where(bulletin.c.state.in_(("submitted", "held"))).with_for_update(of=bulletin)
        if (await tx.execute(waits)).scalar() != order.bound:
            return False
        for form in AHEAD:
            body = base64.b64decode(made["files"][form])
            row = {**_row(order, form, body, made["seconds"]), "kind": "feed", "body": body}
            await insert_if_new(tx, artefact, {**row, "final": None, "final_hash": None})
    return True


def _replaced() -> Any:
    return func.replace(artefact.c.name, ".txt", ".mp3")


def _order(row: Row[Any], pack: Pack) -> Order:
    content = load(Content, row.content)
    header = header_of(content, pack, row.released, row.expires)
    script = bytes(row.final).decode()
    return Order(row.bulletin, row.name, row.language, row.derived, row.bound, script, header)


def header_of(content: Content, pack: Pack, issued: Any, expires: Any) -> str:
    """The SAME header of a bulletin, empty where the pack asks for none: never for a drill or a withdrawal."""
    asked = pack.about.stations.same
    if asked is None or content.mode is not Mode.ACTUAL or content.act.ends:
        return ""
    event = asked.events.get(content.hazard, "")
    places = _places(content, pack, asked)
    if not event or not places:
        return ""
    return same.Header(asked.originator, event, places, issued, expires - issued, asked.sender).text()


def _places(content: Content, pack: Pack, asked: Same) -> Sequence[str]:
    """Six-digit places of the bulletin's areas: their own, else those of the nearest area around them."""
    found: dict[str, None] = {}
    for section in content.sections:
        for area in section.areas:
            named = next((asked.places[one] for one in pack.ancestors(area) if one in asked.places), "")
            if named:
                found[named] = None
    return list(found)


async def speak(order: Order) -> Mapping[str, Any]:
    """`{seconds, files}` of an order, by a process of its own. Raises Unspoken."""
    given = {"derived": order.derived, "script": order.script, "header": order.header}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "publisher.render.speech"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            out, trouble = await process.communicate(json.dumps(given).encode())
    except TimeoutError as error:
        raise Unspoken(f"no sound after {PATIENCE_SECONDS:.0f} s") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise Unspoken(trouble.decode("utf-8", "replace").strip().rpartition("\n")[2] or "the speaker died")
    made: Mapping[str, Any] = json.loads(out)
    return made


async def keep(hub: Hub, order: Order, made: Mapping[str, Any]) -> bool:
    """Put the sound beside its script and on the pages; False where somebody else was first."""
    async with hub.db.write() as tx:
        fresh = False
        for form, body in made["files"].items():
            fresh = (
                await insert_if_new(tx, artefact, _row(order, form, base64.b64decode(body), made["seconds"])) or fresh
            )
        if fresh:
            await pages.materialise(hub, tx, await hub.packs.active(tx))
    return fresh


def _row(order: Order, form: str, body: bytes, seconds: float) -> Mapping[str, Any]:
    return {
        "bulletin": order.bulletin,
        "name": f"{order.name.removesuffix('.txt')}.{form}",
        "kind": "broadcast",
        "section": 0,
        "language": order.language,
        "media_type": audio.FORMATS[form][0],
        "body": b"",
        "bound": order.bound,
        "derived": order.derived,
        "facts": {"seconds": str(seconds), "same": order.header},
        "final": body,
        "final_hash": sha256(body),
    }


class Speaker:
    """Speaks what is waiting, one script at a time."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._tries: dict[_Script, int] = {}

    async def run(self) -> None:
        """Speak until cancelled; the process border for a database that is away."""
        while True:
            try:
                await self.turn()
            except Exception:
                log.exception("scripts are not spoken")
            await asyncio.sleep(LOOK_SECONDS)

    async def turn(self) -> int:
        """Speak everything that is waiting now, what is out before what waits for signatures; how many scripts."""
        async with self._hub.db.read() as tx:
            orders = [*await waiting(self._hub, tx), *await ahead(tx)]
        return sum([await self._try(order) for order in orders if self._tries.get(_script(order), 0) < TRIES])

    async def _try(self, order: Order) -> bool:
        mine = _script(order)
        self._tries[mine] = self._tries.get(mine, 0) + 1
        try:
            put = keep_ahead if order.name.startswith(SPOKEN) else keep
            kept = await put(self._hub, order, await speak(order))
        except Unspoken as trouble:
            log.warning("not spoken", bulletin=order.bulletin, name=order.name, says=str(trouble))
            await self._unspoken(order, str(trouble))
            return False
        await self._spoken(order)
        return kept

    async def _unspoken(self, order: Order, says: str) -> None:
        if self._tries[_script(order)] >= TRIES:
            async with self._hub.db.write() as tx:
                await alarms.ring(tx, FAILED, order.bulletin, language=order.language, says=says[:300])

    async def _spoken(self, order: Order) -> None:
        """It could be spoken after all: the alarm rests, unless another script of the bulletin is still dumb."""
        mine = order.bulletin, order.name
        self._tries = {of: many for of, many in self._tries.items() if of[:2] != mine}
        if any(of == order.bulletin and many >= TRIES for (of, *_), many in self._tries.items()):
            return
        async with self._hub.db.write() as tx:
            await alarms.clear(tx, FAILED, order.bulletin)


_Script = tuple[str, str, str]


def _script(order: Order) -> _Script:
    """One text in one voice: an edited one is given tries of its own."""
    return order.bulletin, order.name, order.bound
