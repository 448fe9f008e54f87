"""What a Prometheus sees of one process: requests by route, the pool, the streams, holds and money as they pass.

The figures are of this process alone, unless they say so; Prometheus adds nodes up. They name routes and never paths,
so no id and no person is in them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from ipaddress import ip_address
from secrets import compare_digest
from time import monotonic

import asyncpg
from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from starlette.types import Scope

from central.anomalies import figures, rules
from central.anomalies.figures import Figures
from central.database import LOST, Database
from central.problems import Declined, documented
from central.services import ServicesDep

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_LOOK_EVERY_S = 5.0
_PATIENCE_S = 8.0  # a Prometheus gives up after ten
router = APIRouter(tags=["operations"])


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._seconds = Histogram(
            "boxoffice_request_seconds",
            "Time to the last byte of an answer.",
            ("method", "route"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._answers = Counter(
            "boxoffice_answers", "Answers by route and status.", ("method", "route", "status"), registry=self.registry
        )
        self._working = Gauge("boxoffice_requests_in_progress", "Requests being worked on.", registry=self.registry)
        self._connections = Gauge(
            "boxoffice_database_connections", "Connections of the pool.", ("state",), registry=self.registry
        )
        self._is_up = Gauge("boxoffice_database_up", "Whether the database answers.", registry=self.registry)
        self._house: CollectorRegistry | None = None
        self._looked_at = -_LOOK_EVERY_S
        self._one_at_a_time = asyncio.Lock()

    def begun(self) -> None:
        self._working.inc()

    def ended(self, scope: Scope, status: int, seconds: float) -> None:
        self._working.dec()
        method, route = scope["method"], getattr(scope.get("route"), "path", "unknown")
        self._answers.labels(method, route, str(status or 499)).inc()
        self._seconds.labels(method, route).observe(seconds)

    async def look(self, database: Database) -> None:
        """At the whole house; not again for some seconds, however many ask. While the database is away nothing is
        known of it but that."""
        async with self._one_at_a_time:
            if monotonic() - self._looked_at < _LOOK_EVERY_S:
                return
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    self._house = _House(*await database.read(_look)).registry
            except (*LOST, asyncpg.PostgresError):  # a time-out is an OSError
                self._house = None
            self._is_up.set(self._house is not None)
            self._looked_at = monotonic()

    def page(self, connections: int, idle: int) -> bytes:
        self._connections.labels("idle").set(idle)
        self._connections.labels("busy").set(connections - idle)
        of_the_house = generate_latest(self._house) if self._house is not None else b""
        return generate_latest(self.registry) + of_the_house


class _House:
    """Figures of the whole house, the same on every node: take their maximum, not their sum. `anomalies`: how many of
    each kind are open; `waiting`: how many are on waiting lists, by state."""

    def __init__(self, found: Figures, anomalies: Mapping[str, int], waiting: Mapping[str, int]) -> None:
        self.registry = CollectorRegistry()

        def gauge(name: str, about: str, *labels: str) -> Gauge:
            return Gauge(f"boxoffice_{name}", f"{about}; of the whole house.", labels, registry=self.registry)

        def shares(family: Gauge, keys: Iterable[str], values: Mapping[str, float]) -> None:
            for key in keys:
                family.labels(key).set(values.get(key, 0))

        gauge("jobs_lag_seconds", "Age of the oldest job that is due or queued").set(found.lag_s)
        gauge("jobs_due", "Jobs that are due and not queued yet").set(found.due)
        shares(
            gauge("jobs_open", "Attempts queued, running and waiting for another try", "state"),
            *(("queued", "running", "waiting"), found.executions),
        )
        shares(
            gauge("jobs_ended_lately", "Attempts that ended within a quarter of an hour", "state"),
            *(("completed", "failed", "lost", "cancelled"), found.ended),
        )
        gauge("jobs_stalled_seconds", "Silence of the most silent worker with something in hand").set(found.stalled_s)
        gauge("job_leader_silent_seconds", "Since the leader was last heard of; -1: there was none").set(
            -1 if found.leader_silent_s is None else found.leader_silent_s
        )
        gauge("job_schedulers", "Schedulers that live").set(found.schedulers)
        shares(
            gauge("job_workers", "Workers by state", "state"),
            *(("healthy", "draining", "unhealthy"), found.workers),
        )
        gauge("job_capacity", "Attempts that all workers can have in hand").set(found.capacity)
        gauge("job_load", "Attempts that workers have in hand").set(found.load)
        gauge("messages_unsent", "Messages that are not done with").set(found.unsent)
        gauge("messages_unsent_seconds", "Age of the oldest message that is not done with").set(found.unsent_s)
        shares(
            gauge("till_silent_seconds", "Since a till with an open shift was last heard of", "till"),
            *(found.tills, found.tills),
        )
        gauge("payment_differences", "What the last comparison with the gateways found").set(found.differences)
        gauge("database_disk_used_ratio", "Share of the database's disk that is used; -1: not known").set(
            -1 if found.disk_used is None else found.disk_used
        )
        shares(gauge("anomalies_open", "Anomalies that are not over", "kind"), rules.KINDS, anomalies)
        shares(gauge("waiting", "Who is on waiting lists", "state"), ("waiting", "offered"), waiting)


async def _look(connection: asyncpg.Connection) -> tuple[Figures, Mapping[str, int], Mapping[str, int]]:
    anomalies = await connection.fetch("select kind, count(*) from anomaly where closed_at is null group by kind")
    waiting = await connection.fetch("select state, count(*) from waiting_entry where ended_at is null group by state")
    return await figures.look(connection), dict(anomalies), dict(waiting)


@router.get(
    "/metrics",
    response_class=PlainTextResponse,
    responses={**documented(HTTPStatus.FORBIDDEN), 200: {"content": {CONTENT_TYPE_LATEST: {}}}},
)
async def show_metrics(request: Request, services: ServicesDep) -> Response:
    """For a Prometheus on this machine, or one that carries the token of BOXOFFICE_METRICS_TOKEN as its bearer."""
    if not _may_look(request, services.metrics_token):
        raise Declined(
            *(HTTPStatus.FORBIDDEN, "not_allowed", "Figures are for the machine itself or who has the metrics token."),
            "Set BOXOFFICE_METRICS_TOKEN and send it as the bearer.",
        )
    metrics: Metrics = request.app.state.metrics
    await metrics.look(services.database)
    pool = services.database.pool
    page = metrics.page(pool.get_size(), pool.get_idle_size())
    return Response(page, media_type=CONTENT_TYPE_LATEST)


def _may_look(request: Request, token: str) -> bool:
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token:
        return compare_digest(given.encode(), token.encode())
    is_passed_on = "x-forwarded-for" in request.headers  # by a proxy on this machine, for anybody at all
    return request.client is not None and ip_address(request.client.host).is_loopback and not is_passed_on
