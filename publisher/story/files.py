"""Which files did a release leave? Collects what went out under fixed names, from the page table and the artefacts."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sqlalchemy import select

from publisher.model.bulletin import Bulletin
from publisher.model.words import Medium, Mode
from publisher.store.database import Tx
from publisher.store.tables import artefact, page
from publisher.story.result import ArtefactOut

MESSAGES = ((Medium.SMS, "sms.txt"), (Medium.WECHAT, "wechat.json"), (Medium.WECOM, "wecom.json"))
FEEDS = (
    ("/feeds/warnings.rss", "rss.xml"),
    ("/feeds/warnings.atom", "atom.xml"),
    ("/feeds/warnings.json", "feed.json"),
)


async def collect(
    tx: Tx, one: Bulletin, page_id: str, texts: Mapping[str, str], screens: Sequence[str]
) -> dict[str, tuple[str, bytes]]:
    """Fixed name -> (media type, bytes). `texts` maps a medium to the artefact its first group got."""
    found: dict[str, tuple[str, bytes]] = {}
    files = await _artefacts(tx, one.id)
    for name, fixed in (("cap.xml", "cap.xml"), ("cap.cn.0.xml", "cap.cn.xml")):
        if name in files:
            found[fixed] = files[name]
    for medium, fixed in MESSAGES:
        if texts.get(medium) in files:
            found[fixed] = files[texts[medium]]
    prefix = "" if one.content.mode is Mode.ACTUAL else "/exercise"
    for path, fixed in _paths(one, page_id, screens):
        got = await _page(tx, prefix + path)
        if got is not None and fixed not in found:
            found[fixed] = got
    picture = _first_frame(found.get("led.json"))
    drawn = await _page(tx, picture) if picture else None
    return found | ({"led.png": drawn} if drawn is not None else {})


def _first_frame(playlist: tuple[str, bytes] | None) -> str:
    """The path of the first picture that the screen's playlist names; nothing where nothing is on."""
    items = json.loads(playlist[1])["items"] if playlist else []
    frames = [frame["path"] for item in items for frame in item["frames"]]
    return frames[0] if frames else ""


def _paths(one: Bulletin, page_id: str, screens: Sequence[str]) -> Iterator[tuple[str, str]]:
    yield from FEEDS
    yield f"/w/{page_id}", "page.html"
    yield "/broadcast/crawl.json", "crawl.json"
    yield f"/broadcast/{one.public_id}.txt", "radio.txt"
    for screen in screens:
        yield f"/led/{screen}.json", "led.json"


async def _artefacts(tx: Tx, of: str) -> dict[str, tuple[str, bytes]]:
    rows = await tx.execute(
        select(artefact.c.name, artefact.c.media_type, artefact.c.final).where(
            artefact.c.bulletin == of, artefact.c.final.is_not(None)
        )
    )
    return {row.name: (row.media_type, row.final) for row in rows}


async def _page(tx: Tx, path: str) -> tuple[str, bytes] | None:
    wanted = select(page.c.media_type, page.c.body).where(page.c.path == path, page.c.gone.is_(False))
    row = (await tx.execute(wanted)).first()
    return None if row is None else (row.media_type, row.body)


def leave(found: Mapping[str, tuple[str, bytes]], out: Path | None) -> dict[str, ArtefactOut]:
    """Write the files under `out`, if given, and describe them."""
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    told: dict[str, ArtefactOut] = {}
    for name, (media_type, body) in sorted(found.items()):
        file = ""
        if out is not None:
            (out / name).write_bytes(body)
            file = str(out / name)
        told[name] = ArtefactOut(
            media_type=media_type, bytes=len(body), sha256=hashlib.sha256(body).hexdigest(), file=file
        )
    return told
