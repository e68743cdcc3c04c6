"""How long until the last of ten thousand listeners has heard? The hub against a bare loop of writes, in one run."""

import sys

import pytest

from tests.kit.listeners import KILOBYTES, measured, open_files

pytestmark = pytest.mark.bench

MANY = 10_000
ROUNDS = 7
TIMES_BARE = 2.0


async def test_the_last_of_many_listeners_hears_nearly_as_soon_as_from_a_bare_loop() -> None:
    many = min(MANY, open_files(MANY + 500) - 500)
    bare, _ = await measured("bare", many, ROUNDS)
    hub, each = await measured("hub", many, ROUNDS)
    sys.stdout.write(
        f"{many} listeners: bare {bare * 1000:.0f} ms, hub {hub * 1000:.0f} ms ({hub / bare:.2f}x), {each:.1f} kB each\n"
    )
    assert hub / bare <= TIMES_BARE
    assert each <= KILOBYTES
