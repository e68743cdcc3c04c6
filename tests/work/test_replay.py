"""Does a replay of past warnings list every difference a changed pack makes, with its rule, line and cause?"""

import json
from collections.abc import Mapping

import pytest

from publisher.core.demo import load_demo
from publisher.core.pack_diff import diff
from publisher.core.packs import load
from publisher.render.texts import Texts, read_templates
from publisher.settings import resource
from publisher.work.replay import Report, Side, replay
from tests.kit.alerts import SHARED
from tests.kit.packs import files, line_of

OWN = read_templates(resource("templates"))
RAIN = {
    "headline": "浦东新区发布暴雨黄色预警",
    "warning_type": "暴雨",
    "level": "黄色",
    "area": "浦东新区",
    "published_at": "2026-07-03T05:44",
    "description": "浦东新区气象台2026年07月03日05时44分发布暴雨黄色预警[Ⅲ级/较重]:预计未来6小时本区将出现强降水。",
}
LEAK = {
    "sender": "浦东新区应急管理局",
    "sent": "2026-11-12T01:20:00+08:00",
    "event": "危险化学品泄漏",
    "headline": "浦东新区应急管理局发布危险化学品泄漏橙色预警",
    "level": "橙色",
    "areas": ["310115125000"],
    "description": "张江镇某厂发生氨气泄漏。",
    "instruction": "请关闭门窗，不要外出。",
}


def side(of: Mapping[str, bytes]) -> Side:
    pack = load(of)
    return Side(pack, Texts({**OWN, **pack.templates}))


def tried(file: str, old: str, new: str, *archive: object) -> Report:
    """The replay of an archive under the Pudong pack with one place changed."""
    before = files("pudong")
    assert old in before[file].decode()
    after = {**before, file: before[file].decode().replace(old, new, 1).encode()}
    demo = load_demo(before, load(before))
    return replay(
        {"archive.json": json.dumps(archive).encode()},
        old=side(before),
        new=side(after),
        changes=diff(before, after),
        sources=demo.sources,
        endpoints=demo.endpoints,
    )


def only(report: Report) -> Mapping[str, object]:
    (one,) = report.warnings
    return {each.question: each for each in one.differences}


ANSWER = ["task call-lesser.answer"]
CASES = [
    ("flows.yaml", "level: [orange]", "level: [orange, yellow]", RAIN, ["who signs amplify"]),
    (
        "flows.yaml",
        "deadline_minutes: 5\n",
        "deadline_minutes: 4\n",
        LEAK,
        ["who signs publish", "who signs amplify-all"],
    ),
    ("channels.yaml", "deadline_minutes: 20", "deadline_minutes: 25", RAIN, ["amplify: sms to sms-responsible"]),
    ("audiences.yaml", "duty, responsible, cadre]}", "duty]}", RAIN, ["amplify: sms to sms-responsible, who is meant"]),
    ("channels.yaml", "percent: 95", "percent: 80", RAIN, ["publish: wecom to duty-posts"]),
    ("channels.yaml", "weights: [3, 1]", "weights: [1, 3]", LEAK, ["amplify-all: sms to sms-everyone"]),
    ("levels.yaml", "review_minutes: 240", "review_minutes: 180", RAIN, ["clocks"]),
    ("duties.yaml", "within_minutes: 60\n        unit_kinds", "within_minutes: 45\n        unit_kinds", RAIN, ANSWER),
    ("responses.yaml", "grade: III", "grade: IV", RAIN, ["response proposed"]),
    ("reports.yaml", "to: [emergency-bureau]", "to: [city-centre]", RAIN, ["report file"]),
    ("levels.yaml", "nudge_minutes: 30", "nudge_minutes: 20", RAIN, ["clocks"]),
    ("pack.yaml", "quiet_rank: 2", "quiet_rank: 4", LEAK, ["pointed out as within quiet hours"]),
    ("pack.yaml", "single_signer_rank: 0", "single_signer_rank: 2", RAIN, ["signatures at least"]),
    ("pack.yaml", "  answer_minutes: 30", "  answer_minutes: 20", RAIN, ["at the desk"]),
    ("pack.yaml", "received_minutes: 10", "received_minutes: 5", RAIN, ["studios"]),
    ("pack.yaml", "ewc@pudong.example", "centre@pudong.example", RAIN, ["in CAP"]),
    ("displays.yaml", "page_seconds: 6", "page_seconds: 9", RAIN, ["on screens by default"]),
    ("filings.yaml", "PD-YJ-001, status: filed", "PD-YJ-001, status: refused", RAIN, ["filed with sms-a"]),
    ("responses.yaml", "roles: [leader, signer]", "roles: [leader]", RAIN, ["response proposed"]),
    ("units.csv", "met-bureau,浦东新区气象台", "met-bureau,浦东气象台", RAIN, ["duty flood-typhoon: monitor"]),
]


@pytest.mark.parametrize(("file", "old", "new", "warning", "questions"), CASES)
def test_a_changed_rule_shows_in_the_warnings_it_touches(
    file: str, old: str, new: str, warning: object, questions: list[str]
) -> None:
    found = only(tried(file, old, new, warning))
    assert set(questions) <= set(found)
    line = line_of(files("pudong"), file, old)
    for question in questions:
        causes = found[question].causes  # type: ignore[attr-defined]
        assert causes
        assert all(one.startswith(f"{file}:") for one in causes)
        assert any(abs(int(one.split(":")[1].split()[0]) - line) <= 3 for one in causes)


def test_a_level_taken_away_refuses_the_warning_and_says_why() -> None:
    old = "name: {zh: 龙卷风, en: Tornado}, hazard_class: natural, levels: [red, orange, yellow, blue]"
    tornado = {name: text.replace("暴雨", "龙卷风") for name, text in RAIN.items()}
    found = only(tried("hazards.yaml", old, old.replace("yellow, ", ""), tornado))
    assert "refused" in found["outcome"].after  # type: ignore[attr-defined]
    assert "LEVEL_NOT_FOR_HAZARD" in "".join(found)


def test_words_of_a_hub_written_text_are_compared_too() -> None:
    old = "closing: {zh: 请特别加强防范。"
    found = only(tried("levels.yaml", old, "closing: {zh: 请务必防范。", LEAK))
    texts = [one for one in found if one.startswith("text ")]
    assert texts
    assert all(any("levels.yaml" in cause for cause in found[one].causes) for one in texts)  # type: ignore[attr-defined]


def test_the_same_pack_makes_no_difference() -> None:
    report = tried("flows.yaml", "flows:", "flows:", RAIN, LEAK)
    assert len(report.warnings) == 2
    assert report.changed == ()


def test_what_is_no_warning_is_named_and_the_rest_is_replayed() -> None:
    report = tried("flows.yaml", "flows:", "flows:", RAIN, {"published_at": "yesterday"}, 7)
    assert len(report.warnings) == 1
    assert [one.place for one in report.unreadable] == ["archive.json#2", "archive.json#3"]


def test_all_of_july_is_replayed() -> None:
    path = SHARED / "data" / "pudong_warnings_2026.json"
    if not path.is_file():
        pytest.skip("skipped: no corpus")
    july = json.loads(path.read_text("utf-8"))
    report = tried("flows.yaml", "when: {level: [orange]}", "when: {level: [orange, yellow]}", *july)
    yellow = [one["headline"] for one in july if one["level"] == "黄色"]
    assert (len(report.warnings), report.unreadable) == (25, ())
    assert sorted(one.title for one in report.changed) == sorted(yellow)
