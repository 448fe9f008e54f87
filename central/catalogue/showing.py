"""One event with all that is said of it: prices, sections and what is free in them, rating, refund policy."""

from __future__ import annotations

import asyncpg
from pydantic import BaseModel, Field

from boxoffice.domain.ids import PerformanceId
from boxoffice.domain.plan import SeatingPlan
from boxoffice.domain.pricing import PriceList
from boxoffice.domain.refund_policy import RefundPolicy
from central.catalogue.events import Event, event
from central.catalogue.programme import Programme


class SectionShown(BaseModel):
    """Seats of one price category in a section, or the places of an area."""

    name: str = Field(examples=["Stalls"])
    category: int
    categoryName: str  # noqa: N815
    capacity: int
    free: int
    area: int | None = Field(default=None, description="Its number, when its places have no seats.")


class PriceShown(BaseModel):
    category: int
    categoryName: str  # noqa: N815
    priceType: str = Field(examples=["A"])  # noqa: N815
    priceTypeName: str = Field(examples=["Adult"])  # noqa: N815
    minor: int


class EventShown(Event):
    details: str
    sections: list[SectionShown]
    prices: list[PriceShown]
    rating: float | None = Field(description="The average of its reviews; null without any.")
    reviews: int
    refundPolicy: str = Field(examples=["Given back: 100 % until 7 days before the start."])  # noqa: N815
    version: int


_TAG = """
    select s.epoch, s.catalogue_version, h.head, coalesce(r.reviews, 0) as reviews, coalesce(r.stars, 0) as stars
    from feed_head h cross join server s left join rating r on r.performance = h.performance
    where h.performance = $1
"""
_MORE = """
    select p.details, p.version, p.status, p.refund_policy, l.body as price_list, r.reviews, r.stars
    from performance p join price_list l on l.id = p.price_list_id left join rating r on r.performance = p.id
    where p.id = $1
"""


async def tag(connection: asyncpg.Connection, performance: PerformanceId) -> str | None:
    """The ETag: changes with the catalogue, the house and the reviews. None: there is no such event."""
    row = await connection.fetchrow(_TAG, performance)
    return None if row is None else '"e' + "-".join(str(part) for part in row) + '"'


async def show(connection: asyncpg.Connection, performance: PerformanceId, programme: Programme) -> EventShown | None:
    """In a REPEATABLE READ transaction, so that the counts agree with each other."""
    found = await event(connection, performance)
    plan = await programme.plan(performance, connection)
    if found is None or plan is None:
        return None
    row = await connection.fetchrow(_MORE, performance)
    policy = row["refund_policy"]
    return EventShown(
        **found.model_dump(),
        details=row["details"],
        sections=await _sections(connection, performance, plan, row["status"] == "on_sale"),
        prices=_prices(PriceList.model_validate_json(row["price_list"]), plan),
        rating=round(row["stars"] / row["reviews"], 2) if row["reviews"] else None,
        reviews=row["reviews"] or 0,
        refundPolicy=(RefundPolicy() if policy is None else RefundPolicy.model_validate_json(policy)).words(),
        version=row["version"],
    )


async def _sections(
    connection: asyncpg.Connection, performance: PerformanceId, plan: SeatingPlan, is_on_sale: bool
) -> list[SectionShown]:
    seats = await connection.fetch(
        "select section, category, capacity, free from section_count where performance = $1 order by section, category",
        performance,
    )
    areas = await connection.fetch(
        "select area, capacity, free from area_count where performance = $1 order by area", performance
    )
    sections = [
        SectionShown(
            name=plan.sections[row["section"]].name,
            category=row["category"],
            categoryName=plan.categories[row["category"]],
            capacity=row["capacity"],
            free=row["free"] if is_on_sale else 0,
        )
        for row in seats
        if row["section"] < len(plan.sections) and row["category"] < len(plan.categories)
    ]
    return sections + [
        SectionShown(
            name=plan.areas[row["area"]].name,
            category=plan.areas[row["area"]].category,
            categoryName=plan.categories[plan.areas[row["area"]].category],
            capacity=row["capacity"],
            free=row["free"] if is_on_sale else 0,
            area=row["area"],
        )
        for row in areas
        if row["area"] < len(plan.areas)
    ]


def _prices(price_list: PriceList, plan: SeatingPlan) -> list[PriceShown]:
    names = {price_type.key: price_type for price_type in price_list.price_types}
    return [
        PriceShown(
            category=category,
            categoryName=plan.categories[category],
            priceType=key,
            priceTypeName=names[key].name,
            minor=minor,
        )
        for category, prices in enumerate(price_list.prices[: len(plan.categories)])
        for key, minor in prices.items()
        if key in names and not names[key].is_comp
    ]
