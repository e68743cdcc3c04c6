"""A web process is killed -9 while it carries out a release or a lift, and the client asks again with the same key.

Exactly one decision is taken, whatever was answered had happened, and what had happened is found out by asking again.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from publisher.store import ledger
from publisher.store.database import Database
from publisher.store.invariants import check
from publisher.store.tables import approval, release
from publisher.work.failpoints import ASKED, VARIABLE
from tests.kit.programs import ROOT
from tests.kit.window import rain

KILLED = -signal.SIGKILL
B = "/api/v1/bulletins"
Ask = tuple[str, str, str, Any]


async def life(folder: Path, asks: Sequence[Ask], point: str = "") -> tuple[int, list[tuple[int, Any]]]:
    """(exit code, answers) of one web process that was asked `asks` in turn; it dies at `point` in the last."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.kit.web_life", str(folder)),
        cwd=ROOT,
        env={**os.environ, VARIABLE: point},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate("".join(json.dumps(one) + "\n" for one in asks).encode())
    return process.returncode or 0, [tuple(json.loads(line)) for line in out.decode().splitlines()]


def release_of(number: int) -> list[Ask]:
    """Everything up to the last signature, in the middle of which the process dies."""
    return [
        (B, "drafter", f"draft-{number}", {"content": rain("red")}),
        (B + "/{id}/submit", "drafter", f"submit-{number}", {}),
        (B + "/{id}", "viewer", "", None),
        (B + "/{id}/approve", "reviewer", f"review-{number}", {"digest": "{digest}"}),
        (B + "/{id}/approve", "leader", f"sign-{number}", {"digest": "{digest}"}),
    ]


def again(number: int, one: Mapping[str, Any]) -> list[Ask]:
    """The same request, a new key in case the hub cannot know, and a look."""
    path, yes = f"{B}/{one['id']}", {"digest": one["digest"]}
    return [
        (f"{path}/approve", "leader", f"sign-{number}", yes),
        (f"{path}/approve", "leader", f"new-{number}", yes),
        (path, "viewer", "", None),
    ]


async def killed_in_turn(folder: Path, points: Sequence[str]) -> None:
    """Each process ends what the last one was killed in, and dies in a release of its own."""
    asks: list[Ask] = []
    for number, point in enumerate(points):
        code, answers = await life(folder, [*asks, *release_of(number)], point)
        assert code == KILLED
        judge(points[number - 1], answers[: len(asks)])
        made = answers[len(asks) :]
        assert [status for status, _ in made] == [201, 200, 200, 200], made[-1]
        asks = again(number, made[-1][1])
    code, answers = await life(folder, asks)
    assert code == 0
    judge(points[-1], answers)


def judge(point: str, answers: Sequence[tuple[int, Any]]) -> None:
    """What asking again gave: the kept answer where one was kept, else the word that nobody knows."""
    if not answers:
        return
    (first, told), (second, _), (_, now) = answers
    assert now["state"] == "released"
    if point == "answer.kept":
        assert (first, second) == (200, 409)
    else:
        assert (first, told["type"].rpartition(":")[2]) == (409, "key-busy")
        assert second == (200 if point == "approve.before_commit" else 409)


async def sound(folder: Path, many: int) -> None:
    """One release and one signature of each signer a bulletin; the chain holds, and so do the invariants."""
    db = Database(f"sqlite+aiosqlite:///{folder / 'hub.sqlite'}")
    async with db.read() as tx:
        assert (await tx.execute(select(func.count()).select_from(release))).scalar_one() == many
        signed = select(approval.c.step, approval.c.officer, func.count().label("many")).where(
            approval.c.void.is_(False)
        )
        found = (await tx.execute(signed.group_by(approval.c.step, approval.c.officer))).all()
        assert {row.many for row in found} == {1}
        assert [str(one) for one in await check(tx) if one.name != "I1"] == []
        assert (await ledger.verify(tx))[1] == ()
    await db.close()


@pytest.mark.timeout(300)
async def test_a_web_process_killed_in_the_middle_takes_one_decision(tmp_path: Path) -> None:
    await killed_in_turn(tmp_path, ASKED)
    await sound(tmp_path, len(ASKED))


@pytest.mark.soak
@pytest.mark.timeout(14400)
async def test_a_web_process_killed_five_hundred_times(tmp_path: Path) -> None:
    await killed_in_turn(tmp_path, ASKED * 125)
    await sound(tmp_path, len(ASKED) * 125)
