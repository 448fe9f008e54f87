"""What a Prometheus sees of one process: requests by route, the pool, the streams, holds and money as they pass.

The figures are of this process alone, unless they say so; Prometheus adds nodes up. They name routes and never paths,
so no id and no person is in them.
"""

from __future__ import annotations

from collections.abc import Mapping
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
from central.database import Database
from central.problems import Declined, documented
from central.services import ServicesDep

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_LOOK_EVERY_S = 5.0
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

        self._waiting = Gauge(
            "boxoffice_waiting",
            "Who is on waiting lists; of the whole house, the same on every node.",
            ("state",),
            registry=self.registry,
        )
        self._house = _House(self.registry)
        self._looked_at = -_LOOK_EVERY_S

    def begun(self) -> None:
        self._working.inc()

    def ended(self, scope: Scope, status: int, seconds: float) -> None:
        self._working.dec()
        method, route = scope["method"], getattr(scope.get("route"), "path", "unknown")
        self._answers.labels(method, route, str(status or 499)).inc()
        self._seconds.labels(method, route).observe(seconds)

    async def look(self, database: Database) -> None:
        """At the whole house; not again for some seconds, however many ask."""
        if monotonic() - self._looked_at < _LOOK_EVERY_S:
            return
        found, anomalies = await database.read(_look)
        self._house.show(found, anomalies)
        self._looked_at = monotonic()

    def page(self, connections: int, idle: int, waiting: Mapping[str, int]) -> bytes:
        """`waiting` by state of the entry."""
        self._connections.labels("idle").set(idle)
        self._connections.labels("busy").set(connections - idle)
        for state in ("waiting", "offered"):
            self._waiting.labels(state).set(waiting.get(state, 0))
        return generate_latest(self.registry)


class _House:
    """Figures of the whole house, the same on every node: take their maximum, not their sum."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, about: str, *labels: str) -> Gauge:
            return Gauge(f"boxoffice_{name}", f"{about}; of the whole house.", labels, registry=registry)

        self._lag = gauge("jobs_lag_seconds", "Age of the oldest job that is due or queued")
        self._due = gauge("jobs_due", "Jobs that are due and not queued yet")
        self._open = gauge("jobs_open", "Attempts queued, running and waiting for another try", "state")
        self._ended = gauge("jobs_ended_lately", "Attempts that ended within a quarter of an hour", "state")
        self._stalled = gauge("jobs_stalled_seconds", "Silence of the most silent worker with something in hand")
        self._leader = gauge("job_leader_silent_seconds", "Since the leader was last heard of; -1: there was none")
        self._schedulers = gauge("job_schedulers", "Schedulers that live")
        self._workers = gauge("job_workers", "Workers by state", "state")
        self._capacity = gauge("job_capacity", "Attempts that all workers can have in hand")
        self._load = gauge("job_load", "Attempts that workers have in hand")
        self._unsent = gauge("messages_unsent", "Messages that are not done with")
        self._unsent_age = gauge("messages_unsent_seconds", "Age of the oldest message that is not done with")
        self._tills = gauge("till_silent_seconds", "Since a till with an open shift was last heard of", "till")
        self._differences = gauge("payment_differences", "What the last comparison with the gateways found")
        self._disk = gauge("database_disk_used_ratio", "Share of the database's disk that is used; -1: not known")
        self._anomalies = gauge("anomalies_open", "Anomalies that are not over", "kind")

    def show(self, found: Figures, anomalies: Mapping[str, int]) -> None:
        """`anomalies`: how many of each kind are open."""
        self._lag.set(found.lag_s)
        self._due.set(found.due)
        for state in ("queued", "running", "waiting"):
            self._open.labels(state).set(found.executions.get(state, 0))
        for state in ("completed", "failed", "lost", "cancelled"):
            self._ended.labels(state).set(found.ended.get(state, 0))
        self._stalled.set(found.stalled_s)
        self._leader.set(-1 if found.leader_silent_s is None else found.leader_silent_s)
        self._schedulers.set(found.schedulers)
        for state in ("healthy", "draining", "unhealthy"):
            self._workers.labels(state).set(found.workers.get(state, 0))
        self._capacity.set(found.capacity)
        self._load.set(found.load)
        self._unsent.set(found.unsent)
        self._unsent_age.set(found.unsent_s)
        self._tills.clear()
        for till, silent_s in found.tills.items():
            self._tills.labels(till).set(silent_s)
        self._differences.set(found.differences)
        self._disk.set(-1 if found.disk_used is None else found.disk_used)
        for kind in rules.KINDS:
            self._anomalies.labels(kind).set(anomalies.get(kind, 0))


async def _look(connection: asyncpg.Connection) -> tuple[Figures, Mapping[str, int]]:
    rows = await connection.fetch("select kind, count(*) from anomaly where closed_at is null group by kind")
    return await figures.look(connection), dict(rows)


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
    pool = services.database.pool
    waiting = await pool.fetch("select state, count(*) from waiting_entry where ended_at is null group by 1")
    metrics: Metrics = request.app.state.metrics
    await metrics.look(services.database)
    page = metrics.page(pool.get_size(), pool.get_idle_size(), dict(waiting))
    return Response(page, media_type=CONTENT_TYPE_LATEST)


def _may_look(request: Request, token: str) -> bool:
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token:
        return compare_digest(given.encode(), token.encode())
    is_passed_on = "x-forwarded-for" in request.headers  # by a proxy on this machine, for anybody at all
    return request.client is not None and ip_address(request.client.host).is_loopback and not is_passed_on
