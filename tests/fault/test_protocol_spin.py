"""Does Spin, which looks at every interleaving of docs/protocol.pml, find none that breaks the protocol?"""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.kit.programs import ROOT, program

MODEL = ROOT / "docs" / "protocol.pml"


def explored(text: str, folder: Path, keyed: int) -> str:
    """What the exhaustive search says."""
    spin, cc = program("spin"), shutil.which("cc") or program("gcc")
    (folder / "model.pml").write_text(text)
    subprocess.run([spin, f"-DKEYED={keyed}", "-a", "model.pml"], cwd=folder, check=True, capture_output=True)
    subprocess.run([cc, "-O1", "-DSAFETY", "-w", "-o", "pan", "pan.c"], cwd=folder, check=True)
    run = subprocess.run([folder / "pan", "-m100000"], cwd=folder, check=True, capture_output=True, text=True)
    return run.stdout


@pytest.mark.timeout(180)
@pytest.mark.parametrize("keyed", [0, 1])
def test_no_interleaving_breaks_the_protocol(tmp_path: Path, keyed: int) -> None:
    said = explored(MODEL.read_text(), tmp_path, keyed)
    assert "errors: 0" in said
    assert "Search not completed" not in said


@pytest.mark.timeout(180)
def test_a_repeat_in_doubt_without_a_key_is_found_to_tell_twice(tmp_path: Path) -> None:
    rash = MODEL.read_text().replace("row == calling && KEYED -> sends", "row == calling -> sends")
    assert "assertion violated (told<=1)" in explored(rash, tmp_path, keyed=0)
