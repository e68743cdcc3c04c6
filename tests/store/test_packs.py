"""Is a pack's folder read whole, and a wrong one not at all?"""

from pathlib import Path

import pytest

from publisher.store import packs
from publisher.store.packs import NotAPackFolder, read_folder


def test_it_gives_names_inside_the_folder_and_bytes(tmp_path: Path) -> None:
    (tmp_path / "templates" / "sms").mkdir(parents=True)
    (tmp_path / "pack.yaml").write_bytes(b"id: x\n")
    (tmp_path / "templates" / "sms" / "en.txt").write_bytes(b"{{ body }}")
    assert read_folder(tmp_path) == {"pack.yaml": b"id: x\n", "templates/sms/en.txt": b"{{ body }}"}


def test_hidden_files_and_links_that_lead_out_are_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "pack"
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "config").write_bytes(b"")
    (folder / ".levels.yaml.swp").write_bytes(b"")
    (tmp_path / "secret").write_bytes(b"secret")
    (folder / "pack.yaml").symlink_to(tmp_path / "secret")
    assert read_folder(folder) == {}


def test_a_missing_folder_and_a_file_are_no_packs(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path / "nothing", tmp_path / "file"):
        with pytest.raises(NotAPackFolder, match="is not a folder"):
            read_folder(path)


@pytest.mark.parametrize(("limit", "value"), [("MAX_FILE", 3), ("MAX_FOLDER", 9), ("MAX_FILES", 2)])
def test_a_folder_too_large_is_no_pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int) -> None:
    for name in "abc":
        (tmp_path / name).write_bytes(b"1234")
    monkeypatch.setattr(packs, limit, value)
    with pytest.raises(NotAPackFolder, match="too large"):
        read_folder(tmp_path)
