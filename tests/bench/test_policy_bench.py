"""Is deciding cheap? 500 rules against the time a plain loop of comparisons takes for the same rules."""

import time
from collections.abc import Callable
from dataclasses import fields, replace

import pytest

from publisher.core.policy import waves_for
from publisher.model.pack import Matcher, Pack, WaveRule
from publisher.model.words import AreaCode, HazardCode, LevelId, UnitId
from tests.kit.alerts import pack
from tests.kit.facts import FACT

RULES = 500
TIMES = 40
TOO_SLOW = 12
"""How many times a bare loop over dictionaries, which explains nothing, deciding may take."""


def many() -> Pack:
    towns = pack().children[pack().about.root_area]

    def rule(number: int) -> WaveRule:
        when = Matcher(
            hazard=(HazardCode(f"1{number % 4}*"), HazardCode("11B03")),
            level=(LevelId("red"), LevelId("orange")) if number % 3 else (LevelId("yellow"),),
            area=(AreaCode(towns[number % len(towns)]),) if number % 2 else (),
            unit=(UnitId("met-bureau"),),
            hours=("22:00-06:00",),
        )
        return WaveRule(f"wave-{number}", {"zh": "波"}, when, ())

    return replace(pack(), waves=tuple(rule(number) for number in range(RULES)))


def best(work: Callable[[], object]) -> float:
    found = []
    for _ in range(TIMES):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


@pytest.mark.bench
def test_deciding_costs_a_small_multiple_of_a_plain_loop(capsys: pytest.CaptureFixture[str]) -> None:
    rules = many()
    plain = [{one.name: getattr(rule.when, one.name) for one in fields(Matcher)} for rule in rules.waves]
    fact = {one.name: getattr(FACT, one.name, "") for one in fields(Matcher)}

    def loop() -> int:
        return sum(all(not wanted or fact[name] in wanted for name, wanted in rule.items()) for rule in plain)

    deciding, looping = best(lambda: waves_for(rules, FACT)), best(loop)
    with capsys.disabled():
        print(f"\n{RULES} rules: {deciding * 1000:.2f} ms, {deciding / looping:.1f} x a plain loop")  # noqa: T201
    assert deciding / looping < TOO_SLOW
