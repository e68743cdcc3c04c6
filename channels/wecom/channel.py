"""How does a warning leave through WeCom? Many members a call; a success may still have missed some."""

import json
from collections.abc import AsyncIterator, Sequence
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

from channels.base import (
    Callback,
    Composed,
    Fields,
    Health,
    Misconfigured,
    Reply,
    Setup,
    Traits,
    Unavailable,
)
from channels.http import Http, MaybeSent, NotSent
from channels.spread import Answers, spread_groups
from channels.wecom.audience import addressable, call, calls
from channels.wecom.codes import CODES
from channels.wecom.compose import addressed, compose
from channels.wecom.config import Config
from channels.wecom.people import People
from channels.wecom.robots import PREFIX, Robots
from channels.weixin import Said, Weixin
from publisher.model.delivery import Answer, Message, Receipt, Refused, Target, Unknown
from publisher.model.words import Medium

if TYPE_CHECKING:
    from channels.wecom.receipts import Events

TRAITS = Traits(
    kind="wecom",
    medium=Medium.WECOM,
    repeat="keyed",
    window=1000,
    rate=100.0,
    timeout=10.0,
    recall_hours=24.0,
    limits={"bytes": 2048},
)

_CALLS_AT_ONCE = 4


class Wecom:
    """One application."""

    def __init__(self, setup: Setup, config: Config) -> None:
        self.traits = config.applied(TRAITS)
        self._clock = setup.clock
        self._config = config
        secrets = (config.secret, config.token, config.aes_key)
        http = Http(config.base_url, self.traits.timeout, (*secrets, *config.robots.values()))
        self._api = Weixin(http, CODES, self._fetch_token)
        self._people = People(self._api)
        self._robots = Robots(http, config.robots)

    def send(self, message: Message, targets: Sequence[Target]) -> AsyncIterator[tuple[Target, Answer]]:
        """Few calls for many targets; the same targets again make the same calls, which WeCom drops."""
        shape = json.loads(message.body)

        async def some(group: Sequence[Target]) -> Answers:
            if group[0].address.startswith(PREFIX):
                return [(group[0], await self._robots.say(shape, group[0]))]
            return await self._people.counted(await self._some(shape, group))

        groups = calls(targets, one_crowd=shape["msgtype"] == "template_card")
        return spread_groups(message, groups, _CALLS_AT_ONCE, self._clock, some)

    def compose(self, fields: Fields) -> Composed:
        """A text or a card, measured in bytes."""
        return compose(fields, self._config)

    def hear(self, callback: Callback) -> tuple[Reply, Sequence[Receipt]]:
        """An encrypted event or a member's reply."""
        return self._events.read(callback)

    @cached_property
    def _events(self) -> "Events":
        """Who reads its calls, made at the first one: the library that opens them is slow to load."""
        from channels.wecom.receipts import Events

        return Events(self._config)

    async def recall(self, ref: str) -> bool:
        """Take the message `ref` back from everyone it went to (within 24 h; path 96460)."""
        try:
            said = await self._api.ask("/cgi-bin/message/recall", {"msgid": ref})
        except (NotSent, MaybeSent, Unavailable, Misconfigured):
            return False
        return said.verdict is None

    async def probe(self) -> Health:
        """Fetch a token and read the application's own record."""
        try:
            said = await self._api.ask("/cgi-bin/agent/get", agentid=str(self._config.agent_id))
        except (NotSent, MaybeSent, Unavailable, Misconfigured) as error:
            return Health(False, self._api.http.clean(str(error)))
        return Health(said.verdict is None, said.detail if said.verdict else "the application answers")

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()

    async def _some(self, shape: dict[str, object], group: Sequence[Target]) -> Answers:
        if not addressable(group[0].address):
            nobody = Refused("invalid_address", "not one member, party or tag")
            return [(target, nobody) for target in group]
        shared = call(group)
        said = await self._api.ask(
            "/cgi-bin/message/send",
            {
                shared.field: "|".join(shared.names),
                "agentid": self._config.agent_id,
                **addressed(shape, _task(group), group[0].delivery if len(group) == 1 else ""),
                "enable_duplicate_check": 1,
                "duplicate_check_interval": self._config.duplicate_seconds,
            },
        )
        if said.verdict is not None:
            same = said.verdict.answer(said.detail, said.after)
            return [(target, same) for target in group]
        ref = said.fields.get("msgid")
        if not isinstance(ref, str) or not ref:
            unread = Unknown("unreadable", "the answer names no message")
            return [(target, unread) for target in group]
        return shared.answers(ref, said.fields)

    async def _fetch_token(self, api: Weixin, force: bool) -> Said:
        return await api.call(
            "/cgi-bin/gettoken",
            None,
            corpid=self._config.corp_id,
            corpsecret=self._config.secret.get_secret_value(),
        )


def _task(group: Sequence[Target]) -> str:
    """The card's name, the same for every try, so that WeCom still sees a repeat as one."""
    return sha256("\n".join(sorted(target.key for target in group)).encode()).hexdigest()[:40]
