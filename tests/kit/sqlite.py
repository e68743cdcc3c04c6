"""Where do tests get a SQLite database with a hub's tables in it? A copy of a file in which they were made once."""

import shutil
import tempfile
from pathlib import Path

from publisher.store.database import Database


class Blank:
    """One file with a hub's tables, for as long as the test run goes on."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="tocsin-blank-"))
        self._file = self._folder / "hub.sqlite"

    async def copy(self, folder: Path) -> str:
        """The SQLAlchemy address of a fresh copy in `folder`."""
        if not self._file.exists():
            await self._make()
        shutil.copyfile(self._file, folder / "hub.sqlite")
        return f"sqlite+aiosqlite:///{folder / 'hub.sqlite'}"

    async def _make(self) -> None:
        made = self._folder / "made.sqlite"
        db = Database(f"sqlite+aiosqlite:///{made}")
        await db.open()
        await db.close()  # the last connection brings the write-ahead log home
        made.rename(self._file)

    def remove(self) -> None:
        """Delete the file."""
        shutil.rmtree(self._folder, ignore_errors=True)
