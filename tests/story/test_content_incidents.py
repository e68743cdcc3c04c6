"""Accidents of others that concern text, area and exercise: each would happen here again if its guard were taken away."""

from dataclasses import replace
from datetime import timedelta

import pytest

from publisher.model.bulletin import Content, Section, Words
from publisher.model.words import Act, AreaCode, Language, LevelId, Mode
from publisher.work import bulletins, submit
from publisher.work.submit import Blocked
from tests.kit.night import Night, night, part

HUAMU = "310115016000"
ALERT = {
    "hazard": "11B03",
    "level": "yellow",
    "areas": [HUAMU],
    "headline": "花木街道暴雨黄色预警",
    "description": "预计未来6小时花木街道将出现强降水，请加强防范",
}


async def blocked(at: Night, content: Content) -> set[str]:
    """Submit a draft that must not go out; the codes that stop it."""
    made = await at.draft(content)
    with pytest.raises(Blocked) as stop:
        await submit.submit(at.on.run.hub, made.id, by=at.who("drafter"))
    assert (await at.seen(made.id)).state == "draft"
    return {one.code for one in stop.value.problems}


async def test_los_angeles_2025_an_area_that_was_lost_refuses_and_never_becomes_everywhere() -> None:
    async with night() as at:
        lost = replace(part("orange", HUAMU), areas=())
        assert "AREA_EMPTY" in await blocked(at, await at.content(lost))
        unknown = replace(part("orange", HUAMU), areas=(AreaCode("310115999000"),))
        assert "AREA_UNKNOWN" in await blocked(at, await at.content(unknown))
        one = await at.publish(await at.content(part("orange", HUAMU)))
        told = {name for name in await at.told(one) if name.startswith(("town-", "cadre-"))}
        assert told
        assert all(HUAMU[:9] in name for name in told)


async def test_chongqing_2021_a_test_is_no_live_warning_whatever_somebody_forgets_to_type() -> None:
    async with night() as at:
        live = await at.content(part("red", HUAMU), hazard="00000")
        assert "TEST_HAZARD_IN_ACTUAL" in await blocked(at, live)
        worded = await at.content(part("red", HUAMU, zh="预计将有大风，本条为测试"))
        assert "TEST_WORDS_IN_ACTUAL" in await blocked(at, worded)
        drill = await at.publish(await at.content(part("red", HUAMU), mode=Mode.EXERCISE))
        told = await at.told(drill)
        assert told
        assert all(name.endswith("-x") for name in told)
        assert "（演练）" in at.letters("+8610000000144")[-1].text


async def test_luzhou_2021_what_a_machine_sends_does_not_go_out_by_itself() -> None:
    async with night() as at:
        quake = {"sender": "浦东新区应急管理局", "hazard": "11C02", "level": "red", "description": "监测到8.1级地震"}
        made = await at.from_alert(await at.hear("emergency-bureau", ALERT | quake))
        done = await submit.submit(at.on.run.hub, made.id, by=at.who("drafter"))
        await at.settle()
        assert done.state == "submitted"
        assert await at.told(done) == {}


async def test_florida_2023_a_test_for_screens_wakes_no_phone_and_none_at_night() -> None:
    async with night() as at:
        test = at.pack.public_tests[0]
        words = {
            Language(one): Words(test.headline[one], test.description[one], test.instruction[one])
            for one in ("zh", "en")
        }
        section = Section(LevelId(test.level), (at.pack.about.root_area,), words)
        content = replace(await at.content(section, mode=Mode.TEST), hazard=test.hazard)
        local_hour = (await at.now() + timedelta(hours=8)).hour
        await at.later(timedelta(hours=(28 - local_hour) % 24))
        content = replace(content, expires=await at.now() + timedelta(hours=20))
        assert "TEST_HOURS" in await blocked(at, content)
        await at.later(timedelta(hours=6))
        content = replace(content, expires=await at.now() + timedelta(hours=6))
        assert "TEST_NOT_FIXED" in await blocked(at, replace(content, sections=(part("notice", HUAMU),)))
        one = await at.publish(content)
        assert one.state == "released"
        assert await at.told(one, "sms") == {}


async def test_warntag_2020_one_alert_by_two_routes_is_one_warning() -> None:
    async with night() as at:
        direct = await at.hear("met-bureau", ALERT | {"sender": "浦东新区气象台"})
        first = await at.from_alert(direct)
        again = await at.hear("demo", ALERT | {"sender": "浦东新区气象台", "note": "city relay"})
        second = await at.from_alert(again)
        assert (second.id, second.warning) == (first.id, first.warning)


async def test_warntag_2020_an_all_clear_goes_to_nobody_who_saw_no_warning() -> None:
    async with night() as at:
        one = await at.publish(await at.content(part("yellow", HUAMU)))
        told = await at.told(one)
        strangers = [one.address for one in await at.phones() if one.id not in told]
        await at.end(one, Act.LIFT)
        assert strangers
        assert [address for address in strangers if at.letters(address)] == []
        orphan = await at.hear("met-bureau", ALERT | {"sender": "浦东新区气象台", "act": "lift", "hazard": "11B06"})
        with pytest.raises(bulletins.Conflict, match="nothing in force"):
            await at.from_alert(orphan)
