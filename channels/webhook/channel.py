"""How does a warning leave by webhook? One signed POST a target; the partner's answer must name what it received."""

import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace

from channels import told
from channels.base import Callback, Composed, Fields, Health, Misconfigured, Reply, Setup, Traits
from channels.guard import PublicOnly, literal
from channels.http import Got, Http, MaybeSent, NotSent, by_status
from channels.signing import Gate, headers
from channels.spread import spread
from channels.webhook.config import Config
from publisher.model.delivery import Answer, Message, Receipt, Refused, Sent, Target, Unknown
from publisher.model.words import Medium

TRAITS = Traits(
    kind="webhook", medium=Medium.PARTNER, repeat="keyed", window=8, rate=20.0, timeout=10.0, limits={"bytes": 262_144}
)
_PATH = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,59}(/[A-Za-z0-9_-][A-Za-z0-9_.-]{0,59}){0,4}")


class Webhook:
    """One partner's system."""

    def __init__(self, setup: Setup, config: Config) -> None:
        traits = replace(config.applied(TRAITS), receipts=config.receipt_key is not None)
        self.traits = replace(traits, carries="cap") if config.format == "cap" else traits
        self._clock, self._config = setup.clock, config
        self._keys = [key for key in (config.key, config.new_key) if key is not None]
        self._gate = Gate([config.receipt_key] if config.receipt_key else [])
        resolver = None if config.private else PublicOnly()
        secrets = [*self._keys, *([config.receipt_key] if config.receipt_key else [])]
        self._http = Http(config.base_url, self.traits.timeout, secrets, resolver=resolver)

    def send(self, message: Message, targets: Sequence[Target]) -> AsyncIterator[tuple[Target, Answer]]:
        """One POST a target; `webhook-id` is the same for every try, so the partner can tell a repeat."""

        async def one(target: Target) -> Answer:
            return await self._one(message, target)

        return spread(message, targets, self.traits.window, self._clock, one)

    def compose(self, fields: Fields) -> Composed:
        """The words and facts as JSON, for partners who do not read CAP."""
        facts = {"language": fields.language, "level": fields.level, "colour": fields.colour, "rank": fields.rank}
        body = json.dumps(
            {**facts, "exercise": fields.exercise, "url": fields.url, "words": dict(fields.words), **_about(fields)},
            ensure_ascii=False,
        )
        size, most = len(body.encode()), self.traits.limits["bytes"]
        over = (f"body: {size} of {most} bytes",) if size > most else ()
        return Composed("application/json", body.encode(), {"bytes": f"{size}/{most}"}, over)

    def hear(self, callback: Callback) -> tuple[Reply, Sequence[Receipt]]:
        """What the partner made of a delivery, signed with `receipt_key`."""
        return told.read(self._gate, callback)

    async def probe(self) -> Health:
        """A signed GET of the address; the partner answers 2xx to a signature that it knows."""
        if forbidden := self._forbidden():
            return Health(False, forbidden)
        try:
            got = await self._http.get("", headers=headers(self._keys, "probe", b""))
        except (NotSent, MaybeSent) as error:
            return Health(False, str(error))
        known = 200 <= got.status < 300 and got.object() is not None
        return Health(
            known, "the partner knows our signature" if known else f"HTTP {got.status}: {self._http.clean(got.text)}"
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _one(self, message: Message, target: Target) -> Answer:
        if forbidden := self._forbidden():
            raise Misconfigured(forbidden)
        if not _PATH.fullmatch(target.address):
            return Refused("invalid_address", "not a path below the partner's address")
        sent = headers(self._keys, target.key, message.body)
        sent |= {"Content-Type": message.media_type, "tocsin-delivery": target.delivery}
        got = await self._http.post(f"/{target.address}", headers=sent, body=message.body)
        return self._answer(got, target)

    def _forbidden(self) -> str:
        if self._config.private or not literal(self._config.base_url):
            return ""
        return f"{self._config.base_url} is an address of a private network; set `private` if it is meant to be"

    def _answer(self, got: Got, target: Target) -> Answer:
        if not 200 <= got.status < 300:
            said = self._http.clean(got.text)
            gone = got.status == 404
            return Refused("invalid_address", said) if gone else by_status(got.status).answer(said, got.after)
        received = (got.object() or {}).get("received")
        if received != target.key:
            return Unknown("unreadable", "the answer does not name what was received")
        return Sent(target.key)


def _about(fields: Fields) -> Mapping[str, object]:
    about = fields.about
    if about is None:
        return {}
    section = about.content.sections[about.section]
    return {
        "act": about.content.act.value,
        "hazard": about.content.hazard,
        "areas": list(section.areas),
        "expires": None if about.content.until_lifted else about.content.expires.isoformat(),
    }
