"""The typhoon night as pull kinds see it: released bulletins with their final files, and the places that show them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from channels.base import Entry, Surface
from publisher.model.bulletin import Chain, Content
from publisher.model.directory import Endpoint
from publisher.model.pack import Pack
from publisher.model.slots import fill
from publisher.model.words import Act, AreaCode, EndpointClass, EndpointId, Language, Medium, Mode, UnitId
from publisher.render import led
from publisher.render.texts import Texts, read_templates
from tests.kit import typhoon_night as night

ROOT = Path(__file__).parent.parent.parent
FONT = ROOT / "assets" / "fonts" / "unifontex.woff"
LOOKS = ("192x18", "128x32")
URL = "https://warnings.example"


@cache
def _texts() -> Texts:
    return Texts(read_templates(ROOT / "templates"))


def entry(content: Content, number: int, *, minutes_ago: int = 0, looks: Sequence[str] = LOOKS) -> Entry:
    """`content` as released before NIGHT, with crawl, script and panels in both languages."""
    pack = night.pack()
    made = night.bulletin(content, number)
    at = (night.NIGHT - timedelta(minutes=minutes_ago)).astimezone(UTC)
    files: dict[str, tuple[str, bytes]] = {}
    for language in pack.about.languages:
        spoken = [_words(content, Medium.STATION, n, language, pack) for n in range(len(content.sections))]
        for name, field in (("crawl", "crawl"), ("radio", "script")):
            body = _filled("\n".join(one[field] for one in spoken), at, made.public_id)
            files[f"{name}.{language}.txt"] = ("text/plain", body.encode())
        for section in range(len(content.sections)):
            words = _words(content, Medium.SCREEN, section, language, pack)
            text = _filled(words["body"], at, made.public_id)
            for look in looks:
                files |= _panel(content, section, language, look, text, words["label"], pack)
    ended = at + timedelta(hours=6)
    return Entry(made, made.public_id, at, not content.act.ends, max(ended, content.expires), files)


def _words(content: Content, medium: Medium, section: int, language: Language, pack: Pack) -> dict[str, str]:
    found = _texts().fields(
        medium,
        content=content,
        section=section,
        language=language,
        endpoint_class=EndpointClass.NEW,
        pack=pack,
        chain=Chain(),
    )
    return dict(found)


def _filled(text: str, at: datetime, public_id: str) -> str:
    return fill(text, issued=at, public_id=public_id, zone=ZoneInfo("Asia/Shanghai"))


def _panel(
    content: Content, section: int, language: Language, look: str, text: str, label: str, pack: Pack
) -> dict[str, tuple[str, bytes]]:
    level = pack.level[content.sections[section].level]
    paint = {"ink": level.ink, "glyph": level.glyph, "label": label}
    made = led.artefacts(text, look, level.id, level.colour, level.rank, 6, FONT, **paint)
    return {f"led.{section}.{language}.{suffix}": (media_type, body) for suffix, media_type, body, _ in made}


def screen(
    address: str = "screen-1",
    *areas: AreaCode,
    look: str = "192x18",
    language: Language = night.ZH,
    mode: Mode = Mode.ACTUAL,
    **profile: str,
) -> Endpoint:
    """A sign in the first town unless said otherwise."""
    width, _, height = look.partition("x")
    size = {"width": width, "height": height} if height else {}
    return Endpoint(
        id=EndpointId(address),
        medium=Medium.SCREEN,
        address=address,
        areas=areas or (night.NORTH,),
        unit=UnitId("town"),
        language=language,
        mode=mode,
        profile={**size, **profile},
    )


def surface(
    entries: Iterable[Entry] = (),
    endpoints: Iterable[Endpoint] = (),
    *,
    exercise: bool = False,
    pack: Pack | None = None,
    now: datetime = night.NIGHT,
) -> Surface:
    """What a pull kind is given, newest entry first."""
    listed = sorted(entries, key=lambda one: one.issued, reverse=True)
    return Surface(listed, tuple(endpoints), pack or night.pack(), now, URL, exercise, 7, night.trust())


def four_signals(mode: Mode = Mode.ACTUAL, *, looks: Sequence[str] = LOOKS) -> list[Entry]:
    """Typhoon red over everything, rainstorm and gale orange, lightning yellow: one night, one panel."""
    signals = (("red", "11B01", 5), ("orange", "11B03", 12), ("orange", "11B06", 9), ("yellow", "11B14", 60))
    return [
        entry(
            night.content(Act.ISSUE, night.section(level, night.ROOT), hazard=hazard, mode=mode),
            number,
            minutes_ago=minutes,
            looks=looks,
        )
        for number, (level, hazard, minutes) in enumerate(signals, 1)
    ]


def with_display(**changed: object) -> Pack:
    """The pack with another rule in `displays.yaml`."""
    pack = night.pack()
    return replace(pack, displays=(replace(pack.displays[0], **changed),))  # type: ignore[arg-type]
