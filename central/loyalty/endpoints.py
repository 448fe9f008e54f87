"""What visitors earn, and the discounts of the house."""

from __future__ import annotations

import secrets
from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from boxoffice.domain.discounts import Discount, Taken, Terms, Uses, is_open
from boxoffice.domain.ids import PerformanceId, uuid7
from boxoffice.domain.loyalty import Programme, Tier
from boxoffice.domain.values import Whole
from central import audit
from central.accounts.callers import CallerDep, ManagerDep, unknown
from central.loyalty import points
from central.loyalty.codes import turn_into_code
from central.problems import Declined, documented
from central.services import ServicesDep
from central.text import Line
from central.wire import CAMEL

_HOUSE = """
    select d.body, d.ended_at, d.version,
        (select count(*) from discount_use u where u.discount = d.id and u.given_back_at is null) as orders,
        (select coalesce(sum(u.minor), 0)::bigint from discount_use u
            where u.discount = d.id and u.given_back_at is null) as saved
    from discount d
"""
router = APIRouter(tags=["loyalty and discounts"])
_Category = Annotated[Whole, Field(ge=0, le=255)]
_PriceType = Annotated[str, Field(pattern=r"^[A-Z]$")]
_SIGNED_IN = (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND)
_MANAGERS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


class Offered(BaseModel):
    """A discount that this customer may use. `percent`, or `amountMinor` of `currency` a ticket or an order."""

    name: str
    promoCode: str | None = Field(description="To type; null for an offer that applies by itself.")  # noqa: N815
    per: str = Field(examples=["percent", "per_ticket", "per_order"])
    percent: float | None = None
    amountMinor: int | None = None  # noqa: N815
    currency: str | None = None
    validUntil: datetime | None = None  # noqa: N815
    minTickets: int = 1  # noqa: N815
    daysBefore: int = 0  # noqa: N815


class LoyaltyAccount(BaseModel):
    userId: str  # noqa: N815
    loyaltyPoints: int  # noqa: N815
    availableDiscount: list[Offered]  # noqa: N815
    tier: str = Field(examples=["Regular"])
    pointsInAYear: int  # noqa: N815
    nextTier: str | None = None  # noqa: N815
    pointsToNextTier: int = 0  # noqa: N815


class PointsEntry(BaseModel):
    points: int
    reason: str
    at: datetime


class PointsRequest(BaseModel):
    points: Annotated[Whole, Field(ge=1, le=10**9, examples=[100])]


class PointsCode(BaseModel):
    promoCode: str  # noqa: N815
    amountMinor: int  # noqa: N815
    currency: str
    validUntil: datetime  # noqa: N815
    message: str = "points turned into a promo code"


class ProgrammeBody(Programme):
    model_config = CAMEL
    tiers: Annotated[tuple[Tier, ...], Field(max_length=20)] = Programme().tiers


class DiscountRequest(Terms):
    """A promo code, or without `code` an offer that applies by itself."""

    model_config = CAMEL
    name: Annotated[Line, Field(min_length=1, max_length=100, examples=["Early bird"])]
    performances: Annotated[tuple[PerformanceId, ...], Field(max_length=1000)] = ()
    categories: Annotated[tuple[_Category, ...], Field(max_length=256)] = ()
    price_types: Annotated[tuple[_PriceType, ...], Field(max_length=26)] = ()


class HouseDiscount(DiscountRequest):
    """With what has come of it. `savedMinor` is what customers saved."""

    discountId: UUID  # noqa: N815
    orders: int
    savedMinor: int  # noqa: N815
    endedAt: datetime | None  # noqa: N815
    version: int


@router.get("/api/loyalty/{userId}", responses=documented(*_SIGNED_IN))
async def show_loyalty(userId: UUID, caller: CallerDep, services: ServicesDep) -> LoyaltyAccount:  # noqa: N803
    """Points, tier, and what can be used now."""
    caller.must_own(userId, "user")
    now = services.now()

    async def look(connection: asyncpg.Connection) -> LoyaltyAccount:
        await _must_exist(connection, userId)
        rules = await points.programme(connection)
        await points.earn(connection, userId, rules, now)
        balance = await points.balance(connection, userId, now)
        tier = rules.tier_of(balance.in_a_year)
        rows = await connection.fetch(
            "select body, orders, spent_minor from discount where ended_at is null"
            " and ((code is null and owner is null) or owner = $1) order by made_at, id",
            userId,
        )
        above = rules.tiers[tier + 1] if tier + 1 < len(rules.tiers) else None
        return LoyaltyAccount(
            userId=str(userId),
            loyaltyPoints=balance.points,
            availableDiscount=[
                _offered(discount)
                for discount, row in ((Discount.model_validate_json(row["body"]), row) for row in rows)
                if is_open(discount, now, tier, Uses(orders=row["orders"], minor=row["spent_minor"]))
            ],
            tier=rules.tiers[tier].name,
            pointsInAYear=balance.in_a_year,
            nextTier=above.name if above else None,
            pointsToNextTier=above.points - balance.in_a_year if above else 0,
        )

    return await services.database.write(look)


@router.get("/api/loyalty/{userId}/entries", responses=documented(*_SIGNED_IN))
async def list_points(
    userId: UUID,  # noqa: N803
    caller: CallerDep,
    services: ServicesDep,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[PointsEntry]:
    """Where points came from and went, newest first."""
    caller.must_own(userId, "user")
    rows = await services.database.pool.fetch(
        "select points, reason, at from points_entry where account = $1 order by at desc, id desc limit $2",
        *(userId, limit),
    )
    return [PointsEntry(**row) for row in rows]


@router.post(
    "/api/loyalty/{userId}/codes",
    status_code=HTTPStatus.CREATED,
    responses=documented(*_SIGNED_IN, HTTPStatus.CONFLICT),
)
async def spend_points(
    userId: UUID,  # noqa: N803
    asked: PointsRequest,
    caller: CallerDep,
    services: ServicesDep,
) -> PointsCode:
    """Turn points into a promo code that only this customer can use, once."""
    caller.must_own(userId, "user")

    async def spend(connection: asyncpg.Connection) -> Discount:
        await _must_exist(connection, userId)
        discount = await turn_into_code(connection, userId, asked.points, services.now())
        detail = {"points": asked.points, "discount": str(discount.id)}
        await audit.record(connection, caller, "points spent", f"user:{userId}", services.now(), detail)
        return discount

    made = await services.database.write(spend)
    assert made.code is not None
    assert made.currency is not None
    assert made.valid_until is not None
    return PointsCode(promoCode=made.code, amountMinor=made.amount, currency=made.currency, validUntil=made.valid_until)


@router.get("/api/admin/loyalty", responses=documented(*_MANAGERS))
async def show_programme(caller: ManagerDep, services: ServicesDep) -> ProgrammeBody:
    """What points are earned for and worth, and the tiers."""
    async with services.database.pool.acquire() as connection:
        return ProgrammeBody.model_validate((await points.programme(connection)).model_dump())


@router.put("/api/admin/loyalty", responses=documented(*_MANAGERS))
async def change_programme(asked: ProgrammeBody, caller: ManagerDep, services: ServicesDep) -> ProgrammeBody:
    """Points that were booked stay as they are; tiers follow the new steps at once."""

    async def change(connection: asyncpg.Connection) -> None:
        before = await connection.fetchval("select body from loyalty_programme for update")
        await connection.execute("update loyalty_programme set body = $1", asked.model_dump_json())
        detail = {"before": Programme.model_validate_json(before).model_dump(), "after": asked.model_dump()}
        await audit.record(connection, caller, "loyalty programme changed", "loyalty", services.now(), detail)

    await services.database.write(change)
    return asked


@router.get("/api/admin/discounts", responses=documented(*_MANAGERS))
async def list_discounts(
    caller: ManagerDep,
    services: ServicesDep,
    ended: Annotated[bool, Query(description="Those that were ended instead of those in force.")] = False,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> list[HouseDiscount]:
    """The house's own, newest first."""
    rows = await services.database.pool.fetch(
        f"{_HOUSE} where d.owner is null and (d.ended_at is not null) = $1"
        " order by d.made_at desc, d.id limit $2 offset $3",
        *(ended, limit, offset),
    )
    return [_house_discount(row) for row in rows]


@router.post(
    "/api/admin/discounts", status_code=HTTPStatus.CREATED, responses=documented(*_MANAGERS, HTTPStatus.CONFLICT)
)
async def make_discount(asked: DiscountRequest, caller: ManagerDep, services: ServicesDep) -> HouseDiscount:
    """Make it apply from now on."""
    now = services.now()
    discount = Discount.model_validate({**asked.model_dump(), "id": uuid7(now, secrets.randbits)})

    async def make(connection: asyncpg.Connection) -> HouseDiscount:
        await _check_performances(connection, discount)
        try:
            await connection.execute(
                "insert into discount (id, code, body, made_at) values ($1, $2, $3, $4)",
                *(discount.id, discount.code, discount.model_dump_json(), now),
            )
        except asyncpg.UniqueViolationError:
            raise Declined(
                *(HTTPStatus.CONFLICT, "code_taken", f"The promo code {discount.code} is in use."),
                *("End that discount first, or choose another code.",),
                field="code",
            ) from None
        await audit.record(
            connection, caller, "discount made", f"discount:{discount.id}", now, discount.model_dump(mode="json")
        )
        return await _find(connection, discount.id)

    return await services.database.write(make)


@router.get("/api/admin/discounts/{discountId}", responses=documented(*_MANAGERS, HTTPStatus.NOT_FOUND))
async def show_discount(discountId: UUID, caller: ManagerDep, services: ServicesDep) -> HouseDiscount:  # noqa: N803
    async with services.database.pool.acquire() as connection:
        return await _find(connection, discountId)


@router.delete("/api/admin/discounts/{discountId}", responses=documented(*_MANAGERS, HTTPStatus.NOT_FOUND))
async def end_discount(discountId: UUID, caller: ManagerDep, services: ServicesDep) -> HouseDiscount:  # noqa: N803
    """From now on it applies no more. Bookings that have it keep it; its code may be given to another."""

    async def end(connection: asyncpg.Connection) -> HouseDiscount:
        ended = await connection.fetchval(
            "update discount set ended_at = $2, version = version + 1 where id = $1 and ended_at is null returning id",
            *(discountId, services.now()),
        )
        if ended is not None:
            await audit.record(connection, caller, "discount ended", f"discount:{discountId}", services.now())
        return await _find(connection, discountId)

    return await services.database.write(end)


async def _must_exist(connection: asyncpg.Connection, account: UUID) -> None:
    if not await connection.fetchval(
        "select exists (select from account where id = $1 and deleted_at is null)", account
    ):
        raise unknown("user", "userId")


async def _check_performances(connection: asyncpg.Connection, discount: Discount) -> None:
    known = await connection.fetch("select id from performance where id = any($1)", list(discount.performances))
    strange = set(discount.performances) - {row["id"] for row in known}
    if strange:
        raise Declined(
            *(HTTPStatus.UNPROCESSABLE_ENTITY, "unknown_event", f"There is no event {min(strange)}."),
            *("Look it up in the list.",),
            field="performances",
        )


async def _find(connection: asyncpg.Connection, discount: UUID) -> HouseDiscount:
    row = await connection.fetchrow(f"{_HOUSE} where d.id = $1 and d.owner is null", discount)
    if row is None:
        raise unknown("discount", "discountId")
    return _house_discount(row)


def _house_discount(row: asyncpg.Record) -> HouseDiscount:
    found = Discount.model_validate_json(row["body"]).model_dump()
    return HouseDiscount.model_validate(
        {
            **found,
            "discountId": found["id"],
            "orders": row["orders"],
            "savedMinor": row["saved"],
            "endedAt": row["ended_at"],
            "version": row["version"],
        }
    )


def _offered(discount: Discount) -> Offered:
    by_share = discount.taken is Taken.PERCENT
    return Offered(
        name=discount.name,
        promoCode=discount.code,
        per=str(discount.taken),
        percent=discount.amount / 100 if by_share else None,
        amountMinor=None if by_share else discount.amount,
        currency=discount.currency,
        validUntil=discount.valid_until,
        minTickets=discount.min_tickets,
        daysBefore=discount.days_before,
    )
