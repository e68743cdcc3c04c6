"""How would an exercise go? A script played to its end in a throw-away hub, the demo officers drafting and signing."""

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from publisher.core import drills as scripts
from publisher.core.drills import Script
from publisher.intake.accept import put
from publisher.store import clock, directory
from publisher.store.tables import alert
from publisher.story.options import Options
from publisher.story.run import Stage, officer_with, settle, stage, through
from publisher.work import bulletins, chains, drills
from publisher.work.submit import Blocked


async def play(body: bytes, options: Options, file: str = "script.yaml") -> Mapping[str, Any]:
    """The score. Raises PackRefused for a script with mistakes, Conflict where there is nobody to play with."""
    started = time.monotonic()
    async with stage(options) as on:
        async with on.run.hub.db.read() as tx:
            script = scripts.read(body, on.pack, await directory.sources(tx), file)
        wanted = await drills.start(on.run.hub, script, by=officer_with(on, "leader"))
        refused = await _injects(on, wanted, script)
        async with on.run.hub.db.write() as tx:
            await drills.end(tx, wanted, by=officer_with(on, "leader"))
            score = await drills.score(tx, wanted)
        return {**score, "refused": refused, "seconds": round(time.monotonic() - started, 3)}


async def _injects(on: Stage, wanted: str, script: Script) -> list[str]:
    """Every inject at its minute, and what the officers make of it; the reasons of those that went nowhere."""
    refused: list[str] = []
    minute = 0
    for one in script.injects:
        async with on.run.hub.db.write() as tx:
            await clock.shift(tx, timedelta(minutes=one.at - minute))
            await drills.tend(on.run.hub, tx, wanted, put)
        minute = one.at
        refused += await _answer(on)
    return refused


async def _answer(on: Stage) -> list[str]:
    """Draft, sign and send what waits in the inbox."""
    refused: list[str] = []
    async with on.run.hub.db.read() as tx:
        waiting = [row.id for row in await tx.execute(select(alert.c.id).where(alert.c.state == "new"))]
    for one in waiting:
        try:
            async with on.run.hub.db.write() as tx:
                drafter = officer_with(on, "drafter")
                made = await chains.draft_from_alert(tx, one, by=drafter, pack=on.pack)
            await through(on, made, drafter)
            await settle(on)
        except (Blocked, bulletins.Conflict) as stop:
            refused.append(f"{one}: {stop}")
    return refused
