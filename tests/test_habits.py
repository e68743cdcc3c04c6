"""Does the checkout keep the house rules that no linter knows?"""

import json
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCKS = ["requirements-build.lock", "requirements.lock", "requirements-dev.lock"]
NODE_LOCKS = ["package-lock.json", "tests/peers/package-lock.json"]

# Put together here, so that this file does not break the rules it checks.
REGISTRY_HOSTS = [".".join(parts) for parts in (("pypi", "org"), ("deb", "debian"))] + [
    ".".join(("files", "pythonhosted")),
    ".".join(("registry", "npmjs")),
]
# A path from the root of somebody's machine; `publisher/work/plan.py` is not one.
MACHINE_PATH = re.compile(r"(?<![\w.*)}\]-])/(?:work|root)/")
UNFINISHED = re.compile("|".join(("TO" + "DO", "FIX" + "ME", "NotImplemented" + "Error")))


@cache
def _source_files() -> dict[str, str]:
    """Path and text of every file that is, or is about to be, in the repository."""
    git = shutil.which("git")
    if git is None:
        pytest.skip("needs program: git")
    command = [git, "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode != 0:
        pytest.skip("skipped: not a git checkout")
    paths = [ROOT / name for name in listing.stdout.split("\0") if name]
    texts = ((path, _text(path)) for path in paths if path.is_file())
    return {str(path.relative_to(ROOT)): text for path, text in texts if text is not None}


def _text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        return None


def _hits(rule: re.Pattern[str], *folders: str) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in _source_files().items()
        if not folders or name.startswith(folders)
        for number, line in enumerate(text.splitlines(), 1)
        if rule.search(line)
    ]


def test_it_reads_the_files_it_judges() -> None:
    assert {"Makefile", "pyproject.toml", *LOCKS, *NODE_LOCKS} <= _source_files().keys()


def test_no_file_names_a_registry_host() -> None:
    assert _hits(re.compile("|".join(map(re.escape, REGISTRY_HOSTS)))) == []


def test_no_file_names_a_path_of_one_machine() -> None:
    assert _hits(MACHINE_PATH) == []


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ("open('/" + "work/main/x')", True),
        ("cd /" + "root/.cache", True),
        ("see publisher/work/plan.py", False),
        ("../work/x", False),
        ("{base}/work/x", False),
    ],
)
def test_the_rule_tells_a_machine_path_from_a_folder_of_ours(line: str, is_one: bool) -> None:
    assert bool(MACHINE_PATH.search(line)) is is_one


def test_the_source_holds_nothing_unfinished() -> None:
    assert _hits(UNFINISHED, "publisher/", "channels/") == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_python_package_is_pinned_and_hashed(lock: str) -> None:
    text = re.sub(r"^\s*#.*\n", "", (ROOT / lock).read_text(), flags=re.M)
    entries = [entry.split() for entry in text.replace("\\\n", " ").splitlines()]
    loose = [entry[0] for entry in entries if "==" not in entry[0]]
    bare = [entry[0] for entry in entries if not entry[-1].startswith("--hash=sha256:")]
    assert entries
    assert (loose, bare) == ([], [])


@pytest.mark.parametrize("lock", NODE_LOCKS)
def test_every_locked_node_package_is_hashed_and_comes_from_no_named_host(lock: str) -> None:
    packages = json.loads((ROOT / lock).read_text())["packages"]
    installed = {name: entry for name, entry in packages.items() if name}
    assert installed
    assert [name for name, entry in installed.items() if "integrity" not in entry] == []
    assert [name for name, entry in installed.items() if "resolved" in entry] == []


PLANTED = [
    ("publisher/model/planted.py", "publisher.store.planted"),
    ("publisher/model/planted.py", "publisher.formats.planted"),
    ("publisher/core/planted.py", "publisher.store.planted"),
    ("publisher/core/planted.py", "publisher.render.planted"),
    ("publisher/core/planted.py", "channels.planted_kind"),
    ("publisher/core/planted.py", "sqlalchemy"),
    ("publisher/formats/planted.py", "aiohttp"),
    ("publisher/render/planted.py", "publisher.work.planted"),
    ("publisher/store/planted.py", "publisher.web.planted"),
    ("publisher/intake/planted.py", "publisher.work.planted"),
    ("publisher/work/planted.py", "publisher.web.planted"),
    ("channels/planted_kind/planted.py", "channels.planted_other"),
    ("channels/planted_kind/planted.py", "publisher.core.planted"),
    ("channels/planted_kind/planted.py", "publisher.store.planted"),
    ("channels/planted_kind/planted.py", "publisher.settings"),
]
ALLOWED = [
    ("publisher/web/planted.py", "publisher.work.planted"),
    ("publisher/core/planted.py", "publisher.model.planted"),
    ("publisher/core/planted.py", "channels.base"),
    ("channels/planted_kind/planted.py", "channels.base"),
    ("channels/planted_kind/planted.py", "publisher.formats.planted"),
    ("channels/registry.py", "channels.planted_kind"),
]


def _copy_of_the_source(folder: Path) -> None:
    """The real packages, plus the planted modules that the cases name, empty."""
    for package in ("publisher", "channels"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, folder / package, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", folder)
    for place, target in PLANTED + ALLOWED:
        for module in (place.removesuffix(".py"), target.replace(".", "/")):
            _make_module(folder, module)


def _make_module(folder: Path, module: str) -> None:
    package, _, name = module.rpartition("/")
    if package and not (folder / module).is_dir() and not (folder / f"{module}.py").exists():
        (folder / package).mkdir(parents=True, exist_ok=True)
        (folder / package / "__init__.py").touch()
        (folder / package / f"{name}.py").touch()


def _lint_with(folder: Path, plants: list[tuple[str, str]]) -> subprocess.CompletedProcess[str]:
    _copy_of_the_source(folder)
    for place, target in plants:
        with (folder / place).open("a") as module:
            module.write(f"\nimport {target}\n")
    program = Path(sys.executable).parent / "lint-imports"
    command = [str(program), "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("place", "target"), PLANTED)
def test_a_planted_import_against_the_grain_is_caught(place: str, target: str, tmp_path: Path) -> None:
    done = _lint_with(tmp_path, [(place, target)])
    planted = place.removesuffix(".py").replace("/", ".")
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(rf"{re.escape(planted)}\s*->\s*{re.escape(target)}", done.stdout), done.stdout


def test_imports_along_the_grain_are_let_through(tmp_path: Path) -> None:
    done = _lint_with(tmp_path, ALLOWED)
    assert done.returncode == 0, done.stdout + done.stderr
