"""What does a person see of the outside world? Every phone, follower and member with what reached them."""

from collections.abc import Iterable
from pathlib import Path
from typing import get_args

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from channels.sandbox.faults import Fault
from channels.sandbox.world import Letter, Sandbox

_HERE = Path(__file__).parent
_MOST_ADDRESSES = 60
_MOST_LETTERS = 8
_SIDES = (
    ("phones", ("kannel", "twilio", "smpp")),
    ("calls", ("voice",)),
    ("followers", ("wechat_official",)),
    ("members", ("wecom",)),
    ("mailboxes", ("email",)),
    ("screens", ("mqtt",)),
    ("partners", ("webhook", "cap12379", "ebm")),
)

WORDS = {
    "zh": {
        "title": "沙箱：外面的世界",
        "lead": "这里没有真实的人。各渠道在沙箱中发出的每一条消息都显示在这里。",
        "phones": "手机",
        "followers": "公众号粉丝与标签",
        "members": "企业微信成员",
        "calls": "电话",
        "mailboxes": "邮箱",
        "screens": "订阅显示屏（MQTT）",
        "partners": "协作系统与上级平台",
        "nothing": "尚未收到任何消息",
        "more": "另有 {n} 个地址未显示",
        "people": "{n} 人",
        "faults": "故障规则",
        "no_faults": "没有规则：一切正常",
        "add": "加入规则",
        "clear_rules": "清除全部规则",
        "acknowledge": "回复 1（收到）",
        "channel": "渠道",
        "address": "地址",
        "fault": "故障",
        "code": "代码",
        "delay": "延迟（秒）",
        "receipt": "回执",
        "back": "返回",
        "accepted": "已接收",
        "delivered": "已送达",
        "failed": "失败",
        "recalled": "已撤回",
        "acknowledged": "已确认",
    },
    "en": {
        "title": "Sandbox: the outside world",
        "lead": "Nobody here is real. Every message the channels send in the sandbox is shown here.",
        "phones": "Phones",
        "followers": "Followers and tags",
        "members": "WeCom members",
        "calls": "Telephone calls",
        "mailboxes": "Mailboxes",
        "screens": "Subscribed screens (MQTT)",
        "partners": "Partners and upper platforms",
        "nothing": "Nothing has arrived yet",
        "more": "{n} more addresses are not shown",
        "people": "{n} people",
        "faults": "Faults",
        "no_faults": "No rules: everything goes well",
        "add": "Add rule",
        "clear_rules": "Clear all rules",
        "acknowledge": "Reply 1 (received)",
        "channel": "Channel",
        "address": "Address",
        "fault": "Fault",
        "code": "Code",
        "delay": "Delay (s)",
        "receipt": "Receipt",
        "back": "Back",
        "accepted": "accepted",
        "delivered": "delivered",
        "failed": "failed",
        "recalled": "recalled",
        "acknowledged": "acknowledged",
    },
}


class Pages:
    """The page, the page of faults, their style, and the same as JSON."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._templates = Environment(loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined)

    def routes(self) -> list[web.RouteDef]:
        """The paths for people."""
        return [
            web.get("/", self._home),
            web.get("/faults", self._faults),
            web.get("/style.css", self._style),
            web.get("/state.json", self._state),
        ]

    async def _home(self, request: web.Request) -> web.Response:
        sides = [(name, _people(self._sandbox.letters, kinds)) for name, kinds in _SIDES]
        return self._page("page.html", sides=sides, most=_MOST_ADDRESSES, each=_MOST_LETTERS)

    async def _faults(self, request: web.Request) -> web.Response:
        return self._page("faults.html", faults=get_args(Fault))

    async def _style(self, request: web.Request) -> web.Response:
        return web.Response(text=(_HERE / "style.css").read_text(), content_type="text/css")

    async def _state(self, request: web.Request) -> web.Response:
        return web.json_response([_state(letter) for letter in self._sandbox.letters])

    def _page(self, name: str, **values: object) -> web.Response:
        words = WORDS.get(self._sandbox.language, WORDS["en"])
        text = self._templates.get_template(name).render(
            words=words, language=self._sandbox.language, rules=self._sandbox.rules.listed, **values
        )
        return web.Response(text=text, content_type="text/html")


def _people(letters: Iterable[Letter], kinds: tuple[str, ...]) -> list[tuple[str, list[Letter]]]:
    """Addresses with their letters, both newest first."""
    found: dict[str, list[Letter]] = {}
    for letter in reversed(list(letters)):
        if letter.account.kind in kinds:
            found.setdefault(letter.address, []).append(letter)
    return list(found.items())


def _state(letter: Letter) -> dict[str, object]:
    return {
        "id": letter.id,
        "channel": letter.account.channel,
        "kind": letter.account.kind,
        "address": letter.address,
        "title": letter.title,
        "text": letter.text,
        "link": letter.link,
        "people": letter.people,
        "state": letter.state,
        "note": letter.note,
        "at": letter.at.isoformat(),
    }
