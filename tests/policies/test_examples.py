"""Is every rule of our packs shown at work by a named example, and does each example still come out as it says?"""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from publisher.core import decision, intake
from publisher.core.demo import load_demo
from publisher.core.pack_examples import failing, rules, unshown
from publisher.core.packs import load
from publisher.formats.read import read
from publisher.model.directory import Source
from publisher.model.measures import Heard
from publisher.model.pack import Pack
from publisher.model.words import Medium, UnitId
from tests.kit.alerts import pack
from tests.kit.packs import PACKS, edited, files, line_of, refusals


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
    assert any(
        "shows night at work" in one and one.startswith("flows.yaml:") for one in map(str, unshown(load(changed)))
    )


def test_an_example_that_no_longer_holds_says_which_rules_decide_now() -> None:
    made = pack("example-county")
    fewer = replace(made, flows=tuple(one for one in made.flows if one.id != "grave"))
    told = "\n".join(map(str, failing(fewer)))
    assert "examples.yaml:" in told
    assert "not flows.yaml:grave" in told


def test_an_alert_that_is_understood_by_another_rule_than_it_says_is_told() -> None:
    made = pack("example-county")
    rules = tuple(one for one in made.intake.rules if one.id != "danger-to-life")
    told = list(map(str, failing(replace(made, intake=replace(made.intake, rules=rules)))))
    assert len(told) == 1
    assert "heard-danger-to-life is decided otherwise than it says: not intake.yaml:danger-to-life" in told[0]


def test_an_audience_and_a_rule_of_intake_that_nobody_shows_are_named_with_their_line() -> None:
    changed = edited(
        "audiences.yaml",
        "audiences:\n",
        "audiences:\n  - {id: nobody, name: {en: Nobody}, scope: all, roles: [screen]}\n",
    )
    rules = "rules:\n  - {id: sms, words: [text], level: yellow}\n"
    changed["intake.yaml"] = changed["intake.yaml"].replace(b"rules:\n", rules.encode(), 1)
    told = list(map(str, unshown(load(changed))))
    assert [one.rpartition(":")[2] for one in told] == [
        f" no example in examples.yaml shows {name} at work" for name in ("nobody", "sms")
    ]
    assert told[0].startswith(f"audiences.yaml:{line_of(changed, 'audiences.yaml', '- {id: nobody')}:")
    assert told[1].startswith(f"intake.yaml:{line_of(changed, 'intake.yaml', '- {id: sms')}:")


def test_a_phrase_a_filing_and_a_fixed_text_that_nobody_shows_are_named_too() -> None:
    changed = edited("phrases.yaml", "phrases:\n", "phrases:\n  - {words: [the fens], areas: [EX-01-012]}\n")
    for file, row in (
        (
            "filings.yaml",
            "  - {id: late, channel: sms-a, template: X-1, status: filed, on: '2026-02-02', act: [retract]}\n",
        ),
        (
            "public_tests.yaml",
            changed["public_tests.yaml"].decode().partition("public_tests:\n")[2].replace("NOTICE", "EMERGENCY"),
        ),
    ):
        changed[file] += row.replace("siren-autumn", "siren-spring").replace("level: notice", "level: red").encode()
    text = (
        changed["standby/chemical.yaml"].decode().replace("id: chemical", "id: fire", 1).replace("CHEMICAL", "WILDFIRE")
    )
    changed["standby/fire.yaml"] = text.encode()
    told = "\n".join(map(str, unshown(load(changed))))
    for name in ("the fens", "late", "siren-spring", "fire"):
        assert f"shows {name} at work" in told, told
    assert "standby/fire.yaml:1: " in told


def test_an_alert_that_names_no_rule_of_intake_is_a_mistake_of_the_pack() -> None:
    found = refusals(edited("examples.yaml", "['intake.yaml:anywhere-fire']", "['flows.yaml:grave']"))
    assert [(one.file, one.message) for one in found] == [
        (
            "examples.yaml",
            "flows.yaml:grave is no rule of intake.yaml and no phrase; write it as intake.yaml:id or phrases.yaml:word",
        )
    ]


@pytest.mark.parametrize("name", PACKS)
def test_every_heard_alert_is_understood_by_the_same_rules_when_it_comes_in_as_cap(name: str) -> None:
    made = pack(name)
    anybody = Source("any", UnitId(made.about.centre), frozenset({"*"}), (), 4, ())
    now = datetime(2026, 3, 11, 4, 11, tzinfo=ZoneInfo("UTC"))
    for case in made.heard:
        found = intake.classify(read(_as_cap(case, made), now=now), anybody, made, now, anywhere=True)
        held = {one.where for one in found.why if one.held and one.where.startswith("intake.yaml:")}
        asked = {made.where(*rule.split(":")) for rule in case.rules if rule.startswith("intake.yaml:")}
        assert asked <= held, (case.id, found.why)


def _as_cap(case: Heard, made: Pack) -> bytes:
    """The same alert in CAP, as a foreign sender would write it."""
    given = "".join(
        f"<parameter><valueName>{name}</valueName><value>{value}</value></parameter>"
        for name, value in case.parameter.items()
    )
    return f"""<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>x</identifier>
<sender>{case.sender or "s@x.example"}</sender><sent>2026-03-11T04:10:00+00:00</sent><status>Actual</status>
<msgType>Alert</msgType><scope>Public</scope><info><language>{made.language}</language><category>{case.category}</category>
<event>Zzz</event><urgency>Immediate</urgency><severity>Severe</severity><certainty>Observed</certainty>
<headline>{case.says}</headline><description>Zzz.</description>{given}
<area><areaDesc>Zzz</areaDesc></area></info></alert>""".encode()


@pytest.mark.parametrize("name", PACKS)
def test_every_rule_of_displays_is_followed_by_a_screen_of_the_demo(name: str) -> None:
    made = pack(name)
    screens = [one for one in load_demo(files(name), made).endpoints if one.medium is Medium.SCREEN]
    followed = {made.display(one.profile.get("display", "")).id for one in screens}
    assert followed == {one.id for one in made.displays}


def test_ends_are_never_limited_by_who_may_issue() -> None:
    made = pack("example-county")
    lifted = next(one for one in made.examples if one.id == "red-lifted")
    from publisher.core.pack_examples import fact_of

    fact = replace(fact_of(lifted, made), unit=UnitId("roads"))
    assert decision.issuing(made, fact).allowed
