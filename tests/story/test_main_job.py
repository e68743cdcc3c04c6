"""Does one alert's whole life run, on real code, from the file to the last receipt?"""

import json
import re
from pathlib import Path

import pytest

from publisher.model.words import Act
from publisher.story.options import Options
from publisher.story.refusal import at_the_door
from publisher.story.result import Story
from publisher.story.run import replay, story

FIXTURES = Path(__file__).parent / "fixtures"
FIXED = [
    *("cap.xml", "cap.cn.xml", "rss.xml", "atom.xml", "feed.json", "page.html"),
    *("sms.txt", "wechat.json", "wecom.json", "crawl.json", "radio.txt", "led.json", "led.png"),
]
CLOSED = {"accepted", "delivered", "shown", "acknowledged"}
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


def fixture(name: str) -> bytes:
    return (FIXTURES / name).read_bytes()


def texts(folder: Path) -> list[tuple[str, str]]:
    return [(file.name, file.read_text("utf-8")) for file in folder.iterdir() if file.suffix != ".png"]


def released(told: Story) -> Story:
    assert told.refused == []
    assert told.release is not None
    return told


@pytest.mark.parametrize("redis", [True, False], ids=["with a bell", "without Redis"])
async def test_an_alert_runs_to_the_end_of_every_delivery(redis: bool, tmp_path: Path) -> None:
    told = released(await story(fixture("rainstorm.xml"), Options(out=tmp_path, redis=redis)))
    assert told.decision is not None
    assert (told.decision.hazard, told.decision.level) == ("11B03", "orange")
    assert told.decision.areas == ["310115016000", "310115125000"]
    assert {one.state for one in told.deliveries} <= CLOSED
    assert {one.channel for one in told.deliveries} >= {"sms-a", "wecom-a", "wechat-a", "web", "led-a", "broadcast-a"}
    assert sorted(told.artefacts) == sorted(FIXED)
    assert all((tmp_path / name).stat().st_size for name in FIXED)


async def test_what_was_signed_was_signed_by_different_people_than_the_drafter(tmp_path: Path) -> None:
    told = released(await story(fixture("rainstorm.xml"), Options(redis=False)))
    assert told.decision is not None
    for wave in told.decision.waves:
        signers = [who for step in wave.steps for who in step.signed_by]
        assert len(signers) == len(set(signers)) == sum(step.quorum for step in wave.steps)
    assert any(wave.steps for wave in told.decision.waves)


async def test_sms_goes_only_to_the_warned_towns() -> None:
    told = released(await story(fixture("rainstorm.xml"), Options(redis=False)))
    screens = [one.endpoint for one in told.deliveries if one.channel == "led-a"]
    assert 0 < len(screens) < 10


async def test_an_area_outside_is_refused_with_the_reason() -> None:
    told = await story(fixture("elsewhere.xml"), Options(redis=False))
    assert told.alert.outcome == "refused"
    assert {one.code for one in told.alert.findings if one.refuses} & {"AREA_OUTSIDE_JURISDICTION", "AREA_UNKNOWN"}
    assert told.refused
    assert told.deliveries == []


@pytest.mark.parametrize("file", ["elsewhere.xml", "rainstorm.xml", "flood_en.xml"])
async def test_what_is_refused_at_the_door_is_what_a_hub_would_refuse_in_the_same_words(file: str) -> None:
    raw, options = fixture(file), Options(redis=False)
    told = at_the_door(raw, options)
    assert (told is None) == (file == "rainstorm.xml")
    if told is not None:
        whole = await story(raw, options)
        assert (told.alert, told.refused) == (whole.alert, whole.refused)


@pytest.mark.parametrize("act", list(Act)[1:])
async def test_a_chain_goes_on(act: Act, tmp_path: Path) -> None:
    told = released(await story(fixture("rainstorm.xml"), Options(act=act, out=tmp_path, redis=False)))
    assert told.decision is not None
    assert told.decision.act == act
    assert told.deliveries
    assert {one.state for one in told.deliveries} <= CLOSED
    led = json.loads((tmp_path / "led.json").read_text("utf-8"))
    assert (led["state"] == "warning") is (act is Act.UPDATE)


async def test_any_senders_alert_runs_to_the_end_anywhere() -> None:
    told = released(await story(fixture("flood_en.xml"), Options(anywhere=True, redis=False)))
    assert told.deliveries


async def test_another_county_shows_no_chinese_character_anywhere(tmp_path: Path) -> None:
    options = Options(pack="example-county", anywhere=True, out=tmp_path, redis=False)
    told = released(await story(fixture("flood_en.xml"), options))
    assert not CHINESE.search(told.model_dump_json())
    assert [name for name, text in texts(tmp_path) if CHINESE.search(text)] == []


async def test_a_series_forms_chains() -> None:
    def line(number: int, minute: int, level: str, act: str) -> bytes:
        alert = {
            "sender": "met@pudong.example.cn",
            "identifier": f"series-{number}",
            "sent": f"2026-07-21T16:{minute:02d}:00+08:00",
            "hazard": "11B03",
            "level": level,
            "act": act,
            "area_words": "花木街道",
            "headline": f"暴雨{number}",
            "description": f"预计未来六小时花木街道将出现强降水，第{number}次通报。",
            "instruction": "请远离积水。",
        }
        return json.dumps(alert, ensure_ascii=False).encode()

    lines = [line(1, 0, "yellow", "issue"), line(2, 20, "orange", "update"), line(3, 40, "orange", "lift")]
    told = [released(one) async for one in replay(lines, Options(redis=False))]
    assert [one.decision.act for one in told if one.decision] == ["issue", "update", "lift"]
    assert all(one.deliveries for one in told)
