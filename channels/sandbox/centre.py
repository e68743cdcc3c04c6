"""How does a carrier's message centre behave? The few operations of SMPP that the hub says, on a loopback port of its own."""

import asyncio
import struct
from uuid import uuid4

from channels.sandbox.faults import Rule
from channels.sandbox.world import Account, Letter, Sandbox

_STATUS = {429: 0x58, 503: 0x14}
_REPORT = "id:{id} sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:{stat} err:000 text:"


class MessageCentre:
    """One port for every account of kind `smpp`, told apart by their names."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._server: asyncio.Server | None = None

    async def open(self) -> int:
        """Listen on a free loopback port; its number."""
        self._server = await asyncio.start_server(self._visit, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _Bind(self._sandbox, reader, writer).run()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


class _Bind:
    """One connection."""

    def __init__(self, sandbox: Sandbox, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._sandbox, self._reader, self._writer = sandbox, reader, writer
        self._account: Account | None = None
        self._parts: dict[str, str] = {}

    async def run(self) -> None:
        while True:
            length, command, _, number = struct.unpack("!IIII", await self._reader.readexactly(16))
            body = await self._reader.readexactly(length - 16)
            match command:
                case 0x09:
                    if not self._bind(body, number):
                        return
                case 0x04:
                    if not await self._submit(body, number):
                        return
                case 0x15 | 0x06:
                    self._say(command | 1 << 31, 0, number)
                case _:
                    pass

    def _say(self, command: int, status: int, number: int, body: bytes = b"") -> None:
        self._writer.write(struct.pack("!IIII", 16 + len(body), command, status, number) + body)

    def _bind(self, body: bytes, number: int) -> bool:
        user, word, *_ = (one.decode() for one in body.split(b"\0"))
        self._account = self._sandbox.account("smpp", system_id=user, password=word)
        rule = self._sandbox.rules.meet(self._account.names if self._account else ("", "smpp"), "", "probe")
        if rule.fault in ("http", "garbage", "drop", "silence"):
            return False
        status = 0x0E if self._account is None or rule.fault == "credentials" else 0
        self._say(0x8000_0009, status, number, b"sandbox\0")
        return not status

    async def _submit(self, body: bytes, number: int) -> bool:
        _, to, coding, esm, text = _read(body)
        self._sandbox.calls.append(f"smpp {to}")
        self._sandbox.reached.set()
        rule = self._sandbox.rules.meet(self._account.names if self._account else ("", "smpp"), to)
        status = {"absent": 0x0B, "code": rule.code or 0x0B, "credentials": 0x0D}.get(rule.fault, 0)
        match rule.fault:
            case "silence":
                await self._sandbox.over.wait()
                return False
            case "drop":
                return False
            case "garbage":
                self._writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
                return False
            case "http" if rule.status not in _STATUS:
                return False
            case "http":
                status = _STATUS[rule.status]
            case _:
                pass
        if status:
            self._say(0x8000_0004, status, number)
            return True
        return self._take(to, coding, esm, text, number, rule)

    def _take(self, to: str, coding: int, esm: int, text: bytes, number: int, rule: Rule) -> bool:
        udh = text[: text[0] + 1] if esm & 0x40 else b""
        words = text[len(udh) :].decode("utf-16-be" if coding == 8 else "latin-1")
        whole = self._parts.pop(to, "") + words
        identifier = uuid4().hex[:10].upper().lstrip("0")
        if udh and udh[4] != udh[5]:
            self._parts[to] = whole
        elif self._account is not None:
            letter = self._sandbox.arrive(Letter(identifier, self._account, to, whole))
            if rule.receipt != "none":
                self._sandbox.postman.later((2.0, lambda: self._report(letter, rule)))
        if rule.fault == "drop_after":
            return False
        self._say(0x8000_0004, 0, number, identifier.encode() + b"\0")
        return True

    async def _report(self, letter: Letter, rule: Rule) -> None:
        good = rule.receipt == "delivered"
        letter.state = "delivered" if good else "failed"
        text = _REPORT.format(id=letter.id, stat="DELIVRD" if good else "UNDELIV").encode()
        head = b"\0\x01\x01" + letter.address.encode() + b"\0\x05\0hub\0\x04\0\0\0\0\0\0\0\0"
        self._say(0x05, 0, self._sandbox.number() % 2**31, head + bytes([len(text)]) + text)


def _read(body: bytes) -> tuple[str, str, int, int, bytes]:
    """(sender, receiver, coding, esm_class, octets) of a submit_sm."""
    at = body.index(0) + 3
    end = body.index(0, at)
    sender, at = body[at:end].decode(), end + 3
    end = body.index(0, at)
    to, esm = body[at:end].decode(), body[end + 1]
    at = body.index(0, body.index(0, end + 4) + 1) + 1
    return sender, f"+{to}", body[at + 2], esm, body[at + 5 : at + 5 + body[at + 4]]
