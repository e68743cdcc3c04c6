"""Facts and rules for tests of policy: one fact, and packs that hold only the rules a test is about."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from publisher.core.policy import Fact
from publisher.model.pack import Flow, Matcher, Pack, Standing, WaveRule
from publisher.model.words import Act, HazardClass, HazardCode, LevelId, Mode, SourceId, UnitId
from tests.kit.alerts import HUAMU, pack

ZONE = ZoneInfo("Asia/Shanghai")
NIGHT = datetime(2026, 7, 21, 2, 34, tzinfo=ZONE)
FACT = Fact(
    hazard=HazardCode("11B03"),
    hazard_class=HazardClass.NATURAL,
    level=LevelId("yellow"),
    unit=UnitId("met-bureau"),
    areas=(HUAMU,),
    source=SourceId("met-bureau"),
    act=Act.ISSUE,
    mode=Mode.ACTUAL,
    wave="",
    at=NIGHT,
)


def matcher(**lists: Any) -> Matcher:
    """A matcher from lists."""
    return Matcher(**{name: tuple(values) for name, values in lists.items()})


def wave(name: str, *, go_on: bool = True, **when: Any) -> WaveRule:
    """A wave's rule without ways."""
    return WaveRule(
        name, {"zh": name, "en": name}, matcher(**when), (), go_on, {"zh": f"因为{name}", "en": f"for {name}"}
    )


def with_rules(
    *, waves: tuple[WaveRule, ...] = (), flows: tuple[Flow, ...] = (), standing: tuple[Standing, ...] = ()
) -> Pack:
    """The Pudong pack with these rules only, on lines 10 and on of their files."""
    names = {
        "channels.yaml": [one.id for one in waves],
        "flows.yaml": [*(one.id for one in flows), *(one.id for one in standing)],
    }
    lines = {f"{file}:{name}": 10 + at for file, ids in names.items() for at, name in enumerate(ids)}
    return replace(pack(), waves=waves, flows=flows, standing=standing, lines=lines)
