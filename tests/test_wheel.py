"""Does the built wheel run a story where nothing of this checkout can be reached?"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STORY = Path(__file__).parent / "story" / "fixtures" / "rainstorm.xml"


def run(*command: object, cwd: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-2000:] + done.stdout.decode()[-2000:]
    return done.stdout.decode()


@pytest.mark.timeout(600)
def test_the_wheel_installs_into_an_empty_environment_and_tells_a_story(tmp_path: Path) -> None:
    if not (ROOT / "assets" / "fonts").is_dir():
        pytest.skip("needs program: the font that make setup fetches")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, ROOT, cwd=tmp_path)
    run(sys.executable, "-m", "venv", tmp_path / "empty", cwd=tmp_path)
    python = tmp_path / "empty" / "bin" / "python"
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes")
    run(*pip, "-r", ROOT / "requirements-build.lock", cwd=tmp_path)
    run(*pip, "--no-build-isolation", "-r", ROOT / "requirements.lock", cwd=tmp_path)
    wheel = next(tmp_path.glob("*.whl"))
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", wheel, cwd=tmp_path)
    told = json.loads(run(tmp_path / "empty" / "bin" / "tocsin", "story", STORY, "--json", cwd=tmp_path))
    assert told["release"]["public_id"]
    assert "led.png" in told["artefacts"]
    where = run(python, "-c", "import publisher; print(publisher.__file__)", cwd=tmp_path)
    assert str(tmp_path) in where
