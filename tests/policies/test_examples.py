"""Is every rule of our packs shown at work by a named example, and does each example still come out as it says?"""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from publisher.core import decision, intake
from publisher.core.pack_examples import failing, rules, unshown
from publisher.core.packs import load
from publisher.formats.read import read
from publisher.model.directory import Source
from publisher.model.pack import IntakeRule, Pack
from publisher.model.words import UnitId
from tests.kit.alerts import pack
from tests.kit.packs import PACKS, files


@pytest.mark.parametrize("name", PACKS)
def test_every_rule_is_shown_at_work_by_an_example(name: str) -> None:
    made = pack(name)
    assert len(list(rules(made))) > 15
    assert list(unshown(made)) == []


@pytest.mark.parametrize("name", PACKS)
def test_every_example_is_decided_by_the_rules_it_names(name: str) -> None:
    assert list(failing(pack(name))) == []


def test_a_rule_added_without_an_example_is_named_with_its_line() -> None:
    changed = files()
    text = changed["flows.yaml"].decode()
    changed["flows.yaml"] = text.replace(
        "  - id: ordinary",
        "  - id: night\n    name: {en: Night}\n    when: {hours: ['22:00-06:00'], level: [yellow]}\n"
        "    steps:\n      - {id: sign, name: {en: Sign}, roles: [signer]}\n  - id: ordinary",
    ).encode()
    assert any("shows night at work" in one and one.startswith("flows.yaml:") for one in unshown(load(changed)))


def test_an_example_that_no_longer_holds_says_which_rules_decide_now() -> None:
    made = pack("example-county")
    fewer = replace(made, flows=tuple(one for one in made.flows if one.id != "grave"))
    told = "\n".join(failing(fewer))
    assert "examples.yaml:" in told
    assert "not flows.yaml:grave" in told


def _alert_for(rule: IntakeRule, made: Pack) -> bytes:
    """The smallest alert that the rule is about: its words in the headline, its category in a CAP alert from anywhere."""
    words = rule.words[0] if rule.words else "Something"
    category = rule.parameter.get("cap:category", "Met")
    return f"""<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>x</identifier><sender>s@x.example</sender>
<sent>2026-03-11T04:10:00+00:00</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope><info>
<language>{made.language}</language><category>{category}</category><event>Zzz</event><urgency>Immediate</urgency>
<severity>Severe</severity><certainty>Observed</certainty><headline>{words}</headline><description>{words}.</description>
<area><areaDesc>Zzz</areaDesc></area></info></alert>""".encode()


@pytest.mark.parametrize(
    ("name", "rule"),
    [(name, rule) for name in PACKS for rule in pack(name).intake.rules],
    ids=lambda one: getattr(one, "id", one),
)
def test_every_rule_of_classification_is_hit_by_an_alert(name: str, rule: IntakeRule) -> None:
    made = pack(name)
    anybody = Source("any", UnitId(made.about.centre), frozenset({"*"}), (), 4, ())
    now = datetime(2026, 3, 11, 4, 11, tzinfo=ZoneInfo("UTC"))
    found = intake.classify(read(_alert_for(rule, made), now=now), anybody, made, now, anywhere=True)
    assert any(one.held and one.where == made.where("intake.yaml", rule.id) for one in found.why), found.why


def test_ends_are_never_limited_by_who_may_issue() -> None:
    made = pack("example-county")
    lifted = next(one for one in made.examples if one.id == "red-lifted")
    from publisher.core.pack_examples import fact_of

    fact = replace(fact_of(lifted, made), unit=UnitId("roads"))
    assert decision.issuing(made, fact).allowed
