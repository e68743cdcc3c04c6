"""May this person approve this, now? The floors no pack can lower (`FLOORS`), then the flow's own roles and units."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from publisher.model.directory import Officer
from publisher.model.pack import Flow, FlowStep, Pack
from publisher.model.plan import PlannedWave, Problem, Told
from publisher.model.words import Act, ApprovalKind, Mode, Rank

FLOORS: Mapping[str, str] = {
    "exact-digest": "a yes counts only for the exact digest that was submitted",
    "fresh-plan": "nothing is signed once the plan's time is up",
    "different-people": "above one-signer ranks drafter, last editor and every signer of a wave are different people",
    "two-signers": "above one-signer ranks, and for public tests, a wave needs two people's yes beside its drafter",
    "grave-needs-two": "orange and red are never one-signer ranks, whatever single_signer_rank says",
    "relay-only-standing": "only an unaltered relay, or a standby text within its limits, goes out on a signature given ahead",
    "attester-not-drafter": "who drafted or last edited it never records another's yes to it",
    "evidence": "a yes by phone or paper names who gave it, how, the number or the scan, and when",
    "stricter-of-both": "a change of level takes the stricter of the old level's flow and the new one's",
    "one-ends": "one authorised person lifts or retracts; no flow can make that wait for a second",
}
"""What holds whatever a pack says; each has a test with a pack that tries to lower it."""

HIGHEST_SINGLE: Rank = 2
"""No pack lets one person release above this rank (yellow)."""

MAY_END = frozenset({"reviewer", "signer", "leader"})
"""Roles of which any one person may lift or retract (hard to send, easy to take back)."""

MAY_ATTEST = MAY_END
"""Roles of which any one may record the yes that somebody else gave by phone or on paper."""

WEIGHT: Mapping[str, int] = {"drafter": 0, "viewer": 0, "reviewer": 1, "signer": 2, "leader": 3}


@dataclass(frozen=True, slots=True)
class Case:
    """What is being approved: who touched the bulletin, how grave it is and what was frozen."""

    drafter: str
    editor: str
    unit: str
    rank: int
    act: Act
    digest: str
    valid_until: datetime
    mode: Mode = Mode.ACTUAL


@dataclass(frozen=True, slots=True)
class Denied:
    """Why not, every reason at once; `code` for machines (409 for stale and conflict, 403 otherwise)."""

    code: str
    says: str


def may_sign(
    officer: Officer,
    step: FlowStep,
    *,
    case: Case,
    pack: Pack,
    signed: Iterable[str],
    digest: str,
    kind: ApprovalKind,
    now: datetime,
    escalated: bool = False,
) -> tuple[Denied, ...]:
    """Every reason why `officer` may not sign `step`; none means yes. `signed` are those who signed this wave before.

    `escalated`: its deadline was missed, so that whom it is escalated to may sign in the place of who did not.
    """
    found: list[Denied] = []
    if digest != case.digest:
        found.append(Denied("digest", f"this is not what was submitted: expected digest {case.digest}, got {digest}"))
    if now > case.valid_until:
        found.append(
            Denied("stale", f"the plan was good until {case.valid_until.isoformat()}; refresh it and look again")
        )
    if kind is ApprovalKind.ATTESTED:
        return (*found, *_may_attest(officer, step, case))
    found += _distinct(officer, case, pack, frozenset(signed))
    stands_in = escalated and bool(officer.roles & set(step.escalate_to))
    roles = (*step.roles, *(step.escalate_to if escalated else ()))
    if not officer.roles & set(roles):
        found.append(Denied("role", f"{step.id} needs the role {' or '.join(roles)}; you have {_list(officer.roles)}"))
    if not stands_in and not _in_unit(officer, step, case, pack):
        found.append(
            Denied("unit", f"{step.id} must be signed in {_place(step, case, pack)}; you are in {officer.unit}")
        )
    return tuple(found)


def _may_attest(officer: Officer, step: FlowStep, case: Case) -> list[Denied]:
    """Whether `officer` may write down a yes that somebody else gave: the floor holds at every rank."""
    found: list[Denied] = []
    if officer.id in (case.drafter, case.editor):
        found.append(Denied("distinct", "you drafted or last edited this; another officer must record the yes"))
    if not officer.roles & MAY_ATTEST:
        found.append(
            Denied("role", f"recording a yes needs one of {_list(MAY_ATTEST)}; you have {_list(officer.roles)}")
        )
    if not step.attested:
        found.append(Denied("attested", f"{step.id} takes no yes by phone or paper: flows.yaml does not allow it"))
    return found


def single_signer_rank(pack: Pack) -> Rank:
    """Up to which rank one person may release: the pack's number, never above yellow."""
    return min(pack.about.single_signer_rank, HIGHEST_SINGLE)


def apart(case: Case, pack: Pack) -> bool:
    """Whether drafter, last editor and everybody who says yes must be different people."""
    return case.rank > single_signer_rank(pack) or case.mode is Mode.TEST


def _distinct(officer: Officer, case: Case, pack: Pack, signed: frozenset[str]) -> list[Denied]:
    if not apart(case, pack):
        return []
    found: list[Denied] = []
    if officer.id in (case.drafter, case.editor):
        found.append(Denied("distinct", "you drafted or last edited this; another person must approve it"))
    if officer.id in signed:
        found.append(Denied("distinct", "you already signed a step of this wave; another person must sign this one"))
    return found


def _in_unit(officer: Officer, step: FlowStep, case: Case, pack: Pack) -> bool:
    return step.unit == "any" or officer.unit == _place(step, case, pack)


def _place(step: FlowStep, case: Case, pack: Pack) -> str:
    return pack.about.centre if step.unit == "centre" else case.unit


def _list(roles: Iterable[str]) -> str:
    return ", ".join(sorted(roles)) or "none"


def floors(wave: PlannedWave, *, act: Act, mode: Mode, rank: Rank, pack: Pack) -> Problem | None:
    """The floor for a wave's signatures: None when this one may go as its flow says, else the problem that blocks it."""
    if wave.standing or act.ends:
        return None
    yeses = sum(step.quorum for step in wave.steps)
    least = _least(mode, rank, pack)
    if yeses >= least:
        return None
    says = f"flow {wave.flow} asks for {yeses} signatures; {act} at rank {rank} in mode {mode} needs {least}"
    told: Told = {"flow": wave.flow, "yeses": yeses, "rank": rank, "mode": (f"mode.{mode}",), "needs": least}
    return Problem("TOO_FEW_SIGNATURES" if yeses else "UNSIGNED_RELEASE", f"wave {wave.id}", says, True, told)


def _least(mode: Mode, rank: Rank, pack: Pack) -> int:
    """How many people must say yes beside the drafter."""
    if mode is Mode.TEST:
        return 2
    return 2 if rank > single_signer_rank(pack) else 1


def stricter(new: Flow | None, old: Flow | None) -> Flow | None:
    """Of the flows of a new and an old level the stricter one; the new one's when they are equally strict."""
    if new is None or old is None:
        return new
    return old if _strictness(old) > _strictness(new) else new


def _strictness(flow: Flow) -> tuple[int, int]:
    """(rank of the highest signer it insists on, how many yeses)."""
    highest = max((min(WEIGHT.get(role, 0) for role in step.roles) for step in flow.steps), default=0)
    return highest, sum(step.quorum for step in flow.steps)


def may_end(officer: Officer) -> tuple[Denied, ...]:
    """Whether this one person may lift or retract."""
    if officer.roles & MAY_END:
        return ()
    return (Denied("role", f"lift and retract need one of {_list(MAY_END)}; you have {_list(officer.roles)}"),)
