"""The public programme."""

from __future__ import annotations

import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query

from central.catalogue.events import Event, Search, event, find_events
from central.problems import Declined
from central.services import ServicesDep

router = APIRouter(prefix="/api/events", tags=["events"])
_Text = Annotated[str, Query(max_length=200)]


@router.get("")
async def list_events(
    services: ServicesDep,
    location: _Text = "",
    category: _Text = "",
    keyword: _Text = "",
    date: Annotated[datetime.date | None, Query(description="A day in the venue's own time.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> list[Event]:
    """Events in the order they start; those that have ended only when their `date` is asked for."""
    search = Search(location, category, keyword, date, limit, offset)
    async with services.database.pool.acquire() as connection:
        return await find_events(connection, search, services.now())


@router.get("/{eventId}")
async def show_event(eventId: str, services: ServicesDep) -> Event:  # noqa: N803  (the API's spelling)
    found = None
    if eventId.isascii() and eventId.isdecimal() and len(eventId) <= 9:
        async with services.database.pool.acquire() as connection:
            found = await event(connection, int(eventId))
    if found is None:
        raise Declined(
            HTTPStatus.NOT_FOUND, "unknown_event", "There is no such event.", "Look it up in the list.", field="eventId"
        )
    return found
