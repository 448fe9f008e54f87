"""The programme as managers write it."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

import asyncpg
from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from boxoffice.domain.catalogue import PerformanceStatus
from boxoffice.domain.refund_policy import RefundPolicy
from boxoffice.domain.values import Whole, WrittenOut
from central import audit
from central.accounts.callers import ManagerDep
from central.catalogue import editing
from central.catalogue.endpoints import performance_of
from central.jobs import jobs
from central.jobs.house import called_off, moved
from central.problems import documented
from central.services import ServicesDep
from central.text import Line, Paragraph
from central.versions import IfMatch, etag

router = APIRouter(prefix="/api/admin/events", tags=["admin"])
_MANAGERS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT)
_ONE = documented(*_MANAGERS, HTTPStatus.NOT_FOUND, HTTPStatus.PRECONDITION_FAILED)
_Id = Annotated[Line, Field(min_length=1, max_length=100)]


Name = Annotated[Line, Field(min_length=1, max_length=200, examples=["The Cherry Orchard"])]
Date = Annotated[datetime, WrittenOut, Field(examples=["2026-12-31T19:30:00"])]
Location = Annotated[
    Line, Field(min_length=1, max_length=200, description="The venue's name.", examples=["Theatre Royal"])
]


class EventChange(BaseModel):
    """What is left out stays as it is. `date` without an offset is in the venue's own time; an hour that comes twice
    when the clocks go back is then the first. Time zone and currency are the venue's."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    date: Date | None = None
    location: Location | None = None
    details: Annotated[Paragraph, Field(max_length=10_000, examples=["A comedy in four acts."])] | None = None
    totalSeats: Annotated[Whole, Field(ge=1, le=200_000, examples=[200])] | None = None  # noqa: N815
    venueId: _Id | None = None  # noqa: N815
    planId: _Id | None = None  # noqa: N815
    priceListId: _Id | None = None  # noqa: N815
    category: Annotated[Line, Field(min_length=1, max_length=50, examples=["play"])] | None = None
    hall: Annotated[Line, Field(max_length=100)] | None = None
    doorsAt: Annotated[datetime, WrittenOut] | None = None  # noqa: N815
    endsAt: Annotated[datetime, WrittenOut] | None = None  # noqa: N815
    allotment: Annotated[Whole, Field(ge=0, le=2000, description="Places a till keeps for itself.")] | None = None
    refundPolicy: Annotated[  # noqa: N815
        RefundPolicy | None, Field(description="Null: the house's own.")
    ] = None
    status: PerformanceStatus | None = None
    version: Annotated[Whole | None, Field(ge=1, le=10**9)] = None

    def given(self) -> dict[str, Any]:
        """What was sent; null says nothing, except of the refund policy."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        return {name: value for name, value in sent.items() if value is not None or name == "refundPolicy"}


class EventRequest(EventChange):
    """Without `planId` there are `totalSeats` places without numbers."""

    name: Name
    date: Date
    location: Location


_Job = Annotated[
    str | None,
    Field(description="Refunds those who booked it, or tells them the new date: GET /api/jobs/{jobId}. Null: neither."),
]


class EventWritten(BaseModel):
    eventId: str  # noqa: N815
    message: str
    version: int
    jobId: _Job = None  # noqa: N815


class EventRemoved(BaseModel):
    eventId: str  # noqa: N815
    message: str = Field(examples=["event deleted successfully"])
    removed: bool = Field(description="False: somebody bought for it, so it is cancelled and stays in the books.")
    jobId: _Job = None  # noqa: N815


@router.post("", status_code=HTTPStatus.CREATED, responses=documented(*_MANAGERS))
async def create_event(
    asked: EventRequest, caller: ManagerDep, services: ServicesDep, response: Response
) -> EventWritten:
    """Put an event on sale. Tills hear of it at once."""
    now = services.now()

    async def write(connection: asyncpg.Connection) -> editing.Written:
        written = await editing.make(connection, asked.given(), now)
        await audit.record(connection, caller, "event created", f"event:{written.event}", now, _said(asked))
        return written

    written = await services.database.write(write)
    services.hints.tell(written.heads)
    response.headers["ETag"] = etag(written.version)
    return EventWritten(eventId=str(written.event), message="event created successfully", version=written.version)


@router.put("/{eventId}", responses=_ONE)
async def update_event(
    eventId: str,  # noqa: N803
    asked: EventChange,
    caller: ManagerDep,
    services: ServicesDep,
    response: Response,
    if_match: IfMatch,
) -> EventWritten:
    """Change it. Fewer places than are sold, or another plan once places were touched, are refused."""
    now, event = services.now(), performance_of(eventId)

    async def write(connection: asyncpg.Connection) -> tuple[editing.Written, str | None]:
        written = await editing.change(connection, event, asked.given(), if_match, now)
        await audit.record(connection, caller, "event updated", f"event:{event}", now, _said(asked))
        return written, await _follow_up(connection, written, now)

    written, job = await services.database.write(write)
    services.hints.tell(written.heads)
    response.headers["ETag"] = etag(written.version)
    return EventWritten(eventId=eventId, message="event updated successfully", version=written.version, jobId=job)


@router.delete("/{eventId}", responses=_ONE)
async def delete_event(
    eventId: str,  # noqa: N803
    caller: ManagerDep,
    services: ServicesDep,
    if_match: IfMatch,
) -> EventRemoved:
    """Remove an event that nobody bought for; any other is cancelled, and the job named gives back all that was paid
    for it on the web. What tills sold is refunded at tills."""
    now, event = services.now(), performance_of(eventId)

    async def write(connection: asyncpg.Connection) -> tuple[editing.Written, bool, str | None]:
        written, is_gone = await editing.remove(connection, event, if_match, now)
        action = "event deleted" if is_gone else "event cancelled"
        await audit.record(connection, caller, action, f"event:{event}", now)
        return written, is_gone, await _follow_up(connection, written, now)

    written, is_gone, job = await services.database.write(write)
    services.hints.tell(written.heads)
    message = "event deleted successfully" if is_gone else "event cancelled successfully"
    return EventRemoved(eventId=eventId, message=message, removed=is_gone, jobId=job)


async def _follow_up(connection: asyncpg.Connection, written: editing.Written, now: datetime) -> str | None:
    """What has to follow for those who booked it, as a job of the house: it goes on whoever caused it leaves."""
    if written.was_called_off:
        return str(await jobs.submit(connection, None, called_off.wish(written.event), now))
    if written.was_moved:
        return str(await jobs.submit(connection, None, moved.wish(written.event), now))
    return None


def _said(asked: EventChange) -> dict[str, Any]:
    return asked.model_dump(mode="json", include=asked.model_fields_set)
