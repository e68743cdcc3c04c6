"""Do a pack's named examples still tell the truth, and does every rule have one?"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from publisher.core import decision
from publisher.core.decision import Named
from publisher.core.policy import Fact
from publisher.model.measures import Example
from publisher.model.pack import Pack

RULED = ("hazards.yaml", "flows.yaml", "channels.yaml", "duties.yaml", "responses.yaml", "reports.yaml")


def fact_of(case: Example, pack: Pack) -> Fact:
    """What the rules are asked about an example."""
    return Fact(
        hazard=case.hazard,
        hazard_class=pack.hazards[case.hazard].hazard_class,
        level=case.level,
        unit=case.unit,
        areas=case.areas,
        source=case.source,
        act=case.act,
        mode=case.mode,
        wave="",
        at=datetime.fromisoformat(case.at).replace(tzinfo=ZoneInfo(pack.about.time_zone)),
    )


def failing(pack: Pack) -> Iterator[str]:
    """Each example that other rules decide than it says, with the rules missing and those too many."""
    for case in pack.examples:
        found = decision.decide(pack, fact_of(case, pack), relay=case.relay).rules
        wanted = frozenset(case.rules)
        lost = [f"not {rule}" for rule in case.rules if rule not in found]
        more = [f"but {rule} ({_line(pack, rule)})" for rule in sorted(found - wanted)]
        if lost or more:
            where = pack.where("examples.yaml", case.id)
            yield f"{where}: {case.id} is decided otherwise than it says: {', '.join((*lost, *more))}"


def unshown(pack: Pack) -> Iterator[str]:
    """Each rule that no example shows at work."""
    shown = {rule for case in pack.examples for rule in case.rules}
    for rule in rules(pack):
        if rule not in shown:
            yield f"{_line(pack, rule)}: no example in examples.yaml shows {rule.partition(':')[2]} at work"


def rules(pack: Pack) -> Iterator[str]:
    """Every rule that decides something, as `flows.yaml:grave`."""
    lists: tuple[Sequence[Named], ...] = (
        pack.issuers,
        (*pack.flows, *pack.standing),
        pack.waves,
        pack.duties,
        pack.responses,
        pack.reports,
    )
    for file, held in zip(RULED, lists, strict=True):
        yield from (f"{file}:{one.id}" for one in held)


def _line(pack: Pack, rule: str) -> str:
    file, _, name = rule.partition(":")
    return pack.where(file, name)
