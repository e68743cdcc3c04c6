"""How does a mail server behave? The few commands of SMTP that the hub says, on a loopback port of its own."""

import asyncio
import base64
import email
from email.message import Message as Letter5322
from email.policy import default

from channels.sandbox.faults import Rule
from channels.sandbox.world import Account, Letter, Sandbox

_STATUS = {429: b"450 4.7.0 too many\r\n", 503: b"451 4.3.0 busy\r\n"}


class MailServer:
    """One port for every account of kind `email`, told apart by their names."""

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
            await _Visit(self._sandbox, reader, writer).run()
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            pass
        finally:
            writer.close()


class _Visit:
    """One connection."""

    def __init__(self, sandbox: Sandbox, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._sandbox, self._reader, self._writer = sandbox, reader, writer
        self._account: Account | None = None
        self._to, self._rule = "", Rule()

    async def run(self) -> None:
        await self._say(b"220 sandbox ESMTP\r\n")
        while line := await self._reader.readline():
            word, _, rest = line.decode("latin-1").strip().partition(" ")
            if not await self._obey(word.upper(), rest):
                return

    async def _obey(self, word: str, rest: str) -> bool:
        match word:
            case "EHLO" | "HELO":
                await self._say(b"250-sandbox\r\n250-AUTH PLAIN\r\n250 SIZE 1000000\r\n")
            case "AUTH":
                return await self._sign_in(rest)
            case "RCPT":
                await self._recipient(rest)
            case "DATA":
                return await self._letter()
            case "QUIT":
                await self._say(b"221 bye\r\n")
                return False
            case _:
                await self._say(b"250 ok\r\n")
        return True

    async def _sign_in(self, rest: str) -> bool:
        _, user, word = base64.b64decode(rest.partition(" ")[2]).decode().split("\0")
        self._account = self._sandbox.account("email", username=user, password=word)
        names = self._account.names if self._account else ("", "email")
        rule = self._sandbox.rules.meet(names, "", "probe")
        if self._account is None or rule.fault == "credentials":
            await self._say(b"535 5.7.8 who are you?\r\n")
            return False
        if rule.fault in ("http", "garbage", "drop", "silence"):
            return False
        await self._say(b"235 2.7.0 welcome\r\n")
        return True

    async def _recipient(self, rest: str) -> None:
        self._to = rest.partition("<")[2].partition(">")[0]
        self._sandbox.calls.append(f"email {self._to}")
        self._sandbox.reached.set()
        self._rule = self._sandbox.rules.meet(self._account.names if self._account else ("", "email"), self._to)
        if self._account is None or self._rule.fault == "credentials":
            await self._say(b"530 5.7.0 sign in first\r\n")
        elif self._rule.fault in ("absent", "code"):
            await self._say(b"550 5.1.1 no such mailbox\r\n")
        elif self._rule.fault == "http" and self._rule.status in _STATUS:
            await self._say(_STATUS[self._rule.status])
        else:
            await self._say(b"250 ok\r\n")

    async def _letter(self) -> bool:
        await self._say(b"354 go on\r\n")
        raw = await self._reader.readuntil(b"\r\n.\r\n")
        match self._rule.fault:
            case "silence":
                await self._sandbox.over.wait()
                return False
            case "drop":
                return False
            case "garbage" | "http":
                await self._say(b"<html>Welcome</html>\r\n")
                return False
            case _:
                pass
        self._arrive(raw)
        if self._rule.fault == "drop_after":
            return False
        await self._say(b"250 2.0.0 taken\r\n")
        return True

    def _arrive(self, raw: bytes) -> None:
        if self._account is None:
            return
        letter: Letter5322 = email.message_from_bytes(raw, policy=default)
        text = letter.get_payload(decode=True)
        words = text.decode() if isinstance(text, bytes) else ""
        kept = Letter(str(letter["Message-ID"]), self._account, self._to, words, title=str(letter["Subject"]))
        kept.state = "delivered"
        self._sandbox.arrive(kept)

    async def _say(self, words: bytes) -> None:
        self._writer.write(words)
        await self._writer.drain()
