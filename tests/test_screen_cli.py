"""Can displays be looked after from a shell?"""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from publisher.cli import app
from tests.kit.window import window

runner = CliRunner()


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """The data folder of a hub that was started once and is not running."""
    async with window(f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}", tmp_path):
        pass
    return tmp_path


def screen(folder: Path, *words: str, code: int = 0) -> str:
    found = runner.invoke(app, ["screen", *words, "--data", str(folder)])
    assert found.exit_code == code, found.output
    return found.output


def test_a_display_is_registered_given_a_key_changed_and_taken_out(folder: Path) -> None:
    size = ("--width", "320", "--height", "64", "--area", "EX-01-003", "--unit", "town-003")
    screen(folder, "add", "bridge", *size, "--position", "North bridge")
    assert screen(folder, "key", "bridge").startswith("toc_d_")
    screen(folder, "set", "bridge", "--colours", "rg")
    assert re.search(r"bridge +320x64 +rg +verified +never asked +toc_d_", screen(folder, "list"))
    assert screen(folder, "unkey", "bridge", "--reason", "lost") == "1 keys of bridge ended\n"
    screen(folder, "revoke", "bridge", "--reason", "sold")
    assert "revoked" in screen(folder, "key", "bridge", code=1)
    assert len(screen(folder, "trust").strip()) == 43


def test_a_refusal_gives_every_reason(folder: Path) -> None:
    bad = ("--width", "8", "--height", "4", "--area", "x", "--unit", "y")
    assert {"width", "height"} <= set(re.findall(r"^(\w+):", screen(folder, "add", "b", *bad, code=1), re.M))
    worse = ("--width", "64", "--height", "32", "--area", "x", "--unit", "y", "--colours", "pink")
    assert {"areas", "unit", "colours"} <= set(re.findall(r"^(\w+):", screen(folder, "add", "b", *worse, code=1), re.M))
    assert "no screen nowhere" in screen(folder, "key", "nowhere", code=1)
