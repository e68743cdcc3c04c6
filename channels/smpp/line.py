"""How is a bind kept? Opened when first needed, asked whether it lives, and every answer given to whoever waits for it."""

import asyncio
import itertools

from yarl import URL

from channels.base import Misconfigured, Unavailable
from channels.http import MaybeSent, NotSent
from channels.server import tls
from channels.smpp import pdu
from channels.smpp.codes import LOST_BIND, verdict
from channels.smpp.config import Config
from channels.smpp.pdu import ANSWER, Pdu

_LAST = 0x7FFF_FFFF


class Line:
    """One bind to one centre."""

    def __init__(self, config: Config, timeout: float) -> None:
        self._config, self._timeout = config, timeout
        self._writer: asyncio.StreamWriter | None = None
        self._reader: asyncio.Task[None] | None = None
        self._beat: asyncio.Task[None] | None = None
        self._opening: asyncio.Task[None] | None = None
        self._waiting: dict[int, asyncio.Future[Pdu]] = {}
        self._over = False
        self._numbers = itertools.cycle(range(1, _LAST))
        self.told: asyncio.Queue[Pdu] = asyncio.Queue(1000)
        """deliver_sm as they come; each is to be confirmed."""

    @property
    def open_(self) -> bool:
        """Whether the bind lives."""
        return not self._over and self._writer is not None and self._reader is not None and not self._reader.done()

    async def ask(self, command: int, body: bytes = b"") -> Pdu:
        """The answer to one operation. Raises NotSent, MaybeSent, or Misconfigured for a bind that is refused."""
        await self.open()
        return await self._ask(command, body)

    async def open(self) -> None:
        """Bind, unless bound. Whoever stops waiting does not break it for the others."""
        if self.open_:
            return
        if self._opening is None or self._opening.done():
            self._opening = asyncio.create_task(self._open())
            self._opening.add_done_callback(_heard)
        await asyncio.shield(self._opening)

    async def confirm(self, told: Pdu) -> None:
        """Say that a deliver_sm was kept."""
        if self._writer is not None:
            self._writer.write(Pdu(told.command | ANSWER, 0, told.sequence, b"\x00").raw())

    async def close(self) -> None:
        """Unbind and hang up."""
        if self._opening is not None:
            self._opening.cancel()
        if self._writer is not None:
            self._writer.write(Pdu(pdu.UNBIND, 0, next(self._numbers)).raw())
        await self._hang_up()

    async def _open(self) -> None:
        await self._hang_up()
        url = URL(self._config.server)
        safe = tls(self._config.ca) if url.scheme == "smpps" else None
        try:
            async with asyncio.timeout(self._timeout):
                reader, self._writer = await asyncio.open_connection(url.host, url.explicit_port, ssl=safe)
        except (OSError, TimeoutError) as error:
            raise NotSent(f"{url.authority}: {error or type(error).__name__}") from None
        self._reader = asyncio.create_task(self._read(reader))
        await self._bind()
        self._beat = asyncio.create_task(self._keep())

    async def _bind(self) -> None:
        config = self._config
        asked = pdu.bind(config.system_id, config.password.get_secret_value(), config.system_type)
        try:
            answer = await self._ask(pdu.BIND, asked)
        except MaybeSent as error:
            await self._hang_up()
            raise NotSent(f"{URL(config.server).authority}: bind: {error}") from None
        if answer.status:
            await self._hang_up()
            meaning = verdict(answer.status)
            raise (Misconfigured if meaning.outcome == "misconfigured" else Unavailable)(
                f"{meaning.reason}: bind status {answer.status:#x}"
            )

    async def _ask(self, command: int, body: bytes) -> Pdu:
        writer, number = self._writer, next(self._numbers)
        answer: Pdu
        if writer is None:
            raise NotSent("the line was cut")
        waiting = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            writer.write(Pdu(command, 0, number, body).raw())
            async with asyncio.timeout(self._timeout):
                answer = await waiting
                return answer
        except TimeoutError:
            raise MaybeSent("timeout", f"no answer within {self._timeout:g} s") from None
        finally:
            self._waiting.pop(number, None)

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                length, command, status, sequence = pdu.head(await reader.readexactly(16))
                self._take(Pdu(command, status, sequence, await reader.readexactly(length - 16)))
        except (OSError, asyncio.IncompleteReadError, pdu.Broken):
            pass
        finally:
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(MaybeSent("dropped", "the line was cut"))

    def _take(self, one: Pdu) -> None:
        waiting = self._waiting.get(one.sequence)
        if one.command & ANSWER:
            self._over = self._over or one.status == LOST_BIND
            if waiting is not None and not waiting.done():
                waiting.set_result(one)
        elif one.command == pdu.DELIVER and not self.told.full():
            self.told.put_nowait(one)
        elif one.command == pdu.DELIVER and self._writer is not None:
            # Answers come over the same line and must not wait for whoever writes reports down.
            self._writer.write(Pdu(one.command | ANSWER, pdu.LATER, one.sequence, b"\x00").raw())
        elif self._writer is not None:
            self._over = self._over or one.command == pdu.UNBIND
            self._writer.write(Pdu(one.command | ANSWER, 0, one.sequence).raw())

    async def _keep(self) -> None:
        """Ask whether the centre lives; a line that does not answer is hung up, so that the next send binds anew."""
        while self.open_:
            await asyncio.sleep(self._config.enquire_seconds)
            try:
                await self._ask(pdu.ENQUIRE, b"")
            except (MaybeSent, NotSent):
                if self._writer is not None:
                    self._writer.close()
                return

    async def _hang_up(self) -> None:
        tasks = [one for one in (self._reader, self._beat) if one is not None]
        for one in tasks:
            one.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._writer is not None:
            self._writer.close()
        self._writer = self._reader = self._beat = None
        self._over = False


def _heard(task: asyncio.Task[None]) -> None:
    if not task.cancelled():
        task.exception()
