"""The chemical leak: one street at red on a leader's word by telephone, two more when the wind turns, three told it is over."""

from dataclasses import replace

from publisher.model.bulletin import Words
from publisher.model.directory import Officer
from publisher.model.words import Act, ApprovalKind, AreaCode, HazardCode, Language
from publisher.work import approve, submit
from publisher.work.approve import Yes
from publisher.work.bulletins import Conflict, Refused
from tests.kit.night import Night, night, part

HUAMU, ZHANGJIANG = "310115016000", "310115125000"
LEAK = "某厂区发生氯气泄漏，现场风向东南，气体正向居民区扩散"
BY_PHONE = {"who": "区政府值班领导", "how": "phone", "number": "+86 100 0000 0001"}


async def test_the_chemical_leak_night() -> None:
    async with night() as at:
        numbers = {str(one.id): one.address for one in await at.phones()}
        desks = {code: numbers[f"town-{code[:9]}-sms"] for code in (HUAMU, ZHANGJIANG)}

        # 22:45: nobody has typed what to do, and there is no English: the pack says what, and English follows later.
        street = part("red", HUAMU)
        street = replace(street, words={Language("zh"): Words("", LEAK)})
        made = await at.draft(await at.content(street, hazard="12D02"))
        one = await submit.submit(at.on.run.hub, made.id, by=at.who("drafter"))
        await approve.approve(at.on.run.hub, one.id, Yes(one.digest), by=at.who("reviewer"))

        # 22:46: the leader says yes by telephone; an officer who did not draft it records that.
        yes = Yes(one.digest, kind=ApprovalKind.ATTESTED, evidence=BY_PHONE)
        recorded = [who for who in at.on.officers if "leader" in who.roles and await _counts(at, one.id, yes, who)]
        assert recorded
        await at.settle()
        text = at.newest(desks[HUAMU])
        advice = at.pack.hazards[HazardCode("12D00")].guidance[street.level]["zh"][:12]
        assert text.index(advice) < text.index(LEAK)
        assert at.letters(desks[ZHANGJIANG]) == []

        # 23:05: the wind turns. Those added read a first issue; the street, for which nothing changed, is not woken.
        before = len(at.letters(desks[HUAMU]))
        wider = replace(street, areas=(*street.areas, AreaCode(ZHANGJIANG)))
        second = await at.update(await at.seen(made.id), wider)
        assert "更新" not in at.newest(desks[ZHANGJIANG])
        assert "发布" in at.newest(desks[ZHANGJIANG])
        assert len(at.letters(desks[HUAMU])) == before

        # 01:30: it is over for everybody who was told.
        await at.end(second, Act.LIFT)
        assert all("解除" in at.newest(desk) for desk in desks.values())


async def _counts(at: Night, wanted: str, yes: Yes, who: Officer) -> bool:
    try:
        await approve.approve(at.on.run.hub, wanted, yes, by=who)
    except (Refused, Conflict):
        return False
    return True
