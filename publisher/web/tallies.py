"""How many polls did the fast lane answer? Counted in memory, for no middleware sees them; handed to the metrics when asked."""

from collections import Counter
from dataclasses import dataclass, field

from publisher.web.metrics import Metrics

SURFACES = ("api", "console", "feeds", "led", "broadcast", "cap", "hooks", "exercise", "sandbox")


def surface_of(path: str) -> str:
    """The part of the hub that a path belongs to, as metrics name it."""
    name = path.split("/", 2)[1] if path.startswith("/") else ""
    return name if name in SURFACES else "site"


@dataclass
class Tallies:
    """Answers by path and status: of pages that exist only, so that memory is bounded."""

    count: Counter[tuple[str, int]] = field(default_factory=Counter)
    _told: Counter[tuple[str, int]] = field(default_factory=Counter)

    def note(self, path: str, status: int) -> None:
        """One poll was answered."""
        self.count[path, status] += 1

    def of(self, path: str) -> int:
        """Polls of one path, whatever the answer."""
        return sum(many for (asked, _), many in self.count.items() if asked == path)

    def tell(self, metrics: Metrics) -> None:
        """Hand what is new over to the counter of requests."""
        for key, many in self.count.items():
            if new := many - self._told[key]:
                metrics.requests.labels(surface_of(key[0]), str(key[1])).inc(new)
        self._told = Counter(self.count)
