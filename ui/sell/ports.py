"""What selling at the counter needs of the till's services and devices. All of it blocks: call it through tasks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Protocol

from boxoffice.devices.card_payments import CardPayment
from boxoffice.domain.allocation import Offer, Wish
from boxoffice.domain.baskets import Basket
from boxoffice.domain.catalogue import Performance, Production, Venue
from boxoffice.domain.facts import SaleBody
from boxoffice.domain.house import House
from boxoffice.domain.ids import PerformanceId, SaleId
from boxoffice.domain.money import Money
from boxoffice.domain.staff import StaffMember
from boxoffice.domain.tenders import Tender


class ListedPerformance(Protocol):
    """A line of the picker. `free` is what this till can sell now, `left` what of it is set aside for it alone."""

    @property
    def performance(self) -> Performance: ...
    @property
    def production(self) -> Production: ...
    @property
    def venue(self) -> Venue: ...
    @property
    def capacity(self) -> int: ...
    @property
    def free(self) -> int: ...
    @property
    def left(self) -> int: ...
    @property
    def ended(self) -> bool: ...
    @property
    def sold_share(self) -> float: ...


class Programme(Protocol):
    def listings(self) -> Sequence[ListedPerformance]:
        """In order of time. Raises NotLoaded."""

    def house(
        self, performance_id: PerformanceId, basket: Sequence[int] = (), places: Counter[int] | None = None
    ) -> House: ...


class Selling(Protocol):
    def new_basket(self) -> Basket: ...

    def take_seats(
        self, basket: Basket, performance: PerformanceId, seats: Sequence[int], price_type: str | None = None
    ) -> Basket: ...

    def take_best(
        self, basket: Basket, performance: PerformanceId, wish: Wish, price_type: str | None = None
    ) -> tuple[Basket, Offer]: ...

    def take_places(
        self, basket: Basket, performance: PerformanceId, area: int, count: int, price_type: str | None = None
    ) -> Basket: ...

    def give_back(self, basket: Basket, keys: Collection[int]) -> Basket: ...

    def require_ready(self, staff: StaffMember) -> None:
        """Before money is taken. Raises what refuses every sale here just now, such as ShiftClosed."""

    def new_sale_id(self) -> SaleId: ...

    def sell(
        self, basket: Basket, tenders: Sequence[Tender], staff: StaffMember, *, sale: SaleId | None = None
    ) -> SaleBody:
        """Asked again with the same `sale`, it answers with what was sold."""


class Printing(Protocol):
    def print_sale(self, sale: SaleBody) -> None:
        """Queue the tickets and the receipt; returns at once. A printer that fails is shown under Attention."""


class CardPayments(Protocol):
    def pay(self, amount: Money) -> Tender:
        """Ask the terminal and wait for the customer. Raises CardDeclined, CardCancelled or CardUnknown."""

    def refund(self, amount: Money, original: str) -> Tender:
        """Give back of the payment with the reference `original`. Raises as `pay` does."""

    def recover(self) -> Sequence[CardPayment]:
        """What a crash or silence left open: charged and in no sale, or still in doubt. Asks the terminal."""

    def cancel(self) -> None:
        """Ask the terminal to give up; `pay` then raises CardCancelled. From another thread."""
