"""How is work done by hand asked for and counted? A printed instruction with a link by which its person reports.

Sending puts it on the list: no machine is called, so nothing can be lost on the way. `accepted` means that it lies
there; only the person's own report makes it done.
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import parse_qsl

from channels.base import Callback, Composed, Fields, Health, Reply, Setup, Traits
from channels.links import Links
from channels.manual.config import Config
from channels.multipart import parts
from channels.sample import measured
from channels.spread import spread
from publisher.model.delivery import Answer, Message, Receipt, Refused, Sent, Target
from publisher.model.words import Medium

TRAITS = Traits(
    kind="manual",
    medium=Medium.MANUAL,
    repeat="keyed",
    window=500,
    rate=1000.0,
    timeout=5.0,
    receipts=False,
    limits={"characters": 1200},
    callback_bytes=11_000_000,
)
WORKS = ("fax", "phone", "vehicle", "siren", "door", "other")
"""What an address begins with, before a colon: `vehicle:宣传车 1`."""
_HOUR = re.compile(r"([01]?\d|2[0-3]):[0-5]\d")
_MOST_NOTE = 250
_PAGE = """<!doctype html><html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><link rel="stylesheet" href="/static/console.css"></head>
<body><main class="door"><div class="panel"><h1>{title}</h1>{body}</div></main></body></html>"""
_FORM = """<form method="post" enctype="multipart/form-data">
<p><label>{at} <input name="at" type="time" required></label></p>
<p><label>{note} <textarea name="note" rows="4" maxlength="250"></textarea></label></p>
<p><label>{photo} <input name="photo" type="file" accept="image/jpeg,image/png"></label></p>
<p class="row"><button name="state" value="done" class="primary">{done}</button>
<button name="state" value="failed" formnovalidate>{failed}</button></p></form>"""
_WORDS = {
    "zh": {
        "title": "完成情况",
        "at": "完成时间",
        "note": "说明",
        "photo": "照片（不超过 10 MB）",
        "done": "已完成",
        "failed": "未能完成",
        "kept": "已记录，谢谢。",
    },
    "en": {
        "title": "Report",
        "at": "Done at",
        "note": "Note",
        "photo": "Photo (at most 10 MB)",
        "done": "Done",
        "failed": "Could not be done",
        "kept": "Recorded. Thank you.",
    },
}


class Manual:
    """One list."""

    def __init__(self, setup: Setup, config: Config) -> None:
        self.traits = replace(TRAITS, limits={"characters": config.most_characters})
        self._clock = setup.clock
        self._language = config.language
        self._links = Links(setup.name, setup.receipts_url, config.receipt_key)

    def send(self, message: Message, targets: Sequence[Target]) -> AsyncIterator[tuple[Target, Answer]]:
        """Each goes on the list at once; an address that names no kind of work goes nowhere."""

        async def one(target: Target) -> Answer:
            work, colon, what = target.address.partition(":")
            if work not in WORKS or not colon or not what.strip():
                return Refused("invalid_address", f"must begin with one of {', '.join(WORKS)} and a colon")
            return Sent(target.key)

        return spread(message, targets, self.traits.window, self._clock, one)

    def compose(self, fields: Fields) -> Composed:
        """The words `title` and `body` as they are printed."""
        title, body = fields.words.get("title", ""), fields.words.get("body", "")
        text = f"{title}\n\n{body}\n" if title else f"{body}\n"
        most = self.traits.limits["characters"]
        size, over, beyond = measured("body", text, most)
        if title and not body.strip():
            over = (*over, "body: empty")
        facts = {"characters": f"{size}/{most}"}
        return Composed("text/plain; charset=utf-8", text.encode(), facts, over, beyond)

    def link(self, delivery: str) -> str:
        """The address at which the person who does it reports."""
        return self._links.address(delivery)

    def hear(self, callback: Callback) -> tuple[Reply, Sequence[Receipt]]:
        """The form on a GET, what was reported on a POST; 403 for a link that we did not sign."""
        delivery = self._links.delivery(callback.url)
        if not delivery:
            return Reply(403, b"link"), ()
        if callback.method == "GET":
            return self._page(_FORM.format(**_WORDS[self._language])), ()
        if callback.method != "POST":
            return Reply(400, b"method"), ()
        told = _form(callback)
        if not _said(told):
            return Reply(400, b"state is needed, and at for what was done"), ()
        return self._page(f"<p>{_WORDS[self._language]['kept']}</p>"), (_receipt(delivery, told, callback),)

    def _page(self, body: str) -> Reply:
        title = _WORDS[self._language]["title"]
        return Reply(200, _PAGE.format(language=self._language, title=title, body=body).encode(), "text/html")

    async def probe(self) -> Health:
        """There is no account to try."""
        return Health(True, "work by hand needs no account")

    async def close(self) -> None:
        """Nothing is open."""


def _said(told: Mapping[str, str]) -> bool:
    """Whether it says done or failed; what was done has an hour, what could not be done may have one."""
    hour = bool(_HOUR.fullmatch(told.get("at", "")))
    return hour if told.get("state") == "done" else told.get("state") == "failed" and (hour or not told.get("at"))


def _form(callback: Callback) -> dict[str, str]:
    found = {
        name: value.decode("utf-8", "replace")
        for name, value in parts(callback.headers, callback.body).items()
        if name != "photo"
    }
    return found or dict(parse_qsl(callback.body.decode("utf-8", "replace")))


def _receipt(delivery: str, told: dict[str, str], callback: Callback) -> Receipt:
    note = " ".join(told.get("note", "").split())[:_MOST_NOTE]
    photo = parts(callback.headers, callback.body).get("photo", b"")
    when = " ".join(filter(None, (told["state"], told.get("at"))))
    said = f"{when}: {note}" if note else when
    if told["state"] == "failed":
        return Receipt("failed", delivery, reason="not_done", detail=said, attachment=photo)
    return Receipt("acknowledged", delivery, detail=said, attachment=photo)
