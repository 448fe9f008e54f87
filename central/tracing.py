"""Traces of requests and of their SQL, for whoever names a collector; for everybody else nothing of it is loaded.

The settings are OpenTelemetry's own variables. FastAPI makes the spans of requests and takes over a caller's
`traceparent`; what leaves the process is decided in `central.otlp`, which only this module loads.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Protocol, cast
from urllib.parse import urlsplit

from asyncpg.connection import LoggedQuery
from fastapi.telemetry import TelemetryConfig
from opentelemetry.trace import TracerProvider
from starlette.types import Scope

from boxoffice.domain.refusals import Refused

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", ENDPOINT)
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_HTTP = "http/protobuf"
_ASKED_ALL_THE_TIME = frozenset({"/healthz", "/readyz", "/metrics"})


class CannotTrace(Refused):
    code = "cannot_trace"


class Traces(Protocol):
    provider: TracerProvider

    def asked(self, query: LoggedQuery) -> None:
        """A query of the request at hand has been answered. On the event loop."""
        ...

    async def close(self) -> None:
        """Send what is left, for a few seconds at most."""
        ...


def traces_from(environment: Mapping[str, str]) -> Traces | None:
    """None: nobody asked for traces. Raises CannotTrace."""
    endpoint = _first(environment, _ENDPOINTS)
    is_off = environment.get("OTEL_SDK_DISABLED", "").lower() == "true"
    if not endpoint or is_off or environment.get("OTEL_TRACES_EXPORTER", "otlp") == "none":
        return None
    where = urlsplit(endpoint)
    if where.scheme not in ("http", "https") or not where.hostname:
        raise CannotTrace(
            f"{ENDPOINT} is no URL of a collector.", "Give one such as http://127.0.0.1:4318, or leave it out."
        )
    if _first(environment, _PROTOCOLS) not in ("", _HTTP):
        raise CannotTrace(f"Traces are sent as {_HTTP} only.", f"Set {_PROTOCOLS[1]} to that, or leave it out.")
    try:
        return cast(Traces, import_module("central.otlp").SentTraces())
    except ModuleNotFoundError as error:
        raise CannotTrace(
            f"Traces cannot be sent: {error.name} is not installed.",
            f"Install boxoffice with its extra `tracing`, or leave {ENDPOINT} out.",
        ) from error


def telemetry(traces: Traces | None) -> TelemetryConfig:
    """For FastAPI, which otherwise looks for providers itself, and would send query strings."""
    config: TelemetryConfig = {
        **{"tracing": traces is not None, "metrics": False, "logs": False},
        **{"operation_spans": False, "auto_configure": False},
        "exclude": _is_asked_all_the_time,
    }
    if traces is not None:
        config["tracer_provider"] = traces.provider
    return config


def _is_asked_all_the_time(scope: Scope) -> bool:
    return scope["path"] in _ASKED_ALL_THE_TIME


def _first(environment: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((environment[name] for name in names if environment.get(name)), "")
