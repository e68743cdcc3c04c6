"""The typhoon night: signals relayed without a click, one street at red, three hazards at once, and nobody woken for nothing."""

from sqlalchemy import select

from publisher.model.words import Act
from publisher.store.tables import wave
from publisher.work import submit
from tests.kit.night import Night, night, part

HUAMU, ZHANGJIANG = "310115016000", "310115125000"
DISTRICT = "310115000000"


def typhoon(level: str, said: str) -> dict[str, object]:
    return {
        "sender": "浦东新区气象台",
        "hazard": "11B01",
        "level": level,
        "areas": [DISTRICT],
        "headline": f"浦东新区气象台{said}",
        "description": f"受台风影响，预计本区将有8级以上大风，{said}，请加强防范",
    }


async def waves(at: Night, wanted: str) -> dict[str, str]:

    async with at.on.run.hub.db.read() as tx:
        rows = await tx.execute(select(wave.c.rule, wave.c.state).where(wave.c.bulletin == wanted))
        return {row.rule: row.state for row in rows}


async def test_the_typhoon_night() -> None:
    async with night() as at:
        numbers = {str(one.id): one.address for one in await at.phones()}
        street, other = numbers["town-310115016-sms"], numbers["town-310115125-sms"]

        # 18:30 and 02:34: two signals go to site, screens and duty desks without a click; the texts wait for a signature.
        blue = await at.from_alert(await at.hear("met-bureau", typhoon("blue", "发布台风蓝色预警")))
        await submit.submit(at.on.run.hub, blue.id, by=at.who("drafter"))
        await at.settle()
        assert await waves(at, blue.id) == {"publish": "released", "amplify-duty": "approving"}
        assert await at.told(blue, "wecom")
        assert await at.told(blue, "sms") == {}
        yellow = await at.from_alert(await at.hear("met-bureau", typhoon("yellow", "更新台风蓝色预警为台风黄色预警")))
        assert (yellow.warning, yellow.content.act) == (blue.warning, Act.UPDATE)
        yellow = await at.through(yellow)
        assert "台风黄色预警" in at.newest(street)

        # 16:18: rain over two towns; 03:40: one street alone to red. The other town sleeps on.
        rain = await at.publish(await at.content(part("yellow", HUAMU, ZHANGJIANG)))
        before = len(at.letters(other))
        red = await at.update(rain, part("red", HUAMU), part("yellow", ZHANGJIANG))
        assert "更新暴雨黄色为暴雨红色预警" in at.newest(street)
        assert len(at.letters(other)) == before
        assert {name for name in await at.told(red) if name.startswith("town-")} == {"town-310115016-sms"}

        # It is over for the street first: a partial lift, and the rest goes on.
        rest = await at.update(red, part("yellow", ZHANGJIANG))
        assert "解除" in at.newest(street)
        assert len(at.letters(other)) == before
        over = await at.end(rest, Act.LIFT)
        assert "解除" in at.newest(other)
        assert over.state == "released"
        assert (await at.seen(yellow.id)).state == "released"
