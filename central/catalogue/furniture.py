"""What events need: venues, price lists and seating plans, for managers."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

import asyncpg
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from boxoffice.domain.plan_files import PlanFormat
from boxoffice.domain.pricing import Fee, Price, PriceList, Prices, PriceType, TaxMode, TaxRate
from central import audit
from central.accounts.callers import Caller, ManagerDep, unknown
from central.catalogue import furnishing, plan_importing
from central.catalogue.editing import PLANS, Heads, published
from central.catalogue.plan_faults import GivenPlan
from central.problems import documented
from central.services import Services, ServicesDep
from central.text import Line, TimeZone
from central.versions import IfMatch, etag
from central.wire import CAMEL

router = APIRouter(prefix="/api/admin", tags=["admin"])
_MANAGERS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_MAKE = documented(*_MANAGERS, HTTPStatus.CONFLICT)
_CHANGE = documented(*_MANAGERS, HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND, HTTPStatus.PRECONDITION_FAILED)
_REMOVE = documented(*_MANAGERS, HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND)
_Limit = Annotated[int, Query(ge=1, le=1000)]
_After = Annotated[str, Query(max_length=100, description="The id that the page before ended with.")]
Shown = TypeVar("Shown")


class VenueRequest(BaseModel):
    name: Annotated[Line, Field(min_length=1, max_length=200, examples=["Theatre Royal"])]
    address: Annotated[Line, Field(max_length=300, examples=["1 High Street, Bath"])] = ""
    timezone: TimeZone
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$", examples=["EUR"])]


class VenueShown(VenueRequest):
    venueId: str  # noqa: N815
    version: int


class PriceListRequest(Prices):
    """`prices` has an entry a category of the plan: minor units by price type. Percentages are basis points."""

    model_config = CAMEL
    name: Annotated[Line, Field(min_length=1, max_length=200, examples=["Standard"])]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$", examples=["EUR"])]
    tax_mode: TaxMode = TaxMode.INSIDE
    tax_bp: Annotated[TaxRate, Field(examples=[700])] = 0
    price_types: Annotated[tuple[PriceType, ...], Field(min_length=1, max_length=26)]
    prices: Annotated[
        tuple[dict[Annotated[str, Field(pattern="^[A-Z]$")], Price], ...], Field(min_length=1, max_length=256)
    ]
    fees: Annotated[tuple[Fee, ...], Field(max_length=20)] = ()


class PriceListShown(PriceListRequest):
    priceListId: str  # noqa: N815
    version: int


class PlanFileRequest(BaseModel):
    """A file's text. `name` is the plan's where the file holds none."""

    format: PlanFormat
    name: Annotated[Line, Field(min_length=1, max_length=200, examples=["Main Stage"])]
    content: Annotated[str, Field(min_length=1, examples=["section,row,seat,x,y,category\nStalls,A,1,0,0,Band A\n"])]


class PlanWritten(BaseModel):
    planId: str  # noqa: N815
    name: str
    version: int
    seats: int
    capacity: int


@router.get("/venues", responses=documented(*_MANAGERS))
async def list_venues(
    caller: ManagerDep, services: ServicesDep, after: _After = "", limit: _Limit = 200
) -> list[VenueShown]:
    rows = await services.database.pool.fetch("select * from venue where id > $1 order by id limit $2", after, limit)
    return [_venue(row) for row in rows]


@router.post("/venues", status_code=HTTPStatus.CREATED, responses=_MAKE)
async def create_venue(
    asked: VenueRequest, caller: ManagerDep, services: ServicesDep, response: Response
) -> VenueShown:
    return await _save_venue(None, asked, caller, services, None, response)


@router.put("/venues/{venueId}", responses=_CHANGE)
async def update_venue(
    venueId: str,  # noqa: N803
    asked: VenueRequest,
    caller: ManagerDep,
    services: ServicesDep,
    if_match: IfMatch,
    response: Response,
) -> VenueShown:
    """Its events are found under the new name at once."""
    return await _save_venue(venueId, asked, caller, services, if_match, response)


@router.delete("/venues/{venueId}", status_code=HTTPStatus.NO_CONTENT, responses=_REMOVE)
async def delete_venue(venueId: str, caller: ManagerDep, services: ServicesDep) -> None:  # noqa: N803
    await _remove("venue", "venue_id", "venue", venueId, caller, services)


@router.get("/price-lists", responses=documented(*_MANAGERS))
async def list_price_lists(
    caller: ManagerDep, services: ServicesDep, after: _After = "", limit: _Limit = 200
) -> list[PriceListShown]:
    rows = await services.database.pool.fetch(
        "select * from price_list where id > $1 order by id limit $2", after, limit
    )
    return [_price_list(row) for row in rows]


@router.post("/price-lists", status_code=HTTPStatus.CREATED, responses=_MAKE)
async def create_price_list(
    asked: PriceListRequest, caller: ManagerDep, services: ServicesDep, response: Response
) -> PriceListShown:
    return await _save_price_list(None, asked, caller, services, None, response)


@router.put("/price-lists/{priceListId}", responses=_CHANGE)
async def update_price_list(
    priceListId: str,  # noqa: N803
    asked: PriceListRequest,
    caller: ManagerDep,
    services: ServicesDep,
    if_match: IfMatch,
    response: Response,
) -> PriceListShown:
    """For what is sold from now on; what was booked keeps its price."""
    return await _save_price_list(priceListId, asked, caller, services, if_match, response)


@router.delete("/price-lists/{priceListId}", status_code=HTTPStatus.NO_CONTENT, responses=_REMOVE)
async def delete_price_list(priceListId: str, caller: ManagerDep, services: ServicesDep) -> None:  # noqa: N803
    await _remove("price_list", "price_list_id", "price list", priceListId, caller, services)


@router.get("/plans", responses=documented(*_MANAGERS))
async def list_plans(
    caller: ManagerDep, services: ServicesDep, after: _After = "", limit: _Limit = 200
) -> list[PlanWritten]:
    rows = await services.database.pool.fetch(
        f"{PLANS} where id > $1 order by id limit $2",
        *(after, limit),
    )
    return [
        PlanWritten(
            planId=row["id"],
            name=row["name"],
            version=row["version"],
            seats=row["seat_count"],
            capacity=row["capacity"],
        )
        for row in rows
    ]


@router.get("/plans/{planId}", responses=documented(*_MANAGERS, HTTPStatus.NOT_FOUND))
async def show_plan(planId: str, caller: ManagerDep, services: ServicesDep, response: Response) -> dict[str, Any]:  # noqa: N803
    row = await services.database.pool.fetchrow("select body, version from plan where id = $1", planId)
    if row is None:
        raise unknown("plan", "planId")
    response.headers["ETag"] = etag(row["version"])
    found: dict[str, Any] = json.loads(row["body"])
    return found


@router.post("/plans", status_code=HTTPStatus.CREATED, responses=_MAKE)
async def create_plan(asked: GivenPlan, caller: ManagerDep, services: ServicesDep, response: Response) -> PlanWritten:
    """Upload a seating plan. All its faults are named at once."""
    return await _save_plan(None, asked, caller, services, None, response)


@router.put("/plans/{planId}", responses=_CHANGE)
async def update_plan(
    planId: str,  # noqa: N803
    asked: GivenPlan,
    caller: ManagerDep,
    services: ServicesDep,
    if_match: IfMatch,
    response: Response,
) -> PlanWritten:
    """A new version. Places that were sold or reserved stay where they are in it."""
    return await _save_plan(planId, asked, caller, services, if_match, response)


@router.post("/plan-files", status_code=HTTPStatus.CREATED, responses=_MAKE)
async def import_plan(
    asked: PlanFileRequest, caller: ManagerDep, services: ServicesDep, response: Response
) -> PlanWritten:
    """A plan from the open JSON format, a table or a drawing. A faulty file is refused with every fault's place."""
    read = await plan_importing.read(asked.content, asked.format, asked.name)
    return await _save_plan(None, read, caller, services, None, response)


@router.put("/plans/{planId}/import", responses=_CHANGE)
async def import_plan_version(
    planId: str,  # noqa: N803
    asked: PlanFileRequest,
    caller: ManagerDep,
    services: ServicesDep,
    if_match: IfMatch,
    response: Response,
) -> PlanWritten:
    """A new version from a file. Places that were sold or reserved stay where they are in it."""
    read = await plan_importing.read(asked.content, asked.format, asked.name)
    return await _save_plan(planId, read, caller, services, if_match, response)


@router.get("/plans/{planId}/export", responses=documented(*_MANAGERS, HTTPStatus.NOT_FOUND))
async def export_plan(planId: str, caller: ManagerDep, services: ServicesDep) -> dict[str, Any]:  # noqa: N803
    """The plan in the open JSON format, with what was imported."""
    row = await services.database.pool.fetchrow("select body from plan where id = $1", planId)
    if row is None:
        raise unknown("plan", "planId")
    return await plan_importing.written(json.loads(row["body"]))


@router.delete("/plans/{planId}", status_code=HTTPStatus.NO_CONTENT, responses=_REMOVE)
async def delete_plan(planId: str, caller: ManagerDep, services: ServicesDep) -> None:  # noqa: N803
    await _remove("plan", "plan_id", "plan", planId, caller, services)


async def _save_venue(
    venue: str | None,
    asked: VenueRequest,
    caller: Caller,
    services: Services,
    if_match: int | None,
    response: Response,
) -> VenueShown:
    async def work(connection: asyncpg.Connection) -> tuple[VenueShown, str, Heads]:
        row = await furnishing.save_venue(connection, venue, asked.model_dump(), if_match, services.now())
        return _venue(row), row["id"], {}

    found = await _written(services, caller, "venue", asked.model_dump(), work)
    response.headers["ETag"] = etag(found.version)
    return found


async def _save_price_list(
    price_list: str | None,
    asked: PriceListRequest,
    caller: Caller,
    services: Services,
    if_match: int | None,
    response: Response,
) -> PriceListShown:
    async def work(connection: asyncpg.Connection) -> tuple[PriceListShown, str, Heads]:
        row = await furnishing.save_price_list(connection, price_list, asked.model_dump(), if_match, services.now())
        return _price_list(row), row["id"], {}

    found = await _written(services, caller, "price list", asked.model_dump(mode="json"), work)
    response.headers["ETag"] = etag(found.version)
    return found


async def _save_plan(
    plan: str | None,
    asked: dict[str, Any],
    caller: Caller,
    services: Services,
    if_match: int | None,
    response: Response,
) -> PlanWritten:
    async def work(connection: asyncpg.Connection) -> tuple[PlanWritten, str, Heads]:
        found, heads = await furnishing.save_plan(connection, plan, asked, if_match, services.now())
        written = PlanWritten(
            planId=found.id,
            name=found.name,
            version=found.version,
            seats=found.seat_count,
            capacity=found.capacity,
        )
        return written, found.id, heads

    found = await _written(services, caller, "plan", {}, work)
    response.headers["ETag"] = etag(found.version)
    return found


async def _written(
    services: Services,
    caller: Caller,
    kind: str,
    detail: dict[str, Any],
    work: Callable[[asyncpg.Connection], Awaitable[tuple[Shown, str, Heads]]],
) -> Shown:
    async def write(connection: asyncpg.Connection) -> tuple[Shown, Heads]:
        shown, key, heads = await work(connection)
        await audit.record(connection, caller, f"{kind} written", f"{kind}:{key}", services.now(), detail)
        return shown, await published(connection, heads)

    shown, heads = await services.database.write(write)
    services.hints.tell(heads)
    return shown


async def _remove(table: str, column: str, kind: str, key: str, caller: Caller, services: Services) -> None:
    async def write(connection: asyncpg.Connection) -> Heads:
        await furnishing.remove(connection, table, column, kind, key)
        await audit.record(connection, caller, f"{kind} removed", f"{kind}:{key}", services.now())
        return await published(connection, {})

    services.hints.tell(await services.database.write(write))


def _venue(row: asyncpg.Record) -> VenueShown:
    return VenueShown(
        venueId=row["id"],
        name=row["name"],
        address=row["address"],
        timezone=row["timezone"],
        currency=row["currency"],
        version=row["version"],
    )


def _price_list(row: asyncpg.Record) -> PriceListShown:
    found = PriceList.model_validate_json(row["body"]).model_dump()
    return PriceListShown.model_validate({**found, "priceListId": row["id"], "version": row["version"]})
