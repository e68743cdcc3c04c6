"""Is each kind of mistake found, at its own line, in words that say what would be right?"""

import pytest

from publisher.core.packs import load
from tests.kit.packs import edited, line_of, refusals, unsaid

FLOW = "  - id: ordinary\n    name: {en: Yellow and notices}\n    when: {level: [yellow, notice]}\n"

MISTAKES = [
    # file, what stands there, what is planted, a mark on the line expected, words of the message
    ("pack.yaml", "centre: ops", "center: ops", "center: ops", "unknown key; accepted here: id, name, centre"),
    ("pack.yaml", "languages: [en]", "languages: [en, en]", "languages", "language en stands twice"),
    ("pack.yaml", "languages: [en]", "languages: []", "languages", "at least one language"),
    ("pack.yaml", "languages: [en]", "languages: [English]", "languages", "no language tag"),
    ("pack.yaml", "centre: ops", "centre: desk", "centre", "unit desk is not in units.csv"),
    ("pack.yaml", "root_area: EX-01-000", "root_area: EX-00", "root_area", "area EX-00 is not in areas.csv"),
    ("pack.yaml", "Europe/London", "../London", "time_zone", "unknown time zone"),
    ("pack.yaml", "single_signer_rank: 2", "single_signer_rank: 5", "single_signer_rank", "0 to 4"),
    ("pack.yaml", "single_signer_rank: 2", "single_signer_rank: two", "single_signer_rank", "a whole number"),
    ("pack.yaml", "lift_shown_minutes: 360", "lift_shown_minutes: -1", "lift_shown_minutes", "0 to 527040"),
    ("pack.yaml", "identifier_prefix: EXC", "identifier_prefix: E/C", "identifier_prefix", "letters, digits"),
    ("pack.yaml", "warnings@county.example", "two words", "cap_sender", "no blank"),
    ("pack.yaml", "cn_dialect: false", "cn_dialect: true", "cn_dialect: true", "needs cn_sender_code"),
    ("pack.yaml", "name: {en: Example County}", "name: {fr: Comté}", "name: ", "the text in en is missing"),
    ("pack.yaml", "name: {en: Example County}", "name: Example County", "name: ", "must be a mapping"),
    ("levels.yaml", "rank: 3", "rank: 4", "rank: 4\n    name: {en: Amber", "red has rank 4 already"),
    ("levels.yaml", "rank: 3", "rank: 7", "rank: 7", "0 (notice) to 4"),
    ("levels.yaml", "id: amber", "id: red", "id: red\n    rank: 3", "red stands on line"),
    ("levels.yaml", "'#1A1A1A'", "black", "ink: black", "six hex digits"),
    ("levels.yaml", "cap_severity: Severe", "cap_severity: Bad", "cap_severity: Bad", "'Extreme', 'Severe'"),
    ("levels.yaml", "at_lease_end: safe", "at_lease_end: blank", "at_lease_end: blank", "'as_of' or 'safe'"),
    ("levels.yaml", "default_minutes: 480", "default_minutes: 9999", "default_minutes: 9999", "max_minutes"),
    ("levels.yaml", "glyph: ◆", "glyph: ''", "glyph: ''", "a sign beside its colour"),
    ("levels.yaml", "numeral: {en: Be prepared}", "numeral: {}", "numeral: {}", "the text in en is missing"),
    ("hazards.yaml", "code: WIND", "code: RAIN", "code: RAIN\n    name: {en: Strong", "RAIN stands on line"),
    ("hazards.yaml", "levels: [amber, yellow]", "levels: [amber, blue]", "levels: [amber, blue]", "level blue"),
    ("hazards.yaml", "levels: [amber, yellow]", "levels: []", "levels: []", "name the levels"),
    ("hazards.yaml", "levels: [amber, yellow]", "levels: amber", "levels: amber", "must be a list"),
    ("hazards.yaml", "cap_category: Geo", "cap_category: Ground", "Ground", "CAP 1.2 knows Geo, Met"),
    ("hazards.yaml", "cap_response: Avoid", "cap_response: Flee", "Flee", "CAP 1.2 knows Shelter"),
    ("hazards.yaml", "hazard_class: accident", "hazard_class: mishap", "mishap", "'natural'"),
    ("hazards.yaml", "until_lifted: true", "until_lifted: maybe", "until_lifted: maybe", "true or false"),
    ("hazards.yaml", "- level: amber", "- level: notices", "- level: notices", "has no level notices"),
    ("hazards.yaml", "since: '2024-01-01'", "since: 1 Jan", "since: 1 Jan", "2026-07-21"),
    ("hazards.yaml", "since: '2024-01-01'", "since: '2024-01-01', until: '2020'", "since: '2024", ""),
    ("hazards.yaml", "      red:\n", "      scarlet:\n", "scarlet", "has no level scarlet"),
    ("areas.csv", "code,name.en", "kode,name.en", "kode", "column code is missing"),
    ("areas.csv", "overlaps,lon", "overlap,lon", "overlap,lon", "unknown column overlap"),
    ("areas.csv", "name.en,", "name.en,name.en,", "name.en", "stands twice"),
    ("areas.csv", "-2.66,52.37", "52.37,-122.66", "Birchford", "are they swapped"),
    ("areas.csv", "-2.66,52.37", "west,north", "Birchford", "decimal degrees"),
    ("areas.csv", "Birchford,", ",", "EX-01-002", "must not be empty"),
    ("areas.csv", "-2.66,52.37", "-2.66", "Birchford", "6 cells, the header has 7"),
    ("areas.csv", "EX-01-002,", "EX-01-001,", "Birchford", "EX-01-001 stands on line"),
    ("areas.csv", "county,,,-2.61", "county,EX-01-003-1,,-2.61", "Example County", "inside itself"),
    ("areas.csv", "EX-01-003;EX-01-007", "EX-01-003;EX-99", "Copperwater", "EX-99, which is no other area"),
    ("areas.csv", "Copperhill,township", '"Copperhill,township', "EX-01-003,", "not CSV"),
    ("units.csv", "government,,", "government,ops,", "Example County Council", "under itself"),
    ("units.csv", "town,county,EX-01-004", "town,shire,EX-01-004", "Dunmere", "parent shire is not in units.csv"),
    ("flows.yaml", "roles: [leader]", "roles: [mayor]", "roles: [mayor]", "unknown role mayor; there are drafter"),
    ("flows.yaml", "roles: [leader]", "roles: []", "roles: []", "name the roles"),
    ("flows.yaml", "id: sign,", "id: check,", "id: check, name: {en: Sign}", "step check stands twice"),
    ("flows.yaml", "id: sign,", "quorum: 0, id: sign,", "quorum: 0", "1 to 9 people"),
    ("flows.yaml", "mode: [test]", "mode: [testing]", "mode: [testing]", "'exercise' or 'test'"),
    ("flows.yaml", "when: {mode: [test]}", "when: {}", "id: exercise\n", "exercise can never match"),
    ("flows.yaml", "hazard: [RAIN, THUNDER", "hazard: [RAIN, HAIL*", "HAIL*", "matches no code of hazards.yaml"),
    ("flows.yaml", "wave: [publish]", "wave: [publishing]", "wave: [publishing]", "not in channels.yaml"),
    ("flows.yaml", "source: [weather-office]", "source: []", "    when:\n      source: []", "name the sources"),
    (
        "flows.yaml",
        "[County Duty Director, Head of the Warning Desk]",
        "[Head, Head]",
        "[Head, Head]",
        "two different people",
    ),
    ("flows.yaml", "[County Duty Director, Head of the Warning Desk]", "[Head]", "signed_by", ""),
    ("flows.yaml", "'2026-01-05'", "last week", "last week", "a date is written"),
    ("flows.yaml", "id: weather-relay", "id: grave", "id: grave\n    name: {en: Weather", "grave stands on line"),
    ("flows.yaml", "standing:", "standings:", "standings:", "accepted here: flows, standing"),
    ("flows.yaml", "when: {level: [yellow, notice]}", "when: {}", "steps:\n      - id: sign", "let one person release"),
    ("flows.yaml", "mode: [test]", "hours: ['8-17']", "hours: ['8-17']", "22:00-06:00"),
    ("channels.yaml", "medium: screen", "medium: screens", "medium: screens", "'screen'"),
    (
        "channels.yaml",
        "[sms-a, sms-b], weights: [2, 1], audience: every",
        "[], audience: every",
        "channels: []",
        "at least one channel",
    ),
    (
        "channels.yaml",
        "[sms-a, sms-b], weights: [2, 1], audience: every",
        "[sms-a, sms-a], audience: every",
        "sms-a, sms-a",
        "twice",
    ),
    ("channels.yaml", "when: {level: [yellow]}", "when: {wave: [publish]}", "wave: [publish]", "cannot ask for a wave"),
    ("channels.yaml", "deadline_minutes: 10}", "deadline_minutes: 0}", "deadline_minutes: 0", "at least 1 minute"),
    ("channels.yaml", "uncertain: repeat", "uncertain: try", "uncertain: try", "'repeat' or 'leave'"),
    ("audiences.yaml", "government]", "ministry]", "ministry]", "is of kind ministry; there are centre"),
    ("audiences.yaml", "id: screens", "id: site", "id: site, name: {en: Public screens}", "site stands on line"),
    (
        "intake.yaml",
        "id: anywhere-fire",
        "id: danger-to-life",
        "id: danger-to-life, parameter",
        "danger-to-life stands on line",
    ),
    ("intake.yaml", "level: red}", "level: crimson}", "crimson", "level crimson is not in levels.yaml"),
    ("intake.yaml", "level: red}", "hazard: LAVA}", "LAVA", "hazard LAVA is not in hazards.yaml"),
    ("intake.yaml", "  lift:", "  lifted:", "  lifted:", "'issue', 'update', 'lift'"),
    ("lint.yaml", "[category,", "[kind,", "kind", "unknown item kind; accepted: category"),
    ("displays.yaml", "preempt_rank: 4", "preempt_rank: 9", "preempt_rank: 9", "0 to 4"),
    ("examples.yaml", "level: yellow", "level: notice", "level: notice", "RAIN has no level notice"),
    ("displays.yaml", "and {count} more", "and more", "and more", "must hold {count}"),
    (
        "areas.csv",
        "EX-01-002,Birchford,township,EX-01-000",
        "EX-01-002,Birchford,township,",
        "Birchford",
        "only EX-01-000",
    ),
    ("levels.yaml", "fresh_minutes: ", "fresh_minutes: 0 # ", "fresh_minutes: 0", "at least 1 minute"),
    ("intake.yaml", "DURATION_TOO_LONG,", "DURATION_LONG,", "DURATION_LONG", "there is no finding DURATION_LONG"),
    ("intake.yaml", "Severe: ", "Serious: ", "Serious", "CAP 1.2 knows Extreme"),
    ("responses.yaml", "decide_minutes: 60}", "decide_minutes: 0}", "decide_minutes: 0}", "at least 1 minute"),
    ("public_tests.yaml", "level: notice", "level: red", "level: red", "NOTICE has no level red: notice"),
    ("subjects.yaml", "stage: use", "stage: lost", "stage: lost", "a stage is one of production"),
    ("subjects.yaml", "level: yellow, km", "level: notice, km", "level: notice, km", "CHEMICAL has no level notice"),
    ("subjects.yaml", "km: 1.5", "km: 1500", "km: 1500", "at most 50 km"),
    (
        "subjects.csv",
        "cold-store,",
        "hot-store,",
        "ice-rink",
        "like hot-store is not in subjects.yaml, which has waterworks",
    ),
    ("subjects.csv", "red=0.5;", "red:0.5;", "ice-rink", "such as red=1.5;orange=0.8, not red:0.5"),
    ("subjects.csv", "red=0.5;", "notice=0.5;", "ice-rink", "CHEMICAL has no level notice"),
    ("subjects.csv", "school=0.2", "school", "ice-rink", "such as school=0.4, not Dunmere primary school"),
    ("subjects.csv", "EX-01-004", "EX-99", "ice-rink", "area EX-99 is not in areas.csv"),
    ("subjects.csv", "ice-rink,", "waterworks,", "Dunmere ice rink", "waterworks stands on line"),
    (
        "subjects.yaml",
        "until the all clear.'}\n  - id",
        "until {firm}.'}\n  - id",
        "{firm}",
        "unknown hole firm; holes here: name",
    ),
    (
        "subjects.yaml",
        "until the all clear.'}\n  - id",
        "for {km:d} km.'}\n  - id",
        "{km:d}",
        "holes here: name, substance, km, neighbours, as they stand",
    ),
    ("filings.yaml", "act: [issue, update]}", "language: [fr]}", "language: [fr]", "fr is not a language of this pack"),
    ("standby/chemical.yaml", "'2026-01-05'", "'2026-02-30'", "2026-02-30", "a date is written"),
    (
        "standby/chemical.yaml",
        "    areas: [EX-01-001]",
        "    areas: [EX-01-009]",
        "EX-01-009",
        "outside what was signed",
    ),
    ("standby/chemical.yaml", "id: wind-turns", "id: now", "id: now\n    name: {en: Birch", "now stands twice"),
    ("standby/chemical.yaml", "longest: 30", "longest: 0", "longest: 0", "at least 1 character"),
    ("standby/chemical.yaml", "name: {en: Place}", "name: {fr: Lieu}", "name: {fr: Lieu}", "the text in en is missing"),
    ("pack.yaml", "quiet_hours: '22:00-07:00'", "quiet_hours: nights", "quiet_hours: nights", "22:00-07:00"),
    ("pack.yaml", "quiet_rank: 2", "quiet_rank: -1", "quiet_rank: -1", "0 to 4"),
    ("pack.yaml", "unopened_rank: 4", "unopened_rank: 5", "unopened_rank: 5", "0 to 4"),
    ("pack.yaml", "large_factor: 3", "large_factor: 0", "large_factor: 0", "at least 1"),
    ("pack.yaml", "weekly_messages: 6", "weekly_messages: -6", "weekly_messages: -6", "0 (never)"),
    ("pack.yaml", "exercise_mark: {en: EXERCISE}\n", "", "# Whose pack", "exercise_mark: the text in en"),
    ("pack.yaml", "originator: CIV", "originator: County", "originator: County", "three capitals"),
    ("pack.yaml", "sender: EXCOUNTY", "sender: EX-COUNTY-1", "sender: EX-COUNTY-1", "one to eight"),
    (
        "pack.yaml",
        "places: {EX-01-000: '099001'}",
        "places: {EX-77: '099001'}",
        "EX-77",
        "area EX-77 is not in areas.csv",
    ),
    ("pack.yaml", "'099001'", "'9901'", "'9901'", "six digits"),
    ("pack.yaml", "events: {RAIN: FFW", "events: {RAIN: flood", "RAIN: flood", "three capitals"),
    ("pack.yaml", "events: {RAIN: FFW", "events: {HAIL: FFW", "HAIL: FFW", "hazard HAIL is not in hazards.yaml"),
    ("levels.yaml", "words: [", "words: ['', ", "words: ['',", "is empty"),
    ("intake.yaml", "  lift: [", "  lift: ['', ", "lift: ['',", "is empty"),
    ("intake.yaml", "words: [danger to life]", "words: ['  ']", "words: ['  ']", "is empty"),
    ("audiences.yaml", "roles: [screen]", "roles: ['']", "roles: ['']", "is empty"),
    (
        "audiences.yaml",
        "languages: [en]",
        "languages: [english]",
        "languages: [english]",
        "not a language of this pack",
    ),
    ("flows.yaml", "- {id: check, name", "- {id: '', name", "{id: '', name", "the id is empty"),
    ("duties.yaml", "      - id: answer", "      - id: ''", "      - id: ''", "the id is empty"),
    ("examples.yaml", "category: Fire", "category: Flames", "category: Flames", "CAP 1.2 knows Geo"),
    ("subjects.yaml", "km: 0.4}", "km: -0.4}", "km: -0.4}", "0 or more"),
    ("standby/chemical.yaml", "'Chemical release at {place}'", "''", "headline: ''", "it must be said"),
    ("displays.yaml", "page_seconds: 6", "page_seconds: 0", "page_seconds: 0", "at least 1"),
]


@pytest.mark.parametrize(("file", "old", "new", "mark", "says"), MISTAKES)
def test_a_planted_mistake_is_found_at_its_line(file: str, old: str, new: str, mark: str, says: str) -> None:
    found = edited(file, old, new)
    line = line_of(found, file, mark)
    errors = refusals(found)
    told = [str(error) for error in errors]
    assert any(one.startswith(f"{file}:{line}:") and says in one for one in told), "\n".join(told)
    assert unsaid(errors) == []


def test_one_mistake_of_an_entry_hides_no_other() -> None:
    """A key that is unknown, stands twice or holds nonsense leaves the rest of its entry, and of its file, in sight."""
    found = edited("channels.yaml", "audience: every", "audience: nobody, loud: yes")
    text = found["channels.yaml"].decode().replace("medium: screen", "medium: pigeon, channels: [x], medium: screen", 1)
    found["channels.yaml"] = text.replace("level: [yellow]", "level: [mauve]", 1).encode()
    found["areas.csv"] = found["areas.csv"].replace(
        b"EX-01-002,Birchford,township,EX-01-000", b"EX-01-002,,township,EX-77"
    )
    found["pack.yaml"] = found["pack.yaml"].replace(b"centre: ops", b"centre: desk\nmotto: safe")
    found["levels.yaml"] = (
        found["levels.yaml"].replace(b"cap_severity: Extreme", b"cap_severity: Awful").replace(b"'#B3261E'", b"crimson")
    )
    text = (
        found["standby/chemical.yaml"].decode().replace("level: amber", "level: violet").replace("{place}", "{plaze}")
    )
    found["standby/chemical.yaml"] = text.replace("Director, Head of the Warning Desk", "Director").encode()
    told = {(error.file, error.message.partition(";")[0]) for error in refusals(found)}
    assert {
        ("levels.yaml", "a colour is six hex digits: '#C8102E'"),
        ("standby/chemical.yaml", "one more is wanted in this list"),
        ("standby/chemical.yaml", "CHEMICAL has no level violet: red, amber, yellow"),
        ("standby/chemical.yaml", "blank plaze must stand both in `blanks` and in this text"),
        ("channels.yaml", "audience nobody is not in audiences.yaml"),
        ("channels.yaml", "level mauve is not in levels.yaml"),
        ("pack.yaml", "unit desk is not in units.csv"),
        ("areas.csv", "this cell must not be empty"),
        ("areas.csv", "parent EX-77 is not in areas.csv"),
    } <= told
    assert {"unknown key", "duplicate key"} <= {words for _, words in told}, told


def test_an_unflowed_wave_is_refused_with_the_cases_it_leaves_open() -> None:
    found = edited("flows.yaml", "when: {level: [yellow, notice]}", "when: {level: [yellow], hours: ['08:00-20:00']}")
    errors = [error for error in refusals(found) if "says who signs" in error.message]
    assert [(one.file, one.line) for one in errors] == [
        ("channels.yaml", line_of(found, "channels.yaml", "id: publish")),
        ("channels.yaml", line_of(found, "channels.yaml", "id: call-out")),
    ]
    assert "level yellow; hazard FLOOD; act issue; mode actual; hours 20:00 | " in errors[0].message
    assert "more cases)" in errors[0].message


def test_a_case_without_any_wave_is_refused() -> None:
    found = edited("channels.yaml", "when: {}", "when: {level: [red, amber, notice]}")
    found["channels.yaml"] = found["channels.yaml"].replace(b"[yellow]}", b"[yellow], act: [issue, update]}")
    (error,) = refusals(found)
    assert (error.file, error.line) == ("channels.yaml", line_of(found, "channels.yaml", "waves:"))
    assert "no wave goes out for level yellow; hazard FLOOD; act lift | level yellow" in error.message


def test_a_night_rule_with_a_day_rule_leaves_no_hole() -> None:
    found = edited("flows.yaml", FLOW, FLOW.replace("notice]", "notice], hours: ['06:00-24:00']"))
    night = FLOW.replace("ordinary", "night").replace("notice]", "notice], hours: ['00:00-06:00']")
    text = found["flows.yaml"].decode()
    found["flows.yaml"] = text.replace(
        "\n# Signed ahead",
        f"{night}    steps: [{{id: sign, name: {{en: Sign}}, roles: [leader]}}]\n\n# Signed ahead",
    ).encode()
    assert load(found).flows[-1].id == "night"
