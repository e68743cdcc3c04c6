"""Does strict CI fail a test that was skipped for want of a program, and only that?"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
IN_A_TEST = 'def test_it() -> None:\n    pytest.skip("{reason}")\n'
AS_A_MARK = '@pytest.mark.skip("{reason}")\ndef test_it() -> None: ...\n'
OF_A_MODULE = 'pytest.skip("{reason}", allow_module_level=True)\n'


def _exit_code(folder: Path, body: str, strict: str) -> int:
    """What pytest, with our conftest as its only plugin of ours, makes of one skipping module."""
    (folder / "test_skips.py").write_text(f"import pytest\n\n{body}\n\ndef test_other(): ...\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-c", os.devnull]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TOCSIN_CI_STRICT": strict}
    run = subprocess.run([*command, "--rootdir", folder, folder], cwd=folder, env=environment, capture_output=True)
    return run.returncode


@pytest.mark.parametrize("body", [IN_A_TEST, AS_A_MARK, OF_A_MODULE])
def test_strict_ci_fails_a_skip_for_want_of_a_program(body: str, tmp_path: Path) -> None:
    assert _exit_code(tmp_path, body.format(reason="needs program: kannel"), "1") in (1, 2)


@pytest.mark.parametrize("body", [IN_A_TEST, AS_A_MARK])
def test_strict_ci_allows_a_skip_for_want_of_the_corpus(body: str, tmp_path: Path) -> None:
    assert _exit_code(tmp_path, body.format(reason="skipped: no corpus"), "1") == 0


def test_a_developer_may_lack_a_program(tmp_path: Path) -> None:
    assert _exit_code(tmp_path, IN_A_TEST.format(reason="needs program: kannel"), "") == 0
