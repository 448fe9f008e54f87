"""docs/rules/discounts.md"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from boxoffice.domain.discounts import CodeRefused, Discount, Order, Reduction, Taken, Uses, best, reduction
from boxoffice.domain.ids import PerformanceId
from boxoffice.domain.pricing import Item, quote
from tests.house.rules.money import price_list
from tests.house.rules.tables import Row, amount, amounts, basis_points, minor, minors

NOW = datetime(2026, 11, 14, 12, 0, tzinfo=UTC)
TONIGHT = PerformanceId(1001)


def discount(taken: Taken, off: int, **changes: Any) -> Discount:
    currency = None if taken is Taken.PERCENT else "EUR"
    return Discount.model_validate(
        {"id": UUID(int=1), "name": "Page", "taken": taken, "amount": off, "currency": currency, **changes}
    )


def order(prices: list[int], days: int = 30, tier: int = 0) -> Order:
    page = price_list(prices, "none", "7 % inside")
    items = [Item(page, category, "A") for category in range(len(prices))]
    return Order(TONIGHT, NOW + timedelta(days=days), items, NOW, tier)


def _written(text: str) -> Discount:
    """`10 %`, `12.00 a ticket` or `50.00 an order`."""
    if text.endswith("%"):
        return discount(Taken.PERCENT, basis_points(text))
    figure, _, per = text.partition(" ")
    return discount(Taken.PER_TICKET if per == "a ticket" else Taken.PER_ORDER, minor(figure))


def taken(row: Row) -> Row:
    asked = order(minors(row["Tickets"]))
    found = reduction(asked, _written(row["Discount"]), Uses())
    if not isinstance(found, Reduction):
        return {**row, "Off each": str(found), "Off in all": "", "Left to pay": ""}
    items = [
        Item(item.price_list, item.category, item.price_type, off)
        for item, off in zip(asked.items, found.minor, strict=True)
    ]
    return {
        **row,
        "Off each": amounts(found.minor),
        "Off in all": amount(found.total_minor),
        "Left to pay": amount(quote(items).total.minor),
    }


def _ten(count: int = 1, **changes: Any) -> tuple[Order, list[tuple[Discount, Uses]]]:
    """10 % off tickets of 38.00."""
    return order([3800] * count), [(discount(Taken.PERCENT, 1000, **changes), Uses())]


def _used(uses: Uses, **changes: Any) -> tuple[Order, list[tuple[Discount, Uses]]]:
    return order([3800]), [(discount(Taken.PERCENT, 1000, code="TEN", **changes), uses)]


CASES = {
    "a code that begins tomorrow": _ten(code="TEN", valid_from=NOW + timedelta(days=1)),
    "a code that ended a minute ago": _ten(code="TEN", valid_until=NOW - timedelta(minutes=1)),
    "a code of another event": _ten(code="TEN", performances=(1002,)),
    "a code for category 2, tickets of category 1": _ten(code="TEN", categories=(1,)),
    "a group offer from 10 tickets, 9 tickets": _ten(9, min_tickets=10),
    "a group offer from 10 tickets, 10 tickets": _ten(10, min_tickets=10),
    "early bird of 14 days, 13 days before": (order([3800], days=13), _ten(days_before=14)[1]),
    "early bird of 14 days, 14 days before": (order([3800], days=14), _ten(days_before=14)[1]),
    "members of tier 1, a guest": (order([3800], tier=0), _ten(tier=1)[1]),
    "members of tier 1, a member of tier 2": (order([3800], tier=2), _ten(tier=1)[1]),
    "a code for 100 orders, the 101st": _used(Uses(orders=100), most_uses=100),
    "a code once a customer, their second order": _used(Uses(orders=1, own=1), most_uses_each=1),
    "a budget of 50.00 with 46.20 spent": _used(Uses(minor=4620), budget_minor=5000, currency="EUR"),
    "a budget of 50.00 with 46.21 spent": _used(Uses(minor=4621), budget_minor=5000, currency="EUR"),
    "a code of 5 % and an offer of 10 %": (
        order([3800]),
        [
            (discount(Taken.PERCENT, 500, code="FIVE"), Uses()),
            (discount(Taken.PERCENT, 1000), Uses()),
        ],
    ),
}


def applies(row: Row) -> Row:
    if row["Case"] == "a code that does not exist":
        try:
            best(order([3800]), [], "NOBODY")
        except CodeRefused:
            return {**row, "Answer": "refused"}
    asked, offers = CASES[row["Case"]]
    answers = [reduction(asked, one, uses) for one, uses in offers]
    if len(answers) == 1 and not isinstance(answers[0], Reduction):
        return {**row, "Answer": str(answers[0])}
    return {**row, "Answer": amount(best(asked, offers).total_minor)}


TABLES = {"discount-taken": taken, "discount-applies": applies}
