"""`tocsin backup` and `tocsin restore`: copy a hub while it runs, and put it back so that nothing is sent by itself."""

import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from publisher.cli.shared import USAGE, DataOption, fail, out, settings_of, with_database, writing

if TYPE_CHECKING:
    from publisher.store.backup import About

FileArgument = Annotated[Path, typer.Argument(help="The archive; it holds keys and numbers: guard it.")]
KEYS = "keys/"


def backup(file: FileArgument, data: DataOption = None) -> None:
    """Copy the hub of a data folder into one archive, while it runs. The file is readable by its owner only."""
    from publisher.store.backup import dump

    if file.exists():
        raise fail(f"{file} exists already: name another file", USAGE)
    part = file.with_name(f".{file.name}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
        with zipfile.ZipFile(opened, "w", zipfile.ZIP_DEFLATED) as archive:
            about: About = with_database(data, lambda tx: dump(tx, archive))
            for key in sorted((settings_of(data).data / "keys").glob("[!.]*")):
                archive.writestr(KEYS + key.name, key.read_bytes())
        opened.flush()
        os.fsync(opened.fileno())
    part.rename(file)
    rows = sum(about.rows.values())
    out().print(f"{file}: {rows} rows of {len(about.rows)} tables, ledger at row {about.head[0]}", markup=False)


def restore(file: FileArgument, data: DataOption = None) -> None:
    """Put an archive back into an empty data folder or database. Nothing is sent until an officer says what is still due."""
    from publisher.store.backup import BadBackup, put_back, read_about

    try:
        with zipfile.ZipFile(file) as archive:
            about = read_about(archive)

            async def fill(tx: Any) -> None:
                await put_back(tx, archive, about)

            writing(data, fill)
            _keys(archive, settings_of(data).data / "keys")
    except (OSError, zipfile.BadZipFile) as error:
        raise fail(f"{file}: {error}", USAGE) from error
    except BadBackup as error:
        raise fail(f"{file}: {error}") from error
    out().print(f"put back what was saved at {about.taken}; ledger at row {about.head[0]}", markup=False)
    out().print("start the hub: it sends nothing until an officer has said on the desk what is still due", markup=False)


def _keys(archive: zipfile.ZipFile, folder: Path) -> None:
    from publisher.first_start import write_secret

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in archive.namelist():
        if name.startswith(KEYS):
            write_secret(folder / Path(name).name, archive.read(name))
