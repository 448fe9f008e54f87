"""What a Prometheus sees of one process: requests by route, the pool, the streams, holds and money as they pass.

The figures are of this process alone, unless they say so; Prometheus adds nodes up. They name routes and never paths,
so no id and no person is in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from ipaddress import ip_address
from secrets import compare_digest

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from starlette.types import Scope

from central.problems import Declined, documented
from central.services import ServicesDep

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
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

    def begun(self) -> None:
        self._working.inc()

    def ended(self, scope: Scope, status: int, seconds: float) -> None:
        self._working.dec()
        method, route = scope["method"], getattr(scope.get("route"), "path", "unknown")
        self._answers.labels(method, route, str(status or 499)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def page(self, connections: int, idle: int, waiting: Mapping[str, int]) -> bytes:
        """`waiting` by state of the entry."""
        self._connections.labels("idle").set(idle)
        self._connections.labels("busy").set(connections - idle)
        for state in ("waiting", "offered"):
            self._waiting.labels(state).set(waiting.get(state, 0))
        return generate_latest(self.registry)


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
    page = metrics.page(pool.get_size(), pool.get_idle_size(), dict(waiting))
    return Response(page, media_type=CONTENT_TYPE_LATEST)


def _may_look(request: Request, token: str) -> bool:
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token:
        return compare_digest(given.encode(), token.encode())
    is_passed_on = "x-forwarded-for" in request.headers  # by a proxy on this machine, for anybody at all
    return request.client is not None and ip_address(request.client.host).is_loopback and not is_passed_on
