"""How does an MQTT broker behave? Enough of version 5 over a WebSocket to take and keep retained states."""

import asyncio
import json
import struct
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from channels.sandbox.world import Account, Letter, Sandbox

_CODES = {429: 0x97, 503: 0x83, 502: 0x80, 504: 0x80}


def _number(value: int) -> bytes:
    """A variable byte integer."""
    out = bytearray()
    while True:
        value, low = divmod(value, 128)
        out.append(low | (128 if value else 0))
        if not value:
            return bytes(out)


@dataclass
class _Reader:
    """Takes fields off the front of a packet."""

    data: bytes
    at: int = 0

    def take(self, size: int) -> bytes:
        self.at += size
        return self.data[self.at - size : self.at]

    def short(self) -> int:
        return int(struct.unpack("!H", self.take(2))[0])

    def word(self) -> bytes:
        return self.take(self.short())

    def number(self) -> int:
        value, shift = 0, 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7


@dataclass
class _Line:
    """One client's connection."""

    socket: web.WebSocketResponse
    account: Account | None = None
    held: bytearray = field(default_factory=bytearray)

    async def send(self, head: int, body: bytes) -> None:
        await self.socket.send_bytes(bytes([head]) + _number(len(body)) + body)


class Broker:
    """`/mqtt`: publishes with QoS 1; each state is kept until an empty one comes."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.retained: dict[str, bytes] = {}
        self._lines: set[asyncio.Transport] = set()

    def routes(self) -> list[web.RouteDef]:
        """The broker's path."""
        return [web.get("", self._serve)]

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(protocols=("mqtt",))
        await socket.prepare(request)
        line = _Line(socket)
        assert request.transport is not None
        transport = request.transport
        self._lines.add(transport)
        try:
            async for part in socket:
                if part.type is not WSMsgType.BINARY or not await self._take(line, part.data):
                    break
            await socket.close()
        finally:
            self._lines.discard(transport)
        return socket

    def close(self) -> None:
        """Hang up on everybody: whoever shuts down would wait for them."""
        for line in self._lines:
            line.close()

    async def _take(self, line: _Line, data: bytes) -> bool:
        line.held += data
        while len(line.held) >= 2:
            reader = _Reader(bytes(line.held), 1)
            size = reader.number()
            if len(line.held) < reader.at + size:
                return True
            head, body = line.held[0], bytes(line.held[reader.at : reader.at + size])
            del line.held[: reader.at + size]
            if not await self._packet(line, head, body):
                return False
        return True

    async def _packet(self, line: _Line, head: int, body: bytes) -> bool:
        match head >> 4:
            case 1:
                return await self._connect(line, body)
            case 3:
                return await self._publish(line, head, body)
            case 12:
                await line.send(0xD0, b"")
            case 14:
                return False
            case _:
                pass
        return True

    async def _connect(self, line: _Line, body: bytes) -> bool:
        reader = _Reader(body)
        reader.word()
        reader.take(1)
        flags = reader.take(1)[0]
        reader.take(2)
        reader.take(reader.number())
        reader.word()
        if flags & 4:
            reader.take(reader.number())
            reader.word()
            reader.word()
        user = reader.word().decode() if flags & 128 else ""
        word = reader.word().decode() if flags & 64 else ""
        line.account = self._sandbox.account("mqtt", username=user, password=word)
        rule = self._sandbox.rules.meet(line.account.names if line.account else ("", "mqtt"), "", "probe")
        if line.account is None or rule.fault == "credentials":
            await line.send(0x20, b"\x00\x86\x00")
            return False
        if rule.fault in ("http", "garbage", "drop", "silence"):
            return False
        await line.send(0x20, b"\x00\x00\x00")
        return True

    async def _publish(self, line: _Line, head: int, body: bytes) -> bool:
        reader = _Reader(body)
        topic = reader.word().decode()
        mid = reader.take(2)
        reader.take(reader.number())
        payload = body[reader.at :]
        code = await self._judge(line, topic, payload)
        if code is None:
            return False
        await line.send(0x40, mid + bytes([code, 0]))
        return True

    async def _judge(self, line: _Line, topic: str, payload: bytes) -> int | None:
        """The reason code; None cuts the line."""
        display = topic.rsplit("/", 2)[-2] if "/display/" in topic else ""
        if not display:
            return 0
        self._sandbox.calls.append(f"mqtt {display}")
        self._sandbox.reached.set()
        rule = self._sandbox.rules.meet(line.account.names if line.account else ("", "mqtt"), display)
        match rule.fault:
            case "silence":
                await self._sandbox.over.wait()
                return None
            case "drop" | "garbage":
                return None
            case "credentials":
                return 0x87
            case "absent" | "code":
                return 0x90
            case "http":
                return _CODES.get(rule.status, 0x80)
            case _:
                pass
        self._keep(line, topic, display, payload)
        return None if rule.fault == "drop_after" else 0

    def _keep(self, line: _Line, topic: str, display: str, payload: bytes) -> None:
        same = self.retained.get(topic) == payload
        if payload:
            self.retained[topic] = payload
        else:
            self.retained.pop(topic, None)
        if line.account is None or same:
            return
        said = json.loads(payload) if payload else {"text": "", "label": ""}
        letter = Letter(topic, line.account, display, str(said["text"]), title=str(said["label"]))
        letter.state = "delivered" if payload else "recalled"
        self._sandbox.arrive(letter)
