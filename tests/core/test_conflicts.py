"""What is said when another warning speaks of the same hazard, place and time?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from publisher.core import conflicts
from publisher.core.textually import alike
from publisher.model.bulletin import Bulletin, Content, Issued, Origin
from publisher.model.words import Act, AreaCode, BulletinId, Mode, OfficerId, SourceId, UnitId, WarningId
from tests.core.test_lint import bulletin
from tests.kit.alerts import DISTRICT, HUAMU, SENT, pack

ZHANGJIANG = AreaCode("310115125000")


def issued(content: Content, warning: str = "theirs") -> Issued:
    who = OfficerId("ann")
    made = Bulletin(BulletinId("b"), WarningId(warning), 1, "released", content, "", who, who)
    return Issued(made, "310115-1", SENT)


def of(unit: str, content: Content | None = None) -> Content:
    return replace(content or bulletin(), unit=UnitId(unit))


def at(content: Content, *areas: AreaCode) -> Content:
    return replace(content, sections=(replace(content.sections[0], areas=areas),))


def from_source(content: Content, source: str, identifier: str, *, minutes: int = 0) -> Content:
    origin = Origin(
        SourceId(source), f"a-{source}", "浦东新区气象台", identifier, SENT + timedelta(minutes=minutes), True
    )
    return replace(content, origin=origin)


def what(mine: Content, theirs: Content, warning: str = "theirs") -> list[str]:
    return [one.what for one in conflicts.met(mine, "mine", [issued(theirs, warning)], pack())]


@pytest.mark.parametrize(
    ("mine", "theirs", "says"),
    [
        (of("water-bureau"), of("town-310115016"), ["update_theirs"]),
        (of("town-310115016"), of("centre"), ["superior"]),
        (of("centre"), of("town-310115016"), ["update_theirs"]),
        (of("water-bureau"), replace(of("centre"), mode=Mode.EXERCISE), []),
        (of("water-bureau"), of("town-310115125", at(bulletin(), ZHANGJIANG)), []),
        (of("water-bureau"), of("town-310115016", at(bulletin(), DISTRICT)), ["update_theirs"]),
        (of("water-bureau"), replace(of("centre"), act=Act.LIFT), []),
    ],
)
def test_what_meets_is_named_with_what_to_do(mine: Content, theirs: Content, says: list[str]) -> None:
    assert what(mine, theirs) == says


def test_one_that_begins_when_the_other_is_over_does_not_meet_it() -> None:
    later = replace(of("water-bureau"), onset=bulletin().expires, expires=bulletin().expires + timedelta(hours=6))
    assert what(later, of("town-310115016")) == []
    assert what(later, replace(of("town-310115016"), until_lifted=True)) == ["update_theirs"]


def test_a_chain_does_not_meet_itself() -> None:
    assert what(of("water-bureau"), of("town-310115016"), warning="mine") == []


def test_a_partner_above_is_a_superior_and_its_signal_beside_ours_by_rule() -> None:
    above = next(unit.id for unit in pack().units.values() if "up" in unit.tags)
    assert what(of("met-bureau"), of(above)) == ["superior"]
    mine = from_source(of("met-bureau"), "met-bureau", "1")
    theirs = from_source(of(above, bulletin(level="yellow")), "city-centre", "2")
    assert what(mine, theirs) == ["coexist"]


def test_one_alert_by_two_routes_is_told_from_two_alike_of_one_source() -> None:
    mine = from_source(bulletin(), "met-bureau", "x")
    assert alike(mine, from_source(bulletin(), "city-centre", "x"))
    assert alike(mine, from_source(bulletin(), "city-centre", "other", minutes=9))
    assert not alike(mine, from_source(bulletin(), "city-centre", "other", minutes=11))
    assert not alike(mine, from_source(bulletin(), "met-bureau", "other"))
    assert not alike(mine, from_source(bulletin(level="red"), "city-centre", "x"))


def test_ours_is_put_into_theirs_without_touching_what_is_left_of_it() -> None:
    theirs = at(bulletin(level="yellow"), HUAMU, ZHANGJIANG).sections
    ours = at(bulletin(level="red"), HUAMU).sections
    made = conflicts.merged(theirs, ours, pack())
    assert [(one.level, one.areas) for one in made] == [("red", (HUAMU,)), ("yellow", (ZHANGJIANG,))]
