"""How does a display follow the hub? Long-polls its playlist, has each one confirmed, and says what it shows.

Nothing that goes wrong on the way ever changes what is shown: only a confirmed playlist, an item's `expires` and the
lease do.
"""

import asyncio
import json
import os
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import structlog

from publisher.display.player import Player, Refused

log = structlog.get_logger()

WAIT = 30
LARGEST = 1024 * 1024
LONGEST_PAUSE = 30.0
HTTP_OK, HTTP_SAME = 200, 304


class Unreached(Exception):
    """The hub did not give what was asked for; the message says how."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a display fetches and who it is. `hub` has no trailing slash; `key` is its secret, empty without receipts."""

    hub: str
    screen: str
    key: str = ""
    exercise: bool = False

    @property
    def base(self) -> str:
        """The address of its pages, without an ending."""
        return f"{self.hub}{'/exercise' if self.exercise else ''}/led/{self.screen}"

    @property
    def headers(self) -> Mapping[str, str]:
        """What says who asks."""
        return {"Authorization": f"Bearer {self.key}"} if self.key else {}


class Memory:
    """The newest sequence accepted, kept in a file so that a restart cannot be used to play an old list back."""

    def __init__(self, file: Path | None) -> None:
        self._file = file

    def read(self) -> int:
        """The number, 0 where nothing was kept. Raises ValueError for a file that is not ours."""
        if self._file is None or not self._file.exists():
            return 0
        return int(json.loads(self._file.read_text("utf-8"))["sequence"])

    def keep(self, sequence: int) -> None:
        """Write it whole or not at all."""
        if self._file is None:
            return
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps({"sequence": sequence}), "utf-8")
        os.replace(new, self._file)


class Client:
    """Follows one screen's playlist into `player`."""

    def __init__(self, place: Place, player: Player, memory: Memory, session: aiohttp.ClientSession) -> None:
        self.place, self.player = place, player
        self._memory, self._session = memory, session
        self._etag = ""
        self._told = 0

    async def run(self) -> None:
        """Follow until cancelled; after trouble again with growing pauses."""
        pause = 1.0
        while True:
            try:
                await self.turn(WAIT)
                pause = 1.0
            except (Unreached, Refused) as trouble:
                log.warning("display", screen=self.place.screen, says=str(trouble))
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    async def turn(self, wait: int) -> None:
        """One poll of at most `wait` seconds and its confirmation. Raises Unreached or Refused."""
        raw = await self._playlist(wait)
        if raw is not None:
            self._taken(*raw)
        nonce = secrets.token_urlsafe(16)
        status, beat, _ = await self._get(f"/beat.json?nonce={nonce}", WAIT)
        if status != HTTP_OK:
            raise Unreached(f"no beat: the hub answers {status}")
        try:
            self.player.confirm(beat, nonce, time.monotonic())
        except Refused:
            self._etag = ""
            raise
        self._memory.keep(self.player.sequence)

    def _taken(self, body: bytes, etag: str) -> None:
        self.player.take(body)
        self._etag = etag

    async def _playlist(self, wait: int) -> tuple[bytes, str] | None:
        """(bytes, ETag), None where it is still the same."""
        status, body, etag = await self._get(f".json?wait={wait}" if wait else ".json", wait + 15, self._etag)
        if status == HTTP_SAME:
            return None
        if status != HTTP_OK:
            raise Unreached(f"the hub answers {status}: {body[:200].decode('utf-8', 'replace').strip()}")
        return body, etag

    async def _get(self, tail: str, seconds: float, etag: str = "") -> tuple[int, bytes, str]:
        headers = {**self.place.headers, **({"If-None-Match": etag} if etag else {})}
        try:
            async with asyncio.timeout(seconds):
                async with self._session.get(self.place.base + tail, headers=headers) as answer:
                    body = await answer.content.read(LARGEST + 1)
                    while len(body) <= LARGEST and (more := await answer.content.read(LARGEST + 1 - len(body))):
                        body += more
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unreached(f"{self.place.base}: {error or type(error).__name__}") from error
        if len(body) > LARGEST:
            raise Unreached(f"more than {LARGEST} bytes at {self.place.base}")
        return answer.status, body, answer.headers.get("ETag", "")

    async def tell(self) -> bool:
        """Say that the playlist now on the display is shown, once each; whether the hub took it."""
        sequence = self.player.sequence
        if not self.place.key or not sequence or sequence == self._told:
            return False
        url = f"{self.place.hub}/led/{self.place.screen}/shown"
        try:
            async with asyncio.timeout(15):
                async with self._session.post(url, json={"sequence": sequence}, headers=self.place.headers) as answer:
                    taken = answer.status == HTTP_OK
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False
        if taken:
            self._told = sequence
        return taken


@asynccontextmanager
async def client(place: Place, trust: str, memory: Memory) -> AsyncIterator[Client]:
    """A client with its own connections. Raises ValueError for a memory that cannot be read."""
    player = Player(place.screen, trust, sequence=memory.read(), exercise=place.exercise)
    async with aiohttp.ClientSession() as session:
        yield Client(place, player, memory, session)
