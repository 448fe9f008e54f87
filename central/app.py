"""The booking API as an ASGI application. Nothing exists before `create_app` is called, and nothing at import."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from starlette.middleware.gzip import GZipMiddleware

from boxoffice.domain.clock import Clock, utc_now
from central import months, problems
from central.accounts import keeping
from central.accounts.access_tokens import AccessTokens
from central.accounts.endpoints import router as accounts
from central.accounts.keeping import keep
from central.accounts.openid import OpenId, Provider
from central.accounts.passwords import Passwords
from central.accounts.social import router as social
from central.accounts.users import router as users
from central.arriving import Arriving
from central.auditing import router as audit_log
from central.bookings.endpoints import router as bookings
from central.bookings.expiring import expire_due
from central.bookings.houses import Houses
from central.bookings.rules import BookingRules
from central.catalogue import folding
from central.catalogue.admin import router as admin_events
from central.catalogue.endpoints import router as events
from central.catalogue.folding import fold_all
from central.catalogue.furniture import router as furniture
from central.catalogue.programme import Programme
from central.counting import MEMORY
from central.database import Database
from central.draining import Draining
from central.envelope import Envelope
from central.keys import CentralKeys
from central.limiting import Limits
from central.loyalty.endpoints import router as loyalty
from central.metrics import Metrics
from central.metrics import router as metrics_router
from central.months import turn_months
from central.payments.endpoints import router as payments_router
from central.payments.methods import Methods
from central.payments.reconciliation import look_after
from central.payments.settings import PaymentSettings
from central.payments.webhooks import router as webhooks
from central.queries.endpoints import router as queries
from central.reviews.endpoints import router as reviews
from central.services import Services, ServicesDep
from central.statistics.endpoints import router as statistics
from central.tills.endpoints import WrongCodes
from central.tills.endpoints import router as tills_router
from central.tills.feeds import COMPACT_EVERY_S, Snapshots, compact
from central.tills.hints import Hints
from central.tracing import Traces, telemetry
from central.upkeep import repeating
from central.waiting.endpoints import router as waiting
from central.waiting.offering import WaitingList


@dataclass(frozen=True, slots=True)
class Settings:
    """`database` is a PostgreSQL URL whose schema is migrated."""

    database: str
    keys: CentralKeys
    now: Clock = field(default=utc_now)
    connections: int = 10
    metrics_token: str = ""
    booking: BookingRules = field(default_factory=BookingRules)
    limits: str = MEMORY  # where rate limits are counted, or OFF
    trust_proxy: bool = False  # a proxy of ours is in front: it says where requests come from
    public_url: str = ""  # how browsers reach us, without a slash at the end
    providers: Sequence[Provider] = ()  # through whom one may sign in
    environment: Mapping[str, str] = field(default_factory=dict)  # where their secrets are
    payments: PaymentSettings = field(default_factory=PaymentSettings)
    traces: Traces | None = None


def create_app(settings: Settings) -> FastAPI:
    hints = Hints()
    access_tokens = AccessTokens(settings.keys)
    passwords = Passwords()
    limits = Limits.at(settings.limits)
    openid = OpenId(settings.providers, settings.environment)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with (
            Database.open(settings.database, settings.connections, settings.traces) as database,
            hints.running(settings.database, database.pool),
            Methods.open(settings.payments) as payments,
        ):
            await access_tokens.renew(database, settings.now())
            await turn_months(database, settings.now)  # a row that came while its month is made would be refused
            programme = Programme(database)
            houses = Houses(programme)
            app.state.services = Services(
                database=database,
                keys=settings.keys,
                hints=hints,
                programme=programme,
                snapshots=Snapshots(database),
                access_tokens=access_tokens,
                passwords=passwords,
                limits=limits,
                openid=openid,
                payments=payments,
                houses=houses,
                booking_rules=settings.booking,
                waiting_list=WaitingList(database, houses, settings.booking, hints, settings.now),
                now=settings.now,
                metrics_token=settings.metrics_token,
                public_url=settings.public_url,
            )
            try:
                async with AsyncExitStack() as stack:
                    for upkeep in _upkeep(app.state.services, settings):
                        await stack.enter_async_context(upkeep)
                    yield
            finally:
                passwords.close()
                await openid.close()

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
    app.include_router(events)
    app.include_router(admin_events)
    app.include_router(furniture)
    app.include_router(statistics)
    app.include_router(queries)
    app.include_router(tills_router)
    app.include_router(bookings)
    app.include_router(waiting)
    app.include_router(accounts)
    app.include_router(users)
    app.include_router(audit_log)
    app.include_router(social)
    app.include_router(loyalty)
    app.include_router(reviews)
    app.include_router(payments_router)
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
    yield repeating("waiting lists", services.waiting_list.turn, services.booking_rules.offer_every_s)
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
