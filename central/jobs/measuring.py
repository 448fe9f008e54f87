"""What a Prometheus sees of one worker: how its attempts end and how long they take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector

_SECONDS = (0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300, 1800)


class WorkerMetrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._attempts = Counter(
            "boxoffice_worker_attempts",
            "Attempts by kind of job and how they ended.",
            ("kind", "outcome"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "boxoffice_worker_attempt_seconds",
            "How long attempts took.",
            ("kind",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._in_hand = Gauge("boxoffice_worker_in_hand", "Attempts being worked on.", registry=self.registry)
        self._capacity = Gauge("boxoffice_worker_capacity", "Attempts at a time.", registry=self.registry)

    def started(self, capacity: int) -> None:
        self._capacity.set(capacity)

    def begun(self) -> None:
        self._in_hand.inc()

    def ended(self, kind: str, outcome: str, seconds: float) -> None:
        self._in_hand.dec()
        self._attempts.labels(kind, outcome).inc()
        self._seconds.labels(kind).observe(seconds)

    @contextmanager
    def served(self, port: int) -> Iterator[int]:
        """On this machine alone, meanwhile; the port, which is a free one for 0. Raises OSError when it is taken."""
        server, thread = start_http_server(port, "127.0.0.1", self.registry)
        try:
            yield server.server_port
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
