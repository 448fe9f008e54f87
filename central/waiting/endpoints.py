"""Waiting lists: customers join and leave, managers see who waits. An offer is booked by `POST /api/bookings`."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from boxoffice.domain.ids import PerformanceId
from boxoffice.domain.values import Whole
from central.accounts.callers import Caller, CallerDep, ManagerDep, unknown
from central.bookings.endpoints import PlaceShown
from central.bookings.holding import places_of
from central.problems import documented
from central.services import Services, ServicesDep
from central.text import Line
from central.versions import IfMatch, etag
from central.waiting import entries
from central.waiting.entries import Wish
from central.wire import EventId

router = APIRouter(tags=["waiting list"])
_ONE = (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND)
_CHANGED = documented(*_ONE, HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED)


class _Wanted(BaseModel):
    numberOfTickets: Annotated[Whole, Field(ge=1, lt=1_000_000, examples=[2])]  # noqa: N815
    seatPreferences: Annotated[  # noqa: N815
        Line,
        Field(
            max_length=200,
            description="As for a booking: names of a section, area or price category, `wheelchair`; with commas.",
            examples=["Stalls"],
        ),
    ] = ""

    def wish(self) -> Wish:
        return Wish(self.numberOfTickets, self.seatPreferences)


class WaitingRequest(_Wanted):
    eventId: EventId  # noqa: N815
    userId: UUID | None = Field(None, description="Oneself without it.")  # noqa: N815


class WaitingChange(_Wanted):
    version: Annotated[Whole | None, Field(ge=1, lt=2**31)] = None


class OfferShown(BaseModel):
    """Book it by `POST /api/bookings` with this `holdId`, until `bookUntil`."""

    holdId: str  # noqa: N815
    places: list[PlaceShown]
    bookUntil: datetime  # noqa: N815


class WaitingShown(BaseModel):
    entryId: str  # noqa: N815
    eventId: str  # noqa: N815
    userId: str  # noqa: N815
    numberOfTickets: int  # noqa: N815
    seatPreferences: str  # noqa: N815
    state: str = Field(examples=["waiting", "offered", "booked", "left", "declined", "expired", "closed"])
    position: int | None = Field(description="1 is next; only while it waits.", examples=[3])
    offer: OfferShown | None = None
    bookingId: str | None = Field(None, description="Of the offered places.")  # noqa: N815
    joinedAt: datetime  # noqa: N815
    endedAt: datetime | None = None  # noqa: N815
    version: int


class WaitingJoined(WaitingShown):
    message: str = "waiting list joined"


class WaitingSeen(WaitingShown):
    """As managers see it."""

    name: str
    email: str


class Counted(BaseModel):
    entries: int = 0
    tickets: int = 0


class EventList(BaseModel):
    """`counts` by state, since the event was made; `entries` are those on the list, in its order."""

    eventId: str  # noqa: N815
    counts: dict[str, Counted] = Field(examples=[{"waiting": {"entries": 12, "tickets": 31}}])
    entries: list[WaitingSeen]


@router.post("/api/waiting", status_code=HTTPStatus.CREATED, responses=documented(*_ONE, HTTPStatus.CONFLICT))
async def join_waiting_list(
    asked: WaitingRequest, caller: CallerDep, services: ServicesDep, response: Response
) -> WaitingJoined:
    """Wait for places of an event that cannot be booked as wished right now. One entry an event; when places come
    free, those who wait are offered them in order of joining, by a message."""
    account, performance = asked.userId or caller.account, PerformanceId(int(asked.eventId))
    caller.must_own(account, "user")
    await services.waiting_list.first(performance)  # what is free after that is free for anybody

    async def work(connection: asyncpg.Connection) -> WaitingJoined:
        entry = await entries.join(
            *(connection, services.houses, services.booking_rules, caller, account, performance),
            *(asked.wish(), services.now()),
        )
        return WaitingJoined(**await _one(connection, services, caller, entry))

    found = await services.database.write(work)
    response.headers["ETag"] = etag(found.version)
    return found


@router.get("/api/waiting", responses=documented(*_ONE))
async def list_waiting(
    caller: CallerDep,
    services: ServicesDep,
    userId: Annotated[UUID | None, Query(description="One's own without it.")] = None,  # noqa: N803
    after: Annotated[UUID | None, Query(description="The last `entryId` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> list[WaitingShown]:
    """The latest first."""
    account = userId or caller.account
    caller.must_own(account, "user")
    async with services.database.pool.acquire() as connection:
        rows = await entries.of_account(connection, account, after, limit)
        return [WaitingShown(**await _shown(connection, services, row)) for row in rows]


@router.get("/api/waiting/{entryId}", responses=documented(*_ONE))
async def show_waiting(entryId: UUID, caller: CallerDep, services: ServicesDep, response: Response) -> WaitingShown:  # noqa: N803
    async with services.database.pool.acquire() as connection:
        found = WaitingShown(**await _one(connection, services, caller, entryId))
    response.headers["ETag"] = etag(found.version)
    return found


@router.put("/api/waiting/{entryId}", responses=_CHANGED)
async def change_waiting(
    entryId: UUID,  # noqa: N803
    asked: WaitingChange,
    caller: CallerDep,
    services: ServicesDep,
    response: Response,
    if_match: IfMatch,
) -> WaitingShown:
    """Fewer tickets of the same kind keep their turn; anything else goes to the end of the list."""

    async def work(connection: asyncpg.Connection) -> WaitingShown:
        await entries.change(
            *(connection, services.houses, services.booking_rules, caller, entryId, asked.wish()),
            *(if_match, asked.version, services.now()),
        )
        return WaitingShown(**await _one(connection, services, caller, entryId))

    found = await services.database.write(work)
    response.headers["ETag"] = etag(found.version)
    return found


@router.delete("/api/waiting/{entryId}", status_code=HTTPStatus.NO_CONTENT, responses=_CHANGED)
async def leave_waiting_list(entryId: UUID, caller: CallerDep, services: ServicesDep, if_match: IfMatch) -> None:  # noqa: N803
    """Off the list. An offer is declined by it, and goes to the next."""
    heads = await services.database.write(
        lambda connection: entries.leave(connection, caller, entryId, if_match, services.now())
    )
    services.hints.tell(heads)


@router.get("/api/admin/events/{eventId}/waiting", responses=documented(*_ONE, HTTPStatus.FORBIDDEN))
async def show_event_waiting(
    eventId: EventId,  # noqa: N803
    _: ManagerDep,
    services: ServicesDep,
    after: Annotated[UUID | None, Query(description="The last `entryId` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> EventList:
    """Who waits for an event, and how many have been on its list."""
    performance = PerformanceId(int(eventId))

    async def look(connection: asyncpg.Connection) -> EventList:
        if not await connection.fetchval("select exists (select from performance where id = $1)", performance):
            raise unknown("event")
        rows = await entries.of_event(connection, performance, after, limit)
        return EventList(
            eventId=eventId,
            counts=await entries.counted(connection, performance),
            entries=[
                WaitingSeen(**await _shown(connection, services, row), name=row["name"], email=row["email"])
                for row in rows
            ],
        )

    return await services.database.read(look)


async def _one(connection: asyncpg.Connection, services: Services, caller: Caller, entry: UUID) -> dict[str, Any]:
    return await _shown(connection, services, await entries.find(connection, entry, caller))


async def _shown(connection: asyncpg.Connection, services: Services, row: asyncpg.Record) -> dict[str, Any]:
    return {
        "entryId": str(row["id"]),
        "eventId": str(row["performance"]),
        "userId": str(row["account"]),
        "numberOfTickets": row["count"],
        "seatPreferences": row["words"],
        "state": row["state"],
        "position": row["position"],
        "offer": await _offer(connection, services, row) if row["state"] == "offered" else None,
        "bookingId": row["booking"] and str(row["booking"]),
        "joinedAt": row["joined_at"],
        "endedAt": row["ended_at"],
        "version": row["version"],
    }


async def _offer(connection: asyncpg.Connection, services: Services, row: asyncpg.Record) -> OfferShown:
    billing = await services.houses.billing(connection, row["performance"])
    return OfferShown(
        holdId=str(row["hold"]),
        places=[
            PlaceShown(place=billing.place_name(place.seat, place.area), seat=place.seat, area=place.area)
            for place in places_of(row)
        ],
        bookUntil=row["book_until"],
    )
