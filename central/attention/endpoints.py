"""What waits for a manager, and the ways out."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from boxoffice.domain.ids import SaleId
from boxoffice.domain.money import Money
from boxoffice.domain.values import SeatIndex
from central import audit
from central.accounts.callers import ManagerDep, unknown
from central.attention.conflicts import move, propose
from central.attention.matters import Matter, MatterKind, matters
from central.catalogue.endpoints import performance_of
from central.problems import Declined, documented
from central.services import Services, ServicesDep
from central.text import Line
from central.wire import EventId, major

router = APIRouter(prefix="/api/admin/attention", tags=["admin"])
_MANAGERS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_CHANGES = documented(*_MANAGERS, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
_MatterId = Annotated[str, Path(pattern=r"^(conflict|fact|twice)\.[0-9a-f.-]{1,60}$")]


class Proposed(BaseModel):
    """What the house's policy says now. `seats`: where they would sit, by number and by name."""

    seats: list[int]
    places: list[str]
    why: str


class MatterShown(BaseModel):
    """`amount` is what was paid, in major units; `raw` is what the till sent, where it could not be booked."""

    matterId: str  # noqa: N815
    kind: MatterKind
    at: datetime
    reason: str
    eventId: str | None  # noqa: N815
    saleId: str | None  # noqa: N815
    orderCode: str  # noqa: N815
    customer: str
    email: str
    phone: str
    till: int
    amount: float
    amountMinor: int  # noqa: N815
    currency: str
    places: list[str]
    proposal: Proposed | None
    waysOut: list[str] = Field(examples=[["move", "refund at a till", "settle"]])  # noqa: N815
    raw: dict[str, Any] | None


@router.get("", responses=documented(*_MANAGERS))
async def list_matters(caller: ManagerDep, services: ServicesDep) -> list[MatterShown]:
    """The oldest first: orders whose seats somebody else has, facts of tills that could not be booked, and tickets that
    were let in twice in the last 30 days."""
    async with services.database.pool.acquire() as connection:
        return [await _shown(connection, services, matter) for matter in await matters(connection, services.now())]


class MoveRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    eventId: EventId  # noqa: N815
    seats: Annotated[
        list[SeatIndex] | None,
        Field(max_length=200, description="One for each seat of the order; as proposed without it."),
    ] = None


class OrderMoved(BaseModel):
    saleId: UUID  # noqa: N815
    places: list[str]
    message: str = "the order has its places, and needs new tickets where they changed"


@router.post("/orders/{saleId}/move", responses=_CHANGES)
async def move_order(
    saleId: UUID,  # noqa: N803
    asked: MoveRequest,
    caller: ManagerDep,
    services: ServicesDep,
) -> OrderMoved:
    """Give an order in conflict other seats, or its own where nobody has them any more. Tickets that move get a new
    generation: the old paper does not admit, any till prints new ones. Whoever gave an e-mail address is told."""
    event = performance_of(asked.eventId)

    async def write(connection: asyncpg.Connection) -> tuple[list[str], int]:
        seats = asked.seats
        if seats is None:
            proposal = await propose(connection, services.houses, SaleId(saleId), event)
            if not proposal.is_certain and not proposal.seats:
                raise Declined(
                    *(HTTPStatus.CONFLICT, "nothing_to_propose", f"Nothing to propose: {proposal.why}."),
                    "Name the seats, or refund the order at a till.",
                    field="seats",
                )
            seats = list(proposal.seats)
        placed = await move(connection, services.houses, SaleId(saleId), event, seats, caller, services.now())
        return list(placed.places), placed.head

    places, head = await services.database.write(write)
    services.hints.tell({event: head})
    return OrderMoved(saleId=saleId, places=places)


class SettleRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    note: Annotated[
        Line, Field(min_length=3, max_length=500, examples=["Refunded in cash at till 2, receipt T2-000114"])
    ]


class MatterSettled(BaseModel):
    matterId: str  # noqa: N815
    message: str = "noted"


@router.post("/{matterId}/settle", responses=_CHANGES)
async def settle_matter(
    matterId: _MatterId,  # noqa: N803
    asked: SettleRequest,
    caller: ManagerDep,
    services: ServicesDep,
) -> MatterSettled:
    """Note what became of it outside of this system. It leaves the list; what it is about stays as it is."""

    async def write(connection: asyncpg.Connection) -> None:
        now = services.now()
        if all(matter.id != matterId for matter in await matters(connection, now)):
            raise unknown("matter")
        await connection.execute(
            "insert into settled_matter (matter, account, at, note) values ($1, $2, $3, $4) on conflict do nothing",
            *(matterId, caller.account, now, asked.note),
        )
        await audit.record(connection, caller, "matter settled", f"matter:{matterId}", now, {"note": asked.note})

    await services.database.write(write)
    return MatterSettled(matterId=matterId)


async def _shown(connection: asyncpg.Connection, services: Services, matter: Matter) -> MatterShown:
    places: list[str] = []
    proposal = None
    ways_out = ["settle"]
    if matter.performance is not None:
        billing = await services.houses.billing(connection, matter.performance)
        places = [billing.place_name(seat, None) for seat in matter.seats]
        places += [billing.place_name(None, area) for area in matter.places]
        if matter.kind is MatterKind.CONFLICT:
            proposed = await propose(connection, services.houses, SaleId(UUID(matter.sale)), matter.performance)
            names = [billing.place_name(seat, None) for seat in proposed.seats]
            proposal = Proposed(seats=list(proposed.seats), places=names, why=proposed.why)
            ways_out = ["move", "refund at a till", "settle"]
    return MatterShown(
        matterId=matter.id,
        kind=matter.kind,
        at=matter.at,
        reason=matter.reason,
        eventId=str(matter.performance) if matter.performance is not None else None,
        saleId=matter.sale or None,
        orderCode=matter.order_code,
        customer=matter.holder,
        email=matter.email,
        phone=matter.phone,
        till=matter.till,
        amount=major(Money(matter.minor, matter.currency)) if matter.currency else 0.0,
        amountMinor=matter.minor,
        currency=matter.currency,
        places=places,
        proposal=proposal,
        waysOut=ways_out,
        raw=matter.raw,
    )
