"""Does each floor of approval hold against a pack that tries to lower it, and does it bite only while its guard stands?"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core import approval as rules
from publisher.core import attest, planning
from publisher.core.approval import FLOORS, Case
from publisher.core.pack_errors import PackRefused
from publisher.core.packs import load
from publisher.model.bulletin import Bulletin, Chain, Content, Issued, Origin
from publisher.model.directory import Officer
from publisher.model.pack import Flow, FlowStep, Matcher, Pack
from publisher.model.plan import PlannedWave
from publisher.model.words import (
    Act,
    ApprovalKind,
    BulletinId,
    HazardCode,
    Lane,
    Mode,
    OfficerId,
    SourceId,
    UnitId,
    WarningId,
)
from tests.kit.county import NOW, content, county, level, officer, section, towns
from tests.kit.packs import edited

DIGEST = "d" * 64
LAX = replace(county(), about=replace(county().about, single_signer_rank=4))
"""A pack that wants one person to be enough for red."""
ANYBODY = FlowStep("sign", {"en": "Sign"}, ("drafter", "reviewer", "signer", "leader"), attested=True)


def case(rank: int = 4, act: Act = Act.ISSUE) -> Case:
    return Case("ann", "bob", str(county().about.centre), rank, act, DIGEST, NOW + timedelta(minutes=10))


def denied(who: Officer, *, rank: int = 4, kind: ApprovalKind = ApprovalKind.SIGNED, **values: object) -> set[str]:
    given = {"signed": (), "digest": DIGEST, "now": NOW, **values}
    found = rules.may_sign(who, ANYBODY, case=case(rank), pack=LAX, kind=kind, **given)  # type: ignore[arg-type]
    return {one.code for one in found}


def wave(*quorums: int, standing: str = "") -> PlannedWave:
    steps = tuple(replace(ANYBODY, id=f"s{n}", quorum=quorum) for n, quorum in enumerate(quorums))
    return PlannedWave("w", {}, "lax", {}, steps, standing, Lane.RED, ())


def floor(made: PlannedWave, *, rank: int = 4, mode: Mode = Mode.ACTUAL, act: Act = Act.ISSUE) -> str:
    problem = rules.floors(made, act=act, mode=mode, rank=rank, pack=LAX)
    return problem.code if problem else ""


def lax_flow(name: str, level_id: str, *roles: str) -> Flow:
    return Flow(name, {}, Matcher(level=(level_id,)), tuple(FlowStep(f"s{n}", {}, (r,)) for n, r in enumerate(roles)))  # type: ignore[arg-type]


def standing_at(rank: int) -> Chain:
    who = OfficerId("ann")
    one = Bulletin(BulletinId("b-0"), WarningId("w"), 1, "released", content(section(rank, towns()[0])), "", who, who)
    issued = Issued(one, "X-1", NOW)
    return Chain((issued,), issued)


def steps_of(pack: Pack, old: int, new: int) -> list[str]:
    """The roles that an update from `old` to `new` needs, whatever wave."""
    what = content(section(new, towns()[0]), act=Act.UPDATE)
    made = planning.draft(what, pack=pack, endpoints=(), chain=standing_at(old), channels={}, now=NOW)
    return sorted({step.roles[0] for one in made.waves for step in one.steps})


def exact_digest() -> None:
    assert denied(officer("eve", "leader"), digest="e" * 64) == {"digest"}


def fresh_plan() -> None:
    assert denied(officer("eve", "leader"), now=NOW + timedelta(hours=1)) == {"stale"}


def different_people() -> None:
    assert denied(officer("ann", "leader")) == denied(officer("bob", "leader")) == {"distinct"}
    assert denied(officer("eve", "leader"), signed=("eve",)) == {"distinct"}


def two_signers() -> None:
    assert floor(wave(1)) == "TOO_FEW_SIGNATURES" and floor(wave(1, 1)) == floor(wave(2)) == ""
    assert floor(wave(1), rank=1, mode=Mode.TEST) == "TOO_FEW_SIGNATURES"
    assert floor(wave(), rank=0) == "UNSIGNED_RELEASE" and floor(wave(1), rank=0) == ""


def grave_needs_two() -> None:
    assert rules.single_signer_rank(LAX) == 2
    assert floor(wave(1), rank=3) == "TOO_FEW_SIGNATURES" and floor(wave(1), rank=2) == ""
    with pytest.raises(PackRefused, match="would let one person release"):
        files = edited("pack.yaml", "single_signer_rank: 2", "single_signer_rank: 4")
        text = files["flows.yaml"].decode()
        first = text.index("      - id: sign", text.index("- id: grave"))
        cut = text[:first] + text[text.index("    why", first) :]
        load({**files, "flows.yaml": cut.encode()})


def relay_only_standing() -> None:
    own = content(section(2, towns()[0]))
    made = planning.draft(own, pack=county(), endpoints=(), chain=Chain(), channels={}, now=NOW)
    assert made.waves and not any(one.standing for one in made.waves)
    relay = replace(own, hazard=HazardCode("RAIN"), unit=UnitId("weather"), origin=RELAY)
    assert standing(relay) == {"weather-relay"}
    in_doubt = replace(relay, origin=replace(RELAY, doubts=("HAZARDS_DISAGREE",)))
    assert standing(in_doubt) == set(), "nobody signed ahead for what nobody can tell"


RELAY = Origin(SourceId("weather-office"), "a-1", "met.example.org", "1", NOW, relay=True)


def standing(what: Content) -> set[str]:
    made = planning.draft(what, pack=county(), endpoints=(), chain=Chain(), channels={}, now=NOW)
    assert all(one.standing or one.steps for one in made.waves)
    return {one.standing for one in made.waves} - {""}


def attester_not_drafter() -> None:
    for rank in range(5):
        assert "distinct" in denied(officer("ann", "leader"), rank=rank, kind=ApprovalKind.ATTESTED)
        assert "distinct" in denied(officer("bob", "signer"), rank=rank, kind=ApprovalKind.ATTESTED)


def evidence() -> None:
    told = {"who": "leader", "how": "phone", "number": "+86 100 0000 0001"}
    assert attest.faults(told, submitted=NOW, now=NOW) == ()
    for name in told:
        assert attest.faults({**told, name: ""}, submitted=NOW, now=NOW), name
    paper = {**told, "how": "paper"}
    assert [at for at, _ in attest.faults(paper, submitted=NOW, now=NOW)] == ["scan"]


def stricter_of_both() -> None:
    red, yellow = str(level(4)), str(level(2))
    lax = replace(
        county(), flows=(lax_flow("lax", yellow, "reviewer", "reviewer"), lax_flow("grave", red, "leader", "signer"))
    )
    assert steps_of(lax, 4, 2) == steps_of(lax, 2, 4) == ["leader", "signer"]
    assert steps_of(lax, 2, 2) == ["reviewer"]
    backwards = replace(
        lax, flows=(lax_flow("a", yellow, "leader", "leader"), lax_flow("b", red, "reviewer", "reviewer"))
    )
    assert steps_of(backwards, 2, 4) == ["leader"]


def one_ends() -> None:
    slow = replace(county(), flows=(Flow("slow", {}, Matcher(), (ANYBODY, replace(ANYBODY, id="again"))),))
    for act in (Act.LIFT, Act.RETRACT):
        what = content(section(4, towns()[0]), act=act)
        made = planning.draft(what, pack=slow, endpoints=(), chain=standing_at(4), channels={}, now=NOW)
        assert made.waves and all(one.steps == () for one in made.waves)
    assert rules.may_end(officer("eve", "signer")) == () and rules.may_end(officer("eve", "drafter"))


PROVEN: dict[str, Callable[[], None]] = {
    "exact-digest": exact_digest,
    "fresh-plan": fresh_plan,
    "different-people": different_people,
    "two-signers": two_signers,
    "grave-needs-two": grave_needs_two,
    "relay-only-standing": relay_only_standing,
    "attester-not-drafter": attester_not_drafter,
    "evidence": evidence,
    "stricter-of-both": stricter_of_both,
    "one-ends": one_ends,
}


@pytest.mark.parametrize("name", sorted(FLOORS))
def test_no_pack_lowers_it(name: str) -> None:
    PROVEN[name]()


GUARDS: dict[str, tuple[str, Callable[..., object]]] = {
    "different-people": ("_distinct", lambda *_: []),
    "two-signers": ("_least", lambda *_: 0),
    "grave-needs-two": ("single_signer_rank", lambda pack: pack.about.single_signer_rank),
    "attester-not-drafter": ("_may_attest", lambda *_: []),
    "stricter-of-both": ("stricter", lambda new, _: new),
}


@pytest.mark.parametrize("name", sorted(GUARDS))
def test_its_proof_fails_when_its_guard_is_taken_away(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    guard, nothing = GUARDS[name]
    monkeypatch.setattr(rules, guard, nothing)
    with pytest.raises(AssertionError):
        PROVEN[name]()


@given(
    who=st.sampled_from(["ann", "bob", "cat", "dan", "eve"]),
    roles=st.frozensets(st.sampled_from(["drafter", "reviewer", "signer", "leader", "admin"])),
    signed=st.lists(st.sampled_from(["cat", "dan", "eve"]), max_size=3),
    rank=st.integers(0, 4),
    own_rank=st.integers(0, 4),
    escalated=st.booleans(),
)
def test_above_one_signer_ranks_nobody_ever_counts_twice(
    who: str, roles: frozenset[str], signed: list[str], rank: int, own_rank: int, escalated: bool
) -> None:
    pack = replace(county(), about=replace(county().about, single_signer_rank=own_rank))
    person = Officer(OfficerId(who), who, roles, UnitId(str(county().about.centre)))
    found = rules.may_sign(
        person,
        replace(ANYBODY, escalate_to=("admin",)),
        case=case(rank),
        pack=pack,
        signed=signed,
        digest=DIGEST,
        kind=ApprovalKind.SIGNED,
        now=NOW,
        escalated=escalated,
    )
    if not found and rank > min(own_rank, 2):
        assert who not in ("ann", "bob", *signed)
