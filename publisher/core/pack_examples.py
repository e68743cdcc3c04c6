"""Do a pack's named examples still tell the truth, and does every rule have one?"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from publisher.core import decision, recognise
from publisher.core.decision import Named
from publisher.core.lexicon import lexicon
from publisher.core.pack_errors import PackError, noted
from publisher.core.policy import Fact
from publisher.core.recognise import Message
from publisher.core.vocabulary import fold
from publisher.model.alert import Alert, Info
from publisher.model.measures import Example, Heard
from publisher.model.pack import Pack
from publisher.model.words import Act, Mode

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


def failing(pack: Pack) -> Iterator[PackError]:
    """Each example that other rules decide than it says, with the rules missing and those too many."""
    for case in pack.examples:
        yield from _otherwise(pack, case, decision.decide(pack, fact_of(case, pack), relay=case.relay).rules)
    for heard in pack.heard:
        yield from _otherwise(pack, heard, understood(heard, pack))


def _otherwise(pack: Pack, case: Example | Heard, found: frozenset[str]) -> Iterator[PackError]:
    lost = [rule for rule in case.rules if rule not in found]
    more = [f"{rule} ({_line(pack, rule)})" for rule in sorted(found - frozenset(case.rules))]
    if lost or more:
        where = pack.where("examples.yaml", case.id)
        says = f"{case.id} is decided otherwise than it says: {_english(lost, more)}"
        told = {"lost": _listed(lost), "more": _listed(more)}
        yield noted(where, says, "EXAMPLE_OTHERWISE", example=case.id, **told)


def _english(lost: Sequence[str], more: Sequence[str]) -> str:
    return ", ".join((*(f"not {one}" for one in lost), *(f"but {one}" for one in more)))


def _listed(rules: Sequence[str]) -> tuple[str, ...]:
    return tuple(rules) or ("–",)


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
    hits = lexicon(pack).places.find(fold(case.says))
    meant = (f"phrases.yaml:{hit.value.phrases[0].words[0]}" for hit in hits if hit.value.phrases)
    return frozenset((*(one for one in called if _line(pack, one) in deciding), *meant))


def unshown(pack: Pack) -> Iterator[PackError]:
    """Each rule that no example shows at work, and each audience, filing and fixed text that no example would use."""
    cases: tuple[Example | Heard, ...] = (*pack.examples, *pack.heard)
    shown = {rule for case in cases for rule in case.rules}
    for case in pack.examples:
        shown |= {f"{file}:{name}" for file, name in _used(case, pack)}
    for rule in (*rules(pack), *_beside(pack)):
        if rule not in shown:
            name = rule.partition(":")[2]
            says = f"no example in examples.yaml shows {name} at work"
            yield noted(_line(pack, rule), says, "UNSHOWN", name=name)


def _beside(pack: Pack) -> Iterator[str]:
    """What decides nothing by itself, but is used."""
    yield from (f"audiences.yaml:{one}" for one in pack.audiences)
    yield from (f"intake.yaml:{one.id}" for one in pack.intake.rules)
    yield from (f"phrases.yaml:{one.words[0]}" for one in pack.phrases)
    yield from (f"filings.yaml:{one.id}" for one in pack.filings)
    yield from (f"public_tests.yaml:{one.id}" for one in pack.public_tests)
    yield from (f"{_standby_file(one, pack)}:{one}" for one in pack.standby)


def _used(case: Example, pack: Pack) -> Iterator[tuple[str, str]]:
    """(file, name) of what a case would use: its ways' audiences and filings, the fixed text it stands for."""
    ways = [
        way for wave in decision.decide(pack, fact_of(case, pack), relay=case.relay).waves for way in wave.rule.ways
    ]
    channels = {channel for way in ways for channel in way.channels}
    yield from (("audiences.yaml", way.audience) for way in ways)
    for filing in pack.filings:
        if filing.channel in channels and (not filing.act or case.act in filing.act):
            yield "filings.yaml", filing.id
    for test in pack.public_tests:
        if case.mode is Mode.TEST and (case.hazard, case.level) == (test.hazard, test.level):
            yield "public_tests.yaml", test.id
    for text in pack.standby.values():
        asks = (case.hazard, case.level, case.unit, case.act, case.mode)
        signed = (text.hazard, text.level, text.unit, Act.ISSUE, Mode.ACTUAL)
        if asks == signed and all(pack.inside(area, frozenset(text.areas)) for area in case.areas):
            yield _standby_file(text.id, pack), text.id


def _standby_file(name: str, pack: Pack) -> str:
    """The file that a text signed ahead was read from."""
    found = (
        one.removesuffix(f":{name}") for one in pack.lines if one.startswith("standby/") and one.endswith(f":{name}")
    )
    return next(found, "standby")


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
