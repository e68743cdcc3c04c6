"""What fault tests share: a fresh hub with throw-away providers on each kind of database."""

from collections.abc import AsyncIterator

import pytest

from tests.kit import hub


@pytest.fixture
async def rig(database_url: str) -> AsyncIterator[hub.Rig]:
    """A fresh hub."""
    async with hub.rig(database_url) as made:
        yield made
