"""Can the floors of approval be lowered by nobody?"""

from datetime import timedelta

import pytest

from publisher.core.approval import Case, Denied, floors, may_end, may_sign
from publisher.model.directory import Officer
from publisher.model.pack import FlowStep
from publisher.model.plan import PlannedWave
from publisher.model.words import Act, ApprovalKind, Lane, Mode
from tests.kit.county import NOW, county, officer

DIGEST = "d" * 64
SIGN = FlowStep("sign", {"en": "Sign"}, ("leader",))


def case(rank: int = 4) -> Case:
    return Case("ann", "bob", county().about.centre, rank, Act.ISSUE, DIGEST, NOW + timedelta(minutes=10))


def codes(
    who: Officer,
    *,
    step: FlowStep = SIGN,
    signed: tuple[str, ...] = (),
    digest: str = DIGEST,
    kind: ApprovalKind = ApprovalKind.SIGNED,
    late: timedelta = timedelta(0),
    rank: int = 4,
) -> set[str]:
    denied: tuple[Denied, ...] = may_sign(
        who, step, case=case(rank), pack=county(), signed=signed, digest=digest, kind=kind, now=NOW + late
    )
    return {one.code for one in denied}


def test_another_person_with_the_role_may_sign() -> None:
    assert codes(officer("eve", "leader")) == set()


@pytest.mark.parametrize("who", ["ann", "bob"], ids=["drafter", "last editor"])
def test_who_wrote_it_may_not_sign_it(who: str) -> None:
    assert codes(officer(who, "leader")) == {"distinct"}


def test_nobody_signs_two_steps_of_one_wave() -> None:
    assert codes(officer("eve", "leader"), signed=("eve",)) == {"distinct"}


def test_every_reason_is_given_at_once() -> None:
    late = timedelta(hours=1)
    found = codes(officer("ann", "viewer"), digest="x", kind=ApprovalKind.ATTESTED, late=late)
    assert found == {"digest", "stale", "distinct", "role", "attested"}


def test_a_yes_by_phone_counts_only_where_the_flow_says_so() -> None:
    by_phone = FlowStep("sign", {"en": "Sign"}, ("leader",), attested=True)
    assert codes(officer("eve", "leader"), step=by_phone, kind=ApprovalKind.ATTESTED) == set()
    assert codes(officer("eve", "leader"), kind=ApprovalKind.ATTESTED) == {"attested"}


def test_the_step_says_whose_unit_signs() -> None:
    elsewhere = next(unit for unit in county().units if unit != county().about.centre)
    visitor = Officer(officer("eve").id, "eve", frozenset({"leader"}), elsewhere)
    centre_signs = FlowStep("sign", {"en": "Sign"}, ("leader",), unit="centre")
    assert codes(visitor, step=centre_signs) == {"unit"}
    assert codes(visitor) == set()


def wave(*steps: FlowStep, standing: str = "") -> PlannedWave:
    return PlannedWave("w", {}, "f", {}, steps, standing, Lane.RED, ())


@pytest.mark.parametrize("act", [Act.ISSUE, Act.UPDATE])
def test_a_pack_cannot_let_a_grave_warning_out_unsigned(act: Act) -> None:
    problem = floors(wave(), act=act, mode=Mode.ACTUAL, rank=4, pack=county())
    assert problem is not None and problem.blocks
    assert floors(wave(SIGN, SIGN), act=act, mode=Mode.ACTUAL, rank=4, pack=county()) is None
    assert floors(wave(standing="relay"), act=act, mode=Mode.ACTUAL, rank=4, pack=county()) is None


@pytest.mark.parametrize("act", [Act.LIFT, Act.RETRACT])
def test_one_authorised_person_takes_a_warning_back(act: Act) -> None:
    assert floors(wave(), act=act, mode=Mode.ACTUAL, rank=4, pack=county()) is None
    assert may_end(officer("eve", "reviewer")) == ()
    assert may_end(officer("eve", "drafter", "viewer"))
