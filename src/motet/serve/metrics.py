"""What Prometheus reads at /metrics."""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from motet.recommend.port import Retrieval

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder in which several processes of one service add up; see prometheus_client."""


class Metrics:
    """Counters of one process, or, where `FOLDER` is set, of all processes of a service."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        r = self.registry
        self.requests = Counter("motet_requests", "Requests answered.", ["method", "route", "status"], registry=r)
        self.seconds = Histogram("motet_request_seconds", "Time to answer.", ["route"], registry=r, buckets=SECONDS)
        self.events = Counter("motet_events", "Events by what became of them.", ["status"], registry=r)
        self.lists = Counter("motet_lists", "Lists by what they were made from.", ["source"], registry=r)
        self.together = Histogram(
            "motet_lists_together", "Lists that were made at once.", registry=r, buckets=(1, 2, 4, 8, 16, 32)
        )
        self.swaps = Counter("motet_swaps", "Changes of the model.", ["outcome"], registry=r)
        self.waiting = Gauge("motet_waiting", "Requests under way.", registry=r, multiprocess_mode="livesum")
        self.behind = Gauge(
            "motet_followed_seq", "Last change that was followed.", registry=r, multiprocess_mode="livemin"
        )
        self.indexed = Gauge(
            "motet_index_items", "Items of the index in use; 0 without one.", registry=r, multiprocess_mode="livemin"
        )
        self.recall = Gauge(
            "motet_index_recall",
            "Share of the true first hundred that the last index found when it was built.",
            registry=r,
            multiprocess_mode="livemin",
        )
        self.items = Gauge("motet_items", "Items of the catalogue.", registry=r, multiprocess_mode="livemax")

    def tell_retrieval(self, found: Retrieval) -> None:
        """Tell how candidates are found: by an index of which recall, if by one."""
        self.indexed.set(found.items if found.kind == "index" else 0)
        if found.recall is not None:
            self.recall.set(found.recall)

    def text(self) -> bytes:
        """Return everything in Prometheus' own format."""
        if not os.environ.get(FOLDER):
            return generate_latest(self.registry)
        from prometheus_client.multiprocess import MultiProcessCollector

        together = CollectorRegistry()
        MultiProcessCollector(together)
        return generate_latest(together)
