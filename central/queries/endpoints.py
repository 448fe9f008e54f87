"""Questions to the house: customers ask and see their own, managers see all, take them on and answer."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from central.accounts.callers import Caller, CallerDep, ManagerDep
from central.problems import documented
from central.queries import asking
from central.queries.states import State
from central.services import Services, ServicesDep
from central.text import Line, Paragraph
from central.versions import IfMatch, etag

router = APIRouter(prefix="/api/queries", tags=["customer queries"])
_OWN = (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
_WORDS = Annotated[Paragraph, Field(min_length=1, max_length=4000, examples=["May I bring a guide dog?"])]


class QueryRequest(BaseModel):
    subject: Annotated[Line, Field(min_length=1, max_length=200, examples=["A guide dog"])]
    message: _WORDS
    bookingId: UUID | None = None  # noqa: N815


class MessageRequest(BaseModel):
    message: _WORDS


class AssignRequest(BaseModel):
    userId: UUID  # noqa: N815


class QueryShown(BaseModel):
    queryId: str  # noqa: N815
    userId: str  # noqa: N815
    bookingId: str | None  # noqa: N815
    subject: str
    state: State
    assignedTo: str | None  # noqa: N815
    openedAt: datetime  # noqa: N815
    changedAt: datetime  # noqa: N815
    version: int


class MessageShown(BaseModel):
    fromHouse: bool  # noqa: N815
    message: str
    at: datetime


class QueryThread(QueryShown):
    messages: list[MessageShown]


@router.post("", status_code=HTTPStatus.CREATED, responses=documented(*_OWN))
async def ask(asked: QueryRequest, caller: CallerDep, services: ServicesDep, response: Response) -> QueryThread:
    """Ask the house something, about a booking of one's own or in general."""

    async def work(connection: asyncpg.Connection) -> QueryThread:
        query = await asking.open_query(
            connection, caller, asked.subject, asked.message, asked.bookingId, services.now()
        )
        return await _thread(connection, query, caller)

    return _tagged(response, await services.database.write(work))


@router.get("", responses=documented(HTTPStatus.UNAUTHORIZED))
async def list_queries(
    caller: CallerDep,
    services: ServicesDep,
    state: State | None = None,
    before: Annotated[UUID | None, Query(description="The `queryId` that the page before ended with.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[QueryShown]:
    """One's own, the latest first; a manager sees everybody's."""
    wanted = asking.Listed(None if caller.is_manager else caller.account, state, before, limit)
    async with services.database.pool.acquire() as connection:
        return [QueryShown(**_shown(row)) for row in await asking.listed(connection, wanted)]


@router.get("/{queryId}", responses=documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND))
async def show_query(queryId: UUID, caller: CallerDep, services: ServicesDep, response: Response) -> QueryThread:  # noqa: N803
    found = await services.database.read(lambda connection: _thread(connection, queryId, caller))
    return _tagged(response, found)


@router.post("/{queryId}/messages", status_code=HTTPStatus.CREATED, responses=documented(*_OWN))
async def write_message(
    queryId: UUID,  # noqa: N803
    asked: MessageRequest,
    caller: CallerDep,
    services: ServicesDep,
    response: Response,
) -> QueryThread:
    """Its customer asks on, which opens a closed one again; a manager answers, and the customer is told."""

    async def work(connection: asyncpg.Connection) -> None:
        await asking.write(connection, queryId, caller, asked.message, services.now())

    return _tagged(response, await _changed(services, queryId, caller, work))


@router.put("/{queryId}/assignee", responses=documented(*_OWN, HTTPStatus.FORBIDDEN, HTTPStatus.PRECONDITION_FAILED))
async def assign_query(
    queryId: UUID,  # noqa: N803
    asked: AssignRequest,
    caller: ManagerDep,
    services: ServicesDep,
    response: Response,
    if_match: IfMatch,
) -> QueryThread:
    """Give it to a manager, oneself for one."""

    async def work(connection: asyncpg.Connection) -> None:
        await asking.assign(connection, queryId, caller, asked.userId, if_match, services.now())

    return _tagged(response, await _changed(services, queryId, caller, work))


@router.post("/{queryId}/close", responses=documented(*_OWN, HTTPStatus.PRECONDITION_FAILED))
async def close_query(
    queryId: UUID,  # noqa: N803
    caller: CallerDep,
    services: ServicesDep,
    response: Response,
    if_match: IfMatch,
) -> QueryThread:
    """It is settled, says its customer or a manager."""

    async def work(connection: asyncpg.Connection) -> None:
        await asking.close(connection, queryId, caller, if_match, services.now())

    return _tagged(response, await _changed(services, queryId, caller, work))


async def _changed(services: Services, query: UUID, caller: Caller, work: asking.Work) -> QueryThread:
    async def write(connection: asyncpg.Connection) -> QueryThread:
        await work(connection)
        return await _thread(connection, query, caller)

    return await services.database.write(write)


async def _thread(connection: asyncpg.Connection, query: UUID, caller: Caller) -> QueryThread:
    row = await asking.find(connection, query, caller)
    words = [
        MessageShown(fromHouse=message["from_house"], message=message["words"], at=message["at"])
        for message in await asking.thread(connection, query)
    ]
    return QueryThread(**_shown(row), messages=words)


def _shown(row: asyncpg.Record) -> dict[str, Any]:
    return {
        "queryId": str(row["id"]),
        "userId": str(row["account"]),
        "bookingId": row["booking"] and str(row["booking"]),
        "subject": row["subject"],
        "state": State(row["state"]),
        "assignedTo": row["assigned_to"] and str(row["assigned_to"]),
        "openedAt": row["opened_at"],
        "changedAt": row["changed_at"],
        "version": row["version"],
    }


def _tagged(response: Response, found: QueryThread) -> QueryThread:
    response.headers["ETag"] = etag(found.version)
    return found
