"""Released bulletins as the public site gets them: the real writers, templates and page fragments, slots filled."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from channels.base import Entry, Surface
from publisher.formats.cap_write import write_cap
from publisher.formats.cn_write import write_cn
from publisher.formats.outgoing import page_url
from publisher.model import slots
from publisher.model.bulletin import Chain, Content
from publisher.model.pack import Pack
from publisher.model.words import EndpointClass, Language, Medium
from publisher.render.pages import Pages
from publisher.render.texts import Texts, read_templates
from tests.kit import typhoon_night as night

ROOT = Path(__file__).parent.parent.parent
PUBLIC_URL = "https://warnings.example.org"


@cache
def texts() -> Texts:
    """The message templates that ship with the hub."""
    return Texts(read_templates(ROOT / "templates"))


@cache
def pages() -> Pages:
    """The page templates that ship with the hub."""
    return Pages([ROOT / "templates"])


def public_words(content: Content, pack: Pack, chain: Chain) -> dict[Language, Sequence[Mapping[str, str]]]:
    """The feed template's title and summary, for every language in which every section has words."""
    return {
        language: [_fields(content, number, language, pack, chain) for number in range(len(content.sections))]
        for language in pack.about.languages
        if all(language in section.words for section in content.sections)
    }


def _fields(content: Content, section: int, language: str, pack: Pack, chain: Chain) -> Mapping[str, str]:
    return texts().fields(
        Medium.FEED,
        content=content,
        section=section,
        language=language,
        endpoint_class=EndpointClass.NEW,
        pack=pack,
        chain=chain,
    )


def artefacts(content: Content, pack: Pack, chain: Chain) -> dict[str, tuple[str, bytes]]:
    """Every file a release leaves for the public site, slots unfilled."""
    words = public_words(content, pack, chain)
    url = page_url(content, chain, PUBLIC_URL)
    cap = write_cap(content, pack=pack, chain=chain, public_url=PUBLIC_URL, words=words)
    made = {"cap.xml": ("application/cap+xml", cap)}
    if pack.about.cn_dialect:
        for number in range(len(content.sections)):
            body = write_cn(content, number, pack=pack, chain=chain, words=words)
            made[f"cap.cn.{number}.xml"] = ("application/xml", body)
    for language, some in words.items():
        told = {"title": some[0]["title"], "summary": "\n".join(one["summary"] for one in some)}
        made[f"entry.{language}.json"] = ("application/json", json.dumps(told, ensure_ascii=False).encode())
        page = pages().warning(content, pack=pack, chain=chain, language=language, url=url, words=some)
        made[f"page.{language}.html"] = ("text/html", page.encode())
    return made


def filled(body: bytes, pack: Pack, public_id: str, at: datetime = night.NIGHT) -> bytes:
    """The bytes as the release finishes them."""
    return slots.fill_bytes(body, issued=at, public_id=public_id, zone=ZoneInfo(pack.about.time_zone))


def entry(
    content: Content,
    *,
    pack: Pack,
    chain: Chain | None = None,
    number: int = 1,
    version: int = 1,
    at: datetime = night.NIGHT,
) -> Entry:
    """`content` as released at `at` in warning `w-<number>`."""
    bulletin = replace(night.bulletin(content, number, version), released_at=at)
    made = artefacts(content, pack, chain or Chain())
    return Entry(
        bulletin=bulletin,
        public_id=bulletin.public_id,
        issued=at,
        active=not content.act.ends,
        shown_until=max(content.expires, at + timedelta(hours=6)) if content.act.ends else content.expires,
        files={name: (kind, filled(body, pack, bulletin.public_id, at)) for name, (kind, body) in made.items()},
    )


def surface(*entries: Entry, pack: Pack, exercise: bool = False, now: datetime = night.NIGHT) -> Surface:
    """The public state with these entries, newest first."""
    listed = sorted(entries, key=lambda one: (one.issued, one.public_id), reverse=True)
    return Surface(tuple(listed), (), pack, now, PUBLIC_URL, exercise, 7, night.trust())
