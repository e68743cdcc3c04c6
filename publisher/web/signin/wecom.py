"""Which member does WeCom say this is? Its OAuth: a code good once, and a state bound to one browser.

Documented at developer.work.weixin.qq.com, paths 91022 (the address) and 91023 (the member of a code). A private
installation for a government has addresses of its own for both.
"""

import hmac
from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from urllib.parse import urlencode

from pydantic import SecretStr

from channels.base import Misconfigured, Unavailable
from channels.http import Http, MaybeSent, NotSent
from channels.wecom.codes import CODES
from channels.weixin import Said, Weixin
from publisher.web.signin.config import WecomApp
from publisher.web.signin.oidc import NotSignedIn

TIMEOUT = 5.0
LONGEST_CODE = 512


class Members:
    """One application's members, as this process asks about them."""

    def __init__(self, app: WecomApp) -> None:
        self.app = app

    def address(self, cookie: str, redirect: str) -> str:
        """Where to send the browser, which comes back to `redirect`; WeCom's own browser goes there without a question."""
        asked = {
            "appid": self.app.corp,
            "redirect_uri": redirect,
            "response_type": "code",
            "scope": "snsapi_base",
            "state": _state(cookie),
            "agentid": self.app.agent,
        }
        return f"{self.app.door}?{urlencode(asked)}#wechat_redirect"

    async def subject(self, cookie: str, query: Mapping[str, str]) -> str:
        """The user id of the member who came back. Raises NotSignedIn."""
        if not cookie or not hmac.compare_digest(query.get("state", ""), _state(cookie)):
            raise NotSignedIn("the state is not this browser's")
        code = query.get("code", "")
        if not 0 < len(code) <= LONGEST_CODE:
            raise NotSignedIn("WeCom sent no code: the member did not agree")
        try:
            said = await self._api.ask("/cgi-bin/auth/getuserinfo", code=code)
        except (NotSent, MaybeSent, Unavailable, Misconfigured) as error:
            raise NotSignedIn(f"WeCom cannot be asked: {self._api.http.clean(str(error))}") from error
        if said.verdict is not None:
            raise NotSignedIn(f"WeCom does not know this code: {said.detail}")
        return _member(said.fields)

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()

    @cached_property
    def _api(self) -> Weixin:
        secret = SecretStr(self.app.secret)
        return Weixin(Http(self.app.base, TIMEOUT, (secret,)), CODES, self._token)

    async def _token(self, api: Weixin, force: bool) -> Said:
        return await api.call("/cgi-bin/gettoken", None, corpid=self.app.corp, corpsecret=self.app.secret)


def _state(cookie: str) -> str:
    """WeCom takes letters and digits only, 128 at most."""
    return hmac.new(cookie.encode(), b"wecom-state", sha256).hexdigest()


def _member(fields: Mapping[str, object]) -> str:
    """The answer's member; an outsider has an `openid` instead. Older private installations write `UserId`."""
    member = fields.get("userid") or fields.get("UserId")
    if not isinstance(member, str) or not member:
        raise NotSignedIn("whoever this is does not belong to the organisation")
    return member
