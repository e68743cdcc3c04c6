"""How does a warning leave for browsers? One sealed push each; a newer one takes the place of one still waiting."""

import base64
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from hashlib import sha256

from yarl import URL

from channels.base import Composed, Fields, Health, Misconfigured, Setup, Traits
from channels.guard import PublicOnly
from channels.http import Got, Http, MaybeSent, NotSent, by_status
from channels.sample import longest
from channels.spread import spread
from channels.webpush.codes import PROBES, STATUSES, known
from channels.webpush.config import Config
from channels.webpush.seal import LONGEST, NoSubscription, Sealer, subscription
from publisher.model.delivery import Answer, Message, Refused, Sent, Target, Unknown
from publisher.model.slots import slot
from publisher.model.words import Medium

TRAITS = Traits(
    kind="webpush", medium=Medium.APP, repeat="blind", window=32, rate=200.0, timeout=10.0, limits={"bytes": LONGEST}
)
_TAKEN = (201, 202)
_GRAVE = 3
"""From this rank on a push wakes a sleeping telephone."""
NOBODY = "tocsin-probe"
"""A subscription that never was."""


class Webpush:
    """One VAPID identity, known to every push service."""

    def __init__(self, setup: Setup, config: Config) -> None:
        self.traits = config.applied(TRAITS)
        self._clock, self._config = setup.clock, config
        self._sealer = Sealer(config.key.get_secret_value(), config.subject)
        self._inside = Http("http://services.invalid", self.traits.timeout, (config.key,))
        self._outside = Http("https://services.invalid", self.traits.timeout, (config.key,), resolver=PublicOnly())

    def send(self, message: Message, targets: Sequence[Target]) -> AsyncIterator[tuple[Target, Answer]]:
        """One push a browser."""
        said = json.loads(message.body)

        async def one(target: Target) -> Answer:
            return await self._one(said, target, message)

        return spread(message, targets, self.traits.window, self._clock, one)

    def compose(self, fields: Fields) -> Composed:
        """What the site's service worker shows: `title`, `body`, the page it opens, and the warning it is about."""
        title, body = fields.words.get("title", ""), fields.words.get("body", "")
        made = {"title": title, "body": body, "url": fields.url, "rank": fields.rank, "lang": fields.language}
        text = json.dumps({**made, "of": _of(fields)}, ensure_ascii=False)
        size, most = len(longest(text).encode()), self.traits.limits["bytes"]
        over = [f"push: {size} of {most} bytes"] if size > most else []
        over += [f"{name}: empty" for name, part in (("title", title), ("body", body)) if not part.strip()]
        return Composed("application/json", text.encode(), {"bytes": f"{size}/{most}"}, tuple(over))

    async def probe(self) -> Health:
        """A signed push to a subscription that never was: a service that knows us says that nobody is there."""
        bases = tuple(self._config.services.items()) or tuple((URL(one).host or "", one) for one in PROBES)
        for host, base in bases:
            health = await self._asked(host, f"{base}/{NOBODY}")
            if not health.ok:
                return health
        return Health(True, "the push services take our signature")

    async def close(self) -> None:
        """Close the connections."""
        await self._inside.close()
        await self._outside.close()

    async def _asked(self, host: str, address: str) -> Health:
        try:
            got = await self._post(
                host, address, {"TTL": "0", "Authorization": self._sealer.signed(URL(f"https://{host}"))}, b""
            )
        except (NotSent, MaybeSent, Misconfigured) as error:
            return Health(False, str(error))
        alive = got.status in (404, 410) or (got.status == 400 and got.body != b"")
        return Health(alive, "" if alive else f"{host}: HTTP {got.status}: {self._inside.clean(got.text)}")

    async def _one(self, said: Mapping[str, object], target: Target, message: Message) -> Answer:
        try:
            to = subscription(target.address)
            host = to.endpoint.host or ""
            if not (host in self._config.services or known(host)):
                return Refused("invalid_address", f"{host} is no push service")
            body = self._sealer.seal(to, message.body)
        except NoSubscription as error:
            return Refused("invalid_address", str(error))
        left = max(int((message.expires - self._clock()).total_seconds()), 1)
        headers = {
            "Authorization": self._sealer.signed(to.endpoint),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(left),
            "Urgency": "high" if _rank(said) >= _GRAVE else "normal",
        }
        if said["of"]:
            headers["Topic"] = _topic(str(said["of"]))
        return self._answer(await self._post(host, self._address(to.endpoint), headers, body), target)

    def _address(self, endpoint: URL) -> str:
        base = self._config.services.get(endpoint.host or "")
        return str(endpoint) if base is None else f"{base}{endpoint.raw_path_qs}"

    async def _post(self, host: str, address: str, headers: Mapping[str, str], body: bytes) -> Got:
        http = self._inside if host in self._config.services else self._outside
        return await http.post(address, headers=headers, body=body)

    def _answer(self, got: Got, target: Target) -> Answer:
        if got.status in _TAKEN:
            return Sent(target.key)
        if got.status == 200:
            return Unknown("unreadable", "200 is no push service's answer")
        found = STATUSES.get(got.status) or by_status(got.status)
        return found.answer(self._inside.clean(f"HTTP {got.status}: {got.text}"), got.after)


def _of(fields: Fields) -> str:
    """What names the warning through its whole life: the public id of its first bulletin; nothing for the hub's own words."""
    if fields.about is None:
        return ""
    chain = fields.about.chain
    return chain.issued[0].public_id if chain.issued else slot("id", "raw")


def _topic(of: str) -> str:
    """32 characters of base64url (RFC 8030 §5.4)."""
    return base64.urlsafe_b64encode(sha256(of.encode()).digest())[:32].decode()


def _rank(said: Mapping[str, object]) -> int:
    rank = said.get("rank")
    return rank if isinstance(rank, int) else 0
