"""The same spoilt calls for kinds that keep a line open: SMTP, SMPP, and MQTT over a WebSocket.

What `fault_proxy` does to an HTTP call is done here to the one message of a longer talk. `busy` and `broken` are the protocol's
own words; `redirect` is its "go elsewhere" (421, unbind, DISCONNECT "use another server"), which nobody follows.
"""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Literal

from tests.kit.fault_proxy import ALERT, FaultProxy, Mode, drip, reset

Stage = Literal["", "ask", "send"]
"""`ask`: the last moment at which the provider can say no before it has the message; `send`: the message itself."""
Units = AsyncIterator[tuple[bytes, Stage]]
PASSED: frozenset[Mode] = frozenset({"reset_before", "reset_after", "half_body", "drip", "nonsense"})
"""Modes that spoil the message or what is said of it; others spoil the asking."""
CUTS: frozenset[Mode] = frozenset({"tls", "redirect"})
KNOWN: frozenset[Mode] = frozenset({"refuse", "busy", "broken"})
"""Modes in which the others on the same line can know too that nothing was taken."""


@dataclass(frozen=True)
class Talk:
    """How one protocol is read and answered. `asks`: whether it asks before it sends."""

    units: Callable[[asyncio.StreamReader], Units]
    instead: Callable[[Mode, bytes], bytes]
    asks: bool = False


async def _mail(reader: asyncio.StreamReader) -> Units:
    while line := await reader.readline():
        asks = line.strip().upper() == b"DATA"
        yield line, "ask" if asks else ""
        if asks:
            yield await reader.readuntil(b"\r\n.\r\n"), "send"


def _mail_instead(mode: Mode, unit: bytes) -> bytes:
    words = {
        "busy": b"450 4.7.0 slow down\r\n",
        "broken": b"451 4.3.0 broken\r\n",
        "redirect": b"421 4.3.2 elsewhere\r\n",
    }
    return words.get(mode, ALERT)


async def _centre(reader: asyncio.StreamReader) -> Units:
    while True:
        head = await reader.readexactly(16)
        length, command, _, _ = struct.unpack("!IIII", head)
        yield head + await reader.readexactly(length - 16), "send" if command == 0x04 else ""


def _centre_instead(mode: Mode, unit: bytes) -> bytes:
    (number,) = struct.unpack_from("!I", unit, 12)
    if mode == "redirect":
        return struct.pack("!IIII", 16, 0x06, 0, number)
    status = {"busy": 0x58, "broken": 0x08}.get(mode)
    return ALERT if status is None else struct.pack("!IIII", 16, 0x8000_0004, status, number)


async def _broker(reader: asyncio.StreamReader) -> Units:
    yield await reader.readuntil(b"\r\n\r\n"), ""
    while True:
        head = await reader.readexactly(2)
        size = head[1] & 127
        more = await reader.readexactly(2 if size == 126 else 8 if size == 127 else 0)
        mask = await reader.readexactly(4)
        body = await reader.readexactly(int.from_bytes(more) if more else size)
        packet = _bare(mask, body)
        yield head + more + mask + body, "send" if packet[:1] == b"\x32" or packet[:1] == b"\x33" else ""


def _bare(mask: bytes, body: bytes) -> bytes:
    return bytes(one ^ mask[at % 4] for at, one in enumerate(body))


def _broker_instead(mode: Mode, unit: bytes) -> bytes:
    at = 2 + {126: 2, 127: 8}.get(unit[1] & 127, 0)
    packet = _bare(unit[at : at + 4], unit[at + 4 :])
    start = 1 + next(n for n in range(1, 5) if packet[n] < 128)
    size = int.from_bytes(packet[start : start + 2])
    mid = packet[start + 2 + size : start + 4 + size]
    if mode == "redirect":
        return b"\x82\x04\xe0\x02\x9c\x00"
    code = {"busy": b"\x97", "broken": b"\x83"}.get(mode)
    return ALERT if code is None else b"\x82\x06\x40\x04" + mid + code + b"\x00"


TALKS: Mapping[str, Talk] = {
    "email": Talk(_mail, _mail_instead, asks=True),
    "smpp": Talk(_centre, _centre_instead),
    "mqtt": Talk(_broker, _broker_instead),
}


@dataclass
class LineProxy(FaultProxy):
    """A proxy before a provider that speaks `talk`."""

    talk: Talk = TALKS["email"]
    certain: frozenset[Mode] = KNOWN

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        relay = None
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                relay = _Relay(self, reader, writer, *await asyncio.open_connection(self.host, self.inner))
                await relay.run()
        finally:
            self._open.discard(writer)
            writer.transport.abort()
            if relay is not None:
                relay.outer.close()

    def spoils(self, stage: Stage) -> bool:
        """Whether this moment is to be spoilt; counts it."""
        wanted = "send" if self.mode in PASSED or not self.talk.asks else "ask"
        if stage != wanted or self.spoilt >= self.spoil:
            return False
        self.spoilt += 1
        return True


class _Relay:
    """One line and the provider's end of it."""

    def __init__(
        self,
        proxy: LineProxy,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        inner: asyncio.StreamReader,
        outer: asyncio.StreamWriter,
    ) -> None:
        self._proxy, self._reader, self._writer, self._inner, self.outer = proxy, reader, writer, inner, outer
        self._spoils_answer = False

    async def run(self) -> None:
        both = [asyncio.create_task(self._up()), asyncio.create_task(self._down())]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in both:
                one.cancel()
            await asyncio.gather(*both, return_exceptions=True)

    async def _up(self) -> None:
        async for unit, stage in self._proxy.talk.units(self._reader):
            if not self._proxy.spoils(stage):
                self.outer.write(unit)
            elif not self._spoil(unit):
                return

    def _spoil(self, unit: bytes) -> bool:
        """Whether the line lives on."""
        mode = self._proxy.mode
        if mode == "reset_before":
            reset(self._writer)
        elif mode in PASSED:
            self._spoils_answer = True
            self.outer.write(unit)
        elif mode != "hang":
            self._writer.write(self._proxy.talk.instead(mode, unit))
        return mode not in CUTS and mode != "reset_before"

    async def _down(self) -> None:
        while answer := await self._inner.read(65_536):
            if not self._spoils_answer:
                self._writer.write(answer)
            elif not await self._spoiled(answer):
                return

    async def _spoiled(self, answer: bytes) -> bool:
        """The provider took it; what we hear of that, and whether we hear more."""
        self._spoils_answer, mode = False, self._proxy.mode
        if mode == "drip":
            await drip(answer, self._writer)
            return True
        if mode != "reset_after":
            self._writer.write(
                answer[: len(answer) // 2] if mode == "half_body" else b"<html>welcome to the hotel</html>\r\n"
            )
            await self._writer.drain()
        if mode != "nonsense":
            reset(self._writer)
        return mode == "nonsense"


@asynccontextmanager
async def line_proxy(kind: str, host: str, port: int) -> AsyncIterator[LineProxy]:
    """A proxy before the provider of `kind`."""
    proxy = LineProxy(host, port, talk=TALKS[kind])
    await proxy.listen()
    try:
        yield proxy
    finally:
        await proxy.shut()
