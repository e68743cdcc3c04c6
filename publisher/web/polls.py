"""Who polled what, and when last? Counts by public path, kept in memory so that a poll never touches the database."""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from publisher.web.metrics import Metrics

SURFACES = ("api", "console", "feeds", "led", "broadcast", "cap", "hooks", "exercise", "sandbox")


def surface_of(path: str) -> str:
    """The part of the hub that a path belongs to, as metrics name it."""
    name = path.split("/", 2)[1] if path.startswith("/") else ""
    return name if name in SURFACES else "site"


@dataclass
class Polls:
    """Polls of public pages that exist (what does not is counted by nobody, so memory is bounded), of this process."""

    count: Counter[str] = field(default_factory=Counter)
    last: dict[str, float] = field(default_factory=dict)
    _screens: set[str] = field(default_factory=set)
    _fast: Counter[tuple[str, int]] = field(default_factory=Counter)

    def note(self, path: str) -> None:
        """Somebody asked for the page at `path`: a device's own path counts that device."""
        self.count[path] += 1
        self.last[path] = time.monotonic()
        if "/led/" in path:
            self._screens.add(path)

    def fast(self, path: str, status: int) -> None:
        """The same, answered by the fast lane, which no middleware sees."""
        self.note(path)
        self._fast[path, status] += 1

    def screens_fetched(self) -> set[str]:
        """The screens' pages that were fetched since this was last asked."""
        found, self._screens = self._screens, set()
        return found

    def ages(self) -> Mapping[str, float]:
        """Path -> seconds since its last poll."""
        now = time.monotonic()
        return {path: now - at for path, at in self.last.items()}

    def tell(self, metrics: Metrics) -> None:
        """Hand what the lane answered over to the counter of requests."""
        told, self._fast = self._fast, Counter()
        for (path, status), many in told.items():
            metrics.requests.labels(surface_of(path), str(status)).inc(many)
