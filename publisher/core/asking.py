"""Who is asked to approve, and who is next when nobody does? Pure: from officers, contacts and the duty roster."""

from collections.abc import Iterable, Mapping, Sequence

from publisher.core import approval as rules
from publisher.core.approval import Case
from publisher.model.directory import Contact, Officer
from publisher.model.pack import FlowStep, Pack
from publisher.model.words import ApprovalKind


def able(
    officers: Iterable[Officer], step: FlowStep, *, case: Case, pack: Pack, signed: Sequence[str], escalated: bool
) -> frozenset[str]:
    """Ids of the officers who may sign this step as things stand."""
    return frozenset(
        one.id
        for one in officers
        if not rules.may_sign(
            one,
            step,
            case=case,
            pack=pack,
            signed=signed,
            digest=case.digest,
            kind=ApprovalKind.SIGNED,
            now=case.valid_until,
            escalated=escalated,
        )
    )


def first(may: frozenset[str], known: Mapping[str, Contact], on_duty: frozenset[str]) -> tuple[str, ...]:
    """Contacts to ask at first: who may sign and is on duty; else the deputies of those who are not; else all who may."""
    mine = [one for one in known.values() if one.officer in may]
    here = [one.id for one in mine if one.id in on_duty]
    if here:
        return tuple(here)
    deputies = [name for one in known.values() for name in one.deputies if one.id not in on_duty]
    standing_in = [one.id for one in mine if one.id in deputies]
    return tuple(standing_in) or tuple(one.id for one in mine)


def following(
    may: frozenset[str], asked: Iterable[str], known: Mapping[str, Contact], on_duty: frozenset[str]
) -> tuple[str, ...]:
    """Contacts to ask next: deputies of those asked, and whoever else may sign now; those on duty first."""
    before = set(asked)
    deputies = [name for one in before if one in known for name in known[one].deputies]
    mine = [one.id for one in known.values() if one.officer in may and one.id not in before]
    order = {name: (name not in deputies, name not in on_duty) for name in mine}
    return tuple(sorted(mine, key=lambda name: (order[name], name)))
