"""Spans as they are sent to a collector. Loaded by `central.tracing` alone, and only where traces are wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from threading import Thread
from time import time_ns

from asyncpg.connection import LoggedQuery
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import SpanKind, Status, StatusCode, get_current_span

# never a path or a query string: they hold ids, codes, and what people search for
SENT = frozenset(
    {
        *("http.request.method", "http.route", "http.response.status_code", "error.type", "boxoffice.request"),
        *("db.system.name", "db.operation.name", "db.query.text"),
    }
)
_MOST_QUERY = 2000  # characters
_LAST_WORDS_S = 2.0


class SentTraces:
    """Sent from a thread of its own, in batches; a collector that is away costs spans and nothing else."""

    def __init__(self) -> None:
        self.provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
        self.provider.add_span_processor(BatchSpanProcessor(Discreet(OTLPSpanExporter())))
        self._tracer = self.provider.get_tracer("central")

    def asked(self, query: LoggedQuery) -> None:
        if not get_current_span().get_span_context().is_valid:
            return  # of the node's own upkeep
        ended = time_ns()
        text = " ".join(query.query.split())
        operation = text.partition(" ")[0].upper()
        span = self._tracer.start_span(
            operation,
            kind=SpanKind.CLIENT,
            attributes={
                "db.system.name": "postgresql",
                "db.operation.name": operation,
                "db.query.text": text[:_MOST_QUERY],  # with $1 for what was given
            },
            start_time=ended - int(query.elapsed * 1e9),
        )
        if query.exception is not None:
            span.set_attribute("error.type", type(query.exception).__name__)
            span.set_status(StatusCode.ERROR)
        span.end(ended)

    async def close(self) -> None:
        ending = Thread(target=self.provider.shutdown, daemon=True, name="traces")  # may wait for the collector
        ending.start()
        deadline = asyncio.get_running_loop().time() + _LAST_WORDS_S
        while ending.is_alive() and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.01)


class Discreet(SpanExporter):
    """Lets through what is named in SENT, and no event, link or message of an error: those repeat values."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._exporter.export([_discreet(span) for span in spans])

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)


def _discreet(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes={name: value for name, value in (span.attributes or {}).items() if name in SENT},
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _resource() -> Resource:
    """Named by OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES, otherwise by us."""
    found = Resource.create()
    if str(found.attributes[SERVICE_NAME]).startswith("unknown_service"):
        return found.merge(Resource({SERVICE_NAME: "boxoffice-central"}))
    return found
