"""Discounts: promo codes that a customer types, and offers that apply by themselves.

One order gets one discount, the one that saves it most, so discounts never add up and nobody has to guess in which
order they were taken. A reduction comes off the admission before tax; fees stay. Its cents are shared over the
tickets by their prices, so that tickets cancelled one by one give back exactly what was paid.

The rule and its worked tables are in docs/rules/discounts.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from boxoffice.domain.ids import PerformanceId
from boxoffice.domain.money import percentage, split_minor
from boxoffice.domain.pricing import Item, Price
from boxoffice.domain.refusals import Refused
from boxoffice.domain.values import Currency, Instant, Name, Value, Whole

PromoCode = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{2,31}$")]


class Taken(StrEnum):
    """How much comes off. Percentages are basis points of the tickets' prices, the others minor units."""

    PERCENT = "percent"
    PER_TICKET = "per_ticket"
    PER_ORDER = "per_order"


class Why(StrEnum):
    """Why a discount does not apply; in the order in which it is looked at."""

    NOT_YET = "not_yet"
    OVER = "over"
    OTHER_EVENT = "other_event"
    OTHER_TICKETS = "other_tickets"
    TOO_FEW = "too_few"
    TOO_LATE = "too_late"
    MEMBERS_ONLY = "members_only"
    USED_UP = "used_up"
    USED_BEFORE = "used_before"
    SAVES_NOTHING = "saves_nothing"


_WORDS = {
    Why.NOT_YET: ("It is not valid yet.", "Try again once it is."),
    Why.OVER: ("Its time is over.", "Book without it."),
    Why.OTHER_EVENT: ("It is for another event.", "Choose that event, or book without it."),
    Why.OTHER_TICKETS: ("It is not for these tickets.", "Choose another category or price type, or book without it."),
    Why.TOO_FEW: ("It needs more tickets.", "Add tickets, or book without it."),
    Why.TOO_LATE: ("It was for those who booked earlier.", "Book without it."),
    Why.MEMBERS_ONLY: ("It is for members of a higher tier.", "Book without it."),
    Why.USED_UP: ("It has been used up.", "Book without it."),
    Why.USED_BEFORE: ("You have used it as often as you may.", "Book without it."),
    Why.SAVES_NOTHING: ("These tickets cost nothing that it could reduce.", "Book without it."),
}


class CodeRefused(Refused):
    """`why` is None for a code that does not exist."""

    code = "promo_code_refused"

    def __init__(self, promo_code: str, why: Why | None) -> None:
        if why is None:
            super().__init__(f"There is no promo code {promo_code}.", "Look at its spelling, or book without it.")
        else:
            said, way_out = _WORDS[why]
            super().__init__(f"The promo code {promo_code} does not apply. {said}", way_out)
        self.why = why


class Terms(Value):
    """Without a `code` it applies by itself. Empty limits: no limit. `most_uses` counts orders.

    `amount`: basis points (`PERCENT`), or minor units of `currency`. `days_before`: booked at least so many days
    before the start. `tier`: the lowest tier of the loyalty programme that gets it, 0 for everybody.
    """

    name: Name
    code: PromoCode | None = None
    taken: Taken
    amount: Price
    currency: Currency | None = None
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    performances: tuple[PerformanceId, ...] = ()
    categories: tuple[Annotated[Whole, Field(ge=0, le=255)], ...] = ()
    price_types: tuple[Annotated[str, Field(pattern=r"^[A-Z]$")], ...] = ()
    min_tickets: Annotated[Whole, Field(ge=1, le=500)] = 1
    days_before: Annotated[Whole, Field(ge=0, le=1000)] = 0
    tier: Annotated[Whole, Field(ge=0, le=20)] = 0
    most_uses: Annotated[Whole, Field(ge=1, le=10**7)] | None = None
    most_uses_each: Annotated[Whole, Field(ge=1, le=1000)] | None = None
    budget_minor: Annotated[Whole, Field(ge=1, le=10**12)] | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.taken is Taken.PERCENT and not 1 <= self.amount <= 10_000:
            raise ValueError("amount: a percentage is 1 to 10000 basis points")
        if self.taken is not Taken.PERCENT and (self.amount < 1 or self.currency is None):
            raise ValueError("amount: an amount is at least 1 and needs its currency")
        if self.budget_minor is not None and self.currency is None:
            raise ValueError("currency: a budget needs its currency")
        if self.valid_from is not None and self.valid_until is not None and self.valid_until <= self.valid_from:
            raise ValueError("valid_until: it ends before it begins")
        return self


class Discount(Terms):
    id: UUID


@dataclass(frozen=True, slots=True)
class Order:
    """What is looked at. `items` are of one performance; `tier` is the customer's own."""

    performance: PerformanceId
    starts_at: datetime
    items: Sequence[Item]
    at: datetime
    tier: int = 0


@dataclass(frozen=True, slots=True)
class Uses:
    """How often a discount was used: by all, by this customer, and what it has cost so far."""

    orders: int = 0
    own: int = 0
    minor: int = 0


@dataclass(frozen=True, slots=True)
class Reduction:
    """`minor` comes off each item, in their order. Without a discount it is all zeros."""

    discount: Discount | None
    minor: tuple[int, ...]

    @property
    def total_minor(self) -> int:
        return sum(self.minor)


def none_for(order: Order) -> Reduction:
    return Reduction(None, (0,) * len(order.items))


def best(order: Order, offers: Iterable[tuple[Discount, Uses]], typed: str | None = None) -> Reduction:
    """The reduction that saves most; of equals the one whose code was typed, then the first.

    `offers` are the automatic discounts and, if there is one, that of the `typed` code. A code that does not apply is
    refused rather than left out in silence: raises CodeRefused. An automatic one may still save more than a code.
    """
    coded_first = sorted(offers, key=lambda offer: offer[0].code is None)
    if typed is not None and all(discount.code != typed for discount, _ in coded_first):
        raise CodeRefused(typed, None)
    found = none_for(order)
    for discount, uses in coded_first:
        taken = reduction(order, discount, uses)
        if isinstance(taken, Why):
            if discount.code is not None:
                raise CodeRefused(discount.code, taken)
        elif taken.total_minor > found.total_minor:
            found = taken
    return found


def is_open(discount: Discount, at: datetime, tier: int, uses: Uses) -> bool:
    """For this customer, now; whether it fits an order is left to the order."""
    has_budget = discount.budget_minor is None or uses.minor < discount.budget_minor
    return has_budget and _untimely(discount, at) is None and _withheld(discount, tier, uses) is None


def reduction(order: Order, discount: Discount, uses: Uses) -> Reduction | Why:
    """What one discount takes off this order, or why it does not apply."""
    untimely = _untimely(discount, order.at)
    if untimely is not None:
        return untimely
    if discount.performances and order.performance not in discount.performances:
        return Why.OTHER_EVENT
    covers = [_covers(discount, item) for item in order.items]
    if not any(covers):
        return Why.OTHER_TICKETS
    if sum(covers) < discount.min_tickets:
        return Why.TOO_FEW
    if discount.days_before and order.starts_at - order.at < timedelta(days=discount.days_before):
        return Why.TOO_LATE
    withheld = _withheld(discount, order.tier, uses)
    if withheld is not None:
        return withheld
    prices = [item.minor if covered else 0 for item, covered in zip(order.items, covers, strict=True)]
    off = _off(discount, prices)
    if discount.budget_minor is not None and uses.minor + sum(off) > discount.budget_minor:
        return Why.USED_UP
    return Reduction(discount, tuple(off)) if any(off) else Why.SAVES_NOTHING


def _untimely(discount: Discount, at: datetime) -> Why | None:
    if discount.valid_from is not None and at < discount.valid_from:
        return Why.NOT_YET
    if discount.valid_until is not None and at >= discount.valid_until:
        return Why.OVER
    return None


def _withheld(discount: Discount, tier: int, uses: Uses) -> Why | None:
    if tier < discount.tier:
        return Why.MEMBERS_ONLY
    if discount.most_uses is not None and uses.orders >= discount.most_uses:
        return Why.USED_UP
    if discount.most_uses_each is not None and uses.own >= discount.most_uses_each:
        return Why.USED_BEFORE
    return None


def _covers(discount: Discount, item: Item) -> bool:
    if discount.currency not in (None, item.price_list.currency):
        return False
    if discount.categories and item.category not in discount.categories:
        return False
    return not discount.price_types or item.price_type in discount.price_types


def _off(discount: Discount, prices: Sequence[int]) -> list[int]:
    """Never more than a ticket costs."""
    whole = sum(prices)
    if not whole:
        return [0] * len(prices)
    if discount.taken is Taken.PER_TICKET:
        return [min(discount.amount, price) for price in prices]
    off = percentage(whole, discount.amount) if discount.taken is Taken.PERCENT else min(discount.amount, whole)
    return split_minor(off, prices)
