"""May this person approve this, now? The floors no pack can lower, then the flow's own roles and units.

Floors: an exact digest; a plan still fresh; drafter, last editor and every signer of a wave are different people above
the pack's single-signer rank; a wave without signatures is only for lift, retract, single-signer ranks and relays under
a standing rule.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from publisher.model.directory import Officer
from publisher.model.pack import FlowStep, Pack
from publisher.model.plan import PlannedWave, Problem
from publisher.model.words import Act, ApprovalKind, Mode

MAY_END = frozenset({"reviewer", "signer", "leader"})
"""Roles of which any one person may lift or retract (hard to send, easy to take back)."""


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
) -> tuple[Denied, ...]:
    """Every reason why `officer` may not sign `step`; none means yes. `signed` are those who signed this wave before."""
    found: list[Denied] = []
    if digest != case.digest:
        found.append(Denied("digest", f"this is not what was submitted: expected digest {case.digest}, got {digest}"))
    if now > case.valid_until:
        found.append(
            Denied("stale", f"the plan was good until {case.valid_until.isoformat()}; refresh it and look again")
        )
    found += _distinct(officer, case, pack, frozenset(signed))
    if not officer.roles & set(step.roles):
        found.append(
            Denied("role", f"{step.id} needs the role {' or '.join(step.roles)}; you have {_list(officer.roles)}")
        )
    if not _in_unit(officer, step, case, pack):
        found.append(
            Denied("unit", f"{step.id} must be signed in {_place(step, case, pack)}; you are in {officer.unit}")
        )
    if kind is ApprovalKind.ATTESTED and not step.attested:
        found.append(Denied("attested", f"{step.id} takes no yes by phone or paper: flows.yaml does not allow it"))
    return tuple(found)


def _distinct(officer: Officer, case: Case, pack: Pack, signed: frozenset[str]) -> list[Denied]:
    if case.rank <= pack.about.single_signer_rank and case.mode is not Mode.TEST:
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


def unsigned_allowed(wave: PlannedWave, *, act: Act, rank: int, pack: Pack) -> Problem | None:
    """The floor for waves without signatures: None when this one may go without, else the problem that blocks it."""
    if wave.steps or wave.standing or act.ends or rank <= pack.about.single_signer_rank:
        return None
    says = f"flow {wave.flow} asks for no signature, but {act} above rank {pack.about.single_signer_rank} needs one"
    return Problem("UNSIGNED_RELEASE", f"wave {wave.id}", says, True)


def may_end(officer: Officer) -> tuple[Denied, ...]:
    """Whether this one person may lift or retract."""
    if officer.roles & MAY_END:
        return ()
    return (Denied("role", f"lift and retract need one of {_list(MAY_END)}; you have {_list(officer.roles)}"),)


def next_step(states: Sequence[str]) -> int | None:
    """Which step of a wave waits for a signature: the first not done; None when all are."""
    return next((number for number, state in enumerate(states) if state != "done"), None)
