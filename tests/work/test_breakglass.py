"""When the hub is gone, does the paper hold what stands, whom to call, and what to say?"""

from datetime import timedelta
from pathlib import Path

import pytest

from publisher.core.packs import load
from publisher.settings import resource
from publisher.store.versions import Packs
from publisher.work import approve
from publisher.work.approve import Yes
from publisher.work.breakglass import BLANK, Nightly, write
from tests.kit.county import content, county, section, towns
from tests.kit.desk import desk, later, people, submitted

TEMPLATES = resource("templates")


@pytest.mark.parametrize("pack", ["example-county", "pudong"])
async def test_it_holds_whom_to_call_and_texts_to_fill_in(tmp_path: Path, pack: str) -> None:
    async with desk(f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}", tmp_path, pack=pack) as hub:
        async with hub.db.read() as tx:
            active = await hub.packs.active(tx)
            made = await write(tx, active, TEMPLATES, tmp_path / "out")
        text, page = (made / "breakglass.txt").read_text("utf-8"), (made / "breakglass.html").read_text("utf-8")
        assert (made / "breakglass.txt").stat().st_mode & 0o077 == 0
        for level in active.levels:
            for name in level.name.values():
                assert name in text
        assert text.count(BLANK) > 20
        assert "⟦" not in text + page
        assert any(one.isdigit() for one in text)
        assert page.startswith("<!doctype html>")
        if pack == "example-county":
            assert not any("\u4e00" <= one <= "\u9fff" for one in text + page)


async def test_it_holds_what_is_in_force_word_for_word(tmp_path: Path) -> None:
    async with desk(f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}", tmp_path) as hub:
        who = await people(hub)
        one = await submitted(hub, who["drafter"], content(section(4, towns()[0], text="The river is <rising>.")))
        await approve.approve(hub, one.id, Yes(one.digest), by=who["reviewer"])
        await approve.approve(hub, one.id, Yes(one.digest), by=who["leader"])
        async with hub.db.read() as tx:
            made = await write(tx, county(), TEMPLATES, tmp_path / "out")
        assert "The river is <rising>." in (made / "breakglass.txt").read_text("utf-8")
        assert "The river is &lt;rising&gt;." in (made / "breakglass.html").read_text("utf-8")


async def test_it_is_written_once_a_night_and_kept_for_two_weeks(tmp_path: Path) -> None:
    async with desk(f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}", tmp_path) as hub:
        nightly = Nightly(hub.db, Packs(load), TEMPLATES, tmp_path / "out")
        made = set()
        for _ in range(18 * 2):
            if (one := await nightly.look()) is not None:
                made.add(one)
            await later(hub, timedelta(hours=12))
        assert len(made) in (18, 19)
        assert len(list((tmp_path / "out").iterdir())) == 14
