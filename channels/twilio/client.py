"""How is the Twilio library made safe? It ignores its timeout; its retries send a text again."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from aiohttp import encode_basic_auth
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from channels.http import Http
from channels.twilio.codes import Throttled


class CarefulClient(AsyncTwilioHttpClient):  # type: ignore[misc] # the library has no types
    """The library's client over our own pooled connections: one try, one deadline, no redirects.

    The library's own `request` drops `timeout` and uses what aiohttp deprecates; it is not called.
    """

    def __init__(self, http: Http) -> None:
        super().__init__(pool_connections=False, timeout=http.timeout, max_retries=None)
        self._http = http
        self._auth: tuple[tuple[str, str], str] | None = None

    async def request(
        self,
        method: str,
        url: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 # the library's signature
        allow_redirects: bool = False,
    ) -> Response:
        """One call. Raises NotSent, MaybeSent, or Throttled for 429 and 503."""
        sent = dict(headers or {})
        if auth is not None:
            sent["Authorization"] = self._basic(auth)
        asked = _words(params)
        if method == "POST":
            got = await self._http.post(url, params=asked, headers=sent, body=_form(data))
        else:
            got = await self._http.get(url, params=asked, headers=sent)
        if got.status in (429, 503):
            raise Throttled(got.status, self._http.clean(got.text), got.after)
        return Response(got.status, got.text, {})

    def _basic(self, auth: tuple[str, str]) -> str:
        """The account's header: the same for every call."""
        if self._auth is None or self._auth[0] != auth:
            self._auth = auth, encode_basic_auth(*auth)
        return self._auth[1]


def _words(values: Mapping[str, object] | None) -> dict[str, str]:
    return {name: str(value) for name, value in (values or {}).items()}


def _form(values: Mapping[str, object] | None) -> bytes:
    """As the library's own header says it is written; written here, once, since aiohttp takes a longer way."""
    return urlencode(_words(values)).encode()


def open_client(account_sid: str, auth_token: str, http: Http) -> Any:
    """The library's client, at `http.base`, with nothing taken from the environment."""
    client = Client(
        account_sid,
        auth_token,
        http_client=CarefulClient(http),
        environment={"TWILIO_EDGE": "", "TWILIO_REGION": ""},
    )
    client.api.base_url = http.base
    return client
