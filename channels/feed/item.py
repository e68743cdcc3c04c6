"""What does a feed say of one bulletin? Everything an entry needs, read from the bulletin and its final CAP file."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from lxml import etree

from channels.base import Entry, Surface
from publisher.formats.cap_write import MEDIA_TYPE as CAP_TYPE
from publisher.formats.outgoing import one_line, plain, rendered
from publisher.formats.resources import response_of
from publisher.formats.structure import CAP12
from publisher.model.pack import said
from publisher.model.words import AreaCode

CAP_FILE = "cap.xml"
_CAP = {"cap": CAP12}


@dataclass(frozen=True, slots=True)
class Item:
    """One bulletin as feeds list it. Equal items give equal bytes, so rendering is cached by them.

    `identifier` is the CAP identifier, `page` the warning's public page, `length` the CAP file's size in bytes,
    `response` what is declared beside it.
    """

    identifier: str
    cap: str
    page: str
    title: str
    summary: str
    html: str
    language: str
    author: str
    hazard: str
    hazard_name: str
    levels: tuple[str, ...]
    areas: tuple[AreaCode, ...]
    status: str
    msg_type: str
    active: bool
    issued: datetime
    expires: datetime
    length: int
    response: str = ""


def item(entry: Entry, surface: Surface, site: str) -> Item:
    """The entry in the pack's first language. `site` is the surface's public address without a trailing slash."""
    pack, content = surface.pack, entry.bulletin.content
    body = entry.files[CAP_FILE][1] if CAP_FILE in entry.files else b""
    status, msg_type, web = _cap(body)
    words = entry_words(entry, pack.language)
    zone = ZoneInfo(pack.about.time_zone)
    hazard = pack.hazards.get(content.hazard)
    unit = pack.units.get(content.unit)
    return Item(
        identifier=entry.public_id,
        cap=f"{site}/cap/{entry.public_id}.xml",
        page=web or f"{site}/w/{entry.public_id}",
        title=words["title"] or entry.public_id,
        summary=words["summary"],
        html=words["html"],
        language=pack.language,
        author=plain(said((unit or pack.about).name, pack.language)),
        hazard=content.hazard,
        hazard_name=plain(said(hazard.name, pack.language)) if hazard else content.hazard,
        levels=tuple(dict.fromkeys(section.level for section in content.sections)),
        areas=tuple(dict.fromkeys(code for section in content.sections for code in section.areas)),
        status=status,
        msg_type=msg_type,
        active=entry.active,
        issued=entry.issued.astimezone(zone).replace(microsecond=0),
        expires=entry.shown_until.astimezone(zone).replace(microsecond=0),
        length=len(body),
        response=plain(response_of(entry.files, pack.language)),
    )


def page_id(entry: Entry) -> str:
    """The name under `/w/` of the warning's page: its CAP file says it, because later bulletins keep the first one's."""
    body = entry.files[CAP_FILE][1] if CAP_FILE in entry.files else b""
    return _cap(body)[2].rpartition("/w/")[2] or entry.public_id


def entry_words(entry: Entry, language: str) -> dict[str, str]:
    """`title`, `summary` and `html` in `language`, else in the first language there is.

    A bulletin without any is told in its officer's own words: it must not take every other warning off the feed.
    """
    for name in (f"entry.{language}.json", *sorted(entry.files)):
        if name.startswith("entry.") and name in entry.files:
            return _words(entry.files[name][1])
    own = next((words for section in entry.bulletin.content.sections for words in section.words.values()), None)
    title = one_line(plain(own.headline)) if own else ""
    return {"title": title or entry.public_id, "summary": plain(own.description) if own else "", "html": ""}


@lru_cache(maxsize=1024)
def _cap(body: bytes) -> tuple[str, str, str]:
    """status, msgType and the first `web` of a CAP file of ours."""
    if not body:
        return "", "", ""
    root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    found = (root.findtext(path, "", _CAP) for path in ("cap:status", "cap:msgType", "cap:info/cap:web"))
    status, msg_type, web = found
    return status, msg_type, web


def _words(body: bytes) -> dict[str, str]:
    held = json.loads(body)
    return {
        "title": one_line(rendered(str(held["title"]))),
        "summary": rendered(str(held.get("summary", ""))),
        "html": rendered(str(held.get("html", ""))),
    }


__all__ = ["CAP_FILE", "CAP_TYPE", "Item", "entry_words", "item", "page_id"]
