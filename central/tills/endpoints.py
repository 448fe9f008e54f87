"""What tills call. Shapes are those of boxoffice.domain.protocol; docs/rules/seat-leases.md tells the rules."""

from __future__ import annotations

from collections import deque
from http import HTTPStatus
from time import monotonic
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from boxoffice.domain.catalogue import Catalogue
from boxoffice.domain.ids import PerformanceId
from boxoffice.domain.protocol import (
    FeedPage,
    Heads,
    KeyBundle,
    LeaseGrant,
    LeaseRequest,
    PairReply,
    PairRequest,
    PushReply,
    PushRequest,
    Snapshot,
    Status,
)
from central.draining import Draining
from central.problems import Declined, documented
from central.services import ServicesDep
from central.tills import feeds, leasing, pairing, pushing, standing
from central.tills.hints import CATALOGUE
from central.tills.key_bundles import key_bundle
from central.tills.pairing import Till
from central.unchanged import UNCHANGED, headers, unchanged

router = APIRouter(prefix="/api/tills", tags=["tills"])
_JSON = "application/json"
_bearer = HTTPBearer(auto_error=False, scheme_name="till", description="The credential that pairing gave to the till.")
_PerformanceId = Annotated[int, Path(ge=1, lt=1 << 31)]
_PRIVATE = {"Cache-Control": "private, no-cache"}
_UNPAIRED = (HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT, HTTPStatus.GONE)
_TILL = documented(HTTPStatus.UNAUTHORIZED)
_HOUSE = documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND)
_LEASE = documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


async def _current_till(
    services: ServicesDep, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Till:
    async with services.database.pool.acquire() as connection:
        return await pairing.authenticate(connection, credentials.credentials if credentials else "")


TillDep = Annotated[Till, Depends(_current_till)]


class WrongCodes:
    """At most 20 wrong pairing codes a minute from all over: a code has 40 bits and lives half an hour."""

    def __init__(self) -> None:
        self._wrong: deque[float] = deque(maxlen=20)

    def check(self) -> None:
        """Raises Declined, 429."""
        if len(self._wrong) == self._wrong.maxlen and self._wrong[0] > monotonic() - 60:
            raise Declined(
                HTTPStatus.TOO_MANY_REQUESTS,
                "too_many_codes",
                "Too many wrong pairing codes.",
                "Wait a minute, then type the code again.",
                headers={"Retry-After": "60"},
            )

    def note(self) -> None:
        self._wrong.append(monotonic())


@router.post("/pair", responses=documented(*_UNPAIRED))
async def pair(asked: PairRequest, services: ServicesDep, request: Request) -> PairReply:
    """Spend a pairing code. 403 wrong, 409 used, 410 expired, 429 too many wrong ones."""
    wrong_codes: WrongCodes = request.app.state.wrong_codes
    wrong_codes.check()
    try:
        reply = await services.database.write(
            lambda connection: pairing.pair(connection, asked, services.keys.root_public, services.now())
        )
    except Declined as declined:
        if declined.code == "pairing_code_wrong":
            wrong_codes.note()
        raise
    services.hints.tell({CATALOGUE: 0})  # doors elsewhere want the new till's key
    return reply


@router.get("/status", responses=_TILL)
async def show_status(
    till: TillDep, services: ServicesDep, incarnation: Annotated[int | None, Query(ge=1, lt=1 << 31)] = None
) -> Status:
    async with services.database.pool.acquire() as connection:
        return await standing.status(connection, till, incarnation, services.now())


@router.get("/heads", responses=_TILL)
async def show_heads(till: TillDep, services: ServicesDep) -> Heads:
    """Asked after every reconnection: which lists have moved on."""
    return await services.database.read(standing.heads)


@router.post("/incarnations", responses=_TILL)
async def begin_incarnation(till: TillDep, services: ServicesDep) -> Status:
    """For a till that found itself restored from a backup. Its leases are set aside until a person has looked."""
    incarnation, heads = await services.database.write(
        lambda connection: standing.begin_incarnation(connection, till.number)
    )
    services.hints.tell(heads)
    async with services.database.pool.acquire() as connection:
        return await standing.status(connection, till, incarnation, services.now())


@router.get("/catalogue", responses={**_TILL, **UNCHANGED}, response_model=Catalogue)
async def show_catalogue(till: TillDep, services: ServicesDep, request: Request) -> Response:
    published = await services.programme.published()
    known = unchanged(request, published.etag, _PRIVATE)
    return known or published.body.answer(request, {**headers(published.etag), **_PRIVATE})


@router.get("/performances/{performance}/snapshot", responses=_HOUSE, response_model=Snapshot)
async def show_snapshot(
    performance: _PerformanceId, till: TillDep, services: ServicesDep, request: Request
) -> Response:
    """The house as of one feed number."""
    return (await services.snapshots.get(PerformanceId(performance))).answer(request)


@router.get(
    "/performances/{performance}/feed", responses={**_HOUSE, **documented(HTTPStatus.GONE)}, response_model=FeedPage
)
async def show_feed(
    performance: _PerformanceId,
    till: TillDep,
    services: ServicesDep,
    after: Annotated[int, Query(ge=0, lt=1 << 62)],
    limit: Annotated[int, Query(ge=1, le=1000)] = 500,
) -> Response:
    """Entries after a number. 410 `resync`: pull a snapshot instead."""
    page = await services.database.read(
        lambda connection: feeds.feed_page(connection, PerformanceId(performance), after, limit)
    )
    return Response(page.model_dump_json(exclude_defaults=False), media_type=_JSON)


@router.get("/keys", responses=_TILL)
async def show_keys(till: TillDep, services: ServicesDep) -> KeyBundle:
    return await services.database.read(lambda connection: key_bundle(connection, services.keys))


@router.post("/leases", responses=_LEASE)
async def lease(asked: LeaseRequest, till: TillDep, services: ServicesDep) -> LeaseGrant:
    """Committed before the reply. Asking again with the same request id gives the same grant."""
    if not (asked.seats or asked.best or asked.areas):
        raise Declined(
            *(HTTPStatus.UNPROCESSABLE_ENTITY, "malformed", "Nothing is asked for: name seats, best or areas."),
            field="seats",
        )
    plan = await services.programme.plan(asked.performance) if asked.best else None

    async def work(is_turn: bool) -> tuple[LeaseGrant, int]:
        return await services.database.write(
            lambda connection: leasing.lease(connection, till, asked, plan, is_turn=is_turn)
        )

    grant, head = await services.waiting_list.behind(asked.performance, work)
    if head:
        services.hints.tell({asked.performance: head})
    return grant


@router.post("/push", responses=_TILL)
async def push(pushed: PushRequest, till: TillDep, services: ServicesDep) -> PushReply:
    """Only the marks of the reply acknowledge."""
    done = await pushing.push(services.database, till, pushed)
    services.hints.tell(done.heads)
    return done.reply


@router.get("/hints", responses=_TILL, response_class=StreamingResponse)
async def stream_hints(till: TillDep, services: ServicesDep, request: Request) -> StreamingResponse:
    """Server-sent events `hint`; a comment every 15 s keeps the line alive."""
    draining: Draining = request.app.state.draining
    draining.must_stay()
    return StreamingResponse(
        services.hints.stream(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )
