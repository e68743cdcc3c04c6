"""What did one HTTP call to a provider do: answer, certainly nothing, or perhaps something?

The three ends of a call:
    Got        the provider answered, whatever it said
    NotSent    nothing of the request can have arrived (refused, unresolved, TLS, no connection)
    MaybeSent  the request left and no whole answer came back (dropped, timed out, half a body)
"""

import asyncio
import json
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    InvalidURL,
    TCPConnector,
)
from aiohttp.abc import AbstractResolver
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr
from yarl import URL

from channels.base import Misconfigured, Traits, Unavailable
from publisher.model.delivery import Answer, Refused, Unknown, Unsent


class _Send:
    """Marks a key that sends: it lives in the worker, and a desk opens the channel without it."""


SEND = _Send()
SendKey = Annotated[SecretStr, SEND]
"""A secret that only sending needs. Secrets that prove a callback are plain `SecretStr`: the web process has them."""
WITHHELD = "withheld-from-this-process"
"""What a desk gets in place of a key that sends; as long as any key must be."""


def send_keys(config: type[BaseModel]) -> frozenset[str]:
    """The names of a configuration's keys that only sending needs."""
    return frozenset(name for name, field in config.model_fields.items() if SEND in field.metadata)


_MOST_BYTES = 1 << 20
_MOST_WORDS = 300
_LONGEST_WISH = 86_400.0
"""Seconds: a provider that asks for more than a day is asked again after one."""
_KEEP_ALIVE = 3.0
"""Seconds, shorter than any provider's own: one it closes under us looks like a lost message."""


class NotSent(Exception):
    """Nothing of the request arrived; the text says why."""


class MaybeSent(Exception):
    """The request left and no whole answer came back; `reason` is the closed word for it."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def _absolute(address: str) -> str:
    url = URL(address)
    if url.scheme not in ("http", "https") or not url.host or url.query_string or url.fragment:
        raise ValueError("must be an absolute http:// or https:// address without a query")
    return address.rstrip("/")


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ValueError, OSError, LookupError) as error:
        raise ValueError("must name a time zone such as Asia/Shanghai") from error


Address = Annotated[str, AfterValidator(_absolute)]
Zone = Annotated[str, AfterValidator(_zone)]


class Common(BaseModel):
    """Keys of every kind that calls a provider. Unknown keys are refused, inputs never shown.

    `rate`: sends a second; `window`: calls at once; `timeout`: seconds a call may take; `quota`: sends a day, which
    begins at midnight in `quota_zone`; `region`: where the provider keeps numbers; `receipt_minutes`: how long its
    receipts may take.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    rate: float | None = Field(default=None, gt=0)
    window: int | None = Field(default=None, ge=1, le=1000)
    timeout: float | None = Field(default=None, gt=0, le=60)
    quota: int | None = Field(default=None, ge=1)
    quota_zone: Zone | None = None
    region: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9-]{0,20}$")
    receipt_minutes: float | None = Field(default=None, gt=0, le=1440)

    def applied(self, traits: Traits) -> Traits:
        """`traits` of the kind with what this account allows instead."""
        return replace(
            traits,
            rate=self.rate or traits.rate,
            window=self.window or traits.window,
            timeout=self.timeout or traits.timeout,
            quota=self.quota or traits.quota,
            quota_zone=self.quota_zone or traits.quota_zone,
            region=self.region or traits.region,
            receipt_minutes=self.receipt_minutes or traits.receipt_minutes,
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a provider's code or an HTTP status means for one target. `after` is in seconds."""

    outcome: Literal["refused", "unsent", "unknown", "misconfigured", "unavailable"]
    reason: str
    after: float | None = None

    def answer(self, detail: str, after: float | None = None) -> Answer:
        """The answer for one target. Raises Misconfigured or Unavailable where it means that."""
        match self.outcome:
            case "refused":
                return Refused(self.reason, detail)
            case "unsent":
                return Unsent(self.reason, self.after if after is None else after, detail)
            case "unknown":
                return Unknown(self.reason, detail)
            case "misconfigured":
                raise Misconfigured(f"{self.reason}: {detail}")
            case "unavailable":
                raise Unavailable(f"{self.reason}: {detail}")


def by_status(status: int) -> Verdict:
    """What an HTTP status means where the provider says no more; 502 and 504 may have sent."""
    if status in (401, 403, 404, 405) or 300 <= status < 400:
        return Verdict("misconfigured", f"HTTP {status}")
    if status == 429:
        return Verdict("unsent", "rate")
    if status == 503:
        return Verdict("unsent", "busy")
    if 400 <= status < 500:
        return Verdict("refused", "rejected")
    return Verdict("unknown", "gateway" if status >= 500 else "unreadable")


@dataclass(frozen=True, slots=True)
class Got:
    """A provider's whole answer; `after` is its Retry-After in seconds."""

    status: int
    body: bytes
    after: float | None = None

    @property
    def text(self) -> str:
        """The body as text, whatever bytes it holds."""
        return self.body.decode("utf-8", "replace")

    def object(self) -> Mapping[str, object] | None:
        """The body as a JSON object; None for anything else, such as a captive portal's page."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None


class Http:
    """One provider's connections: bounded in time and size; no redirects, cookies or proxies.

    `secrets` are struck out of every word that leaves this class. `resolver` decides where names may lead.
    """

    def __init__(
        self,
        base: str,
        timeout: float,
        secrets: Iterable[SecretStr] = (),
        resolver: AbstractResolver | None = None,
    ) -> None:
        self.base = base
        self._resolver = resolver
        self.timeout = timeout
        self._secrets = [secret.get_secret_value() for secret in secrets]
        self._passing: deque[str] = deque(maxlen=8)
        self._session: ClientSession | None = None

    def hide(self, secret: str) -> None:
        """Strike out `secret` too: a token that lives for hours (the last eight are remembered)."""
        self._passing.append(secret)

    def clean(self, words: str) -> str:
        """`words` on one line, short, with our secrets struck out."""
        for secret in sorted((*self._secrets, *self._passing), key=len, reverse=True):
            words = words.replace(secret, "***") if secret else words
        return " ".join(words.split())[:_MOST_WORDS]

    async def post(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | Mapping[str, str] | None = None,
    ) -> Got:
        """POST once, never repeated below us. Raises NotSent or MaybeSent."""
        return await self._call("POST", path, params, headers, body)

    async def get(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Got:
        """GET, for questions only: aiohttp repeats a dropped GET. Raises as `post`."""
        return await self._call("GET", path, params, headers, None)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _call(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        body: bytes | Mapping[str, str] | None,
    ) -> Got:
        url = path if path.startswith("http") else self.base + path
        try:
            async with (
                asyncio.timeout(self.timeout),
                self._opened().request(
                    method, url, params=params, headers=headers, data=body, allow_redirects=False
                ) as response,
            ):
                return Got(response.status, await _whole(response), _retry_after(response))
        except (ClientConnectorError, ConnectionTimeoutError, InvalidURL) as error:
            raise NotSent(self.clean(_why(error))) from None
        except TimeoutError:
            raise MaybeSent("timeout", f"no answer within {self.timeout:g} s") from None
        except (ClientError, OSError) as error:
            raise MaybeSent("dropped", type(error).__name__) from None

    def _opened(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession(
                connector=TCPConnector(limit=0, keepalive_timeout=_KEEP_ALIVE, resolver=self._resolver),
                cookie_jar=DummyCookieJar(),
                timeout=ClientTimeout(total=None, connect=self.timeout / 2),
                trust_env=False,
            )
        return self._session


def _why(error: Exception) -> str:
    """Why there was no connection; a resolver's own words where it turned the name away."""
    if isinstance(error, InvalidURL):
        return f"{error.url} names no host that can be called"
    inner = getattr(error, "os_error", None)
    return str(inner) if isinstance(inner, OSError) and inner.errno is None and str(inner) else str(error)


async def _whole(response: ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise MaybeSent("unreadable", f"the answer is larger than {_MOST_BYTES} bytes")
    return bytes(body)


def _retry_after(response: ClientResponse) -> float | None:
    """Seconds, however the wish is written (RFC 9110 §10.2.3): a date counts from the answer's own."""
    wish = response.headers.get("Retry-After", "").strip()
    if wish.isdecimal():
        return min(float(wish), _LONGEST_WISH) if len(wish) < 10 else None
    at, now = _date(wish), _date(response.headers.get("Date", ""))
    if at is None:
        return None
    return min(max((at - (now or datetime.now(UTC))).total_seconds(), 0.0), _LONGEST_WISH)


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
