"""How does a spoken warning get onto an Icecast stream? Every sound in force, in turn, at the pace it is heard.

A mount is fed only while something is in force. What ends stops in the middle of a word, within a second: an old warning
on the air is worse than a cut one. Icecast 2.4 takes the stream as the body of one long PUT.
"""

import asyncio
import base64
from array import array
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote, urlsplit

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from publisher.model.words import Mode
from publisher.render.speech import audio
from publisher.store.database import Tx
from publisher.store.tables import artefact, bulletin, warning
from publisher.work.context import Hub

log = structlog.get_logger()

CHUNK_SECONDS = 0.5
SILENCE_SECONDS = 4.0
RATE = 22_050
PATIENCE_SECONDS = 10.0
PAUSE_SECONDS = 2.0


class Refused(Exception):
    """The server did not take the stream; the message is its answer, without our password."""


@dataclass(frozen=True, slots=True)
class Mount:
    """One mount point, from `http://user:password@host:port/name.mp3`."""

    host: str
    port: int
    path: str
    user: str
    password: str

    @property
    def name(self) -> str:
        """For logs: without the password."""
        return f"{self.host}:{self.port}{self.path}"


def mount_of(url: str) -> Mount:
    """The mount of an address. Raises ValueError for what is not one."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname or len(parts.path) < 2 or not parts.password:
        raise ValueError("an Icecast mount is http://user:password@host:port/name.mp3")
    return Mount(
        parts.hostname, parts.port or 80, parts.path, unquote(parts.username or "source"), unquote(parts.password)
    )


@dataclass(frozen=True, slots=True)
class Piece:
    """One sound to play: which bulletin's, how long, and the MP3."""

    key: str
    seconds: float
    body: bytes


async def programme(tx: Tx) -> Sequence[Piece]:
    """Every sound of a warning in force, the gravest first; drills never."""
    wanted = (
        select(artefact.c.bulletin, artefact.c.name, artefact.c.final, artefact.c.facts)
        .join(bulletin, bulletin.c.id == artefact.c.bulletin)
        .join(warning, warning.c.current == bulletin.c.id)
        .where(
            artefact.c.name.like("radio.%.mp3"), bulletin.c.state == "released", bulletin.c.mode == Mode.ACTUAL.value
        )
        .order_by(bulletin.c.rank.desc(), bulletin.c.released.desc(), artefact.c.name)
    )
    rows = await tx.execute(wanted)
    return [Piece(f"{row.bulletin}/{row.name}", float(row.facts["seconds"]), bytes(row.final)) for row in rows]


@cache
def silence() -> Piece:
    """What keeps a mount open between two sounds."""
    samples = array("h", bytes(2 * int(RATE * SILENCE_SECONDS)))
    return Piece("", SILENCE_SECONDS, audio.encoded(audio.Sound(samples, RATE), "mp3"))


class Feeder:
    """Feeds one mount while anything is in force. `pace`: how many times faster than it is heard (tests only)."""

    def __init__(self, hub: Hub, mount: Mount, *, pace: float = 1.0) -> None:
        self._hub, self._mount, self._pace = hub, mount, pace
        self._now: Sequence[Piece] = ()

    async def run(self) -> None:
        """Feed until cancelled, connecting anew after trouble."""
        while True:
            try:
                await self.turn()
            except (Refused, OSError, SQLAlchemyError) as trouble:
                log.warning("icecast", mount=self._mount.name, says=str(trouble) or type(trouble).__name__)
            await asyncio.sleep(PAUSE_SECONDS)

    async def turn(self) -> int:
        """Connect if anything is in force and feed until nothing is; how many sounds were begun. Raises Refused, OSError."""
        await self._look()
        if not self._now:
            return 0
        writer = await self._connect()
        begun = 0
        try:
            while self._now:
                for piece in tuple(self._now):
                    begun += await self._play(writer, piece)
                    await self._play(writer, silence())
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
        return begun

    async def _look(self) -> None:
        async with self._hub.db.read() as tx:
            self._now = await programme(tx)

    async def _play(self, writer: asyncio.StreamWriter, piece: Piece) -> bool:
        """Until its end, or until it is not in force any more; whether it was begun."""
        step = max(1, int(len(piece.body) * CHUNK_SECONDS / piece.seconds))
        for start in range(0, len(piece.body), step):
            await self._look()
            if piece.key not in ("", *(one.key for one in self._now)):
                return start > 0
            writer.write(piece.body[start : start + step])
            await writer.drain()
            await asyncio.sleep(CHUNK_SECONDS / self._pace)
        return True

    async def _connect(self) -> asyncio.StreamWriter:
        mount = self._mount
        async with asyncio.timeout(PATIENCE_SECONDS):
            reader, writer = await asyncio.open_connection(mount.host, mount.port)
            word = base64.b64encode(f"{mount.user}:{mount.password}".encode()).decode()
            head = (
                f"PUT {mount.path} HTTP/1.1\r\nHost: {mount.host}:{mount.port}\r\nAuthorization: Basic {word}\r\n"
                "User-Agent: tocsin\r\nContent-Type: audio/mpeg\r\nIce-Public: 0\r\nExpect: 100-continue\r\n\r\n"
            )
            writer.write(head.encode())
            answer = (await reader.readline()).decode("latin-1").strip()
        if " 100 " not in f"{answer} " and " 200 " not in f"{answer} ":
            writer.close()
            raise Refused(answer or "the server hung up")
        return writer
