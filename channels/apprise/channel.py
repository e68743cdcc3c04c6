"""How does a warning leave through Apprise? One call a room, in a thread of ours, once; accepted is the most it tells."""

import asyncio
import json
import logging
import warnings
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from channels.apprise.codes import meaning
from channels.apprise.config import Config
from channels.base import Composed, Fields, Health, Misconfigured, Setup, Traits
from channels.http import Http, MaybeSent, NotSent
from channels.sample import longest
from channels.spread import spread
from publisher.model.delivery import Answer, Message, Refused, Sent, Target, Unknown
from publisher.model.words import Medium

TRAITS = Traits(
    kind="apprise",
    medium=Medium.APP,
    repeat="blind",
    window=8,
    rate=5.0,
    timeout=15.0,
    limits={"title": 120, "characters": 1500},
)

_NO_ROOM = "not an address that Apprise understands"


class Apprise:
    """Some rooms and apps."""

    def __init__(self, setup: Setup, config: Config) -> None:
        self.traits = config.applied(TRAITS)
        self._clock, self._config = setup.clock, config
        self._http = Http(config.probe_url or "http://nowhere.invalid", self.traits.timeout, config.services.values())
        self._threads: ThreadPoolExecutor | None = None
        self._rooms: dict[str, Any] = {}
        self._opening = asyncio.Lock()

    def send(self, message: Message, targets: Sequence[Target]) -> AsyncIterator[tuple[Target, Answer]]:
        """One call a room; a room's name is an endpoint's address."""
        said = json.loads(message.body)

        async def one(target: Target) -> Answer:
            if target.address not in self._config.services:
                return Refused("invalid_address", "no service of this name")
            room = await self._room(target.address)
            return await self._one(room, said, target) if room else Refused("invalid_address", _NO_ROOM)

        return spread(message, targets, self.traits.window, self._clock, one)

    def compose(self, fields: Fields) -> Composed:
        """The words `title` and `body`, and the warning's page under them."""
        title, body = fields.words.get("title", ""), fields.words.get("body", "")
        sizes = {"title": len(longest(title)), "characters": len(longest(body))}
        over = [
            f"{name}: {size} of {self.traits.limits[name]} characters"
            for name, size in sizes.items()
            if size > self.traits.limits[name]
        ]
        over += [f"{name}: empty" for name, text in (("title", title), ("body", body)) if not text.strip()]
        text = f"{body}\n{fields.url}" if fields.url else body
        made = json.dumps({"title": title, "body": text, "rank": fields.rank}, ensure_ascii=False)
        return Composed("application/json", made.encode(), {k: str(v) for k, v in sizes.items()}, tuple(over))

    async def probe(self) -> Health:
        """Every address is one that Apprise understands, and `probe_url` answers 2xx with JSON. Nobody is told anything."""
        try:
            if wrong := [name for name in self._config.services if await self._room(name) is None]:
                return Health(False, f"{', '.join(wrong)}: {_NO_ROOM}")
            if self._config.probe_url is None:
                return Health(True, "Apprise understands every address; nothing was asked")
            got = await self._http.get("")
        except (Misconfigured, NotSent, MaybeSent) as error:
            return Health(False, str(error))
        good = 200 <= got.status < 300 and got.object() is not None
        return Health(good, "the service answers" if good else f"HTTP {got.status}: {self._http.clean(got.text)}")

    async def close(self) -> None:
        """Close the connections; a call in a thread ends at its own deadline."""
        await self._http.close()
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)

    async def _one(self, room: Any, said: dict[str, Any], target: Target) -> Answer:
        kind = "failure" if said["rank"] >= 3 else "warning"
        call = partial(_notified, room, said["title"], said["body"], kind, self.traits.timeout)
        self._threads = self._threads or ThreadPoolExecutor(self.traits.window, "apprise")
        try:
            async with asyncio.timeout(self.traits.timeout):
                good, log, told = await asyncio.get_running_loop().run_in_executor(self._threads, call)
        except TimeoutError:
            return Unknown("timeout", f"no answer within {self.traits.timeout:g} s")
        return Sent(target.key) if good else meaning(log).answer(self._http.clean(told))

    async def _room(self, name: str) -> Any:
        """The service of that name; None for an address that Apprise does not know. Raises Misconfigured without the extra."""
        async with self._opening:
            if name not in self._rooms:
                address = self._config.services[name].get_secret_value()
                self._rooms[name] = await asyncio.to_thread(_opened, address)
            return self._rooms[name]


def _opened(address: str) -> Any:
    """One service, whose answer is its own: no redirect is followed, and none of several addresses in one is heard.

    The library loads every service it knows at the first address, which takes a second.
    """
    # Its log holds addresses with their keys: it is read here and goes nowhere else.
    log = logging.getLogger("apprise")
    log.setLevel(logging.DEBUG)
    log.propagate = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            import apprise
        except ImportError:
            raise Misconfigured("this needs the extra: pip install 'tocsin[apprise]'") from None
        service = apprise.Apprise.instantiate(address)
    if service is None:
        return None
    service.redirects = False
    made = apprise.Apprise()
    made.add(service)
    return made


def _notified(room: Any, title: str, body: str, kind: str, seconds: float) -> tuple[bool, str, str]:
    """(whether Apprise says yes, all it logged, what of that is for people). Runs in a thread."""
    result = room.notify(title=title, body=body, notify_type=kind, timeout=seconds, log_level="DEBUG")
    lines = list(result.logs())
    result.close()
    told = [line.message for line in lines if line.level != "DEBUG"]
    return bool(result), " ".join(line.message for line in lines), " ".join(told)
