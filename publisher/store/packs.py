"""Which bytes does a pack's folder hold? Reads it whole, within limits, for `publisher.core.packs`."""

from collections.abc import Iterator
from pathlib import Path

MAX_FILE = 4 * 1024 * 1024
MAX_FOLDER = 32 * 1024 * 1024
MAX_FILES = 2000
"""Far above any real pack (Pudong: 0.5 MB); they keep a wrong folder from being read into memory."""


class NotAPackFolder(Exception):
    """The folder is missing, unreadable, or too large to be a pack; the text says which."""


def read_folder(path: Path) -> dict[str, bytes]:
    """File name relative to `path` (with `/`) -> bytes, sorted. Hidden files are left out, links are not followed out.

    Raises NotAPackFolder.
    """
    if not path.is_dir():
        raise NotAPackFolder(f"{path} is not a folder; a pack is a folder with pack.yaml in it")
    try:
        return dict(_files(path.resolve()))
    except OSError as bad:
        raise NotAPackFolder(f"{path} cannot be read: {bad}") from bad


def _files(root: Path) -> Iterator[tuple[str, bytes]]:
    total = 0
    for number, file in enumerate(_wanted(root)):
        size = file.stat().st_size
        total += size
        if size > MAX_FILE or total > MAX_FOLDER or number >= MAX_FILES:
            raise NotAPackFolder(
                f"{file} makes this folder too large for a pack: at most {MAX_FILES} files, "
                f"{MAX_FILE} bytes each, {MAX_FOLDER} together"
            )
        yield file.relative_to(root).as_posix(), file.read_bytes()


def _wanted(root: Path) -> Iterator[Path]:
    for file in sorted(root.rglob("*")):
        hidden = any(part.startswith(".") for part in file.relative_to(root).parts)
        inside = file.resolve().is_relative_to(root)
        if file.is_file() and inside and not hidden:
            yield file
