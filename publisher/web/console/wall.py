"""What will each person see? Every artefact of a plan as a card: a phone, a chat, a sign's pixels, a page, a script."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup
from sqlalchemy import Row

from publisher.model import slots
from publisher.model.bulletin import Content
from publisher.model.plan import Artefact
from publisher.render import led
from publisher.web.console.shell import Scene
from publisher.web.preview import Shown

SAMPLE_ID = "0000000000"
"""Stands in for the public identifier until the release mints it."""
_SLOT = re.compile(r"(⟦\w+:\w+⟧)")
SECONDS_A_CHARACTER = 0.22
SECONDS_A_WORD = 0.4
ORDER = ("sms", "wecom", "wechat", "voice", "email", "led", "page", "feed", "crawl", "radio", "manual", "cap", "other")
_SMS = frozenset({"kannel", "twilio", "smpp"})
AS_NAMED = frozenset({"wecom", "led", "email", "voice", "manual"})
PART_UCS2, PART_GSM = 67, 153
"""Characters a part of a long text message holds (3GPP TS 23.040: six bytes go to its header)."""


@dataclass(frozen=True, slots=True)
class Bit:
    """A piece of text; a slot's piece shows what stands in for it until the release."""

    text: str
    slot: bool = False
    cut: bool = False
    """Whether a new message begins here: long texts go out in parts."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A sign's pictures: their addresses and the panel's size in pixels."""

    addresses: tuple[str, ...]
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Card:
    """One artefact as people will see it. `count` endpoints get it, 0 where others fetch it."""

    look: str
    name: str
    language: str
    level: str
    title: tuple[Bit, ...] = ()
    body: tuple[Bit, ...] = ()
    rows: tuple[tuple[str, tuple[Bit, ...]], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    count: int = 0
    reads_as: str = ""
    panel: Panel | None = None
    html: Markup | None = None
    raw: str = ""
    heard: str = ""
    """Where its sound is, for a script that is spoken."""
    problems: Sequence[str] = field(default=())


def zone(scene: Scene) -> ZoneInfo:
    """The pack's time zone."""
    return ZoneInfo(scene.pack.about.time_zone)


def cards(scene: Scene, shown: Shown, content: Content, row: Row[Any]) -> list[Card]:
    """Every artefact as a card, what is pushed first."""
    made = _Wall(scene, shown, content, row)
    found = [card for one in shown.artefacts for card in made.card(one)]
    languages = {str(one): number for number, one in enumerate(scene.pack.about.languages)}
    return sorted(found, key=lambda one: (ORDER.index(one.look), languages.get(one.language, len(languages)), one.name))


@lru_cache(maxsize=64)
def pictures(derived: str, text: str, font: Path) -> tuple[bytes, ...]:
    """Every frame a sign will show for a filled text, as PNG. Raises ValueError where the renderer is another one."""
    if not derived:
        return ()
    return tuple(body for _, media_type, body, _ in led.drawn(derived, text, font) if media_type == "image/png")


def _is_frame(one: Artefact) -> bool:
    return one.media_type == "image/png"


class _Wall:
    def __init__(self, scene: Scene, shown: Shown, content: Content, row: Row[Any]) -> None:
        self._scene, self._shown, self._content, self._row = scene, shown, content, row
        self._issued = row.released or scene.now
        self._id = row.public_id or SAMPLE_ID
        self._counts = _counts(shown.waves)

    def card(self, one: Artefact) -> Iterator[Card]:
        """Its card; a sign's picture and a script's sound need none of their own, for their texts' cards have them."""
        if one.media_type.startswith(("image/", "audio/")) or (one.kind == "led" and not one.name.endswith(".txt")):
            return
        shape = _SHAPES.get(_look(one))
        values: Mapping[str, Any] = shape(self, one) if shape else {"raw": one.body.decode("utf-8", "replace")}
        section = min(one.section, len(self._content.sections) - 1)
        yield Card(
            look=_look(one),
            name=one.name,
            language=one.language or self._language(one),
            level=self._content.sections[section].level,
            count=self._counts.get(self._group(one), 0),
            reads_as=self._reads_as(one),
            **{"facts": tuple(one.facts.items()), **values},
        )

    def _language(self, one: Artefact) -> str:
        parts = one.name.split(".")
        return parts[2] if len(parts) > 2 and one.kind in ("led",) else ""

    def _reads_as(self, one: Artefact) -> str:
        """Which class of endpoints it is for; a first issue has only one."""
        parts = one.name.split(".")
        return parts[3] if len(parts) > 3 and parts[1][0] in "sp" and self._content.act != "issue" else ""

    def _group(self, one: Artefact) -> str:
        """The name that waves count it under."""
        if one.kind == "led":
            _, section, language, look, *_ = one.name.split(".")
            return f"led.s{section}.{language}.new.{look}"
        return one.name

    def bits(self, text: str) -> tuple[Bit, ...]:
        """Text with what fills its slots."""
        return tuple(self._bit(part) for part in _SLOT.split(text) if part)

    def _bit(self, part: str) -> Bit:
        if not _SLOT.fullmatch(part):
            return Bit(part)
        return Bit(slots.fill(part, issued=self._issued, public_id=self._id, zone=zone(self._scene)), slot=True)

    def filled(self, text: str) -> str:
        """Text as it would read now."""
        return slots.fill(text, issued=self._issued, public_id=self._id, zone=zone(self._scene))

    def sms(self, one: Artefact) -> Mapping[str, Any]:
        parts = int(one.facts.get("parts", "1") or 1)
        size = PART_GSM if one.facts.get("encoding", "").upper().startswith("GSM") else PART_UCS2
        bits = self.bits(one.body.decode())
        return {"body": tuple(in_parts(bits, size)) if parts > 1 else bits}

    def email(self, one: Artefact) -> Mapping[str, Any]:
        mail = json.loads(one.body)
        return {"title": self.bits(str(mail.get("subject", ""))), "body": self.bits(str(mail.get("text", "")))}

    def voice(self, one: Artefact) -> Mapping[str, Any]:
        return {"body": self.bits(str(json.loads(one.body).get("script", "")))}

    def manual(self, one: Artefact) -> Mapping[str, Any]:
        return {"body": self.bits(one.body.decode())}

    def wecom(self, one: Artefact) -> Mapping[str, Any]:
        message = json.loads(one.body)
        kind = message["msgtype"]
        inner = message[kind]
        if kind == "textcard":
            return {"title": self.bits(inner["title"]), "body": self.bits(inner["description"])}
        return {"body": self.bits(inner["content"])}

    def wechat(self, one: Artefact) -> Mapping[str, Any]:
        template = json.loads(one.body)["template"]
        values = [self.bits(str(field["value"])) for field in template["data"].values()]
        names = ("title", "level", "area", "time", "action")
        rows = tuple((names[number] if number < len(names) else "", bits) for number, bits in enumerate(values))
        return {"title": rows[0][1] if rows else (), "rows": rows[1:]}

    def led(self, one: Artefact) -> Mapping[str, Any]:
        text = self.filled(one.body.decode())
        look = str(json.loads(one.derived)["look"]) if one.derived else one.name.split(".")[3]
        width, height = led.size_of(look)
        names = self._kept(one) if self._shown.final else self._drawn(one, text)
        base = f"/console/bulletins/{self._row.id}/panels"
        panel = Panel(tuple(f"{base}/{name}" for name in names), width, height)
        facts = (("size", look.replace("x", "×")), ("screens", str(len(names))), ("missing", led.not_in_gbk(text)))
        return {"panel": panel, "body": self.bits(one.body.decode()), "facts": tuple(f for f in facts if f[1])}

    def _drawn(self, one: Artefact, text: str) -> list[str]:
        """The frames this program makes of it; none for what was submitted under another one, which cannot be signed."""
        try:
            frames = pictures(one.derived, text, self._scene.at.hub.font)
        except led.OtherRenderer:
            return []
        return [f"{one.name}.{number}" for number in range(len(frames))]

    def _kept(self, one: Artefact) -> list[str]:
        """The frames that went out, as they were: a newer program may draw otherwise."""
        stem = one.name.removesuffix("txt")
        frames = [each.name for each in self._shown.artefacts if each.name.startswith(stem) and _is_frame(each)]
        return [f"{name}.0" for name in sorted(frames, key=lambda name: (len(name), name))]

    def page(self, one: Artefact) -> Mapping[str, Any]:
        # Our own template made this with every value escaped; slots hold plain characters only.
        return {"html": Markup(self.filled(one.body.decode()))}

    def feed(self, one: Artefact) -> Mapping[str, Any]:
        entry = json.loads(one.body)
        return {"title": self.bits(entry["title"]), "body": self.bits(entry["summary"])}

    def spoken(self, one: Artefact) -> Mapping[str, Any]:
        text = one.body.decode()
        facts = (("seconds", str(reading_seconds(self.filled(text)))),) if _look(one) == "radio" else ()
        spoken = _look(one) == "radio" and bool(one.derived)
        heard = f"/console/bulletins/{self._row.id}/speech/{one.name}" if spoken else ""
        return {"body": self.bits(text), "facts": facts, "heard": heard}

    def file(self, one: Artefact) -> Mapping[str, Any]:
        return {"raw": one.body.decode("utf-8", "replace"), "facts": (("bytes", f"{len(one.body):,}"),)}


_SHAPES = {
    "sms": _Wall.sms,
    "email": _Wall.email,
    "voice": _Wall.voice,
    "manual": _Wall.manual,
    "wecom": _Wall.wecom,
    "wechat": _Wall.wechat,
    "led": _Wall.led,
    "page": _Wall.page,
    "feed": _Wall.feed,
    "crawl": _Wall.spoken,
    "radio": _Wall.spoken,
    "cap": _Wall.file,
}


def in_parts(bits: Sequence[Bit], size: int) -> Iterator[Bit]:
    """The same text, cut where the next message begins; counted in UTF-16 units, as networks do."""
    used = 0
    for bit in bits:
        text = ""
        for character in bit.text:
            units = len(character.encode("utf-16-le")) // 2
            if used + units > size:
                yield Bit(text, bit.slot)
                yield Bit("", cut=True)
                text, used = "", 0
            text, used = text + character, used + units
        yield Bit(text, bit.slot)


def _look(one: Artefact) -> str:
    """Which kind of card shows it."""
    if one.kind in _SMS:
        return "sms"
    if one.kind in AS_NAMED:
        return one.kind
    if one.kind == "wechat_official":
        return "wechat"
    if one.kind in ("cap", "cap-cn"):
        return "cap"
    first = one.name.split(".")[0]
    return {"page": "page", "entry": "feed", "crawl": "crawl", "radio": "radio"}.get(first, "other")


def _counts(waves: Sequence[Mapping[str, Any]]) -> Mapping[str, int]:
    """Text name -> endpoints that get it."""
    found: dict[str, int] = {}
    for wave in waves:
        for way in wave["ways"]:
            for group in way["groups"]:
                found[group["text"]] = found.get(group["text"], 0) + group["count"]
    return found


def reading_seconds(text: str) -> int:
    """How long an announcer needs: a Chinese character or an English word at a time."""
    characters = sum("\u4e00" <= one <= "\u9fff" for one in text)
    words = len(re.findall(r"[A-Za-z]+", text))
    return round(characters * SECONDS_A_CHARACTER + words * SECONDS_A_WORD + 0.5)
