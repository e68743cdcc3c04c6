"""Can a hub of the live world, which begins with nobody in it, be given its people, sources and endpoints at a shell?"""

import asyncio
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from publisher.app import running
from publisher.cli import app
from publisher.settings import Settings

SOURCES = """\
sources:
  - id: river-board
    unit: rivers
    senders: ['*@rivers.example']
    hazards: [FLOOD]
    max_rank: 3
    areas: [EX-01-000]
"""
CONTACTS = "id,name,role,unit,on_duty,deputies,endpoints,officer\nriver-desk,River desk,duty,rivers,yes,,,\n"
ENDPOINTS = """\
id,medium,address,areas,unit,language,mode,contact,role,tags,state,profile
river-desk-sms,sms,+447700900001,EX-01-000,rivers,en,actual,river-desk,duty,,,
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a live hub that has started once and stopped."""
    folder = tmp_path_factory.mktemp("live")

    async def start() -> None:
        settings = Settings(data=folder, pack="example-county", world="live", redis=False, port=0)  # type: ignore[arg-type]
        async with running(settings, headless=True, officers=False):
            pass

    asyncio.run(start())
    return folder


def shell(hub: Path, *words: str, exit_code: int = 0, stdin: str | None = None) -> str:
    """What a command says, with the exit code it must end with."""
    found = CliRunner().invoke(app, [*words, "--data", str(hub)], input=stdin)
    assert found.exit_code == exit_code, (words, found.output, found.exception)
    return found.stdout + found.stderr


def test_a_live_hub_is_given_its_directory_file_by_file(hub: Path, tmp_path: Path) -> None:
    for name, text in (("s.yaml", SOURCES), ("c.csv", CONTACTS), ("e.csv", ENDPOINTS)):
        (tmp_path / name).write_text(text)
    password = shell(
        hub, "officer", "add", "river-chief", "--name", "River chief", "--unit", "rivers", "--role", "signer"
    )
    assert len(password.strip()) >= 16 and "river-chief" in shell(hub, "officer", "list")
    assert "nothing was done" in shell(hub, "source", "take", str(tmp_path / "s.yaml"), exit_code=1, stdin="n\n")
    assert "no key" not in shell(hub, "source", "list")
    shell(hub, "source", "take", str(tmp_path / "s.yaml"), "--yes")
    shell(hub, "contact", "take", str(tmp_path / "c.csv"), "--yes")
    assert "+ river-desk-sms" in shell(hub, "endpoint", "take", str(tmp_path / "e.csv"), "--yes")
    assert shell(hub, "endpoint", "take", str(tmp_path / "e.csv")) == "It is the list we have.\n"
    assert json.loads(shell(hub, "endpoint", "list", "--json"))[0]["address"] == "+447700900001"
    assert "river-desk-sms" in shell(hub, "contact", "list")
    assert "river-desk" in shell(hub, "duty", "list")
    shell(
        hub, "duty", "plan", "--unit", "rivers", "--from", "2031-03-01T08:00:00", "--to", "2031-03-01T20:00:00",
        "--command", "river-desk",
    )  # fmt: skip
    assert "2031-03-01 08:00 to 2031-03-01 20:00  river-desk (in command)" in shell(hub, "duty", "list")
    shell(hub, "endpoint", "revoke", "river-desk-sms", "--reason", "the number moved")
    assert "revoked" in shell(hub, "endpoint", "list")
    assert "no hub" not in shell(hub, "check")


def test_a_source_changes_over_to_a_new_key_and_goes(hub: Path, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(SOURCES.replace("river-board", "river-post"))
    shell(hub, "source", "take", str(tmp_path / "s.yaml"), "--yes")
    first, second = (shell(hub, "source", "key", "river-post").strip() for _ in range(2))
    assert first != second and first.startswith("toc_b_")
    old = re.findall(r"\b[0-9a-f]{16}\b", shell(hub, "source", "list").split("river-post", 1)[1])[-1]
    shell(hub, "source", "unkey", "river-post", old, "--reason", "changed over")
    assert old not in shell(hub, "source", "list")
    shell(hub, "source", "end", "river-post", "--reason", "closed down")
    assert "river-post" not in shell(hub, "source", "list")
    assert "no source river-post" in shell(hub, "source", "key", "river-post", exit_code=1)


def test_an_officers_token_is_made_listed_and_ended(hub: Path) -> None:
    shell(hub, "officer", "add", "desk-1", "--name", "Desk", "--unit", "ops", "--role", "drafter", "--role", "viewer")
    assert shell(hub, "token", "make", "desk-1", "--days", "30").startswith("toc_b_")
    [mine] = json.loads(shell(hub, "token", "list", "--json"))
    assert (mine["officer"], mine["used"]) == ("desk-1", "") and mine["expires"]
    shell(hub, "token", "end", mine["token"], "--reason", "lost")
    assert json.loads(shell(hub, "token", "list", "--json")) == []
    assert "no active officer nobody" in shell(hub, "token", "make", "nobody", exit_code=1)


def test_every_reason_is_told_and_nothing_is_taken(hub: Path, tmp_path: Path) -> None:
    bad = tmp_path / "e.csv"
    bad.write_text(
        ENDPOINTS + "a,sms,+447700900002,NOWHERE,nobody,fr,actual,ghost,duty,,,\n"
        "b,screen,b,EX-01-000,rivers,en,actual,,,,,\n"
        "c,sms,+447700900003,EX-01-000,rivers,en,actual,,,,,\nd,sms,+447700900003,EX-01-000,rivers,en,actual,,,,,\n"
    )
    said = shell(hub, "endpoint", "take", str(bad), "--yes", exit_code=1)
    for words in (
        "unit nobody is not", "area NOWHERE is not", "does not write in fr", "no contact ghost",
        "b: a display is registered", "endpoints.csv:6", "d: c has this address already",
    ):  # fmt: skip
        assert words in said, (words, said)
    assert "c  " not in shell(hub, "endpoint", "list")
    wrong = tmp_path / "s.yaml"
    wrong.write_text(
        SOURCES.replace("rivers\n", "nowhere\n").replace("FLOOD", "PLAGUE").replace("max_rank: 3", "max_rank: 9")
    )
    said = shell(hub, "source", "take", str(wrong), "--yes", exit_code=1)
    assert "sources.yaml:3" in said and "PLAGUE" in said and "a rank is 0 to 4" in said, said
    said = shell(hub, "officer", "add", "X Y", "--name", " ", "--unit", "none", "--role", "king", exit_code=1)
    assert all(f"{one}: " in said for one in ("id", "name", "unit", "role")), said


def test_the_public_halves_of_the_keys_are_printed(hub: Path) -> None:
    assert "until" in shell(hub, "key", "list")
    assert shell(hub, "key", "show", "cap").startswith("-----BEGIN CERTIFICATE-----")
    assert shell(hub, "key", "show", "display") == shell(hub, "screen", "trust")
    assert "there are cap and display" in shell(hub, "key", "show", "vault", exit_code=1)
