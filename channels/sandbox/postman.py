"""How does the sandbox call the hub back? Later or at once, patiently, and never anyone but the hub."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar
from yarl import URL

_TRIES = 5
_FIRST_WAIT = 0.5


class Postman:
    """Calls back under `base` only, so that an address in a request cannot make us call somebody else.

    `quiet` gives every receipt at once, in order.
    """

    def __init__(self, base: str, quiet: bool) -> None:
        self.base, self.quiet = base.rstrip("/"), quiet
        self._session: ClientSession | None = None
        self._rounds: set[asyncio.Task[None]] = set()

    def later(self, *steps: tuple[float, Callable[[], Awaitable[None]]]) -> None:
        """Do each step after its own wait in seconds (none when quiet), one after the other."""
        task = asyncio.create_task(self._walk(steps))
        self._rounds.add(task)
        task.add_done_callback(self._rounds.discard)

    async def settle(self) -> None:
        """Wait until everything due has been told."""
        while self._rounds:
            await asyncio.gather(*self._rounds, return_exceptions=True)

    async def close(self) -> None:
        """Stop telling."""
        for task in self._rounds:
            task.cancel()
        await self.settle()
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def call(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> str:
        """Call until the hub answers (five times at most). Returns what went wrong, or nothing."""
        if URL(url).origin() != URL(self.base).origin():
            return f"not the hub's address: {URL(url).origin()}"
        trouble = ""
        for number in range(_TRIES):
            if number and not self.quiet:
                await asyncio.sleep(_FIRST_WAIT * 2**number)
            trouble = await self._once(method, URL(url, encoded=True), headers, body)
            if not trouble.startswith("again"):
                break
        return trouble

    async def _once(self, method: str, url: URL, headers: Mapping[str, str] | None, body: bytes | None) -> str:
        try:
            async with self._opened().request(method, url, headers=headers, data=body) as got:
                if got.status >= 500:
                    return f"again: the hub answered {got.status}"
                return "" if got.status < 300 else f"the hub answered {got.status}"
        except (ClientError, TimeoutError) as error:
            return f"again: {type(error).__name__}"

    async def _walk(self, steps: tuple[tuple[float, Callable[[], Awaitable[None]]], ...]) -> None:
        for wait, step in steps:
            await asyncio.sleep(0 if self.quiet else wait)
            await step()

    def _opened(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession(cookie_jar=DummyCookieJar(), timeout=ClientTimeout(total=5), trust_env=False)
        return self._session
