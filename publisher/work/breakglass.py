"""What does a centre need on paper when its hub is gone? Live warnings, whom to call, and texts to fill in, every night."""

import asyncio
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sqlalchemy import select

from publisher.formats import catalogue
from publisher.model.bulletin import Bulletin, Chain, Content, Issued, Section, Words
from publisher.model.directory import Contact
from publisher.model.pack import Pack, said
from publisher.model.words import Act, BulletinId, EndpointClass, Medium, Mode, OfficerId, WarningId
from publisher.render.texts import Texts, read_templates, texts_of
from publisher.store import clock
from publisher.store.codec import load
from publisher.store.database import Database, Tx
from publisher.store.tables import artefact, bulletin, contact, endpoint, warning
from publisher.store.versions import Packs
from publisher.work import bulletins

log = structlog.get_logger()

BLANK = "____________"
HOUR = 3
"""Written once a night, in the pack's zone, from this hour on."""
KEPT = 14
LOOK_SECONDS = 300.0
_SLOT = re.compile(r"⟦\w+:\w+⟧")
_MEDIA = ((Medium.SMS, "body"), (Medium.STATION, "script"), (Medium.STATION, "crawl"))


@dataclass(frozen=True, slots=True)
class Live:
    """One warning in force: `texts` are (name, final text)."""

    title: str
    public_id: str
    issued: str
    expires: str
    texts: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Person:
    """One post of the telephone tree with its ways, the first one first."""

    name: str
    role: str
    on_duty: bool
    ways: Sequence[str]


async def write(tx: Tx, pack: Pack, templates: Path, folder: Path) -> Path:
    """Write `breakglass.html` and `.txt` (0600: they hold people's numbers) to a folder of today's date; which one."""
    now = (await clock.now(tx)).astimezone(ZoneInfo(pack.about.time_zone))
    values = {
        "language": pack.language,
        "w": _words(templates, pack.language),
        "centre": said(pack.units[pack.about.centre].name, pack.language),
        "made": f"{now:%Y-%m-%d %H:%M}",
        "live": await _live(tx, pack),
        "tree": await _tree(tx, pack),
        "blanks": tuple(blanks(pack, _texts(pack, templates), _words(templates, pack.language), now)),
    }
    today = folder / f"{now:%Y-%m-%d}"
    today.mkdir(parents=True, exist_ok=True, mode=0o700)
    environment = Environment(
        loader=FileSystemLoader(templates / "reports"),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in ("breakglass.html", "breakglass.txt"):
        _put(today / name, environment.get_template(name).render(values))
    return today


def _texts(pack: Pack, templates: Path) -> Texts:
    return texts_of({**read_templates(templates), **pack.templates})


def _words(templates: Path, language: str) -> Mapping[str, str]:
    for one in (language, language.partition("-")[0], "en"):
        path = templates / "reports" / f"words.{one}.yaml"
        if path.is_file():
            words: Mapping[str, str] = catalogue.load(path.read_text("utf-8"))
            return words
    raise LookupError(f"no reports/words.{language}.yaml")


def _put(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    part.replace(path)


async def _live(tx: Tx, pack: Pack) -> tuple[Live, ...]:
    wanted = select(bulletin).join(warning, warning.c.current == bulletin.c.id).where(bulletin.c.state == "released")
    found = []
    for row in (await tx.execute(wanted.order_by(bulletin.c.rank.desc(), bulletin.c.released))).all():
        one = bulletins.of(row)
        issued, expires = (_local(at, pack) for at in (row.released, row.expires))
        found.append(Live(_title(one.content, pack), row.public_id, issued, expires, await _final(tx, row.id)))
    return tuple(found)


def _local(at: datetime, pack: Pack) -> str:
    return f"{at.astimezone(ZoneInfo(pack.about.time_zone)):%Y-%m-%d %H:%M}"


def _title(content: Content, pack: Pack) -> str:
    tongue = pack.language
    hazard = pack.hazards.get(content.hazard)
    levels = ", ".join(dict.fromkeys(said(pack.level[one.level].name, tongue) for one in content.sections))
    areas = [
        said(pack.areas[code].name, tongue) for one in content.sections for code in one.areas if code in pack.areas
    ]
    return f"{said(hazard.name, tongue) if hazard else content.hazard} · {levels} · {', '.join(areas)}"


async def _final(tx: Tx, wanted: str) -> tuple[tuple[str, str], ...]:
    rows = await tx.execute(
        select(artefact.c.name, artefact.c.final)
        .where(artefact.c.bulletin == wanted, artefact.c.final.is_not(None), artefact.c.media_type.like("text/plain%"))
        .order_by(artefact.c.name)
    )
    return tuple((row.name, row.final.decode("utf-8", "replace")) for row in rows)


async def _tree(tx: Tx, pack: Pack) -> tuple[tuple[str, tuple[Person, ...]], ...]:
    """Posts by unit, in the pack's order of units."""
    ways: dict[str, list[str]] = {}
    wanted = select(endpoint.c.contact, endpoint.c.medium, endpoint.c.address).where(
        endpoint.c.contact.is_not(None), endpoint.c.mode == Mode.ACTUAL.value
    )
    for row in await tx.execute(wanted.order_by(endpoint.c.id)):
        ways.setdefault(row.contact, []).append(f"{row.medium} {row.address}")
    units: dict[str, list[Person]] = {}
    for row in await tx.execute(select(contact).order_by(contact.c.unit, contact.c.id)):
        one = load(Contact, row.body)
        units.setdefault(row.unit, []).append(Person(one.name, one.role, one.on_duty, ways.get(row.id, ())))
    named = {str(unit.id): said(unit.name, pack.language) for unit in pack.units.values()}
    order = sorted(units, key=lambda unit: (unit not in named, list(named).index(unit) if unit in named else 0))
    return tuple((named.get(unit, unit), tuple(units[unit])) for unit in order)


def blanks(pack: Pack, texts: Texts, words: Mapping[str, str], now: datetime) -> Iterator[tuple[str, str]]:
    """(name, text) of each level's message with blanks for what only the day can tell, in every language of the pack."""
    hazard = next(iter(pack.hazards.values()))
    blank = replace(hazard, name=dict.fromkeys(pack.about.languages, BLANK))
    paper = replace(pack, hazards={**pack.hazards, hazard.code: blank})
    for level in sorted(paper.levels, key=lambda one: -one.rank):
        for act in (Act.ISSUE, Act.LIFT):
            for language in paper.about.languages:
                said_of = Words(BLANK, BLANK, BLANK, BLANK)
                section = Section(level.id, (paper.about.root_area,), {language: said_of})
                content = Content(
                    act, Mode.ACTUAL, hazard.code, paper.about.centre, (section,), now + timedelta(hours=6)
                )
                for medium, field in _MEDIA:
                    asked = texts.fields(
                        medium,
                        content=content,
                        section=0,
                        language=language,
                        endpoint_class=EndpointClass.NEW,
                        pack=paper,
                        chain=_before(content, now) if act is Act.LIFT else Chain(),
                    )
                    name = f"{words[act.value]} · {said(level.name, language)} · {medium.value} {field} · {language}"
                    yield name, _SLOT.sub(BLANK, asked[field])


def _before(content: Content, now: datetime) -> Chain:
    """What a blank lift lifts: the same, issued."""
    issue = replace(content, act=Act.ISSUE)
    nobody = OfficerId("")
    one = Bulletin(BulletinId("b"), WarningId("w"), 1, "released", issue, "", nobody, nobody)
    issued = Issued(one, "", now)
    return Chain((issued,), issued)


class Nightly:
    """Writes tonight's folder once, and throws the oldest ones away."""

    def __init__(self, db: Database, packs: Packs, templates: Path, folder: Path) -> None:
        self._db, self._packs, self._templates, self._folder = db, packs, templates, folder

    async def run(self) -> None:
        """Look every few minutes; the process border for a database or disk that is away."""
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("nothing written for the case that the hub is gone")
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> Path | None:
        """Write what is due; where, or None when there is nothing to do."""
        async with self._db.read() as tx:
            pack = await self._packs.active(tx)
            now = (await clock.now(tx)).astimezone(ZoneInfo(pack.about.time_zone))
            if now.hour < HOUR or (self._folder / f"{now:%Y-%m-%d}" / "breakglass.txt").exists():
                return None
            made = await write(tx, pack, self._templates, self._folder)
        for old in sorted(self._folder.glob("????-??-??"))[:-KEPT]:
            for file in old.iterdir():
                file.unlink()
            old.rmdir()
        return made
