"""How does a chat room behave that Apprise posts JSON to? It takes a title and a message, and keeps them."""

from aiohttp import web

from channels.sandbox.faults import hang_up, suffer
from channels.sandbox.tencent import asked
from channels.sandbox.world import Letter, Sandbox

_KIND = "apprise"


class Rooms:
    """`/apprise/{room}`, and `/apprise/health`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[web.RouteDef]:
        """The rooms' paths."""
        return [web.get("/health", self._health), web.post("/{room}", self._take)]

    async def _health(self, request: web.Request) -> web.StreamResponse:
        rule = self._sandbox.rules.meet(("", _KIND), "", "probe")
        if ended := await suffer(request, rule, self._sandbox.over):
            return ended
        return web.json_response({"rooms": "open"}, status=401 if rule.fault == "credentials" else 200)

    async def _take(self, request: web.Request) -> web.StreamResponse:
        room, said = request.match_info["room"], await asked(request)
        self._sandbox.calls.append(f"apprise {room}")
        account = next((one for one in self._sandbox.accounts if one.kind == _KIND), None)
        rule = self._sandbox.rules.meet(account.names if account else ("", _KIND), room, "send")
        if ended := await suffer(request, rule, self._sandbox.over):
            return ended
        if account is None or rule.fault in ("absent", "credentials"):
            return web.json_response({"error": rule.fault}, status=401 if rule.fault == "credentials" else 404)
        number = f"room-{self._sandbox.number()}"
        self._sandbox.arrive(Letter(number, account, room, str(said.get("message")), str(said.get("title"))))
        return hang_up(request) if rule.fault == "drop_after" else web.json_response({"taken": number})
