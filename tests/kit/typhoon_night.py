"""A small made-up district with four live hazards: the pack, bulletins and chains that rendering tests share."""

from datetime import UTC, datetime, timedelta, timezone
from functools import cache

from channels.base import Trust
from publisher.formats import seal
from publisher.formats.sign import make_key
from publisher.model.bulletin import Bulletin, Chain, Content, Issued, Origin, Section, Words
from publisher.model.pack import About, Display, Hazard, Intake, Level, Lint, Pack, PackArea, Unit
from publisher.model.words import (
    Act,
    AreaCode,
    BulletinId,
    HazardClass,
    HazardCode,
    Language,
    LevelId,
    Mode,
    OfficerId,
    SourceId,
    UnitId,
    WarningId,
)

ZH, EN = Language("zh"), Language("en")
CHINA = timezone(timedelta(hours=8))
NIGHT = datetime(2026, 7, 21, 16, 18, tzinfo=CHINA)
ROOT, NORTH, EAST, SOUTH = (AreaCode(code) for code in ("310999", "310999001", "310999002", "310999003"))
STATION = UnitId("met")


def _level(name: str, rank: int, zh: str, en: str, numeral: str, colour: str, closing: tuple[str, str]) -> Level:
    return Level(
        id=LevelId(name),
        rank=rank,
        name={"zh": zh, "en": en},
        numeral={"zh": numeral, "en": ""},
        colour=colour,
        ink="#FFFFFF" if rank in (1, 4) else "#000000",
        glyph={4: "▲", 3: "◆", 2: "●", 1: "■", 0: "i"}[rank],
        cap_severity="Severe",
        closing={"zh": closing[0], "en": closing[1]},
        lease_minutes=30,
    )


LEVELS = (
    _level(
        "red", 4, "红色", "Red", "Ⅰ级/特别严重", "#E60012",
        ("致灾风险极高，请特别加强防范。", "Act now: stay away from danger."),
    ),
    _level("orange", 3, "橙色", "Orange", "Ⅱ级/严重", "#F39800", ("请特别加强防范。", "Take action.")),
    _level("yellow", 2, "黄色", "Yellow", "Ⅲ级/较重", "#FFE100", ("请加强防范。", "Be prepared.")),
    _level("blue", 1, "蓝色", "Blue", "Ⅳ级/一般", "#0068B7", ("请注意防范。", "Be aware.")),
    _level("notice", 0, "提示", "Notice", "", "#9E9E9E", ("", "")),
)  # fmt: skip

HAZARDS = {
    "11B01": ("台风", "Typhoon"),
    "11B03": ("暴雨", "Rainstorm"),
    "11B06": ("大风", "Gale"),
    "11B14": ("雷电", "Lightning"),
}


def pack(*, languages: tuple[Language, ...] = (ZH, EN)) -> Pack:
    """The district's pack: three towns below one root, one met station, levels red to notice."""
    names = {ROOT: ("海滨区", "Seaside"), NORTH: ("北山街道", "Northhill"), EAST: ("东湖镇", "Eastlake")}
    names[SOUTH] = ("南桥镇", "Southbridge")
    areas = {
        code: PackArea(code, {"zh": zh, "en": en}, "town", None if code == ROOT else ROOT)
        for code, (zh, en) in names.items()
    }
    return Pack(
        hash="0" * 64,
        about=_about(languages),
        levels=LEVELS,
        hazards={HazardCode(code): _hazard(code, zh, en) for code, (zh, en) in HAZARDS.items()},
        areas=areas,
        units={STATION: Unit(STATION, {"zh": "海滨区气象台", "en": "Seaside Met Station"}, "met", None, (ROOT,))},
        phrases=(),
        intake=Intake(),
        flows=(),
        standing=(),
        waves=(),
        audiences={},
        displays=(_display(),),
        lint=Lint(),
        lines={},
    )


def _about(languages: tuple[Language, ...]) -> About:
    return About(
        id="seaside",
        name={"zh": "海滨区预警信息发布中心", "en": "Seaside Warning Centre"},
        centre=UnitId("centre"),
        languages=languages,
        time_zone="Asia/Shanghai",
        root_area=ROOT,
        identifier_prefix="310999",
        cap_sender="warnings@example.org",
        area_scheme="example",
        sms_signature={"zh": "海滨预警", "en": "Seaside"},
        exercise_mark={"zh": "【演练】", "en": "EXERCISE."},
        exercise_mark_sms={"zh": "（演练）", "en": "EXERCISE."},
    )


def _hazard(code: str, zh: str, en: str) -> Hazard:
    levels = tuple(level.id for level in LEVELS)
    return Hazard(HazardCode(code), {"zh": zh, "en": en}, HazardClass.NATURAL, levels, STATION, "Met")


def _display() -> Display:
    return Display(
        id="street",
        preempt_rank=4,
        page_seconds=6,
        max_items=2,
        idle={"zh": "海滨区：目前无预警", "en": "Seaside: no warning in force"},
        safe={"zh": "请收听广播", "en": "Listen to the radio"},
        more={"zh": "另有{count}条预警", "en": "{count} more in force"},
    )


WORDS = {
    ZH: Words(
        "海滨区发布暴雨预警",
        "受较强的降水云团影响，预计未来6小时将出现一小时雨量60毫米以上的短时强降水",
        "低洼地区居民请减少外出，远离积水路段",
    ),
    EN: Words(
        "Rainstorm warning for Seaside",
        "More than 60 mm of rain in one hour is expected within the next 6 hours",
        "Stay indoors and keep away from flooded streets",
    ),
}


def section(level: str = "orange", *areas: AreaCode, words: dict[Language, Words] | None = None) -> Section:
    """One section; the two northern towns unless said otherwise."""
    return Section(LevelId(level), areas or (NORTH, EAST), WORDS if words is None else words)


def content(
    act: Act = Act.ISSUE,
    *sections: Section,
    mode: Mode = Mode.ACTUAL,
    hazard: str = "11B03",
    note: str = "",
    origin: Origin | None = None,
    names: str = "",
    hours: int = 6,
) -> Content:
    """A bulletin's content, in force for `hours` after NIGHT."""
    return Content(
        act=act,
        mode=mode,
        hazard=HazardCode(hazard),
        unit=STATION,
        sections=sections or (section(),),
        expires=NIGHT + timedelta(hours=hours),
        note=note,
        contact="+86 100 0000 0001",
        origin=origin,
        names=BulletinId(names) if names else None,
    )


def bulletin(what: Content, number: int = 1, version: int = 1) -> Bulletin:
    """A released bulletin of warning `w-<number>`."""
    one = OfficerId("officer")
    return Bulletin(
        id=BulletinId(f"b-{number}-{version}"),
        warning=WarningId(f"w-{number}"),
        version=version,
        state="released",
        content=what,
        pack="0" * 64,
        drafter=one,
        editor=one,
        public_id=f"310999-20260721-{number:05d}{version}",
    )


def issued(what: Content, *, minutes_ago: int = 60, version: int = 1) -> Issued:
    """`what` as it went out before NIGHT."""
    made = bulletin(what, version=version)
    return Issued(made, made.public_id, (NIGHT - timedelta(minutes=minutes_ago)).astimezone(UTC))


def chain(*steps: Issued, restores: Issued | None = None) -> Chain:
    """A chain whose newest step is in force."""
    return Chain(issued=steps, standing=steps[-1] if steps else None, restores=restores)


def relayed(identifier: str = "310000_20260721161800", *, alert: str = "a-1") -> Origin:
    """Where a relayed signal came from: the station said it at NIGHT."""
    return Origin(SourceId("met"), alert, "met.example.org", identifier, NIGHT, relay=True)


@cache
def keys() -> tuple[bytes, bytes]:
    """A sealing key and a CAP certificate, PEM."""
    return seal.make_key(), make_key("centre")[1]


def trust() -> Trust:
    """How the night's pages prove where they are from."""
    private, certificate = keys()
    return Trust(lambda body: seal.seal(body, private), seal.public_of(private), certificate)
