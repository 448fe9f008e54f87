"""Statistics for managers, as JSON or as a table for a spreadsheet."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Response

from boxoffice.domain.values import WrittenOut
from central.accounts.callers import ManagerDep, unknown
from central.problems import documented
from central.services import ServicesDep
from central.statistics.figures import Asked, Statistics, statistics
from central.statistics.reports import MOST_EVENTS, table
from central.wire import EventId

router = APIRouter(tags=["admin"])
_MOST_IN_JSON = 1000


class Format(StrEnum):
    JSON = "json"
    CSV = "csv"


@router.get(
    "/api/admin/statistics",
    response_model=Statistics,
    responses={
        **documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND),
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
    },
)
async def show_statistics(
    caller: ManagerDep,
    services: ServicesDep,
    dateFrom: Annotated[date | None, WrittenOut, Query(description="The first day of sale.")] = None,  # noqa: N803
    dateTo: Annotated[date | None, WrittenOut, Query(description="The last day of sale.")] = None,  # noqa: N803
    eventId: EventId | None = None,  # noqa: N803
    format: Annotated[Format, Query(description="`csv` has a row an event.")] = Format.JSON,  # noqa: A002
) -> Response:
    """What was sold: in all, by channel, price type, day and event; and what the books say of it."""
    event = None if eventId is None else int(eventId)
    if event is not None and not await services.database.pool.fetchval(
        "select exists (select from performance where id = $1)", event
    ):
        raise unknown("event", "eventId")
    asked = Asked(_clipped(dateFrom), _clipped(dateTo), event, MOST_EVENTS if format is Format.CSV else _MOST_IN_JSON)
    found = await services.database.read(lambda connection: statistics(connection, asked))
    if format is Format.CSV:
        disposition = {"Content-Disposition": 'attachment; filename="statistics.csv"'}
        return Response(table(found.byEvent), headers=disposition, media_type="text/csv; charset=utf-8")
    return Response(found.model_dump_json(), media_type="application/json")


def _clipped(day: date | None) -> date | None:
    """To what a database and a clock can count with."""
    return None if day is None else min(max(day, date(1970, 1, 2)), date(9998, 12, 30))
