"""What every exchange has: a request id, the protocol's header, a line in the log, figures."""

from __future__ import annotations

import asyncio
import re
import secrets
import time

import structlog
from opentelemetry.trace import get_current_span
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from central.draining import Draining, interrupted
from central.metrics import Metrics
from central.problems import answer_to, problem

PROTOCOL_HEADER = ("X-Box-Office", "1")
# an answer is what its type says, in nobody's frame, and its address is nobody's business
_FOR_BROWSERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
)
_OF_PAGES = "frame-ancestors 'none'"  # our only ones describe the API, and fetch what shows it
_OF_DATA = f"default-src 'none'; {_OF_PAGES}"
_ONLY_PRIVATELY = ("Strict-Transport-Security", "max-age=31536000")
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_log = structlog.get_logger("central")


class Envelope:
    def __init__(self, app: ASGIApp, *, trust_proxy: bool = False) -> None:
        self._app, self._trust_proxy = app, trust_proxy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_urlsafe(9)
        metrics: Metrics = scope["app"].state.metrics
        draining: Draining = scope["app"].state.draining
        metrics.begun()
        get_current_span().set_attribute("boxoffice.request", request_id)
        started = time.perf_counter()
        status = 0

        async def labelled(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                out = MutableHeaders(scope=message)
                out.append(*PROTOCOL_HEADER)
                out.append("X-Request-Id", request_id)
                out.setdefault("Cache-Control", "no-store")
                if draining.has_begun:
                    out["Connection"] = "close"
                for name, value in _FOR_BROWSERS:
                    out.setdefault(name, value)
                is_page = out.get("content-type", "").startswith("text/html")
                out.setdefault("Content-Security-Policy", _OF_PAGES if is_page else _OF_DATA)
                if self._is_private(scope, headers):
                    out.setdefault(*_ONLY_PRIVATELY)
            await send(message)

        with structlog.contextvars.bound_contextvars(request=request_id):
            try:
                await self._app(scope, receive, labelled)
            except asyncio.CancelledError:  # it takes longer than this node has left
                if status:
                    raise
                await answer_to(interrupted())(scope, receive, labelled)
            except Exception:
                _log.exception("bug", path=scope["path"])
                if status:
                    raise  # too late for an answer: the line is cut
                sorry = problem(500, "internal", "Something went wrong here.", "It is in central's log.")
                await sorry(scope, receive, labelled)
            finally:
                seconds = time.perf_counter() - started
                metrics.ended(scope, status, seconds)
                took_ms = round(seconds * 1000, 1)
                _log.info("request", method=scope["method"], path=scope["path"], status=status, ms=took_ms)

    def _is_private(self, scope: Scope, headers: Headers) -> bool:
        """The browser came by TLS, to us or to the proxy in front."""
        if scope["scheme"] == "https":
            return True
        return self._trust_proxy and headers.get("x-forwarded-proto", "").strip().lower() == "https"
