"""What managers do about tills: look at them, ask for seats back, and end what a lost one holds."""

from __future__ import annotations

import secrets
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal, Self
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field, model_validator

from boxoffice.domain.ids import TillNumber, uuid7
from boxoffice.domain.protocol import SeatStatus
from boxoffice.domain.values import SeatIndex
from central import audit
from central.accounts.callers import ManagerDep, unknown
from central.catalogue.endpoints import performance_of
from central.problems import documented
from central.services import ServicesDep
from central.text import Line
from central.tills import reclaiming
from central.tills.recalling import recall
from central.wire import EventId

router = APIRouter(prefix="/api/admin", tags=["admin"])
_TO_LOOK = documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_MANAGERS = documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
_RECLAIMS = documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
_Till = Annotated[int, Path(ge=1, le=65535)]
_TILLS = """
    select t.number, t.name, t.state, t.paired_at, t.heard_at, t.incarnation,
        coalesce(s.seats, 0) as seats, coalesce(s.aside, 0) as aside, coalesce(l.units, 0) as units
    from till t
    left join (
        select till, count(*) filter (where status = $1) as seats, count(*) filter (where status = $2) as aside
        from seat where till > 0 and status in ($1, $2) group by till
    ) s on s.till = t.number
    left join (select till, sum(units)::bigint as units from area_lease group by till) l on l.till = t.number
    order by t.number
"""


class RecallRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    seats: Annotated[
        list[SeatIndex] | None, Field(min_length=1, max_length=2000, description="Only these; all without it.")
    ] = None


class Recalled(BaseModel):
    eventId: str  # noqa: N815
    recalled: int = Field(description="Seats that tills were asked for and had not been before.")
    message: str = "tills are asked for their seats"


@router.post("/events/{eventId}/recall", responses=_MANAGERS)
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


class TillShown(BaseModel):
    """`seats` and `places` it may sell offline; `setAside`: seats that nobody may sell until it is known whether it
    sold them. `heardAt`: to the minute."""

    till: int
    name: str
    state: Literal["active", "quarantined", "revoked"]
    pairedAt: datetime  # noqa: N815
    heardAt: datetime | None  # noqa: N815
    incarnation: int
    seats: int
    places: int
    setAside: int  # noqa: N815


@router.get("/tills", responses=_TO_LOOK)
async def list_tills(caller: ManagerDep, services: ServicesDep) -> list[TillShown]:
    """Every till that was ever paired, and what it holds."""
    rows = await services.database.pool.fetch(_TILLS, SeatStatus.LEASED, SeatStatus.QUARANTINED)
    return [
        TillShown(
            till=row["number"],
            name=row["name"],
            state=row["state"],
            pairedAt=row["paired_at"],
            heardAt=row["heard_at"],
            incarnation=row["incarnation"],
            seats=row["seats"],
            places=row["units"],
            setAside=row["aside"],
        )
        for row in rows
    ]


class ReclaimRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Annotated[Line, Field(min_length=3, max_length=300, examples=["Stolen from the foyer last night"])]
    eventId: EventId | None = Field(None, description="Of this one only; of all without it.")  # noqa: N815
    seats: Annotated[
        list[SeatIndex] | None,
        Field(min_length=1, max_length=2000, description="Only these; all, and the places of areas, without it."),
    ] = None

    @model_validator(mode="after")
    def _seats_are_of_an_event(self) -> Self:
        if self.seats is not None and self.eventId is None:
            raise ValueError("seats are named together with their eventId")
        return self


class ReclaimShown(BaseModel):
    """`seats` and `places`: what it took, once it is confirmed."""

    reclaimId: UUID  # noqa: N815
    till: int
    state: Literal["asked", "confirmed", "withdrawn"]
    eventId: str | None  # noqa: N815
    reason: str
    askedBy: UUID  # noqa: N815
    askedAt: datetime  # noqa: N815
    confirmedBy: UUID | None  # noqa: N815
    confirmedAt: datetime | None  # noqa: N815
    seats: int
    places: int


@router.get("/tills/{till}/reclaims", responses=_MANAGERS)
async def list_reclaims(till: _Till, caller: ManagerDep, services: ServicesDep) -> list[ReclaimShown]:
    """The latest first."""
    async with services.database.pool.acquire() as connection:
        if not await connection.fetchval("select exists (select from till where number = $1)", till):
            raise unknown("till", "till")
        return await _reclaims(connection, till)


@router.post("/tills/{till}/reclaims", status_code=HTTPStatus.CREATED, responses=_RECLAIMS)
async def ask_for_reclaim(
    till: _Till, asked: ReclaimRequest, caller: ManagerDep, services: ServicesDep
) -> ReclaimShown:
    """Ask for what a lost till holds to be sold by others. Nothing changes until another manager confirms it, within a
    day. A ticket that the till sold before stays good as long as nobody else has the seat; otherwise both are a
    conflict that a person settles."""
    event = performance_of(asked.eventId) if asked.eventId is not None else None

    async def write(connection: asyncpg.Connection) -> ReclaimShown:
        now = services.now()
        await reclaiming.must_be_away(connection, TillNumber(till))
        if event and not await connection.fetchval("select exists (select from performance where id = $1)", event):
            raise unknown("event", "eventId")
        reclaim = uuid7(now, secrets.randbits)
        await connection.execute(
            "insert into reclaim (id, till, performance, seats, reason, asked_by, asked_at)"
            " values ($1, $2, $3, $4, $5, $6, $7)",
            *(reclaim, till, event, asked.seats, asked.reason, caller.account, now),
        )
        detail = {"reclaim": str(reclaim), "reason": asked.reason, "event": asked.eventId, "seats": asked.seats}
        await audit.record(connection, caller, "reclaim asked", f"till:{till}", now, detail)
        return await _reclaim(connection, till, reclaim)

    return await services.database.write(write)


@router.post("/tills/{till}/reclaims/{reclaimId}/confirm", responses=_RECLAIMS)
async def confirm_reclaim(
    till: _Till,
    reclaimId: UUID,  # noqa: N803
    caller: ManagerDep,
    services: ServicesDep,
) -> ReclaimShown:
    """What the till holds of it is free at once, for everybody. Only by a manager who did not ask for it."""

    async def write(connection: asyncpg.Connection) -> tuple[ReclaimShown, reclaiming.Ended]:
        now = services.now()
        ended = await reclaiming.confirm(connection, TillNumber(till), reclaimId, caller, now)
        detail = {"reclaim": str(reclaimId), "seats": ended.seats, "places": ended.places}
        await audit.record(connection, caller, "reclaim confirmed", f"till:{till}", now, detail)
        return await _reclaim(connection, till, reclaimId), ended

    shown, ended = await services.database.write(write)
    services.hints.tell(ended.heads)
    return shown


@router.delete("/tills/{till}/reclaims/{reclaimId}", responses=_RECLAIMS)
async def withdraw_reclaim(
    till: _Till,
    reclaimId: UUID,  # noqa: N803
    caller: ManagerDep,
    services: ServicesDep,
) -> ReclaimShown:
    """The till was found before anybody confirmed it."""

    async def write(connection: asyncpg.Connection) -> ReclaimShown:
        now = services.now()
        await reclaiming.open_reclaim(connection, TillNumber(till), reclaimId)
        await connection.execute("update reclaim set withdrawn_at = $2 where id = $1", reclaimId, now)
        await audit.record(connection, caller, "reclaim withdrawn", f"till:{till}", now, {"reclaim": str(reclaimId)})
        return await _reclaim(connection, till, reclaimId)

    return await services.database.write(write)


async def _reclaim(connection: asyncpg.Connection, till: int, reclaim: UUID) -> ReclaimShown:
    [shown] = await _reclaims(connection, till, reclaim)
    return shown


async def _reclaims(connection: asyncpg.Connection, till: int, reclaim: UUID | None = None) -> list[ReclaimShown]:
    rows = await connection.fetch(
        "select r.*, coalesce((select sum(cardinality(e.seats)) from reclaimed e where e.reclaim = r.id), 0) as took,"
        " coalesce((select sum(u) from reclaimed e, unnest(e.units) u where e.reclaim = r.id), 0) as places"
        " from reclaim r where r.till = $1 and ($2::uuid is null or r.id = $2) order by r.id desc limit 200",
        *(till, reclaim),
    )
    return [_shown(row) for row in rows]


def _shown(row: asyncpg.Record) -> ReclaimShown:
    state: Literal["asked", "confirmed", "withdrawn"] = "asked"
    if row["confirmed_at"] is not None:
        state = "confirmed"
    elif row["withdrawn_at"] is not None:
        state = "withdrawn"
    return ReclaimShown(
        reclaimId=row["id"],
        till=row["till"],
        state=state,
        eventId=str(row["performance"]) if row["performance"] is not None else None,
        reason=row["reason"],
        askedBy=row["asked_by"],
        askedAt=row["asked_at"],
        confirmedBy=row["confirmed_by"],
        confirmedAt=row["confirmed_at"],
        seats=row["took"],
        places=row["places"],
    )
