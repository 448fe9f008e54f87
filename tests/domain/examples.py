"""Price lists, baskets and sales that tests share."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from boxoffice.domain.baskets import Basket
from boxoffice.domain.facts import SaleBody
from boxoffice.domain.ids import PerformanceId, SaleId, ShiftId, StaffId, TillNumber, new_ticket_id
from boxoffice.domain.pricing import Fee, PriceList, PriceType, TaxMode
from boxoffice.domain.sales import Seller, sale_of
from boxoffice.domain.tenders import Tender, TenderKind

NOON = datetime(2026, 11, 14, 12, 0, tzinfo=UTC)
PERFORMANCE = PerformanceId(7)
SELLER = Seller(TillNumber(2), ShiftId(UUID(int=1)), StaffId(UUID(int=2)))

EUROPEAN = PriceList(
    id="main",
    name="Main House",
    currency="EUR",
    tax_mode=TaxMode.INSIDE,
    tax_bp=700,
    price_types=(
        PriceType(key="A", name="Adult"),
        PriceType(key="S", name="Student", check="Student card"),
        PriceType(key="C", name="Child"),
        PriceType(key="X", name="Comp", is_comp=True),
    ),
    prices=(
        {"A": 8600, "S": 6880, "C": 4300, "X": 0},
        {"A": 6800, "S": 5440, "C": 3400, "X": 0},
    ),
    fees=(Fee(name="Booking fee", minor=150, tax_bp=1900),),
)
AMERICAN = EUROPEAN.model_copy(
    update={
        "id": "us",
        "tax_mode": TaxMode.ON_TOP,
        "tax_bp": 888,
        "fees": (Fee(name="Order fee", minor=250, tax_bp=888, per_order=True),),
    }
)


def random_bits(seed: int) -> Callable[[int], int]:
    return random.Random(seed).getrandbits


def basket(*lines: tuple[int, int, str]) -> Basket:
    """A basket of (seat, category, price type)."""
    made = Basket(started_at=NOON)
    for seat, category, price_type in lines:
        made = made.with_seats(PERFORMANCE, [(seat, category)], price_type)
    return made


def sale(made: Basket, price_list: PriceList = EUROPEAN, kind: TenderKind = TenderKind.CASH, seed: int = 1) -> SaleBody:
    total = made.quote(lambda _: price_list).total
    bits = random_bits(seed)
    return sale_of(
        made,
        [Tender(kind=kind, minor=total.minor, received_minor=total.minor if kind is TenderKind.CASH else 0)],
        lambda _: price_list,
        sale=SaleId(UUID(int=bits(128))),
        receipt="T2-000001",
        seller=SELLER,
        at=NOON,
        epochs={(PERFORMANCE, seat): 1 for seat in made.seats_of(PERFORMANCE)},
        new_ticket=lambda: new_ticket_id(bits),
    )
