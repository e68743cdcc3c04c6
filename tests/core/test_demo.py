"""Is a demo folder read as written, and a wrong one refused with every mistake at its line?"""

from collections.abc import Mapping

import pytest

from publisher.core.demo import load_demo
from publisher.core.pack_errors import PackError, PackRefused
from publisher.core.packs import load
from publisher.model.words import Medium, Mode
from tests.kit.packs import edited, files, line_of

PACK = load(files())


def refusals(found: Mapping[str, bytes]) -> tuple[PackError, ...]:
    with pytest.raises(PackRefused) as refused:
        load_demo(found, PACK)
    return refused.value.errors


def test_the_demo_says_what_the_files_say() -> None:
    demo = load_demo(files(), PACK)
    by_id = {one.id: one for one in demo.endpoints}
    screen = by_id["screen-003"]  # type: ignore[index]
    assert (screen.medium, screen.mode, screen.areas) == (Medium.SCREEN, Mode.ACTUAL, ("EX-01-003",))
    assert screen.profile == {"look": "192x18", "width": "192", "height": "18", "colours": "amber"}
    relay = next(one for one in demo.sources if one.relay)
    assert (relay.id, relay.max_rank) == ("weather-office", 4)
    warden = next(one for one in demo.contacts if one.role == "warden")
    assert warden.deputies
    assert demo.channels[3].config["base_url"] == "{sandbox}/kannel"
    assert demo.alert.startswith(b"<?xml")


@pytest.mark.parametrize(
    ("file", "old", "new", "mark", "says"),
    [
        ("demo/officers.yaml", "roles: [leader]", "roles: [boss]", "boss", "unknown role boss"),
        ("demo/officers.yaml", "unit: county", "unit: shire", "shire", "unit shire is not in units.csv"),
        ("demo/officers.yaml", "id: signer-2", "id: signer", "Relief Signing", "signer stands on line"),
        ("demo/officers.yaml", "name: Duty Officer", "nome: Duty Officer", "nome", "unknown key"),
        ("demo/sources.yaml", "max_rank: 4", "max_rank: 9", "max_rank: 9", "0 to 4"),
        ("demo/sources.yaml", "hazards: [RAIN", "hazards: [RAINS", "RAINS", "matches no code"),
        ("demo/sources.yaml", "id: weather-office", "id: weather", "sources:", "source weather-office: missing"),
        (
            "demo/sources.yaml",
            "id: demo",
            "id: other",
            "sources:",
            "coexist of intake.yaml speaks of source demo: missing",
        ),
        ("demo/sources.yaml", "areas: [EX-01-000]", "areas: [EX-02]", "EX-02", "area EX-02"),
        ("demo/channels.yaml", "name: sms-b", "name: sms-a # twin", "# twin", "sms-a stands on line"),
        ("demo/channels.yaml", "name: led-a", "name: led-b", "channels:", "goes by channel led-a: missing"),
        ("demo/contacts.csv", ",yes,", ",perhaps,", "perhaps", "must be yes or no"),
        ("demo/contacts.csv", "town-003-duty,,\n", "nobody,,\n", "nobody", "contact nobody"),
        (
            "demo/contacts.csv",
            "-voice,drafter\n",
            "-voice,draughts\n",
            "draughts",
            "officer draughts is not in officers.yaml",
        ),
        ("demo/contacts.csv", "desk-leader-sms;", "desk-leader-fax;", "desk-leader-fax", "endpoint desk-leader-fax"),
        ("demo/endpoints.csv", ",sms,", ",fax,", ",fax,", "must be one of sms, voice"),
        ("demo/endpoints.csv", ",actual,", ",real,", ",real,", "must be one of actual, exercise, test"),
        ("demo/endpoints.csv", "people=1800", "people=many", "people=many", "people a number"),
        ("demo/endpoints.csv", "look=192x18", "look", ";width=192", "width=192;height=18"),
        ("demo/endpoints.csv", ",en,", ",fr,", ",fr,", "must be one of en"),
        ("demo/endpoints.csv", "+447700900002", "+447700900001", "rivers-sms", "stands on line"),
    ],
)
def test_a_planted_mistake_is_found_at_its_line(file: str, old: str, new: str, mark: str, says: str) -> None:
    found = edited(file, old, new)
    told = [str(error) for error in refusals(found)]
    line = line_of(found, file, mark)
    assert any(one.startswith(f"{file}:{line}:") and says in one for one in told), "\n".join(told)


def test_every_missing_file_is_named() -> None:
    found = {name: body for name, body in files().items() if not name.startswith("demo/")}
    assert {error.file for error in refusals(found)} >= {"demo/officers.yaml", "demo/alert.xml", "demo/endpoints.csv"}


def test_an_unknown_file_is_refused() -> None:
    (error,) = refusals({**files(), "demo/people.csv": b""})
    assert error.file == "demo/people.csv"
