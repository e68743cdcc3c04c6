"""What web tests share: the web side of a county hub on SQLite."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.kit.window import Window, window


@pytest.fixture
async def both(database_url: str, tmp_path: Path) -> AsyncIterator[Window]:
    """The same on SQLite and on PostgreSQL, for what many do at once."""
    async with window(database_url, tmp_path) as made:
        yield made


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Window]:
    """A fresh hub of the example county with everybody's tokens."""
    async with window(f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}", tmp_path) as made:
        yield made
