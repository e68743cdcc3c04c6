"""How does a warning leave through WeChat? A template message a follower, a mass text a tag; both keyed."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from channels.base import Callback, Composed, Fields, Health, Misconfigured, Reply, Setup, Traits, Unavailable
from channels.http import Http, MaybeSent, NotSent
from channels.spread import spread
from channels.wechat_official.codes import ALREADY_TAKEN, CODES
from channels.wechat_official.compose import compose
from channels.wechat_official.config import Config
from channels.weixin import Said, Weixin
from publisher.model.delivery import Answer, Message, Receipt, Refused, Sent, Target, Unknown
from publisher.model.words import Medium

if TYPE_CHECKING:
    from channels.wechat_official.receipts import Events

TRAITS = Traits(
    kind="wechat_official",
    medium=Medium.WECHAT,
    repeat="keyed",
    window=16,
    rate=20.0,
    timeout=10.0,
    receipts=True,
    limits={"title": 20, "level": 5, "area": 20, "action": 20},
)

_TAG = "tag:"


class WechatOfficial:
    """One official account."""

    def __init__(self, setup: Setup, config: Config) -> None:
        self.traits = config.applied(TRAITS)
        self._clock = setup.clock
        self._config = config
        secrets = (config.app_secret, config.token, config.aes_key)
        self._api = Weixin(Http(config.base_url, self.traits.timeout, secrets), CODES, self._fetch_token)

    def send(self, message: Message, targets: Sequence[Target]) -> AsyncIterator[tuple[Target, Answer]]:
        """One call a target; WeChat itself drops a second one with the same key."""
        shapes = json.loads(message.body)

        async def one(target: Target) -> Answer:
            return await self._one(shapes, target)

        return spread(message, targets, self.traits.window, self._clock, one)

    def compose(self, fields: Fields) -> Composed:
        """Template and mass text in one JSON body."""
        return compose(fields, self._config)

    def hear(self, callback: Callback) -> tuple[Reply, Sequence[Receipt]]:
        """An encrypted event."""
        return self._events.read(callback)

    @cached_property
    def _events(self) -> "Events":
        """Who reads its calls, made at the first one: the library that opens them is slow to load."""
        from channels.wechat_official.receipts import Events

        return Events(self._config)

    async def probe(self) -> Health:
        """Fetch a token and ask for WeChat's own addresses."""
        try:
            said = await self._api.ask("/cgi-bin/getcallbackip")
        except (NotSent, MaybeSent, Unavailable, Misconfigured) as error:
            return Health(False, self._api.http.clean(str(error)))
        if said.verdict is not None:
            return Health(False, said.detail)
        return Health(True, f"the account answers; {await self._left()}")

    async def _left(self) -> str:
        """How many mass texts today's quota still holds: a channel that cannot speak must not look ready."""
        try:
            said = await self._api.ask("/cgi-bin/openapi/quota/get", {"cgi_path": "/cgi-bin/message/mass/sendall"})
        except (NotSent, MaybeSent, Unavailable, Misconfigured):
            return "its mass quota could not be asked"
        quota = said.fields.get("quota")
        left = quota.get("remain") if isinstance(quota, dict) else None
        told = f"mass texts left today: {left}" if isinstance(left, int) else "its mass quota could not be asked"
        return f"{told}; an administrator must confirm each" if self._config.admin_confirms else told

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()

    async def _one(self, shapes: Mapping[str, Mapping[str, object]], target: Target) -> Answer:
        if target.address.startswith(_TAG):
            tag = target.address.removeprefix(_TAG)
            if not tag.isdecimal():
                return Refused("invalid_address", "a tag is a number")
            audience = {"is_to_all": False, "tag_id": int(tag)}
            said = await self._api.ask(
                "/cgi-bin/message/mass/sendall",
                {"filter": audience, "clientmsgid": target.key, **shapes["mass"]},
            )
            return _answer(said, "msg_id")
        said = await self._api.ask(
            "/cgi-bin/message/template/send",
            {"touser": target.address, "client_msg_id": target.key, **shapes["template"]},
        )
        return _answer(said, "msgid")

    async def _fetch_token(self, api: Weixin, force: bool) -> Said:
        account = {
            "grant_type": "client_credential",
            "appid": self._config.app_id,
            "secret": self._config.app_secret.get_secret_value(),
        }
        if self._config.stable_token:
            return await api.call("/cgi-bin/stable_token", {**account, "force_refresh": force})
        return await api.call("/cgi-bin/token", None, **account)


def _answer(said: Said, name: str) -> Answer:
    """Success needs an id: an answer without one (a portal's page) proves nothing."""
    ref = said.fields.get(name)
    if said.code == ALREADY_TAKEN or said.verdict is None:
        if isinstance(ref, int | str) and ref:
            return Sent(str(ref))
        return Unknown("unreadable", "the answer names no message")
    return said.verdict.answer(said.detail, said.after)
