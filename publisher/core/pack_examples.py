"""Do a pack's named examples still tell the truth, and does every rule have one?"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from publisher.core import decision, recognise
from publisher.core.decision import Named
from publisher.core.policy import Fact
from publisher.core.recognise import Message
from publisher.model.alert import Alert, Info
from publisher.model.measures import Example, Heard
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
        yield from _otherwise(pack, case, decision.decide(pack, fact_of(case, pack), relay=case.relay).rules)
    for heard in pack.heard:
        yield from _otherwise(pack, heard, understood(heard, pack))


def _otherwise(pack: Pack, case: Example | Heard, found: frozenset[str]) -> Iterator[str]:
    lost = [f"not {rule}" for rule in case.rules if rule not in found]
    more = [f"but {rule} ({_line(pack, rule)})" for rule in sorted(found - frozenset(case.rules))]
    if lost or more:
        where = pack.where("examples.yaml", case.id)
        yield f"{where}: {case.id} is decided otherwise than it says: {', '.join((*lost, *more))}"


def understood(case: Heard, pack: Pack) -> frozenset[str]:
    """The rules of intake.yaml by which an alert gets its hazard and level, as `intake.yaml:danger-to-life`."""
    info = Info(
        pack.language, (case.category,), "", (), "", "", "", headline=case.says, parameters=(*case.parameter.items(),)
    )
    of = Message.of(Alert(case.id, case.sender, None, "Actual", "Alert", "Public", infos=(info,)), info, pack)
    deciding = {
        found.where for found in (recognise.hazard(of, anywhere=True), recognise.level(of, anywhere=True)) if found
    }
    called = (f"intake.yaml:{rule.id}" for rule in pack.intake.rules)
    return frozenset(one for one in called if _line(pack, one) in deciding)


def unshown(pack: Pack) -> Iterator[str]:
    """Each rule that no example shows at work, and each audience that no example's waves speak to."""
    cases: tuple[Example | Heard, ...] = (*pack.examples, *pack.heard)
    shown = {rule for case in cases for rule in case.rules}
    shown |= {f"audiences.yaml:{one}" for one in _spoken_to(pack)}
    audiences = (f"audiences.yaml:{one}" for one in pack.audiences)
    for rule in (*rules(pack), *audiences, *(f"intake.yaml:{one.id}" for one in pack.intake.rules)):
        if rule not in shown:
            yield f"{_line(pack, rule)}: no example in examples.yaml shows {rule.partition(':')[2]} at work"


def _spoken_to(pack: Pack) -> Iterator[str]:
    for case in pack.examples:
        for wave in decision.decide(pack, fact_of(case, pack), relay=case.relay).waves:
            yield from (way.audience for way in wave.rule.ways)


def rules(pack: Pack) -> Iterator[str]:
    """Every rule that decides something about a warning, as `flows.yaml:grave`."""
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
