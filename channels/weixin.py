"""How is one of Tencent's JSON interfaces called? One token for all, renewed once, then fail.

WeChat and WeCom share the manner: a token in the query, `errcode` in an answer that is always 200.
"""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, SecretStr

from channels.base import Misconfigured, Unavailable
from channels.http import Got, Http, MaybeSent, NotSent, Verdict, by_status

STALE_TOKEN = frozenset({40001, 40014, 42001})
_TRIES = 3
_UNREADABLE = Verdict("unknown", "unreadable")
_UNKNOWN_CODE = Verdict("refused", "unknown_code")


def _aes_key(key: SecretStr) -> SecretStr:
    if re.fullmatch("[A-Za-z0-9+/]{43}", key.get_secret_value()) is None:
        raise ValueError("43 letters, digits, + or /, as the platform's server settings show it")
    return key


AesKey = Annotated[SecretStr, AfterValidator(_aes_key)]
"""What opens the envelopes of callbacks (EncodingAESKey)."""


@dataclass(frozen=True, slots=True)
class Said:
    """One answer: `verdict` None is success; `code` None means that Tencent itself did not answer."""

    verdict: Verdict | None
    code: int | None
    fields: Mapping[str, object]
    detail: str
    after: float | None = None


Fetch = Callable[[bool], Awaitable[Said]]
"""Asks for a token; True asks for a new one although the old one should still be good."""


class Tokens:
    """The access token: concurrent callers share one request, and `expires_in` is obeyed.

    The provider keeps one token for every worker. One that is refused may have been replaced by another worker, so it
    is asked for again first, and a new one is demanded only in place of that very one: workers that each demanded a new
    one would end each other's.
    """

    def __init__(self, fetch: Fetch, hide: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._fetch, self._hide, self._clock = fetch, hide, clock
        self._token, self._until = "", 0.0
        self._refused, self._demanded = "", ""
        self._flight: asyncio.Task[str] | None = None

    async def get(self) -> str:
        """A token believed good. Raises Unavailable or Misconfigured: nothing was sent."""
        if self._token and self._clock() < self._until:
            return self._token
        if self._flight is None or self._flight.done():
            self._flight = asyncio.create_task(self._renew())
            self._flight.add_done_callback(_heard)
        return await asyncio.shield(self._flight)

    def spoil(self, token: str) -> None:
        """`token` was refused: forget it, unless another caller has already renewed it."""
        if token == self._token:
            self._token, self._refused = "", token

    def prove(self, token: str) -> None:
        """`token` was taken: should it be refused later, that says nothing of the next one."""
        if token == self._demanded:
            self._demanded = ""

    async def close(self) -> None:
        """End a request in flight."""
        if self._flight is not None:
            self._flight.cancel()
            await asyncio.gather(self._flight, return_exceptions=True)

    async def _renew(self) -> str:
        refused, self._refused = self._refused, ""
        token, lasts = await self._asked(False)
        if token == refused:
            if token == self._demanded:
                raise Misconfigured("a fresh token is refused")
            token, lasts = await self._asked(True)
            self._demanded = token
        self._token = token
        self._until = self._clock() + lasts - min(60.0, lasts / 10)
        return token

    async def _asked(self, force: bool) -> tuple[str, float]:
        """A token, and the seconds it lasts."""
        try:
            said = await self._fetch(force)
        except (NotSent, MaybeSent) as error:
            raise Unavailable(f"no token: {error}") from None
        if said.verdict is not None:
            kind = Misconfigured if said.verdict.outcome == "misconfigured" else Unavailable
            raise kind(f"no token: {said.detail}")
        token, lasts = said.fields.get("access_token"), said.fields.get("expires_in", 7200)
        if not isinstance(token, str) or not token or not isinstance(lasts, int | float):
            raise Unavailable("no token: the answer holds none")
        self._hide(token)
        return token, lasts


def _heard(task: asyncio.Task[str]) -> None:
    """Whoever waited may be gone: an exception nobody asks for is no news."""
    if not task.cancelled():
        task.exception()


class Weixin:
    """One account's interface."""

    def __init__(
        self,
        http: Http,
        codes: Mapping[int, Verdict],
        fetch: Callable[["Weixin", bool], Awaitable[Said]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.http = http
        self._codes = codes
        self._tokens = Tokens(lambda force: fetch(self, force), http.hide, clock)

    async def ask(self, path: str, body: Mapping[str, object] | None = None, **params: str) -> Said:
        """Call with the token (POST with a body, else GET), renewing a refused one; another worker may end that one too.

        Raises NotSent or MaybeSent for this call, Unavailable or Misconfigured for want of a token.
        """
        detail = ""
        for _ in range(_TRIES):
            token = await self._tokens.get()
            said = await self.call(path, body, access_token=token, **params)
            if said.code not in STALE_TOKEN:
                self._tokens.prove(token)
                return said
            self._tokens.spoil(token)
            detail = said.detail
        raise Misconfigured(f"a fresh token is refused: {detail}")

    async def call(self, path: str, body: Mapping[str, object] | None = None, **params: str) -> Said:
        """Call without a token. Raises NotSent or MaybeSent."""
        if body is None:
            return self._read(await self.http.get(path, params=params))
        # Escaped, a mass text would be shown to people as \\uXXXX.
        raw = json.dumps(body, ensure_ascii=False).encode()
        kind = {"Content-Type": "application/json; charset=utf-8"}
        return self._read(await self.http.post(path, params=params, headers=kind, body=raw))

    async def close(self) -> None:
        """Close the connections."""
        await self._tokens.close()
        await self.http.close()

    def _read(self, got: Got) -> Said:
        fields = got.object()
        code = fields.get("errcode", 0) if fields is not None else None
        if got.status != 200 or fields is None or not isinstance(code, int):
            verdict = by_status(got.status) if got.status != 200 else _UNREADABLE
            return Said(verdict, None, {}, self.http.clean(f"HTTP {got.status}: {got.text}"), got.after)
        detail = self.http.clean(f"{code} {fields.get('errmsg', '')}")
        verdict_ = self._codes.get(code, _UNKNOWN_CODE) if code else None
        return Said(verdict_, code, fields, detail)
