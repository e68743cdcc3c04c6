"""How often may somebody try a password? A few times a minute for each account and address, without locking anyone out."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

TRIES = 5
FROM_ONE_ADDRESS = 30
"""A whole room may sit behind one address: one person's slips must not keep the others out."""
PER_SECONDS = 60.0
MOST_KEYS = 10_000


def _most(key: str) -> int:
    return FROM_ONE_ADDRESS if key.startswith("address:") else TRIES


@dataclass
class Throttle:
    """Failed tries by key, forgotten after a minute. One process's memory: a second process allows as many again."""

    clock: Callable[[], float] = time.monotonic
    _failed: dict[str, list[float]] = field(default_factory=dict)

    def wait(self, *keys: str) -> int:
        """Whole seconds until the next try is allowed; 0 when it is allowed now."""
        now = self.clock()
        return max((self._wait(key, now) for key in keys), default=0)

    def _wait(self, key: str, now: float) -> int:
        recent = [at for at in self._failed.get(key, ()) if now - at < PER_SECONDS]
        most = _most(key)
        return int(recent[-most] + PER_SECONDS - now) + 1 if len(recent) >= most else 0

    def failed(self, *keys: str) -> None:
        """Count a failed try."""
        now = self.clock()
        if len(self._failed) > MOST_KEYS:
            self._failed = {key: tries for key, tries in self._failed.items() if now - tries[-1] < PER_SECONDS}
        for key in keys:
            self._failed[key] = [*self._failed.get(key, ())[-_most(key) :], now]

    def succeeded(self, *keys: str) -> None:
        """Forget the failures of a key."""
        for key in keys:
            self._failed.pop(key, None)
