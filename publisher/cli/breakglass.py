"""`tocsin breakglass`: on paper, what is needed when the hub is gone."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from publisher.cli.shared import DataOption, out, settings_of, with_database

if TYPE_CHECKING:
    from publisher.store.database import Tx


def breakglass(
    to: Annotated[Path | None, typer.Option("--out", help="Folder; default breakglass in the data folder.")] = None,
    data: DataOption = None,
) -> None:
    """Write live warnings, whom to call and texts to fill in, to print and to keep. They hold people's numbers."""
    from publisher.core.packs import load
    from publisher.settings import resource
    from publisher.store.versions import Packs
    from publisher.work.breakglass import write

    settings = settings_of(data)
    folder = to or settings.breakglass or settings.data / "breakglass"

    async def made(tx: "Tx") -> Path:
        return await write(tx, await Packs(load).active(tx), resource("templates"), folder)

    out().print(f"{with_database(data, made)}", markup=False)
