"""The packs of this repository as files, and small edits to them."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import pytest

from publisher.core.pack_errors import PackError, PackRefused
from publisher.core.packs import load
from publisher.store.packs import read_folder
from publisher.web.console.words import Catalogues

POLICIES = Path(__file__).parent.parent.parent / "policies"
WORDS = Catalogues(POLICIES.parent / "templates" / "console")
PACKS = tuple(sorted(path.name for path in POLICIES.iterdir() if path.is_dir()))


@cache
def _read(name: str) -> Mapping[str, bytes]:
    return read_folder(POLICIES / name)


def files(name: str = "example-county") -> dict[str, bytes]:
    """A fresh copy of a pack's files."""
    return dict(_read(name))


def edited(file: str, old: str, new: str, pack: str = "example-county") -> dict[str, bytes]:
    """The pack with `old`, which must be there, replaced by `new` in one file (the first time it occurs)."""
    found = files(pack)
    text = found[file].decode()
    assert old in text, f"{file} does not hold {old!r}"
    found[file] = text.replace(old, new, 1).encode()
    return found


def line_of(found: Mapping[str, bytes], file: str, marker: str) -> int:
    """The line (from 1) on which `marker` first stands."""
    text = found[file].decode()
    assert marker in text
    return text[: text.index(marker)].count("\n") + 1


def refusals(found: Mapping[str, bytes]) -> tuple[PackError, ...]:
    """Why the pack is refused; fails the test when it loads."""
    with pytest.raises(PackRefused) as refused:
        load(found)
    return refused.value.errors


def unsaid(errors: Iterable[PackError]) -> list[tuple[str, str]]:
    """(language, mistake) wherever a catalogue cannot tell one of `errors` with its figures and names."""
    words = {language: WORDS.get(language, (language,)) for language in ("zh", "en")}
    return [(name, str(one)) for name, said in words.items() for one in errors if not said.problem(one.code, one.told)]
