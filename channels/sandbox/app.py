"""Where is the outside world reached? One aiohttp application, to be mounted at `/sandbox/`."""

from typing import Annotated, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from channels.sandbox import page, voice, wecom
from channels.sandbox.broker import Broker
from channels.sandbox.centre import MessageCentre
from channels.sandbox.door import Door
from channels.sandbox.faults import Rule
from channels.sandbox.kannel import Gateway
from channels.sandbox.loudspeakers import Loudspeakers
from channels.sandbox.mail import MailServer
from channels.sandbox.partner import Partners, Platform
from channels.sandbox.push import PushService
from channels.sandbox.rooms import Rooms
from channels.sandbox.twilio import Numbers
from channels.sandbox.wechat import Followers
from channels.sandbox.wecom import Members
from channels.sandbox.world import Letter, Sandbox


class _Order(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AddRule(_Order):
    """Let a rule hold from now on."""

    do: Literal["fault"]
    rule: Rule


class Clear(_Order):
    """Let everything go well again."""

    do: Literal["clear"]


class Answer(_Order):
    """Let the person who got `message` answer: with `text`, or by a button that carries `key`."""

    do: Literal["answer"]
    message: str
    address: str = ""
    text: str = ""
    key: str = ""


Order = Annotated[AddRule | Clear | Answer, Field(discriminator="do")]
_ORDER: TypeAdapter[AddRule | Clear | Answer] = TypeAdapter(Order)


def sandbox_app(sandbox: Sandbox) -> web.Application:
    """Providers under `/kannel`, `/twilio`, `/wechat` and so on; the page at `/`; `POST /control`.

    `/state.json` lists what arrived. The world ends with the application.
    """
    app = web.Application()
    control = _Control(sandbox)
    app.add_routes(page.Pages(sandbox).routes())
    app.add_routes([web.post("/control", control.obey)])
    broker = Broker(sandbox)
    providers = {
        "/kannel": Gateway(sandbox).routes(),
        "/twilio": Numbers(sandbox).routes(),
        "/wechat": Followers(sandbox).routes(),
        "/wecom": [*Members(sandbox).routes(), *Door(sandbox).routes()],
        "/voice": voice.Line(sandbox).routes(),
        "/webhook": Partners(sandbox).routes(),
        "/cap12379": Platform(sandbox).routes(),
        "/ebm": Loudspeakers(sandbox).routes(),
        "/mqtt": broker.routes(),
        "/webpush": PushService(sandbox).routes(),
        "/apprise": Rooms(sandbox).routes(),
    }
    for prefix, routes in providers.items():
        for route in routes:
            app.router.add_route(route.method, prefix + route.path, route.handler)

    mail, centre = MailServer(sandbox), MessageCentre(sandbox)

    async def begin(_: web.Application) -> None:
        sandbox.mail_port = await mail.open()
        sandbox.centre_port = await centre.open()

    async def end(_: web.Application) -> None:
        broker.close()
        await mail.close()
        await centre.close()
        await sandbox.close()

    app.on_startup.append(begin)
    app.on_shutdown.append(end)
    return app


class _Control:
    """Obeys orders about the world: JSON from programs, forms from the page."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def obey(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            return web.json_response({"error": "only from the sandbox's own page"}, status=403)
        form = request.content_type != "application/json"
        try:
            order = _ORDER.validate_python(await _order(request, form))
        except (ValidationError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=422)
        if not await self._carry_out(order):
            return web.json_response({"error": "no such message"}, status=404)
        if form:
            raise web.HTTPSeeOther(str(request.rel_url.join(request.rel_url.with_path(_home(request)))))
        return web.json_response({"done": order.do})

    async def _carry_out(self, order: AddRule | Clear | Answer) -> bool:
        match order:
            case AddRule():
                self._sandbox.add(order.rule)
            case Clear():
                self._sandbox.rules.clear()
            case Answer():
                return await self._answer(order)
        return True

    async def _answer(self, order: Answer) -> bool:
        letter = self._letter(order)
        if letter is None:
            return False
        if letter.account.kind == "voice":
            await voice.press(self._sandbox, letter)
        elif order.key:
            await wecom.press(self._sandbox, letter, order.key)
        else:
            await wecom.reply(self._sandbox, letter, order.text or "1")
        return True

    def _letter(self, order: Answer) -> Letter | None:
        for letter in self._sandbox.letters:
            mine = letter.id == order.message and order.address in ("", letter.address)
            if mine and letter.account.kind in ("wecom", "voice"):
                return letter
        return None


def _home(request: web.Request) -> str:
    return request.path.removesuffix("control")


async def _order(request: web.Request, form: bool) -> object:
    if not form:
        return await request.json()
    given = {key: str(value) for key, value in (await request.post()).items() if value != ""}
    if given.get("do") != "fault":
        return given
    return {"do": "fault", "rule": {k: v for k, v in given.items() if k != "do"}}
