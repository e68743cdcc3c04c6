"""How does a warning leave by SMTP? Connections that are kept, one envelope a mailbox, each step's trouble told apart.

The approved bytes are subject and text; the MIME form around them, its date and its one recipient are transport.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from email.utils import formataddr, formatdate
from typing import TYPE_CHECKING

from yarl import URL

from channels.base import Composed, Fields, Health, Misconfigured, Setup, Traits, Unavailable
from channels.email.codes import verdict
from channels.email.config import Config
from channels.http import MaybeSent, NotSent
from channels.sample import titled
from channels.server import tls
from channels.spread import spread
from publisher.model.delivery import Answer, Message, Refused, Sent, Target
from publisher.model.words import Medium

if TYPE_CHECKING:
    from aiosmtplib import SMTP

TRAITS = Traits(
    kind="email",
    medium=Medium.EMAIL,
    repeat="blind",
    window=8,
    rate=20.0,
    timeout=15.0,
    limits={"title": 150, "characters": 20_000},
)
_MAILBOX = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}")


class Email:
    """One account."""

    def __init__(self, setup: Setup, config: Config) -> None:
        self.traits = config.applied(TRAITS)
        self._clock, self._config = setup.clock, config
        self._free: list[SMTP] = []

    def send(self, message: Message, targets: Sequence[Target]) -> AsyncIterator[tuple[Target, Answer]]:
        """One envelope a mailbox: no address sees another."""
        shared = self._shared(message)

        async def one(target: Target) -> Answer:
            if not _MAILBOX.fullmatch(target.address):
                return Refused("invalid_address", "not a mailbox")
            return await self._one(shared, target)

        return spread(message, targets, self.traits.window, self._clock, one)

    def compose(self, fields: Fields) -> Composed:
        """The words `title` (the subject) and `body`."""
        sizes, over, beyond = titled(fields, self.traits.limits)
        title, body = fields.words.get("title", ""), fields.words.get("body", "")
        made = json.dumps({"subject": title, "text": body, "language": fields.language}, ensure_ascii=False)
        facts = {name: str(size) for name, size in sizes.items()}
        return Composed("application/json", made.encode(), facts, over, beyond)

    async def probe(self) -> Health:
        """Connect, secure the line, sign in; no envelope is begun."""
        try:
            async with asyncio.timeout(self.traits.timeout):
                client = await self._opened()
                await client.noop()
        except (NotSent, Misconfigured, Unavailable) as error:
            return Health(False, str(error))
        except (OSError, TimeoutError, _errors()) as error:
            return Health(False, f"{URL(self._config.server).authority}: {self._clean(error)}")
        self._free.append(client)
        return Health(True, "the server takes our account")

    async def close(self) -> None:
        """Close the connections."""
        for client in self._free:
            client.close()
        self._free.clear()

    async def _one(self, shared: bytes, target: Target) -> Answer:
        client = await self._taken()
        taken = False
        try:
            async with asyncio.timeout(self.traits.timeout):
                await client.mail(self._config.sender)
                await client.rcpt(target.address)
                taken = True
                reply = await client.data(self._letter(shared, target))
        except asyncio.CancelledError:
            client.close()
            raise
        except (OSError, TimeoutError, _errors()) as error:
            return await self._failed(client, error, taken)
        self._free.append(client)
        return Sent(f"{target.key}@{self._domain}" if reply.code == 250 else "")

    async def _failed(self, client: "SMTP", error: BaseException, taken: bool) -> Answer:
        """What an error means: before the text left nothing can have arrived; after it, perhaps."""
        code = int(getattr(error, "code", 0) or 0)
        if 400 <= code < 600:
            await self._again(client)
            return verdict(code, taken, ours=_ours(error)).answer(self._clean(error))
        client.close()
        if taken:
            raise MaybeSent("timeout" if isinstance(error, TimeoutError) else "dropped", self._clean(error))
        raise NotSent(self._clean(error))

    async def _again(self, client: "SMTP") -> None:
        """Keep the connection for the next envelope, if it still works."""
        try:
            async with asyncio.timeout(2):
                await client.rset()
        except (OSError, TimeoutError, _errors()):
            client.close()
        else:
            self._free.append(client)

    async def _taken(self) -> "SMTP":
        while self._free:
            client = self._free.pop()
            if client.is_connected:
                return client
        try:
            async with asyncio.timeout(self.traits.timeout):
                return await self._opened()
        except (OSError, TimeoutError, _errors()) as error:
            raise NotSent(f"{URL(self._config.server).authority}: {self._clean(error)}") from None

    async def _opened(self) -> "SMTP":
        """A connection, secured and signed in. Raises Misconfigured for a password that is not taken."""
        from aiosmtplib import SMTP, SMTPAuthenticationError

        url = URL(self._config.server)
        client = SMTP(
            hostname=url.host,
            port=url.explicit_port,
            timeout=self.traits.timeout,
            use_tls=url.scheme == "smtps",
            tls_context=None if self._config.plain else tls(self._config.ca),
            start_tls=not (self._config.plain or url.scheme == "smtps"),
        )
        await client.connect()
        if self._config.username:
            try:
                # The library's own choice tries one method after another and may wait for an answer that never comes.
                await client.ehlo()
                plain = "plain" in client.server_auth_methods
                sign_in = client.auth_plain if plain else client.login
                await sign_in(self._config.username, self._config.password.get_secret_value())
            except SMTPAuthenticationError as error:
                client.close()
                raise Misconfigured(f"credentials: {self._clean(error)}") from None
        return client

    def _letter(self, shared: bytes, target: Target) -> bytes:
        """The letter of one mailbox, whose address is plain Latin letters."""
        return f"To: {target.address}\r\nMessage-ID: <{target.key}@{self._domain}>\r\n".encode() + shared

    def _shared(self, message: Message) -> bytes:
        """What every mailbox gets alike, made once: making it is most of a letter's cost."""
        said = json.loads(message.body)
        letter = EmailMessage(policy=POLICY)
        letter["From"] = formataddr((self._config.name, self._config.sender))
        letter["Subject"] = " ".join(said["subject"].split())
        letter["Date"] = formatdate(self._clock().timestamp(), usegmt=True)
        letter["Auto-Submitted"] = "auto-generated"
        letter["Content-Language"] = said["language"]
        letter["Expires"] = formatdate(message.expires.timestamp(), usegmt=True)
        letter.set_content(said["text"], cte="base64")
        return letter.as_bytes()

    @property
    def _domain(self) -> str:
        return self._config.sender.partition("@")[2]

    def _clean(self, error: BaseException) -> str:
        secret = self._config.password.get_secret_value()
        words = " ".join(str(error).split()) or type(error).__name__
        return (words.replace(secret, "***") if secret else words)[:300]


def _ours(error: BaseException) -> bool:
    """Whether it is our own address that was refused, not a mailbox."""
    from aiosmtplib import SMTPSenderRefused

    return isinstance(error, SMTPSenderRefused)


def _errors() -> type[Exception]:
    """The library's base error, loaded when first needed."""
    from aiosmtplib import SMTPException

    return SMTPException
