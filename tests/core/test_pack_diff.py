"""Is every difference between two packs told, at its line before and after?"""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core.pack_diff import Change, diff
from tests.kit.packs import edited, files, line_of

CHANGES = [
    ("flows.yaml", "level: [red, amber]", "level: [red]", "grave", "when.level", "[red, amber]", "[red]"),
    ("flows.yaml", "roles: [leader]", "roles: [signer]", "public-test", "steps.sign.roles", "[leader]", "[signer]"),
    ("levels.yaml", "Be prepared}", "Beware}", "amber", "numeral.en", "Be prepared", "Beware"),
    ("pack.yaml", "single_signer_rank: 2", "single_signer_rank: 0", "single_signer_rank", "", "2", "0"),
    ("areas.csv", "Birchford", "Birkford", "EX-01-002", "name.en", "Birchford", "Birkford"),
    (
        "channels.yaml",
        "uncertain: repeat",
        "uncertain: leave",
        "alert-all",
        "ways.sms to everyone.uncertain",
        "repeat",
        "leave",
    ),
    ("subjects.yaml", "km: 1.5,", "km: 2,", "waterworks", "distances.red.km", "1.5", "2"),
    (
        "hazards.yaml",
        "60 mm or more within 3 hours.",
        "65 mm or more within 3 hours.",
        "RAIN",
        "criteria.red.text.en",
        "60 mm or more within 3 hours.",
        "65 mm or more within 3 hours.",
    ),
    ("duties.yaml", "within_minutes: 15", "within_minutes: 20", "answer", "tasks.answer.within_minutes", "15", "20"),
]


@pytest.mark.parametrize(("file", "old", "new", "entry", "path", "before", "after"), CHANGES)
def test_a_change_is_told_by_entry_path_and_line(
    file: str, old: str, new: str, entry: str, path: str, before: str, after: str
) -> None:
    changed = edited(file, old, new)
    found = diff(files(), changed)
    line = line_of(files(), file, old)
    assert found == (Change(file, line, line, entry, path, before, after),)
    assert found[0].where == f"{file}:{line}"


def test_a_rule_that_only_moved_is_a_change_of_order() -> None:
    text = files()["flows.yaml"].decode()
    start, end = text.index("  - id: exercise"), text.index("  - id: grave")
    moved = (
        text[:start]
        + text[end : text.index("\n# Signed ahead")]
        + text[start:end]
        + text[text.index("\n# Signed ahead") :]
    )
    found = diff(files(), {**files(), "flows.yaml": moved.encode()})
    assert [(one.entry, one.path, one.kind) for one in found] == [("exercise", "order", "changed")]


def test_added_and_removed_rules_and_files_are_told_whole() -> None:
    without = {name: body for name, body in files().items() if name != "reports.yaml"}
    gone, back = diff(files(), without), diff(without, files())
    assert {(one.entry, one.kind) for one in gone} == {("neighbour", "removed"), ("council", "removed")}
    assert {(one.entry, one.kind) for one in back} == {("neighbour", "added"), ("council", "added")}


def test_a_templates_change_is_told_line_by_line() -> None:
    name = "templates/messages/sms/any.en.txt"
    found = diff({name: b"=== body\none\ntwo"}, {name: b"=== body\none\n2"})
    assert found == (Change(name, 3, 3, "", "", "two", "2"),)


def test_demo_and_notes_are_not_policy() -> None:
    assert diff(files(), {**files(), "README.md": b"x", "demo/officers.yaml": b"x"}) == ()


def turned(found: tuple[Change, ...]) -> set[tuple[str, str, str, str]]:
    return {(one.file, one.entry, one.after, one.before) for one in found if one.path != "order"}


@given(st.lists(st.sampled_from(CHANGES), unique_by=lambda one: one[0]))
def test_nothing_differs_from_itself_and_backwards_is_the_mirror(picked: list[tuple[str, ...]]) -> None:
    made: Mapping[str, bytes] = files()
    for file, old, new, *_ in picked:
        made = {**made, file: made[file].replace(old.encode(), new.encode(), 1)}
    assert diff(made, made) == ()
    forth, back = diff(files(), made), diff(made, files())
    assert len(forth) == len(picked)
    assert turned(forth) == {(f, e, b, a) for f, e, a, b in turned(back)}
