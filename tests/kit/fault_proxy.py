"""What may happen between us and a provider? A proxy on loopback that spoils the first calls in one of many ways.

refuse        nobody listens                          redirect      302 to the provider itself, which nobody must follow
reset_before  the connection dies, nothing passed on  busy          429 with Retry-After
reset_after   passed on, then the connection dies     broken        503
half_body     passed on, half of the answer           nonsense      passed on, the answer is somebody else's page
hang          read, never answered                    tls           the answer is a TLS alert
drip          passed on, one byte at a time           receipts      passed on; what is called back comes first, twice, reversed
"""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

Mode = Literal[
    "refuse",
    "reset_before",
    "reset_after",
    "half_body",
    "hang",
    "drip",
    "busy",
    "broken",
    "nonsense",
    "redirect",
    "tls",
    "receipts",
]
MODES: tuple[Mode, ...] = Mode.__args__  # type: ignore[attr-defined]
CERTAIN: frozenset[Mode] = frozenset({"refuse", "busy", "broken", "redirect"})
"""Modes in which any client can know that nothing was taken."""
_LINGER = struct.pack("ii", 1, 0)
ALERT = b"\x15\x03\x03\x00\x02\x02\x28"


@dataclass
class FaultProxy:
    """The proxy's port stays the same while nobody listens. `spoil` calls about a send are spoilt, then all is well."""

    host: str
    inner: int
    port: int = 0
    mode: Mode = "receipts"
    spoil: int = 0
    spoilt: int = 0
    certain: frozenset[Mode] = CERTAIN
    _server: asyncio.Server | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def origin(self) -> str:
        """Where channels find it."""
        return f"http://{self.host}:{self.port}"

    async def listen(self) -> None:
        """Begin, or begin again on the same port."""
        self._server = await asyncio.start_server(self._serve, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """Nobody listens any more, and open connections die."""
        if self._server is not None:
            self._server.close()
            for one in list(self._open):
                one.transport.abort()
            await self._server.wait_closed()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                while request := await _message(reader):
                    await self._answer(request, writer)
        finally:
            self._open.discard(writer)
            writer.transport.abort()

    async def _answer(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        if self.spoilt >= self.spoil or request.split(b" ", 2)[1].split(b"?")[0].endswith(b"token"):
            writer.write(await self._passed(request))
            return await writer.drain()
        self.spoilt += 1
        await self._spoil(request, writer)

    async def _spoil(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        if self.mode in ("reset_after", "half_body", "drip", "nonsense"):
            await self._after(await self._passed(request), writer)
        elif self.mode == "hang":
            await asyncio.Event().wait()
        else:
            writer.write(self._instead(request))
            await writer.drain()
        if self.mode in ("reset_before", "reset_after", "half_body", "tls"):
            reset(writer)

    async def _after(self, answer: bytes, writer: asyncio.StreamWriter) -> None:
        """The provider took it; what we hear of that."""
        if self.mode == "half_body":
            writer.write(answer[: answer.index(b"\r\n\r\n") + 5])
        elif self.mode == "nonsense":
            writer.write(_reply("200 OK", "Content-Type: text/html", b"<html>welcome to the hotel</html>"))
        elif self.mode == "drip":
            await drip(answer, writer)
        await writer.drain()

    def _instead(self, request: bytes) -> bytes:
        """What is said though the provider never heard of it."""
        path = request.split(b" ", 2)[1].decode()
        return {
            "tls": ALERT,
            "busy": _reply("429 Too Many Requests", "Retry-After: 1"),
            "broken": _reply("503 Service Unavailable", "X-Why: none"),
            "redirect": _reply("302 Found", f"Location: http://{self.host}:{self.inner}{path}"),
        }.get(self.mode, b"")

    async def _passed(self, request: bytes) -> bytes:
        """The provider's answer."""
        reader, writer = await asyncio.open_connection(self.host, self.inner)
        writer.write(request)
        answer = await _message(reader)
        writer.close()
        return answer


async def _message(reader: asyncio.StreamReader) -> bytes:
    """One HTTP message of a known length or in chunks; empty at the end."""
    head = b""
    with suppress(asyncio.IncompleteReadError):
        head = await reader.readuntil(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
    if fields.get(b"transfer-encoding") == b"chunked":
        return head + await reader.readuntil(b"0\r\n\r\n")
    return head + await reader.readexactly(int(fields.get(b"content-length", b"0")))


def _reply(status: str, field_line: str, body: bytes = b"") -> bytes:
    return f"HTTP/1.1 {status}\r\n{field_line}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def reset(writer: asyncio.StreamWriter) -> None:
    """Cut the line so that the other end hears of it at once."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
    writer.transport.abort()


async def drip(answer: bytes, writer: asyncio.StreamWriter) -> None:
    """Slower than anybody waits."""
    for byte in answer:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.2)


@asynccontextmanager
async def fault_proxy(origin: str) -> AsyncIterator[FaultProxy]:
    """A proxy before the provider at `origin`."""
    host, _, port = origin.removeprefix("http://").partition(":")
    proxy = FaultProxy(host, int(port))
    await proxy.listen()
    try:
        yield proxy
    finally:
        await proxy.shut()
