"""How does a subscribed display learn what to show? Its retained state for each warning; empty once the warning ends."""

import json
import re
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from channels.base import Composed, Fields, Health, Misconfigured, Setup, Traits
from channels.http import MaybeSent, NotSent
from channels.mqtt.codes import verdict
from channels.mqtt.config import Config
from channels.sample import longest
from channels.spread import spread
from publisher.model.delivery import Answer, Message, Refused, Sent, Target
from publisher.model.slots import slot
from publisher.model.words import Medium

if TYPE_CHECKING:
    from channels.mqtt.line import Line

TRAITS = Traits(
    kind="mqtt", medium=Medium.SCREEN, repeat="keyed", window=64, rate=200.0, timeout=10.0, limits={"bytes": 65_536}
)
_DISPLAY = re.compile(r"[A-Za-z0-9_.-]{1,60}")


class Mqtt:
    """One broker."""

    def __init__(self, setup: Setup, config: Config) -> None:
        self.traits = config.applied(TRAITS)
        self._clock, self._config = setup.clock, config
        # Loaded when first needed: the library is slow to load, and a desk only composes.
        self._line_: Line | None = None

    def send(self, message: Message, targets: Sequence[Target]) -> AsyncIterator[tuple[Target, Answer]]:
        """One retained state a display; the same state again changes nothing."""
        said = json.loads(message.body)

        async def one(target: Target) -> Answer:
            if not _DISPLAY.fullmatch(target.address):
                return Refused("invalid_address", "a display is one level of a topic")
            return await self._one(said, target, message)

        return spread(message, targets, self.traits.window, self._clock, one)

    def compose(self, fields: Fields) -> Composed:
        """The topic's last level and the state; no state at all where nothing is to be shown any more."""
        state = None if _over(fields) else _state(fields)
        body = json.dumps({"of": _of(fields), "state": state}, ensure_ascii=False, sort_keys=True)
        size, most = len(longest(body).encode()), self.traits.limits["bytes"]
        over = [f"state: {size} of {most} bytes"] if size > most else []
        over += ["body: empty"] if state is not None and not fields.words.get("body", "").strip() else []
        facts = {"state": "cleared" if state is None else "shown", "bytes": f"{size}/{most}"}
        return Composed("application/json", body.encode(), facts, tuple(over))

    async def probe(self) -> Health:
        """Connect and write `online` on the hub's own topic; no display is told anything."""
        try:
            await self._line().open()
        except (NotSent, MaybeSent, Misconfigured) as error:
            return Health(False, str(error))
        return Health(True, "the broker takes our account")

    async def close(self) -> None:
        """Leave the broker."""
        if self._line_ is not None:
            await self._line_.close()

    async def _one(self, said: dict[str, object], target: Target, message: Message) -> Answer:
        topic = f"{self._config.prefix}/display/{target.address}/{said['of']}"
        state = said["state"]
        payload = b"" if state is None else json.dumps(state, ensure_ascii=False, sort_keys=True).encode()
        left = max(int((message.expires - self._clock()).total_seconds()), 1)
        code = await self._line().publish(topic, payload, left)
        meaning = verdict(code)
        if meaning is not None:
            return meaning.answer(f"reason code {code:#04x}")
        return Sent(topic[-120:])

    def _line(self) -> "Line":
        from channels.mqtt.line import Line

        if self._line_ is None:
            self._line_ = Line(self._config, self.traits.timeout)
        return self._line_


def _of(fields: Fields) -> str:
    """What names the warning through its whole life: the public id of its first bulletin."""
    chain = fields.about.chain if fields.about else None
    return chain.issued[0].public_id if chain and chain.issued else slot("id", "raw")


def _over(fields: Fields) -> bool:
    about = fields.about
    return about is not None and about.content.act.ends and about.chain.restores is None


def _state(fields: Fields) -> dict[str, object]:
    until = fields.about.content.expires.isoformat() if fields.about and not fields.about.content.until_lifted else None
    return {
        "v": 1,
        "label": fields.words.get("label", ""),
        "text": fields.words.get("body", ""),
        "language": fields.language,
        "level": fields.level,
        "colour": fields.colour,
        "rank": fields.rank,
        "exercise": fields.exercise,
        "issued": slot("issued", "iso"),
        "expires": until,
        "url": fields.url,
    }
