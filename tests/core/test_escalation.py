"""Who stands in when nobody answers, after how long, and is nobody told twice? And: where may numbers go, who comes first?"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

import pytest

from channels.base import Traits
from publisher.core import planning
from publisher.core.escalation import escalated
from publisher.model.directory import Contact, Endpoint
from publisher.model.pack import Answers, Pack
from publisher.model.plan import Group, PlannedWay, TextKey
from publisher.model.words import ContactId, EndpointClass, EndpointId, Language, Medium, Mode, UnitId
from publisher.work.freeze import spread, turns
from tests.kit import county as kit
from tests.kit.county import NO_CHAIN, NOW, content, county, section, towns

THEN = ("endpoints", "deputies", "unit")
TRAITS = {
    name: Traits(kind, medium, pull=kind in ("feed", "led", "broadcast"), region="home")
    for name, kind, medium in (
        ("web", "feed", Medium.FEED),
        ("led-a", "led", Medium.SCREEN),
        ("broadcast-a", "broadcast", Medium.STATION),
        ("wecom-a", "wecom", Medium.WECOM),
        ("sms-a", "sms", Medium.SMS),
        ("sms-b", "sms", Medium.SMS),
    )
}
TOWN = next(one for one in county().units.values() if one.kind == "town" and one.parent)


def asking(then: Sequence[str] = THEN) -> Pack:
    """The county, whose duty desks on WeCom are asked to answer within five minutes; and which texts nobody by itself."""
    pack = county()
    wave = next(one for one in pack.waves if any(way.medium is Medium.WECOM for way in one.ways))
    way = next(way for way in wave.ways if way.medium is Medium.WECOM)
    wanted = replace(way, answers=Answers(5, 95, "contacts", tuple(then)))  # type: ignore[arg-type]
    sms = next(way for rule in pack.waves for way in rule.ways if way.medium is Medium.SMS)
    quiet = replace(pack.waves[-1], id="never", when=replace(pack.waves[-1].when, hazard=("none",)), ways=(sms,))
    return replace(pack, waves=(replace(wave, ways=(wanted,), go_on=False), quiet))


def endpoint(name: str, medium: Medium, contact: str, unit: str, *, role: str = "duty") -> Endpoint:
    one = kit.phone(1, towns()[0], role=role)
    return replace(one, id=EndpointId(name), medium=medium, address=name, contact=ContactId(contact), unit=UnitId(unit))


PEOPLE = {
    "post": Contact(ContactId("post"), "Post", "duty", TOWN.id, deputies=(ContactId("deputy"),)),
    "deputy": Contact(ContactId("deputy"), "Deputy", "warden", TOWN.id),
    "above": Contact(ContactId("above"), "Above", "duty", UnitId(str(TOWN.parent))),
}
PHONES = (
    endpoint("post-wecom", Medium.WECOM, "post", TOWN.id),
    endpoint("post-sms", Medium.SMS, "post", TOWN.id),
    endpoint("deputy-sms", Medium.SMS, "deputy", TOWN.id, role="warden"),
    endpoint("above-sms", Medium.SMS, "above", str(TOWN.parent)),
)


def planned(pack: Pack, phones: Sequence[Endpoint] = PHONES) -> list[PlannedWay]:
    what = content(section(4, towns()[0]))
    draft = planning.draft(what, pack=pack, endpoints=phones, chain=NO_CHAIN, channels=TRAITS, now=NOW)
    waves = escalated(draft.waves, pack=pack, endpoints=phones, contacts=PEOPLE, channels=TRAITS, mode=Mode.ACTUAL)
    return [way for wave in waves for way in wave.ways]


def told(way: PlannedWay) -> set[str]:
    return {one for group in way.groups for one in group.endpoints}


def test_their_own_other_phones_then_deputies_then_the_unit_above_one_deadline_after_the_other() -> None:
    first, *waiting = planned(asking())
    assert told(first) == {"post-wecom"}
    assert dict(first.asks) == {"post": towns()[0]}
    assert [(way.wait_minutes, told(way)) for way in waiting] == [
        (5, {"post-sms"}),
        (10, {"deputy-sms"}),
        (15, {"above-sms"}),
    ]
    assert all(stands == ("post",) for way in waiting for stands in way.stands_for.values())


def test_who_is_told_anyway_stands_in_for_nobody() -> None:
    chief = replace(PHONES[3], medium=Medium.WECOM)
    found = planned(asking(), (*PHONES[:3], chief))
    assert [told(way) for way in found if way.wait_minutes] == [{"post-sms"}, {"deputy-sms"}]


def test_a_phone_of_another_mode_never_stands_in() -> None:
    drill = replace(PHONES[1], mode=Mode.EXERCISE)
    assert [told(way) for way in planned(asking(["endpoints"]), (PHONES[0], drill))] == [{"post-wecom"}]


@pytest.mark.parametrize("region", ["abroad", ""])
def test_numbers_that_must_stay_at_home_block_a_channel_elsewhere_and_the_rule_is_named(region: str) -> None:
    pack = county()
    kept = {one: replace(audience, regions=("home",)) for one, audience in pack.audiences.items()}
    away = {**TRAITS, "sms-b": replace(TRAITS["sms-b"], region=region)}
    draft = planning.draft(
        content(section(4, towns()[0])),
        pack=replace(pack, audiences=kept),
        endpoints=[kit.phone(1, towns()[0])],
        chain=NO_CHAIN,
        channels=away,
        now=NOW,
    )
    found = [one for one in draft.problems if one.code == "REGION"]
    assert found and all(one.blocks and "sms-b" in one.message and "audiences.yaml:" in one.where for one in found)


def test_weights_deal_turns_smoothly_and_keep_the_failover_order() -> None:
    dealt = list(islice(turns(("a", "b", "c"), (3, 1, 1)), 10))
    assert [one[0] for one in dealt].count("a") == 6
    assert max(len(run) for run in "".join(one[0] for one in dealt).replace("b", " ").replace("c", " ").split()) <= 3
    assert {tuple(one) for one in dealt} == {("a", "b", "c"), ("b", "c", "a"), ("c", "a", "b")}
    assert list(islice(turns(("a", "b"), ()), 3)) == [("a", "b")] * 3


@pytest.mark.parametrize(("canaries", "size"), [(0, 3), (2, 3), (5, 3), (9, 4), (1, 100)])
def test_canaries_stand_first_in_the_batches_and_nobody_is_lost(canaries: int, size: int) -> None:
    key = TextKey("sms", Medium.SMS, 0, Language("en"), EndpointClass.NEW)
    ids = tuple(EndpointId(f"c-{n}" if n < canaries else f"e-{n}") for n in range(10))
    dealt = list(spread(Group(key, ids, canaries=canaries), size))
    assert sorted(one for batch in dealt for one in batch) == sorted(ids)
    assert [batch[0].startswith("c-") for batch in dealt] == sorted(
        (batch[0].startswith("c-") for batch in dealt), reverse=True
    )
    assert sum(batch[0].startswith("c-") for batch in dealt) == min(canaries, len(dealt))
