"""Thirty-nine towns: one raised, two added, one left, one that failed before. Does each hear what is new to it, and no more?"""

from collections.abc import Iterable

from publisher.model.bulletin import Bulletin
from publisher.model.pack import Pack
from publisher.model.words import Act, AreaCode
from publisher.store import directory
from publisher.work import bulletins
from tests.kit.night import Night, night, part

HUAMU = "310115016000"


def towns(pack: Pack) -> list[AreaCode]:
    """Thirty-nine of the places right below the district, the street at red first."""
    below = [code for code in pack.children[pack.about.root_area] if code != HUAMU]
    return [AreaCode(HUAMU), *below][:39]


def desk_of(town: str) -> str:
    return f"town-{town[:9]}-sms"


async def spared(at: Night, one: Bulletin) -> int:
    """How many phones the plan does not wake."""
    async with at.on.run.hub.db.read() as tx:
        plan = (await bulletins.row_of(tx, one.id)).plan
    ways = (way for wave in plan["waves"] for way in wave["ways"] if way["medium"] == "sms")
    return sum(way["unchanged"] for way in ways)


async def phones(at: Night) -> dict[str, str]:
    """Endpoint id -> number."""
    async with at.on.run.hub.db.read() as tx:
        return {one.id: one.address for one in await directory.endpoints(tx, mode="actual")}


def desks(of: Iterable[str]) -> set[str]:
    return {one for one in of if one.startswith("town-") and one.endswith("-sms")}


async def test_each_town_hears_what_is_new_to_it_and_no_other_is_woken() -> None:
    async with night() as at:
        raised, left, failed, *same, added, also = towns(at.pack)
        numbers = await phones(at)
        at.fault(channel="kannel", address=numbers[desk_of(failed)], fault="absent")
        first = await at.publish(await at.content(part("yellow", raised, left, failed, *same)))
        told = await at.told(first)
        assert told[desk_of(failed)] == "failed"
        assert len(desks(told)) == 37

        at.well()
        second = await at.update(first, part("red", raised), part("yellow", failed, *same, added, also))
        told = await at.told(second)
        assert desks(told) == {desk_of(one) for one in (raised, left, failed, added, also)}

        texts = {town: at.newest(numbers[desk_of(town)]) for town in (raised, left, failed, added, also, same[0])}
        assert "更新暴雨黄色为暴雨红色预警" in texts[raised]
        for town in (failed, added, also):
            assert "发布暴雨黄色预警" in texts[town]
            assert "更新" not in texts[town]
        assert "解除" in texts[left]
        assert at.pack.areas[left].name["zh"] in texts[left]
        assert len(at.letters(numbers[desk_of(same[0])])) == 1
        assert "为黄色" in at.newest(numbers["met-bureau-sms"])
        assert await spared(at, second) >= len(same)


async def test_a_partial_lift_and_a_skipped_level_end_as_they_read() -> None:
    async with night() as at:
        one, two, three, *_ = towns(at.pack)
        numbers = await phones(at)
        first = await at.publish(await at.content(part("red", one), part("orange", two, three)))
        second = await at.update(first, part("yellow", one), part("orange", three))
        texts = {town: at.newest(numbers[desk_of(town)]) for town in (one, two, three)}
        assert "更新暴雨红色为暴雨黄色预警" in texts[one]
        assert "解除" in texts[two]
        assert "暴雨橙色预警" in texts[two]
        assert "红色" not in texts[two]
        assert len(at.letters(numbers[desk_of(three)])) == 1
        await at.end(second, Act.LIFT)
        assert "解除" in at.newest(numbers[desk_of(three)])
        assert "暴雨橙色" in at.newest(numbers[desk_of(three)])
        assert "暴雨黄色" in at.newest(numbers[desk_of(one)])
