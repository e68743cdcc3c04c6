"""What does a studio play? The spoken bulletin beside its script, and the package for emergency-broadcast platforms."""

import io
import wave
from collections.abc import Iterator
from datetime import datetime
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from channels.base import Entry, Page, Surface
from channels.broadcast.rows import gravest, script, title
from publisher.formats import ebm_package, texts
from publisher.model.pack import Ebm, said
from publisher.model.words import Act, Language, Mode

FORMS = {"wav": "audio/wav", "mp3": "audio/mpeg", "ogg": "audio/ogg"}
ENCLOSED = "mp3"
_ISO_639_3 = {"zh": "zho", "en": "eng"}


def sound(entry: Entry, language: str, form: str) -> bytes:
    """The spoken bulletin; empty until it has been spoken, or where it never is."""
    _, body = entry.files.get(f"radio.{language}.{form}", ("", b""))
    return body


def seconds(entry: Entry, language: str) -> int:
    """How long the sound lasts, as its samples tell; 0 where there are none."""
    body = sound(entry, language, "wav")
    if not body:
        return 0
    with wave.open(io.BytesIO(body)) as samples:
        frames: int = samples.getnframes()
        return int(frames / samples.getframerate())


def sounds(entry: Entry, stem: str, language: str) -> Iterator[Page]:
    """Each form that there is; `stem` is the script's address without its ending."""
    for form, media_type in FORMS.items():
        body = sound(entry, language, form)
        if body:
            yield Page(f"{stem}.{form}", media_type, body, entry.shown_until)


def packages(surface: Surface, base: str) -> Iterator[Page]:
    """One package a bulletin, in the pack's first language, where the pack asks for them."""
    asked = surface.pack.about.stations.ebm
    if asked is None:
        return
    for entry in surface.entries:
        if script(entry, surface.pack.language):
            body = ebm_package.package(_said(entry, surface, asked), _media(entry, surface.pack.language))
            yield Page(f"{base}/ebm/{entry.public_id}.tar", ebm_package.TAR, body, entry.shown_until)


def _media(entry: Entry, language: str) -> list[tuple[str, bytes]]:
    body = sound(entry, language, ENCLOSED)
    return [(ENCLOSED, body)] if body else []


def _said(entry: Entry, surface: Surface, asked: Ebm) -> ebm_package.Broadcast:
    content, pack, language = entry.bulletin.content, surface.pack, surface.pack.language
    zone = ZoneInfo(pack.about.time_zone)
    unit = pack.units.get(content.unit)
    return ebm_package.Broadcast(
        source=asked.source,
        target=asked.target,
        public_id=entry.public_id,
        former=_former(entry, zone) if content.act is not Act.ISSUE else None,
        cancels=content.act.ends,
        test=content.mode is not Mode.ACTUAL,
        sender=said(unit.name, language) if unit else str(content.unit),
        sender_code=pack.about.cn_sender_code,
        issued=entry.issued.astimezone(zone),
        starts=(content.onset or entry.issued).astimezone(zone),
        ends=content.expires.astimezone(zone),
        event=str(content.hazard),
        rank=gravest(entry, pack).rank,
        language=_code(language),
        title=title(entry, language)[:100],
        text=script(entry, language),
        areas=list(dict.fromkeys(str(code) for section in content.sections for code in section.areas)),
    )


def _former(entry: Entry, zone: ZoneInfo) -> tuple[str, datetime] | None:
    """The newest bulletin that its own CAP refers to, which is listed nowhere any more: its public id and its time."""
    _, body = entry.files.get("cap.xml", ("", b""))
    told = ElementTree.fromstring(body).findtext("{*}references") if body else ""
    former = texts.reference((told or "").rpartition(" ")[2])
    return (former.identifier, former.sent.astimezone(zone)) if former and former.sent else None


def _code(language: Language) -> str:
    main = language.partition("-")[0]
    return _ISO_639_3.get(main, main)
