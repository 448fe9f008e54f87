"""What managers ask of tills."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

import asyncpg
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from boxoffice.domain.values import SeatIndex
from central import audit
from central.accounts.callers import ManagerDep, unknown
from central.catalogue.endpoints import performance_of
from central.problems import documented
from central.services import ServicesDep
from central.tills.recalling import recall

router = APIRouter(prefix="/api/admin/events", tags=["admin"])
_MANAGERS = documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)


class RecallRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    seats: Annotated[
        list[SeatIndex] | None, Field(min_length=1, max_length=2000, description="Only these; all without it.")
    ] = None


class Recalled(BaseModel):
    eventId: str  # noqa: N815
    recalled: int = Field(description="Seats that tills were asked for and had not been before.")
    message: str = "tills are asked for their seats"


@router.post("/{eventId}/recall", responses=_MANAGERS)
async def recall_seats(
    eventId: str,  # noqa: N803
    asked: RecallRequest,
    caller: ManagerDep,
    services: ServicesDep,
) -> Recalled:
    """Ask tills for the seats that they keep for selling offline. Each gives back what no customer of its own is just
    choosing, as soon as it hears of it; a till that is offline keeps selling its seats until then."""
    event = performance_of(eventId)

    async def write(connection: asyncpg.Connection) -> tuple[int, int]:
        if not await connection.fetchval("select exists (select from performance where id = $1)", event):
            raise unknown("event", "eventId")
        count, head = await recall(connection, event, asked.seats)
        if count:
            await audit.record(connection, caller, "seats recalled", f"event:{event}", services.now(), {"seats": count})
        return count, head

    count, head = await services.database.write(write)
    if head:
        services.hints.tell({event: head})
    return Recalled(eventId=eventId, recalled=count)
