"""What a customer is about to buy: places under a lease, each with a price type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from boxoffice.domain.facts import Customer
from boxoffice.domain.ids import PerformanceId
from boxoffice.domain.pricing import Item, PriceList, Quote, quote
from boxoffice.domain.refusals import Refused

PriceListOf = Callable[[PerformanceId], PriceList]
MOST_TICKETS = 500


class BasketEmpty(Refused):
    code = "basket_empty"


class SeatInBasket(Refused):
    code = "seat_in_basket"


@dataclass(frozen=True, slots=True)
class BasketLine:
    """One admission: a seat, or one place of an area. `key` tells lines apart on screen."""

    key: int
    performance: PerformanceId
    category: int
    price_type: str
    seat: int | None = None
    area: int | None = None


@dataclass(frozen=True, slots=True)
class Basket:
    """Immutable: every change is a new basket, so undo is the one before."""

    started_at: datetime
    lines: tuple[BasketLine, ...] = ()
    customer: Customer | None = None
    note: str = ""
    next_key: int = 1

    def with_seats(self, performance: PerformanceId, seats: Sequence[tuple[int, int]], price_type: str) -> Basket:
        """Add (seat, category) pairs. Raises SeatInBasket."""
        mine = {(line.performance, line.seat) for line in self.lines}
        for seat, _ in seats:
            if (performance, seat) in mine:
                raise SeatInBasket("This seat is already in the basket.")
        added = tuple(
            BasketLine(self.next_key + i, performance, category, price_type, seat=seat)
            for i, (seat, category) in enumerate(seats)
        )
        return self._with(added)

    def with_places(self, performance: PerformanceId, area: int, category: int, count: int, price_type: str) -> Basket:
        added = tuple(BasketLine(self.next_key + i, performance, category, price_type, area=area) for i in range(count))
        return self._with(added)

    def without(self, key: int) -> Basket:
        return replace(self, lines=tuple(line for line in self.lines if line.key != key))

    def with_price_type(self, key: int, price_type: str) -> Basket:
        lines = tuple(replace(line, price_type=price_type) if line.key == key else line for line in self.lines)
        return replace(self, lines=lines)

    def line(self, key: int) -> BasketLine:
        return next(line for line in self.lines if line.key == key)

    def seats_of(self, performance: PerformanceId) -> tuple[int, ...]:
        return tuple(line.seat for line in self.lines if line.performance == performance and line.seat is not None)

    def quote(self, price_list_of: PriceListOf) -> Quote:
        """Raises BasketEmpty, NotForSale or MixedCurrencies."""
        if not self.lines:
            raise BasketEmpty("Nothing is in the basket yet.", "Choose seats first.")
        return quote([Item(price_list_of(line.performance), line.category, line.price_type) for line in self.lines])

    def _with(self, added: tuple[BasketLine, ...]) -> Basket:
        if len(self.lines) + len(added) > MOST_TICKETS:
            raise Refused(f"One sale takes at most {MOST_TICKETS} tickets.", "Pay this one first.")
        return replace(self, lines=self.lines + added, next_key=self.next_key + len(added))
