"""What does this web process count? A few honest figures for Prometheus, of this process only."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0


class Metrics:
    """One registry per application, so that two in one process do not share figures."""

    media_type = CONTENT_TYPE_PLAIN_1_0_0

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = self._counter("http_requests", "Requests answered.", "surface", "status")
        self.alerts = self._counter("alerts_received", "Alerts taken in, by outcome.", "outcome")
        self.approvals = self._counter("approvals", "Approvals tried, by what became of them.", "outcome")
        self.replays = self._counter("idempotent_replays", "Requests answered from a kept answer.")
        self.receipts = self._counter("receipts", "Receipts heard on provider callbacks.", "channel")
        self.signins = self._counter("signins", "Sign-ins tried, by what became of them.", "outcome")

    def _counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(f"tocsin_{name}", says, labels, registry=self.registry)

    def gauge(self, name: str, says: str, read: Callable[[], float]) -> None:
        """A figure read when it is asked for."""
        Gauge(f"tocsin_{name}", says, registry=self.registry).set_function(read)

    def text(self) -> bytes:
        """The exposition in Prometheus' text format."""
        return generate_latest(self.registry)
