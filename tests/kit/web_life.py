"""One life of a web process on a given data folder: `python -m tests.kit.web_life FOLDER < requests`, one JSON a line.

A request is [path, who, key, body]; its answer is a line [status, JSON]. What is on stdout was answered. `{id}` and
`{digest}` in a request are those of the answer before.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from publisher.work.failpoints import VARIABLE, arm
from tests.kit.window import window


async def live(folder: Path) -> None:
    """Answer every request in turn; die in the last one where the environment says."""
    arm("")
    asks = sys.stdin.readlines()
    async with window(f"sqlite+aiosqlite:///{folder / 'hub.sqlite'}", folder) as at:
        answer: tuple[int, dict[str, Any]] = (0, {})
        for left, line in zip(range(len(asks), 0, -1), asks, strict=True):
            for name in ("id", "digest"):
                line = line.replace(f"{{{name}}}", str(answer[1].get(name)))
            path, who, key, body = json.loads(line)
            arm(os.environ.get(VARIABLE, "") if left == 1 else "")
            told = await (at.post(path, who, body, key=key) if body is not None else at.raw("GET", path, who))
            answer = told if isinstance(told, tuple) else (told.status, await told.json())
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(live(Path(sys.argv[1])))
