"""How is one connection to a broker kept? Opened when first needed, with a last will, and opened again when it broke."""

import asyncio
import logging
from typing import Any

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from yarl import URL

from channels.base import Misconfigured
from channels.http import MaybeSent, NotSent
from channels.mqtt.config import Config
from channels.server import tls

_QUIET = logging.getLogger("channels.mqtt")
_REFUSED = frozenset({0x84, 0x86, 0x87, 0x8A, 0x8C})
"""CONNACK reasons that a person must mend: protocol, name or password, authority, banned, method."""


class _Client(aiomqtt.Client):
    """The library counts a publication as done whatever the broker answered; here its answer is handed on."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.told: dict[int, asyncio.Future[int]] = {}

    def _on_publish(self, client: Any, userdata: Any, mid: int, reason_code: Any, properties: Any) -> None:
        waiting = self.told.pop(mid, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(int(reason_code.value))
        super()._on_publish(client, userdata, mid, reason_code, properties)

    def _on_disconnect(self, *args: Any) -> None:
        """The library would go on waiting for a greeting that cannot come any more."""
        if self._connected.done():
            super()._on_disconnect(*args)
            return
        self._connected.set_exception(aiomqtt.MqttError("the line was cut before a greeting"))
        # Whoever waited may be gone: an exception nobody asks for is no news.
        self._connected.exception()

    async def tell(self, topic: str, payload: bytes, properties: Properties) -> int:
        """Publish, retained, at least once; the broker's reason code. Raises MqttError when the line is cut."""
        info = self._client.publish(topic, payload, 1, True, properties)
        if info.rc != 0:
            raise aiomqtt.MqttError(f"not published: {info.rc}")
        if self._disconnected.done():
            raise aiomqtt.MqttError("the line was cut")
        waiting: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.told[info.mid] = waiting
        try:
            return await waiting
        finally:
            self.told.pop(info.mid, None)

    def cut(self, line: asyncio.Future[Any]) -> None:
        """The line broke: whoever waits for an answer hears it; while nobody waits the next publication finds it out."""
        if not line.cancelled():
            line.exception()
        for waiting in self.told.values():
            if not waiting.done():
                waiting.set_exception(aiomqtt.MqttError("the line was cut"))


class Line:
    """One broker. `secret` never leaves in words."""

    def __init__(self, config: Config, timeout: float) -> None:
        self._config, self._timeout = config, timeout
        self._client: _Client | None = None
        self._opening: asyncio.Task[_Client] | None = None

    @property
    def status(self) -> str:
        """The topic that says whether the hub is there; the broker itself writes `offline`."""
        return f"{self._config.prefix}/hub/status"

    async def publish(self, topic: str, payload: bytes, seconds: int) -> int:
        """The broker's reason code. `seconds`: when the broker forgets it. Raises NotSent or MaybeSent."""
        client = await self.open()
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call] # the library has no types
        if payload:
            properties.MessageExpiryInterval = seconds
        try:
            async with asyncio.timeout(self._timeout):
                return await client.tell(topic, payload, properties)
        except TimeoutError:
            await self.close()
            raise MaybeSent("timeout", f"no answer within {self._timeout:g} s") from None
        except aiomqtt.MqttError as error:
            await self.close()
            raise MaybeSent("dropped", self.clean(error)) from None

    async def open(self) -> _Client:
        """The connection. Raises NotSent, or Misconfigured for a name or password that is not taken."""
        if self._client is not None and not self._client._disconnected.done():
            return self._client
        if self._opening is None or self._opening.done():
            self._opening = asyncio.create_task(self._opened())
        # Whoever stops waiting must not leave half a connection behind.
        self._client = await asyncio.shield(self._opening)
        return self._client

    async def close(self) -> None:
        """Say goodbye: without it the broker would announce the last will."""
        opening, self._opening = self._opening, None
        found = await asyncio.gather(opening, return_exceptions=True) if opening else [None]
        client, self._client = found[0], None
        if isinstance(client, _Client):
            try:
                async with asyncio.timeout(2):
                    await client.__aexit__(None, None, None)
            except (aiomqtt.MqttError, TimeoutError):
                return

    def clean(self, error: BaseException) -> str:
        """Its words, short, without the password."""
        secret = self._config.password.get_secret_value()
        words = " ".join(str(error).split()) or type(error).__name__
        where = URL(self._config.server).authority
        return f"{where}: {words.replace(secret, '***') if secret else words}"[:300]

    async def _opened(self) -> _Client:
        client = self._made()
        try:
            async with asyncio.timeout(self._timeout):
                await client.__aenter__()
                client._disconnected.add_done_callback(client.cut)
                online = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call] # the library has no types
                await client.tell(self.status, b"online", online)
        except aiomqtt.MqttCodeError as error:
            code = getattr(error.rc, "value", error.rc)
            if code in _REFUSED:
                raise Misconfigured(f"not authorised: {self.clean(error)}") from None
            raise NotSent(self.clean(error)) from None
        except (aiomqtt.MqttError, TimeoutError, OSError) as error:
            raise NotSent(self.clean(error)) from None
        return client

    def _made(self) -> _Client:
        url = URL(self._config.server)
        safe = url.scheme in ("mqtts", "wss")
        return _Client(
            url.host or "",
            port=url.explicit_port or 1883,
            username=self._config.username or None,
            password=self._config.password.get_secret_value() or None,
            identifier=self._config.client,
            protocol=aiomqtt.ProtocolVersion.V5,
            transport="websockets" if url.scheme in ("ws", "wss") else "tcp",
            websocket_path=url.path if url.scheme in ("ws", "wss") else None,
            tls_context=tls(self._config.ca) if safe else None,
            will=aiomqtt.Will(self.status, b"offline", qos=1, retain=True),
            timeout=self._timeout,
            logger=_QUIET,
        )
