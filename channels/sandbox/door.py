"""How does WeCom vouch for a member? A door that sends browsers back with a code, and an answer that a code gets once.

(developer.work.weixin.qq.com, paths 91022 and 91023.) In WeCom's own browser nobody is asked; here the page asks which member
comes, and `?member=` says it beforehand.
"""

import html
import re
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from aiohttp import web

from channels.sandbox.tencent import begin, said
from channels.sandbox.world import Sandbox

_KIND = "wecom"
_HERE = ("localhost", "127.0.0.1")
_STATE = re.compile(r"[A-Za-z0-9]{1,128}")
_PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>WeCom</title></head><body><form>{kept}
<label>member <input name="member" autofocus required pattern="[\\w.@-]+"></label> <button>OK</button></form></body></html>"""


class Door:
    """The paths that signing in uses. A member whose name begins with `outside-` does not belong to the organisation."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._codes: dict[str, tuple[str, str]] = {}

    def routes(self) -> list[web.RouteDef]:
        """WeCom's paths."""
        return [
            web.get("/connect/oauth2/authorize", self._authorize),
            web.get("/cgi-bin/auth/getuserinfo", self._member),
        ]

    async def _authorize(self, request: web.Request) -> web.StreamResponse:
        asked = request.query
        account = self._sandbox.account(_KIND, corp_id=asked.get("appid", ""), agent_id=asked.get("agentid", ""))
        if account is None or asked.get("response_type") != "code" or asked.get("scope") != "snsapi_base":
            raise web.HTTPBadRequest(text="no such application, or not asked as documented")
        if not _STATE.fullmatch(asked.get("state", "")):
            raise web.HTTPBadRequest(text="state holds letters and digits only, 128 at most")
        back = asked.get("redirect_uri", "")
        if urlsplit(back).hostname not in {*_HERE, urlsplit(self._sandbox.postman.base).hostname}:
            raise web.HTTPBadRequest(text="50001 redirect_uri is not in the application's trusted domain")
        if not asked.get("member"):
            kept = "".join(
                f'<input type="hidden" name="{html.escape(k)}" value="{html.escape(v)}">' for k, v in asked.items()
            )
            return web.Response(text=_PAGE.format(kept=kept), content_type="text/html")
        code = uuid4().hex
        self._codes[code] = account.channel, asked["member"]
        raise web.HTTPFound(f"{back}?{urlencode({'code': code, 'state': asked['state']})}")

    async def _member(self, request: web.Request) -> web.StreamResponse:
        self._sandbox.calls.append("wecom member")
        account, _, ended = await begin(request, self._sandbox, _KIND, "", "probe")
        if ended or account is None:
            return ended or said(-1, "system error")
        channel, member = self._codes.pop(request.query.get("code", ""), ("", ""))
        if channel != account.channel:
            return said(40029, "invalid code")
        if member.startswith("outside-"):
            return said(0, "ok", openid=f"o{member}")
        return said(0, "ok", userid=member)
