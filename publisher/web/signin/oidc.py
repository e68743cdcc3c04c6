"""Who does the identity provider say this is? OpenID Connect: code flow with PKCE, state and nonce bound to one browser.

The three are made from one random cookie, so nothing is stored while the officer is away.
"""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlencode

import aiohttp

from publisher.web.signin.config import Provider

SECONDS = 600
TIMEOUT = aiohttp.ClientTimeout(total=5)
LARGEST = 256 * 1024
ALGORITHMS = ("RS256", "ES256", "PS256", "EdDSA")


class NotSignedIn(Exception):
    """The provider did not vouch for anybody; the message says why, for the log."""


def fresh() -> str:
    """What goes into the browser's cookie."""
    return secrets.token_urlsafe(32)


def _part(cookie: str, name: str) -> str:
    made = hmac.new(cookie.encode(), name.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


@dataclass
class Identity:
    """One provider as this process knows it; its addresses and keys are asked for again after an hour."""

    provider: Provider
    _known: dict[str, Any] = field(default_factory=dict)
    _keys: dict[str, Any] = field(default_factory=dict)
    _asked: float = 0.0

    async def address(self, cookie: str, redirect: str) -> str:
        """Where to send the browser, which comes back to `redirect`. Raises NotSignedIn when the provider cannot be reached."""
        known = await self._discover()
        verifier = _part(cookie, "verifier")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self.provider.client,
            "redirect_uri": redirect,
            "scope": "openid",
            "state": _part(cookie, "state"),
            "nonce": _part(cookie, "nonce"),
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{known['authorization_endpoint']}?{urlencode(asked)}"

    async def subject(self, cookie: str, query: Mapping[str, str], *, redirect: str) -> str:
        """The `sub` of the officer who came back to `redirect`. Raises NotSignedIn."""
        if "error" in query:
            raise NotSignedIn(f"the provider says {query['error']}")
        if not cookie or not hmac.compare_digest(query.get("state", ""), _part(cookie, "state")):
            raise NotSignedIn("the state is not this browser's")
        issuer = query.get("iss", self.provider.issuer)
        if issuer != self.provider.issuer:
            raise NotSignedIn(f"the answer comes from {issuer}")
        given = await self._exchange(query.get("code", ""), _part(cookie, "verifier"), redirect)
        return self._verified(str(given.get("id_token", "")), _part(cookie, "nonce"))

    async def _discover(self) -> Mapping[str, Any]:
        if time.monotonic() - self._asked > 3600 or not self._known:
            base = self.provider.issuer.rstrip("/")
            known = await self._get(f"{base}/.well-known/openid-configuration")
            if known.get("issuer") != self.provider.issuer:
                raise NotSignedIn(f"the provider calls itself {known.get('issuer')}")
            self._keys = await self._get(str(known["jwks_uri"]))
            self._known, self._asked = known, time.monotonic()
        return self._known

    async def _exchange(self, code: str, verifier: str, redirect: str) -> Mapping[str, Any]:
        known = await self._discover()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "code_verifier": verifier,
        }
        headers = {"Authorization": _basic(self.provider)}
        return await self._call("POST", str(known["token_endpoint"]), data=form, headers=headers)

    async def _get(self, address: str) -> dict[str, Any]:
        return await self._call("GET", address)

    async def _call(self, method: str, address: str, **more: Any) -> dict[str, Any]:
        try:
            async with (
                aiohttp.ClientSession(timeout=TIMEOUT, trust_env=False) as session,
                session.request(method, address, allow_redirects=False, **more) as reply,
            ):
                raw = await reply.content.read(LARGEST)
                if reply.status != 200:
                    raise NotSignedIn(f"{address} answered {reply.status}: {raw[:200].decode('utf-8', 'replace')}")
                return _object(raw, address)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NotSignedIn(f"{address} cannot be reached: {error}") from error

    def _verified(self, signed: str, nonce: str) -> str:
        import jwt

        try:
            named = jwt.get_unverified_header(signed).get("kid")
            keys = jwt.PyJWKSet.from_dict(self._keys).keys
            key = next(one for one in keys if named is None or one.key_id == named)
            claims = jwt.decode(
                signed,
                key,
                algorithms=ALGORITHMS,
                audience=self.provider.client,
                issuer=self.provider.issuer,
                options={"require": ["exp", "iat", "sub", "nonce"]},
                leeway=60,
            )
        except (jwt.PyJWTError, StopIteration) as error:
            raise NotSignedIn(f"the provider's token does not hold: {error}") from error
        if not hmac.compare_digest(str(claims["nonce"]), nonce):
            raise NotSignedIn("the token was made for another sign-in")
        return str(claims["sub"])


def _basic(client: Provider) -> str:
    """RFC 6749 §2.3.1: both parts are form-encoded before they are joined."""
    return aiohttp.encode_basic_auth(quote_plus(client.client), quote_plus(client.secret), encoding="ascii")


def _object(raw: bytes, address: str) -> dict[str, Any]:
    import json

    try:
        found = json.loads(raw)
    except ValueError as error:
        raise NotSignedIn(f"{address} did not answer JSON") from error
    if not isinstance(found, dict):
        raise NotSignedIn(f"{address} did not answer a JSON object")
    return found
