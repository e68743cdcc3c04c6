"""Does everyone get the text that fits what they saw before, and nobody a wider one?"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core.audience import members
from publisher.core.planning import draft
from publisher.model.bulletin import Bulletin, Chain, Content, Issued, Origin, Seen
from publisher.model.directory import Endpoint
from publisher.model.pack import Audience
from publisher.model.words import (
    Act,
    BulletinId,
    EndpointClass,
    EndpointId,
    HazardCode,
    Mode,
    OfficerId,
    SourceId,
    UnitId,
    WarningId,
)
from tests.kit.county import NO_CHAIN, NOW, content, county, level, phone, section, towns

ALL = Audience("all", {"en": "All"})
WIDE = Audience("wide", {"en": "Wide"}, scope="touching")


def issued(what: Content, version: int = 1, *, state: str = "released") -> Issued:
    who = OfficerId("ann")
    return Issued(
        Bulletin(BulletinId(f"b-{version}"), WarningId("w"), version, state, what, county().hash, who, who),
        f"EX-{version}",
        NOW,
    )


def chain(*steps: Content, seen: Mapping[int, tuple[int, ...]] | None = None, unsure: tuple[int, ...] = ()) -> Chain:
    """`steps` went out one after the other; phone number -> the versions it got."""
    out = tuple(issued(one, version) for version, one in enumerate(steps, 1))
    got = {EndpointId(f"phone-{n}"): Seen(had, sure=n not in unsure) for n, had in (seen or {}).items()}
    return Chain(out, out[-1], None, got)


def after(old: Content, *reached: int) -> Chain:
    """A chain in which `old` stands and the phones of these numbers got it."""
    return chain(old, seen=dict.fromkeys(reached, (1,)))


def classes(
    new: Content, before: Chain, *phones: Endpoint, pull: bool = False, audience: Audience = ALL
) -> dict[str, EndpointClass]:
    found = members(new, phones, audience, pack=county(), chain=before, pull=pull)
    return {one.endpoint.id: one.endpoint_class for one in found}


def test_an_issue_reaches_the_warned_places_only() -> None:
    one, two, *_ = towns()
    assert classes(content(section(4, one)), NO_CHAIN, phone(1, one), phone(2, two)) == {"phone-1": EndpointClass.NEW}


def test_one_town_raised_one_added_one_left_one_that_failed_before() -> None:
    raised, added, left, failed, same, *_ = towns()
    old = content(section(2, raised, left, failed, same))
    new = content(section(4, raised), section(2, added, failed, same), act=Act.UPDATE)
    phones = [phone(n, town) for n, town in enumerate((raised, added, left, failed, same), 1)]
    assert classes(new, after(old, 1, 3, 5), *phones) == {
        "phone-1": EndpointClass.RAISED,
        "phone-2": EndpointClass.NEW,
        "phone-3": EndpointClass.LEFT,
        "phone-4": EndpointClass.NEW,
        "phone-5": EndpointClass.UNCHANGED,
    }


def test_a_changed_text_at_the_same_level_is_told_and_a_lower_level_too() -> None:
    one, two, *_ = towns()
    old = content(section(3, one, two))
    new = content(section(3, one, text="It will be longer."), section(2, two), act=Act.UPDATE)
    found = classes(new, after(old, 1, 2), phone(1, one), phone(2, two))
    assert found == {"phone-1": EndpointClass.CHANGED, "phone-2": EndpointClass.LOWERED}


def test_a_lift_goes_to_those_who_may_have_it_and_to_nobody_else() -> None:
    one, *_ = towns()
    lift = content(section(4, one), act=Act.LIFT)
    found = classes(lift, after(content(section(4, one)), 1), phone(1, one), phone(2, one))
    assert found == {"phone-1": EndpointClass.LEFT}


def test_what_is_fetched_always_shows_the_full_state() -> None:
    one, *_ = towns()
    same = content(section(4, one), act=Act.UPDATE)
    assert set(classes(same, after(content(section(4, one)), 1), phone(1, one)).values()) == {EndpointClass.UNCHANGED}
    assert classes(same, after(content(section(4, one)), 1), phone(1, one), pull=True)


def test_a_longer_end_alone_is_told_to_everybody_but_wakes_nobody_beside_another_change() -> None:
    one, two, *_ = towns()
    old = content(section(2, one, two))
    longer = replace(old, act=Act.UPDATE, expires=old.expires + timedelta(hours=3))
    phones = phone(1, one), phone(2, two)
    assert set(classes(longer, after(old, 1, 2), *phones).values()) == {EndpointClass.CHANGED}
    raised = replace(longer, sections=(section(4, one), section(2, two)))
    assert classes(raised, after(old, 1, 2), *phones) == {
        "phone-1": EndpointClass.RAISED,
        "phone-2": EndpointClass.UNCHANGED,
    }


def test_a_level_may_be_skipped_both_ways() -> None:
    one, two, *_ = towns()
    old = content(section(4, one), section(2, two))
    new = content(section(2, one), section(4, two), act=Act.UPDATE)
    assert classes(new, after(old, 1, 2), phone(1, one), phone(2, two)) == {
        "phone-1": EndpointClass.LOWERED,
        "phone-2": EndpointClass.RAISED,
    }


def test_whoever_missed_the_version_in_force_reads_the_new_one_as_a_first_issue() -> None:
    one, *_ = towns()
    before = chain(content(section(2, one)), content(section(3, one), act=Act.UPDATE), seen={1: (1,), 2: (1, 2)})
    new = content(section(4, one), act=Act.UPDATE)
    assert classes(new, before, phone(1, one), phone(2, one)) == {
        "phone-1": EndpointClass.NEW,
        "phone-2": EndpointClass.RAISED,
    }


def test_whoever_was_spared_an_unchanged_version_is_not_taken_to_have_missed_it() -> None:
    one, two, *_ = towns()
    first = content(section(2, one, two))
    second = content(section(3, one), section(2, two), act=Act.UPDATE)
    third = content(section(4, one), section(2, two, text="It lasts."), act=Act.UPDATE)
    before = chain(first, second, seen={1: (1, 2), 2: (1,)})
    assert classes(third, before, phone(1, one), phone(2, two)) == {
        "phone-1": EndpointClass.RAISED,
        "phone-2": EndpointClass.CHANGED,
    }


def test_what_is_still_on_its_way_spares_nobody_the_new_version() -> None:
    one, *_ = towns()
    old = content(section(2, one))
    same = replace(old, act=Act.UPDATE)
    unsure = chain(old, seen={1: (1,)}, unsure=(1,))
    assert classes(same, unsure, phone(1, one)) == {"phone-1": EndpointClass.NEW}


def test_whoever_never_heard_that_it_is_over_for_them_hears_it_with_the_next_version() -> None:
    one, two, *_ = towns()
    first = content(section(2, one, two))
    second = content(section(2, one), act=Act.UPDATE)
    third = content(section(4, one), act=Act.UPDATE)
    before = chain(first, second, seen={1: (1, 2), 2: (1,), 3: (1, 2)})
    found = classes(third, before, phone(1, one), phone(2, two), phone(3, two))
    assert found == {"phone-1": EndpointClass.RAISED, "phone-2": EndpointClass.LEFT}


def test_a_department_that_sees_several_sections_hears_of_a_change_in_the_lesser_one() -> None:
    one, two, three, *_ = towns()
    old = content(section(4, one), section(2, two))
    new = content(section(4, one), section(2, two, three), act=Act.UPDATE)
    office = phone(1, county().about.root_area)
    assert classes(new, after(old, 1), office, audience=WIDE) == {"phone-1": EndpointClass.CHANGED}
    (member,) = members(new, [office], WIDE, pack=county(), chain=after(old, 1), pull=False)
    assert (member.meaning.section, member.meaning.whole) == (0, True)


def test_a_retract_is_for_those_who_may_have_got_what_it_takes_back() -> None:
    one, two, *_ = towns()
    right, wrong = content(section(2, one, two)), content(section(4, one), section(2, two), act=Act.UPDATE)
    before = chain(right, wrong, seen={1: (1, 2), 2: (1,)})
    back = replace(wrong, act=Act.RETRACT, names=BulletinId("b-2"))
    assert classes(back, before, phone(1, one), phone(2, two)) == {"phone-1": EndpointClass.LEFT}


def test_after_a_retract_the_next_version_is_held_against_what_was_put_back() -> None:
    one, *_ = towns()
    right, wrong = content(section(2, one)), content(section(4, one), act=Act.UPDATE)
    back = replace(wrong, act=Act.RETRACT, names=BulletinId("b-2"))
    steps = issued(right), issued(wrong, 2, state="retracted"), issued(back, 3)
    seen = {EndpointId("phone-1"): Seen((1, 2, 3))}
    new = content(section(3, one), act=Act.UPDATE)
    assert classes(new, Chain(steps, steps[0], None, seen), phone(1, one)) == {"phone-1": EndpointClass.RAISED}


@pytest.mark.parametrize("rank", [2, 3, 4])
def test_a_lift_speaks_of_the_section_that_each_reader_last_saw(rank: int) -> None:
    one, two, *_ = towns()
    first = content(section(4, one), section(rank, two))
    second = content(section(4, one), act=Act.UPDATE)
    lift = replace(second, act=Act.LIFT, names=BulletinId("b-2"))
    before = chain(first, second, seen={1: (1, 2), 2: (1,)})
    found = {
        member.endpoint.id: member.meaning
        for member in members(lift, [phone(1, one), phone(2, two)], ALL, pack=county(), chain=before, pull=False)
    }
    assert (found[EndpointId("phone-1")].section, found[EndpointId("phone-1")].past) == (0, False)
    told = found[EndpointId("phone-2")]
    assert told.past
    assert before.past[told.section][1].areas == (two,)


def test_a_screen_that_left_is_served_by_the_sections_of_the_lift_itself() -> None:
    one, two, *_ = towns()
    first = content(section(4, one), section(2, two))
    second = content(section(4, one), act=Act.UPDATE)
    lift = replace(second, act=Act.LIFT, names=BulletinId("b-2"))
    before = chain(first, second, seen={1: (1,)})
    (member,) = members(lift, [phone(1, two)], ALL, pack=county(), chain=before, pull=True)
    assert (member.meaning.section, member.meaning.past) == (0, False)


@given(st.data())
def test_an_endpoint_of_another_mode_is_never_taken(data: st.DataObject) -> None:
    modes = st.sampled_from(Mode)
    wanted, has = data.draw(modes), data.draw(modes)
    one = data.draw(st.sampled_from(towns()))
    found = classes(content(section(4, one), mode=wanted), NO_CHAIN, phone(1, one, mode=has))
    assert bool(found) is (wanted is has)


@given(st.lists(st.sampled_from(range(5)), min_size=1, max_size=3), st.integers(0, 4))
def test_nobody_outside_the_areas_is_ever_told(chosen: list[int], at: int) -> None:
    warned = [towns()[number] for number in chosen]
    found = classes(content(section(4, *warned)), NO_CHAIN, phone(1, towns()[at]))
    assert bool(found) is (towns()[at] in warned)


def test_an_update_that_names_less_than_stands_says_where_the_old_one_ends() -> None:
    raised, kept, gone, *_ = towns()
    before = after(content(section(3, raised, kept, gone)), 1)
    for now, ends in (
        (content(section(4, raised), section(3, kept), act=Act.UPDATE), [gone]),
        (content(section(4, raised, kept, gone), act=Act.UPDATE), []),
    ):
        plan = draft(now, pack=county(), endpoints=[], chain=before, channels={}, now=NOW)
        told = [one.told["places"] for one in plan.problems if one.code == "PLACES_LEFT"]
        assert told == [(county().areas[place].name["en"],) for place in ends]


@pytest.mark.parametrize(("rank", "places", "signed_ahead"), [(3, 1, False), (3, 2, True), (2, 1, True)])
def test_a_graver_text_that_names_less_than_stands_is_looked_at_by_a_person(
    rank: int, places: int, signed_ahead: bool
) -> None:
    """Red in one lane seldom means that orange is over in the rest; a text of the same level says what is left."""
    relay = Origin(SourceId("weather-office"), "a-1", "met.example.org", "1", NOW, relay=True)
    what = {"hazard": HazardCode("RAIN"), "unit": UnitId("weather"), "origin": relay}
    before = after(replace(content(section(2, *towns()[:2])), **what), 1)  # type: ignore[arg-type]
    now = replace(content(section(rank, *towns()[:places]), act=Act.UPDATE), **what)  # type: ignore[arg-type]
    (rule,) = county().standing
    pack = replace(county(), standing=(replace(rule, when=replace(rule.when, level=(level(2), level(3)))),))
    plan = draft(now, pack=pack, endpoints=[], chain=before, channels={}, now=NOW)
    assert any(one.standing for one in plan.waves) is signed_ahead
