"""The booking API as an ASGI application. Nothing exists before `create_app` is called, and nothing at import."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from starlette.middleware.gzip import GZipMiddleware

from central import months, problems
from central.accounts import keeping
from central.accounts.endpoints import router as accounts
from central.accounts.keeping import keep
from central.accounts.social import router as social
from central.accounts.users import router as users
from central.anomalies import watching
from central.anomalies.endpoints import router as anomalies
from central.arriving import Arriving
from central.attention.conflicts import settle_open
from central.attention.endpoints import router as attention
from central.auditing import router as audit_log
from central.bookings.endpoints import router as bookings
from central.bookings.expiring import expire_due
from central.catalogue import folding
from central.catalogue.admin import router as admin_events
from central.catalogue.endpoints import router as events
from central.catalogue.folding import fold_all
from central.catalogue.furniture import router as furniture
from central.draining import Draining
from central.envelope import Envelope
from central.invariants import router as invariants
from central.jobs.endpoints import router as jobs
from central.loyalty.endpoints import router as loyalty
from central.metrics import Metrics
from central.metrics import router as metrics_router
from central.months import turn_months
from central.notifications.endpoints import router as notifications
from central.notifications.hooks import router as hooks
from central.payments.endpoints import router as payments_router
from central.payments.reconciliation import look_after
from central.payments.webhooks import router as webhooks
from central.queries.endpoints import router as queries
from central.reviews.endpoints import router as reviews
from central.services import Services, ServicesDep, services_of
from central.settings import Settings
from central.statistics.endpoints import router as statistics
from central.tills.admin import router as admin_tills
from central.tills.endpoints import WrongCodes
from central.tills.endpoints import router as tills_router
from central.tills.feeds import COMPACT_EVERY_S, compact
from central.tills.hints import Hints
from central.tracing import telemetry
from central.upkeep import repeating
from central.waiting.endpoints import router as waiting


def create_app(settings: Settings) -> FastAPI:
    hints = Hints()
    opened = services_of(settings, hints)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opened as services, AsyncExitStack() as stack:
            app.state.services = services
            for upkeep in _upkeep(services, settings):
                await stack.enter_async_context(upkeep)
            yield

    app = FastAPI(
        title="Box Office",
        version="1",
        summary="The booking service that tills sync with and the public searches.",
        lifespan=lifespan,
        responses=problems.documented(),
        redirect_slashes=False,
        telemetry=telemetry(settings.traces),
    )
    app.state.hints = hints
    app.state.draining = Draining(hints)
    app.state.metrics = Metrics()
    app.state.wrong_codes = WrongCodes()
    problems.install(app)
    # a request is matched against one after the other: what is called most comes first
    app.include_router(events)
    app.include_router(bookings)
    app.include_router(payments_router)
    app.include_router(tills_router)
    app.include_router(admin_tills)
    app.include_router(attention)
    app.include_router(admin_events)
    app.include_router(furniture)
    app.include_router(statistics)
    app.include_router(queries)
    app.include_router(jobs)
    app.include_router(notifications)
    app.include_router(hooks)
    app.include_router(waiting)
    app.include_router(accounts)
    app.include_router(users)
    app.include_router(audit_log)
    app.include_router(anomalies)
    app.include_router(invariants)
    app.include_router(social)
    app.include_router(loyalty)
    app.include_router(reviews)
    app.include_router(webhooks)
    app.include_router(metrics_router)
    app.add_api_route("/healthz", _alive, tags=["operations"])
    app.add_api_route("/readyz", _ready, tags=["operations"])
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=4)
    app.add_middleware(Arriving, trust_proxy=settings.trust_proxy)
    app.add_middleware(Envelope, trust_proxy=settings.trust_proxy)
    return app


def _upkeep(services: Services, settings: Settings) -> Iterator[AbstractAsyncContextManager[None]]:
    database, now = services.database, services.now
    yield repeating("feeds", partial(compact, database), COMPACT_EVERY_S)
    yield repeating("sections", partial(fold_all, database), folding.EVERY_S, at_once=False)
    yield repeating("months", partial(turn_months, database, now), months.EVERY_S, at_once=False)
    tokens = services.access_tokens
    yield repeating("sessions", lambda: tokens.look_for_ended(database, now()), keeping.ENDED_EVERY_S)
    yield repeating("accounts", partial(keep, database, tokens, now), keeping.EVERY_S, at_once=False)
    yield repeating("holds", partial(expire_due, database, services.hints, now), services.booking_rules.expire_every_s)
    settle = partial(settle_open, database, services.houses, services.hints, now)
    yield repeating("conflicts", settle, settings.settle_every_s, at_once=False)
    yield repeating("waiting lists", services.waiting_list.turn, services.booking_rules.offer_every_s)
    yield repeating("anomalies", lambda: watching.watch(database, now()), settings.watch_every_s, at_once=False)
    yield repeating("payments", partial(look_after, services), settings.payments.look_every_s)


async def _alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


async def _ready(request: Request, services: ServicesDep) -> Response:
    """The database answers as well, and this node is not about to stop: send traffic here."""
    draining: Draining = request.app.state.draining
    draining.must_stay()
    await services.database.pool.fetchval("select 1", timeout=2)
    return Response('{"status":"ready"}', HTTPStatus.OK, media_type="application/json")
