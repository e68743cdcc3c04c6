"""Is a sound pack read as it is written, and an unsound one refused with every mistake at its line?"""

from dataclasses import replace

import pytest

from publisher.core.packs import content_hash, load
from tests.kit.packs import PACKS, edited, files, line_of, refusals

COUNTY = load(files())


@pytest.mark.parametrize("name", PACKS)
def test_a_pack_of_ours_loads(name: str) -> None:
    assert load(files(name)).about.id == name


def test_the_pack_says_what_the_files_say() -> None:
    flood = COUNTY.hazards["FLOOD"]  # type: ignore[index]
    assert (flood.name["en"], flood.levels[0], flood.lead) == ("River flooding", "red", "rivers")
    assert COUNTY.areas["EX-01-007-1"].parent == "EX-01-007"  # type: ignore[index]
    assert COUNTY.areas["EX-01-090"].overlaps == ("EX-01-003", "EX-01-007")  # type: ignore[index]
    assert COUNTY.areas["EX-01-001"].point == (-2.71, 52.38)  # type: ignore[index]
    assert [flow.id for flow in COUNTY.flows][:2] == ["take-down", "public-test"]
    assert COUNTY.flows[0].steps == ()


def test_every_rule_knows_its_line() -> None:
    found = files()
    for file, marker in (
        ("flows.yaml", "grave"),
        ("flows.yaml", "weather-relay"),
        ("channels.yaml", "call-out"),
        ("hazards.yaml", "WIND"),
        ("levels.yaml", "amber"),
        ("audiences.yaml", "everyone"),
        ("displays.yaml", "default"),
    ):
        key = "code" if file == "hazards.yaml" else "id"
        assert COUNTY.lines[f"{file}:{marker}"] == line_of(found, file, f"{key}: {marker}"), marker
    for rule in COUNTY.intake.rules:
        assert COUNTY.lines[f"intake.yaml:{rule.id}"] == line_of(found, "intake.yaml", f"id: {rule.id}")
    for phrase in COUNTY.phrases:
        assert COUNTY.lines[f"phrases.yaml:{phrase.words[0]}"] > 0


def test_the_hash_follows_the_packs_own_files_and_nothing_else() -> None:
    found = files()
    assert COUNTY.hash == content_hash(dict(reversed(found.items())))
    with_notes = {**found, "README.md": b"notes", "demo/officers.yaml": b"changed"}
    assert load(with_notes).hash == COUNTY.hash
    assert load({**found, "templates/sms/en.txt": b"{{ body }}"}).hash != COUNTY.hash
    assert load({**found, "displays.yaml": found["displays.yaml"] + b"\n"}).hash != COUNTY.hash


def test_templates_come_with_the_pack_as_text() -> None:
    pack = load({**files(), "templates/messages/sms/issue.en.txt": b"\xef\xbb\xbf{{ body }}"})
    assert pack.templates == {"messages/sms/issue.en.txt": "{{ body }}"}


def test_optional_files_may_be_absent_or_empty() -> None:
    found = files()
    for name in ("phrases.yaml", "intake.yaml", "displays.yaml", "lint.yaml"):
        del found[name]
    bare = load(found)
    empty = load({**found, **dict.fromkeys(("phrases.yaml", "intake.yaml", "displays.yaml", "lint.yaml"), b"")})
    assert replace(bare, hash="") == replace(empty, hash="")
    assert (bare.phrases, bare.lint.mandatory, bare.displays[0].id) == ((), (), "default")


def test_every_missing_file_is_named() -> None:
    assert {(error.file, error.line) for error in refusals({})} == {
        (name, 1)
        for name in (
            *("pack.yaml", "levels.yaml", "hazards.yaml", "areas.csv", "units.csv"),
            *("flows.yaml", "channels.yaml", "audiences.yaml"),
        )
    }


def test_an_unknown_file_is_refused_with_what_a_pack_has() -> None:
    (error,) = refusals({**files(), "flow.yaml": b""})
    assert error.file == "flow.yaml"
    assert "flows.yaml" in error.message


def test_all_mistakes_of_all_files_are_told_at_once() -> None:
    found = files()
    planted = (
        ("pack.yaml", "Europe/London", "Europe/Londn"),
        ("levels.yaml", "'#F2A900'", "dark amber"),
        ("hazards.yaml", "lead: roads", "lead: roadz"),
        ("areas.csv", "Kestrel Moor,township,EX-01-000", "Kestrel Moor,township,EX-01-999"),
        ("units.csv", "department,county,EX-01-000,met", "department,county,EX-01-099,met"),
        ("flows.yaml", "level: [red, amber]", "level: [red, orange]"),
        ("channels.yaml", "audience: everyone", "audience: everybody"),
        ("audiences.yaml", "scope: all", "scope: everywhere"),
        ("lint.yaml", "matters", "matter"),
        ("displays.yaml", "max_items: 4", "max_items: four"),
        ("intake.yaml", "Severe: amber", "Severe: orange"),
    )
    for file, old, new in planted:
        text = found[file].decode()
        assert old in text, file
        found[file] = text.replace(old, new, 1).encode()
    told = {(error.file, error.line) for error in refusals(found)}
    assert told == {(file, line_of(found, file, new)) for file, _, new in planted}


def test_a_refusal_reads_as_file_line_path_and_reason() -> None:
    found = edited("flows.yaml", "level: [red, amber]", "level: [red, orange]")
    (error,) = refusals(found)
    line = line_of(found, "flows.yaml", "orange")
    assert str(error) == f"flows.yaml:{line}: flows[3].when.level[1]: level orange is not in levels.yaml"


def test_a_broken_file_does_not_make_the_others_look_wrong() -> None:
    found = edited("hazards.yaml", "levels: [red, amber, yellow, notice]", "levels: [red, amber")
    assert {error.file for error in refusals(found)} == {"hazards.yaml"}


def test_a_level_that_does_not_fit_its_type_is_not_reported_as_unknown_elsewhere() -> None:
    found = edited("levels.yaml", "rank: 3", "rank: three")
    (error,) = refusals(found)
    assert (error.file, error.path) == ("levels.yaml", "levels[1].rank")
