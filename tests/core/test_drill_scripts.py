"""Is an exercise script checked whole before it begins, and its alerts exercises whatever they say?"""

import json
from datetime import UTC, datetime

import pytest

from publisher.core import drills
from publisher.core.pack_errors import PackRefused
from publisher.model.directory import Source
from publisher.model.words import UnitId
from tests.kit.county import county

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
SOURCES = {"river-board": object()}
GOOD = """
name: Autumn flood
injects:
  - {at: 5, source: river-board, alert: {sender: Example River Board, hazard: FLOOD, status: Actual, expires: '+90'}}
  - {at: 0, says: The gauge rises.}
"""


def script(body: str) -> drills.Script:
    return drills.read(body.encode(), county(), SOURCES)


def test_injects_come_in_the_order_of_their_minutes() -> None:
    assert [one.at for one in script(GOOD).injects] == [0, 5]


def test_an_alert_is_an_exercise_whatever_it_says_and_its_times_are_from_now() -> None:
    made = json.loads(drills.raw(script(GOOD).injects[1], "drill-1", 1, NOW))
    assert made["status"] == "Exercise"
    assert made["identifier"] == "drill-1-1"
    assert made["expires"] == "2026-11-26T13:30:00+00:00"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("river-board, alert", "nobody, alert"), "there is no source nobody"),
        (("at: 5", "at: 5000"), "minutes after the start"),
        (("says: The gauge rises.", "says: ''"), "either `alert` or `says`"),
        (("The gauge rises.", "This is not a drill."), "must not say that it is none"),
        (("name: Autumn flood", "name: Autumn flood\ncolour: red"), "unknown key"),
        (("at: 0", "at: soon"), "whole number"),
    ],
)
def test_every_mistake_is_named_with_its_line(change: tuple[str, str], says: str) -> None:
    with pytest.raises(PackRefused) as refused:
        script(GOOD.replace(*change))
    assert [error for error in refused.value.errors if says in error.message and error.line > 0]


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(PackRefused) as refused:
        script(GOOD.replace("river-board, alert", "nobody, alert").replace("at: 0", "at: 9999"))
    assert len(refused.value.errors) == 2


def test_an_alert_that_would_be_refused_is_told_with_its_minute() -> None:
    rises = "The river rises quickly. " * 3
    board = Source("river-board", UnitId("rivers"), frozenset({"Example River Board"}), (), 4, ())
    made = GOOD.replace("FLOOD, status", f"LAVA, level: purple, area_words: Narnia, description: {rises}, status")
    told = drills.check(made.replace("at: 0", "at: 9999").encode(), county(), {"river-board": board}, NOW)
    refused = [one for one in told if one.code == "INJECT_REFUSED"]
    assert {one.told["finding"] for one in refused} >= {"HAZARD_UNKNOWN", "LEVEL_UNKNOWN", "AREA_UNKNOWN"}
    assert all(" minute 5, river-board: " in str(one) and one.line > 1 for one in refused)
    assert [one.code for one in told if one not in refused] == ["INJECT_AT"]
    good = GOOD.replace("FLOOD,", f"FLOOD, level: red, areas: [EX-01-001], description: {rises},")
    assert drills.check(good.encode(), county(), {"river-board": board}, NOW) == ()


def test_an_empty_exercise_is_none() -> None:
    with pytest.raises(PackRefused):
        script("name: Nothing\ninjects: []\n")
