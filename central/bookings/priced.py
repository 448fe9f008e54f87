"""A booking's tickets and what they cost, fixed when it is made."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from boxoffice.domain.discounts import Reduction
from boxoffice.domain.facts import TicketLine
from boxoffice.domain.ids import new_ticket_id
from boxoffice.domain.pricing import FeeLine, Item, NotForSale, PriceType, TaxLine, quote
from boxoffice.domain.values import Currency, Minor, Value
from central.bookings.houses import Billing
from central.problems import Declined


class Discounted(Value):
    discount: UUID
    name: str
    minor: Minor


class Priced(Value):
    """Kept with the booking. The tickets' ids are theirs from the start, so that confirming twice sells once."""

    currency: Currency
    tickets: tuple[TicketLine, ...]
    fees: tuple[FeeLine, ...]
    taxes: tuple[TaxLine, ...]
    total_minor: Minor
    discount: Discounted | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """One place: a seat, or one of an area."""

    seat: int | None = None
    area: int | None = None


def items_for(billing: Billing, places: Sequence[Chosen], price_types: Sequence[str]) -> list[Item]:
    """What is to be priced. Fewer price types than places: the rest at the first one sold to everybody.

    Raises Declined, 422, for a type that these places are not sold at on the web.
    """
    if len(price_types) > len(places):
        raise Declined(
            *(HTTPStatus.UNPROCESSABLE_ENTITY, "malformed", "There are more price types than tickets."),
            field="priceTypes",
        )
    items = []
    for i, place in enumerate(places):
        category = _category(billing, place)
        offered = {one.key: one for one in billing.price_list.types_for(category) if not one.is_comp}
        key = price_types[i] if i < len(price_types) else next(iter(offered), "")
        if key not in offered:
            raise _not_sold_as(key, list(offered.values()))
        items.append(Item(billing.price_list, category, key))
    return items


def priced(billing: Billing, places: Sequence[Chosen], items: Sequence[Item], reduction: Reduction) -> Priced:
    """With every cent in its place. The fees of an order are part of its total, not of a ticket."""
    reduced = [
        Item(item.price_list, item.category, item.price_type, off)
        for item, off in zip(items, reduction.minor, strict=True)
    ]
    try:
        found = quote(reduced)
    except NotForSale as refused:
        raise Declined(HTTPStatus.UNPROCESSABLE_ENTITY, refused.code, refused.message, refused.way_out) from refused
    names = {one.key: one.name for one in billing.price_list.price_types}
    return Priced(
        currency=found.total.currency,
        tickets=tuple(
            TicketLine(
                ticket=new_ticket_id(secrets.randbits),
                performance=billing.performance.id,
                seat=place.seat,
                area=place.area,
                category=item.category,
                price_type=item.price_type,
                price_type_name=names[item.price_type],
                charges=charges,
            )
            for place, item, charges in zip(places, items, found.items, strict=True)
        ),
        fees=found.fees,
        taxes=found.taxes,
        total_minor=found.total.minor,
        discount=None
        if reduction.discount is None
        else Discounted(discount=reduction.discount.id, name=reduction.discount.name, minor=reduction.total_minor),
    )


def _category(billing: Billing, place: Chosen) -> int:
    if place.seat is not None:
        return int(billing.plan.category[place.seat])
    assert place.area is not None
    return billing.plan.areas[place.area].category


def _not_sold_as(key: str, offered: Sequence[PriceType]) -> Declined:
    if not offered:
        return Declined(
            *(HTTPStatus.UNPROCESSABLE_ENTITY, "not_for_sale", "These places are not sold on the web."),
            "Choose others, or ask the box office.",
        )
    known = ", ".join(f"{one.key} ({one.name})" for one in offered)
    return Declined(
        *(HTTPStatus.UNPROCESSABLE_ENTITY, "not_for_sale", f"These places are not sold as “{key[:10]}”."),
        f"Choose one of: {known}.",
        field="priceTypes",
    )
