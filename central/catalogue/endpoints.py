"""The public programme."""

from __future__ import annotations

import datetime
import json
from http import HTTPStatus
from typing import Annotated

import asyncpg
import numpy as np
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field, TypeAdapter

from boxoffice.domain.ids import PerformanceId
from boxoffice.domain.protocol import SeatStatus
from boxoffice.domain.values import WrittenOut
from central.accounts.callers import unknown
from central.catalogue.events import Event
from central.catalogue.searching import Cursor, Search, search
from central.catalogue.showing import EventShown, show, tag
from central.packed import Packed
from central.problems import documented
from central.services import ServicesDep
from central.unchanged import UNCHANGED, headers, tag_of, unchanged

router = APIRouter(prefix="/api", tags=["events"])
_Text = Annotated[str, Query(max_length=200)]
_EVENTS = TypeAdapter(list[Event])
_LOOKED_AT = {**documented(HTTPStatus.NOT_FOUND), **UNCHANGED}


class SeatsShown(BaseModel):
    """`free` has a character a seat, by its index in the plan: 1 for free, 0 for not."""

    eventId: str  # noqa: N815
    head: int = Field(description="Rises with every change of the house.")
    available: int
    free: str = Field(examples=["110011"])


class Category(BaseModel):
    category: str = Field(examples=["play"])
    nextDate: datetime.datetime  # noqa: N815


@router.get("/events", responses={**documented(), **UNCHANGED}, response_model=list[Event])
async def list_events(
    services: ServicesDep,
    request: Request,
    location: Annotated[str, Query(max_length=200, description="Words of the venue's name or address.")] = "",
    category: _Text = "",
    keyword: Annotated[
        str, Query(max_length=200, description="Words of the title, category, hall, venue, address or details.")
    ] = "",
    date: Annotated[datetime.date | None, WrittenOut, Query(description="A day in the venue's own time.")] = None,
    dateFrom: Annotated[datetime.date | None, WrittenOut, Query(description="The first day.")] = None,  # noqa: N803
    dateTo: Annotated[datetime.date | None, WrittenOut, Query(description="The last day.")] = None,  # noqa: N803
    available: Annotated[bool, Query(description="Only with places to sell.")] = False,
    cursor: Annotated[str, Query(max_length=200, description="From the `Link` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Events that have not ended, or those of the days asked for. Without words in the order they start, with words
    the best of the soonest first; the last word may be a beginning. The next page is in the header `Link`."""
    asked = Search(
        location=location,
        category=category,
        keyword=keyword,
        first_day=date or dateFrom,
        last_day=date or dateTo,
        available=available,
        limit=limit,
        cursor=Cursor.parse(cursor) if cursor else None,
    )
    async with services.database.pool.acquire() as connection:
        page = await search(connection, asked, services.now())
    body = _EVENTS.dump_json(page.events)
    more = {}
    if page.following is not None:
        following = request.url.include_query_params(cursor=str(page.following))
        more["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    etag = tag_of(body)
    return unchanged(request, etag, more) or Response(
        body, headers={**headers(etag), **more}, media_type="application/json"
    )


@router.get("/events/{eventId}", responses=_LOOKED_AT, response_model=EventShown)
async def show_event(eventId: str, services: ServicesDep, request: Request) -> Response:  # noqa: N803
    performance = performance_of(eventId)

    async def look(connection: asyncpg.Connection) -> Response:
        etag = await tag(connection, performance)
        if etag is None:
            raise unknown("event", "eventId")
        same = unchanged(request, etag)
        if same is not None:
            return same
        found = await show(connection, performance, services.programme)
        if found is None:
            raise unknown("event", "eventId")
        return Response(found.model_dump_json(), headers=headers(etag), media_type="application/json")

    return await services.database.read(look)


@router.get("/events/{eventId}/seats", responses=_LOOKED_AT, response_model=SeatsShown)
async def show_seats(eventId: str, services: ServicesDep, request: Request) -> Response:  # noqa: N803
    """Which seats are free now. Places without seats are among the event's `sections`."""
    async with services.database.pool.acquire() as connection:
        house = await services.houses.look(connection, performance_of(eventId))
    free = house.statuses == SeatStatus.FREE
    if house.billing.performance.status != "on_sale":
        free = np.zeros_like(free)
    etag = f'"s{house.version}-{house.head}"'
    same = unchanged(request, etag)
    if same is not None:
        return same
    shown = SeatsShown(
        eventId=eventId,
        head=house.head,
        available=int(free.sum()),
        free=(free.astype(np.uint8) + ord("0")).tobytes().decode("ascii"),
    )
    packed = await Packed.of(shown.model_dump_json().encode())
    return packed.answer(request, headers(etag))


@router.get("/events/{eventId}/plan", responses=_LOOKED_AT)
async def show_plan(eventId: str, services: ServicesDep, request: Request) -> Response:  # noqa: N803
    """The seating plan: sections, rows, seats and where they stand, in centimetres."""
    row = await services.database.pool.fetchrow(
        "select plan.id, plan.version from plan join performance p on p.plan_id = plan.id where p.id = $1",
        performance_of(eventId),
    )
    if row is None:
        raise unknown("event", "eventId")
    etag = tag_of(json.dumps([row["id"], row["version"]]).encode())
    same = unchanged(request, etag)
    if same is not None:
        return same
    body: str = await services.database.pool.fetchval("select body from plan where id = $1", row["id"])
    return (await Packed.of(body.encode())).answer(request, headers(etag))


@router.get("/categories", responses={**documented(), **UNCHANGED}, response_model=list[Category])
async def list_categories(services: ServicesDep, request: Request) -> Response:
    """The categories that have something to come, and when."""
    rows = await services.database.pool.fetch(_CATEGORIES, services.now())
    body = TypeAdapter(list[Category]).dump_json(
        [Category(category=row["kind"], nextDate=row["next_date"]) for row in rows]
    )
    etag = tag_of(body)
    return unchanged(request, etag) or Response(body, headers=headers(etag), media_type="application/json")


# from one kind to the next by the index, without looking at their events
_CATEGORIES = """
    with recursive kinds as (
        (select kind from event_document order by kind limit 1)
        union all
        select (select d.kind from event_document d where d.kind > kinds.kind order by d.kind limit 1) from kinds
        where kinds.kind is not null
    )
    select kinds.kind, (
        select min(d.starts_at) from event_document d where d.kind = kinds.kind and d.starts_at > $1) as next_date
    from kinds
    where exists (select from event_document d where d.kind = kinds.kind and d.starts_at > $1) order by 1
"""


def performance_of(event_id: str) -> PerformanceId:
    """Raises Declined, 404, for what cannot be an event's id."""
    if not (event_id.isascii() and event_id.isdecimal() and len(event_id) <= 9):
        raise unknown("event", "eventId")
    return PerformanceId(int(event_id))
