"""Alerts and sources for tests of classification: one plain alert, changed where a test is about something else."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from publisher.core.intake import Classified, classify
from publisher.core.packs import load
from publisher.model.alert import Alert, AlertArea, Info, Reading
from publisher.model.directory import Source
from publisher.model.finding import Finding
from publisher.model.pack import Pack
from publisher.model.words import AreaCode, Language, UnitId
from publisher.store.packs import read_folder

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
DISTRICT = AreaCode("310115000000")
HUAMU = AreaCode("310115016000")
ZH, EN = Language("zh"), Language("en")
SENT = datetime.fromisoformat("2026-07-21T16:18:00+08:00")
NOW = SENT + timedelta(seconds=20)
MET = Source("met", UnitId("met-bureau"), frozenset({"浦东新区气象台"}), ("11B*",), 4, (DISTRICT,), relay=True)
COUNTY = Source("weather", UnitId("weather"), frozenset({"*@weather.example"}), (), 4, ())


@lru_cache
def pack(name: str = "pudong") -> Pack:
    """A pack of this repository, read once."""
    return load(read_folder(ROOT / "policies" / name))


INFO = Info(
    language="zh-CN",
    categories=("Met",),
    event="暴雨",
    response_types=(),
    urgency="Expected",
    severity="Unknown",
    certainty="Likely",
    headline="浦东新区发布暴雨橙色预警",
    description="预计未来六小时将出现强降水，请注意防范。",
    expires=SENT + timedelta(hours=6),
    areas=(AlertArea("花木街道"),),
)
ALERT = Alert("t-1", "浦东新区气象台", SENT, "Actual", "Alert", "Public", infos=(INFO,))


def alert(*, infos: tuple[Info, ...] = (), **changes: Any) -> Alert:
    """The plain alert: fields of Alert and, by the same names, of its only info."""
    own = {name: changes.pop(name) for name in list(changes) if name in Alert.__dataclass_fields__}
    return replace(ALERT, **own, infos=infos or (replace(INFO, **changes),))


def reading(of: Alert | None, *findings: Finding, form: Any = "cap12") -> Reading:
    """A reading of it, as a format would give it."""
    return Reading(form, of, findings, "0" * 64)


def made(source: Source = MET, *, now: datetime = NOW, anywhere: bool = False, **changes: Any) -> Classified:
    """The plain alert, changed, classified under the Pudong pack."""
    return classify(reading(alert(**changes)), source, pack(), now, anywhere=anywhere)


def at(*codes: str, name: str = "GB/T 2260") -> tuple[AlertArea, ...]:
    """One area given by codes alone."""
    return (AlertArea("", geocodes=tuple((name, code) for code in codes)),)


def named(words: str) -> tuple[AlertArea, ...]:
    """One area given in words."""
    return (AlertArea(words),)


def codes(found: Classified) -> set[str]:
    """The codes of all its findings."""
    return {one.code for one in found.findings}


def refusals(found: Classified) -> set[str]:
    """The codes of the findings that refuse."""
    return {one.code for one in found.findings if one.refuses}


def areas(found: Classified) -> set[AreaCode]:
    """All places of its sections."""
    return {area for section in found.sections for area in section.areas}


def levels(found: Classified) -> list[str]:
    """The levels of its sections, in order."""
    return [section.level for section in found.sections]
