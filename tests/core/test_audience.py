"""Does everyone get the text that fits what they saw before, and nobody a wider one?"""

from hypothesis import given
from hypothesis import strategies as st

from publisher.core.audience import members
from publisher.model.bulletin import Bulletin, Chain, Content, Issued
from publisher.model.directory import Endpoint
from publisher.model.pack import Audience
from publisher.model.words import Act, BulletinId, EndpointClass, Mode, OfficerId, WarningId
from tests.kit.county import NO_CHAIN, NOW, content, county, phone, section, towns

ALL = Audience("all", {"en": "All"})


def after(old: Content, *reached: str) -> Chain:
    """A chain in which `old` stands and `reached` got it."""
    who = OfficerId("ann")
    stood = Bulletin(BulletinId("b"), WarningId("w"), 1, "released", old, county().hash, who, who)
    issued = Issued(stood, "EX-1", NOW)
    return Chain((issued,), issued, None, frozenset(reached))


def classes(new: Content, chain: Chain, *phones: Endpoint, pull: bool = False) -> dict[str, EndpointClass]:
    found = members(new, phones, ALL, pack=county(), chain=chain, pull=pull)
    return {one.endpoint.id: one.endpoint_class for one in found}


def test_an_issue_reaches_the_warned_places_only() -> None:
    one, two, *_ = towns()
    assert classes(content(section(4, one)), NO_CHAIN, phone(1, one), phone(2, two)) == {"phone-1": EndpointClass.NEW}


def test_one_town_raised_one_added_one_left_one_that_failed_before() -> None:
    raised, added, left, failed, same, *_ = towns()
    old = content(section(2, raised, left, failed, same))
    new = content(section(4, raised), section(2, added, failed, same), act=Act.UPDATE)
    phones = [phone(n, town) for n, town in enumerate((raised, added, left, failed, same), 1)]
    chain = after(old, "phone-1", "phone-3", "phone-5")
    assert classes(new, chain, *phones) == {
        "phone-1": EndpointClass.RAISED,
        "phone-2": EndpointClass.NEW,
        "phone-3": EndpointClass.LEFT,
        "phone-4": EndpointClass.NEW,
    }


def test_a_changed_text_at_the_same_level_is_told_and_a_lower_level_too() -> None:
    one, two, *_ = towns()
    old = content(section(3, one, two))
    new = content(section(3, one, text="It will be longer."), section(2, two), act=Act.UPDATE)
    found = classes(new, after(old, "phone-1", "phone-2"), phone(1, one), phone(2, two))
    assert found == {"phone-1": EndpointClass.CHANGED, "phone-2": EndpointClass.LOWERED}


def test_a_lift_goes_to_those_who_may_have_it_and_to_nobody_else() -> None:
    one, *_ = towns()
    lift = content(section(4, one), act=Act.LIFT)
    found = classes(lift, after(content(section(4, one)), "phone-1"), phone(1, one), phone(2, one))
    assert found == {"phone-1": EndpointClass.LEFT}


def test_what_is_fetched_always_shows_the_full_state() -> None:
    one, *_ = towns()
    same = content(section(4, one), act=Act.UPDATE)
    assert classes(same, after(content(section(4, one)), "phone-1"), phone(1, one)) == {}
    assert classes(same, after(content(section(4, one)), "phone-1"), phone(1, one), pull=True)


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
