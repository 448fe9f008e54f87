"""A counter in memory: a programme, its houses, and services that keep the contract of boxoffice/services."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TypeVar
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from boxoffice.devices.card_payments import CardPayment
from boxoffice.domain.allocation import Offer, Wish, best_available
from boxoffice.domain.baskets import Basket
from boxoffice.domain.catalogue import Performance, PerformanceStatus, Production, Venue
from boxoffice.domain.facts import SaleBody
from boxoffice.domain.house import AreaState, House, SeatState
from boxoffice.domain.ids import (
    PerformanceId,
    PlanId,
    ProductionId,
    SaleId,
    ShiftId,
    StaffId,
    TicketId,
    TillNumber,
    VenueId,
)
from boxoffice.domain.money import Money
from boxoffice.domain.plan import SeatingPlan
from boxoffice.domain.pricing import Fee, PriceList, PriceType, TaxMode
from boxoffice.domain.refusals import Refused
from boxoffice.domain.sales import Seller, sale_of
from boxoffice.domain.staff import Role, StaffMember
from boxoffice.domain.tenders import Tender, TenderKind
from tests.ui.seatchart.plans import club, evening, theatre
from ui.formats import Formats
from ui.shell.workspace import Notice

T = TypeVar("T")

NOW = datetime(2026, 11, 14, 17, 47, tzinfo=UTC)  # 18:47 at the venue
FORMATS = Formats(now=lambda: NOW).at("Europe/Berlin")
VENUE = Venue(id=VenueId("alder"), name="The Alder Theatre", address="", timezone="Europe/Berlin", currency="EUR")
LENA = StaffMember(id=StaffId(UUID(int=1)), name="Lena Hartmann", role=Role.CASHIER, pin_hash="", demo_pin="1184")
STAFF = (
    LENA,
    StaffMember(id=StaffId(UUID(int=2)), name="Jonas Weiss", role=Role.DOOR, pin_hash="", demo_pin="2020"),
    StaffMember(id=StaffId(UUID(int=3)), name="Mira Okafor", role=Role.CASHIER, pin_hash="", demo_pin="3141"),
    StaffMember(id=StaffId(UUID(int=4)), name="Tomás Brandt", role=Role.CASHIER, pin_hash="", demo_pin="4711"),
    StaffMember(id=StaffId(UUID(int=5)), name="Elif Vural", role=Role.DOOR, pin_hash="", demo_pin="5555"),
    StaffMember(id=StaffId(UUID(int=6)), name="Ruth Sandberg", role=Role.MANAGER, pin_hash="", demo_pin="6060"),
    StaffMember(id=StaffId(UUID(int=7)), name="Noor Petit", role=Role.CASHIER, pin_hash="", demo_pin="7007"),
    StaffMember(id=StaffId(UUID(int=8)), name="Anna Keller", role=Role.ADMIN, pin_hash="", demo_pin="808080"),
)

_TYPES = (
    PriceType(key="A", name="Adult"),
    PriceType(key="S", name="Student", check="Student card"),
    PriceType(key="C", name="Child"),
    PriceType(key="P", name="Comp", is_comp=True),
)
_FEE = (Fee(name="Booking fee", minor=150, tax_bp=1900),)


def price_list(key: str, *adult: int) -> PriceList:
    return PriceList(
        id=key,
        name=key,
        currency="EUR",
        tax_mode=TaxMode.INSIDE,
        tax_bp=700,
        price_types=_TYPES,
        prices=tuple({"A": minor, "S": minor * 8 // 10, "C": minor // 2, "P": 0} for minor in adult),
        fees=_FEE,
    )


_HOUSE_PRICES = price_list("house", 8600, 6800, 5200, 3600, 2200, 7400)
_CLUB_PRICES = price_list("club", 2400, 3200)
_TITLES = {
    "orchard": ("The Glass Orchard", "play", 165),
    "whistle": ("Tin Whistle", "family", 85),
    "quartet": ("North Sea Quartet", "concert", 110),
    "map": ("The Map Room", "play", 140),
    "midnight": ("Midnight Observatory", "concert", 90),
}
_PRODUCTIONS = {
    key: Production(id=ProductionId(key), title=title, kind=kind, minutes=minutes)
    for key, (title, kind, minutes) in _TITLES.items()
}


@dataclass(frozen=True, slots=True)
class Listing:
    performance: Performance
    production: Production
    venue: Venue
    capacity: int
    sold: int
    free: int
    left: int
    ended: bool

    @property
    def sold_share(self) -> float:
        return self.sold / self.capacity


@dataclass
class Room:
    """One performance's truth."""

    performance: Performance
    plan: SeatingPlan
    prices: PriceList
    states: NDArray[np.uint8]
    places: Counter[int] = field(default_factory=Counter)  # sold places by area
    allotment: frozenset[int] = frozenset()


def _performance(number: int, production: str, hall: str, plan: str, prices: str, days: int, at: str) -> Performance:
    hour, minute = map(int, at.split(":"))
    starts = datetime(2026, 11, 14, hour, minute, tzinfo=FORMATS.zone).astimezone(UTC) + timedelta(days=days)
    return Performance(
        id=PerformanceId(number),
        production_id=ProductionId(production),
        venue_id=VENUE.id,
        hall=hall,
        plan_id=PlanId(plan),
        price_list_id=prices,
        starts_at=starts,
        doors_at=starts - timedelta(minutes=45),
        ends_at=starts + timedelta(minutes=_PRODUCTIONS[production].minutes),
    )


def productions() -> tuple[Production, ...]:
    return tuple(_PRODUCTIONS.values())


@cache
def _evening(number: int, in_house: bool) -> NDArray[np.uint8]:
    return evening(theatre() if in_house else club(), seed=number)


def rooms() -> dict[PerformanceId, Room]:
    house, cellar = theatre(), club()
    evenings = [
        ("whistle", "Studio", cellar, 0, "15:00"),
        ("orchard", "Main House", house, 0, "19:30"),
        ("quartet", "Studio", cellar, 0, "20:00"),
        ("whistle", "Studio", cellar, 1, "11:00"),
        ("orchard", "Main House", house, 1, "14:30"),
        ("orchard", "Main House", house, 1, "19:30"),
        ("map", "Main House", house, 3, "19:30"),
        ("map", "Main House", house, 4, "19:30"),
        ("midnight", "Studio", cellar, 5, "21:00"),
        ("map", "Main House", house, 6, "19:30"),
    ]
    made: dict[PerformanceId, Room] = {}
    for number, (production, hall, plan, days, at) in enumerate(evenings, start=1):
        prices = _HOUSE_PRICES if plan is house else _CLUB_PRICES
        performance = _performance(number, production, hall, plan.id, prices.id, days, at)
        room = Room(performance, plan, prices, _evening(number, plan is house).copy())
        for index, area in enumerate(plan.areas):
            room.places[index] = area.capacity if production == "midnight" else area.capacity * 3 // 5
        if production == "midnight":
            room.states[:] = SeatState.SOLD
        free = np.flatnonzero(room.states == SeatState.FREE)
        room.allotment = frozenset(free[: 60 * 3 : 3].tolist())
        made[performance.id] = room
    return made


class Counters:
    """Programme and Selling at once, over rooms in memory. `online` and `elsewhere` set the scene."""

    def __init__(self) -> None:
        self.rooms = rooms()
        self.online = True
        self.mine: dict[PerformanceId, set[int]] = {number: set() for number in self.rooms}
        self.sales: list[SaleBody] = []
        self.refusal: Refused | None = None  # of the next sale
        self.shut: Refused | None = None  # why nothing at all can be sold
        self.fault: Refused | None = None  # after the next sale was written: its answer is lost
        self.asked_to_sell: list[SaleId | None] = []
        self._sale_ids = itertools.count(99)
        self._receipts = itertools.count(4817)

    # Programme

    def listings(self) -> tuple[Listing, ...]:
        found = []
        for room in self.rooms.values():
            house = self.house(room.performance.id)
            sold = int((room.states == SeatState.SOLD).sum()) + sum(room.places.values())
            ended = room.performance.ends_at <= NOW
            found.append(
                Listing(
                    performance=room.performance,
                    production=_PRODUCTIONS[room.performance.production_id],
                    venue=VENUE,
                    capacity=room.plan.capacity,
                    sold=sold,
                    free=0 if ended else house.free,
                    left=len(room.allotment),
                    ended=ended,
                )
            )
        return tuple(found)

    def house(
        self, performance_id: PerformanceId, basket: Sequence[int] = (), places: Counter[int] | None = None
    ) -> House:
        room = self.rooms[performance_id]
        states = room.states.copy()
        if not self.online:
            others = np.ones(len(states), np.bool_)
            others[sorted(room.allotment)] = False
            states[others & (states == SeatState.FREE)] = SeatState.NOT_OURS
        states[list(basket)] = SeatState.MINE
        taken = places or Counter()
        areas = {}
        for index, area in enumerate(room.plan.areas):
            free = area.capacity - room.places[index]
            areas[index] = AreaState(
                (free if self.online else min(free, 8)) - taken[index], room.places[index], area.capacity
            )
        return House(
            performance=room.performance,
            production=_PRODUCTIONS[room.performance.production_id],
            venue=VENUE,
            plan=room.plan,
            price_list=room.prices,
            states=states,
            areas=areas,
            online=self.online,
        )

    # Selling

    def new_basket(self) -> Basket:
        return Basket(started_at=NOW)

    def take_seats(
        self, basket: Basket, performance: PerformanceId, seats: Sequence[int], price_type: str | None = None
    ) -> Basket:
        room = self.rooms[performance]
        if room.performance.status is not PerformanceStatus.ON_SALE or room.performance.ends_at <= NOW:
            raise Refused("This performance has ended.", "Choose another performance.")
        states = self.house(performance).states
        for seat in seats:
            if states[seat] != SeatState.FREE or seat in self.mine[performance]:
                raise Refused(f"{room.plan.seat_name(seat)} was just taken elsewhere.", "Choose another seat.")
        pairs = [(seat, int(room.plan.category[seat])) for seat in seats]
        key = price_type or room.prices.types_for(pairs[0][1])[0].key
        changed = basket.with_seats(performance, pairs, key)
        self.mine[performance] |= set(seats)
        return changed

    def take_best(
        self, basket: Basket, performance: PerformanceId, wish: Wish, price_type: str | None = None
    ) -> tuple[Basket, Offer]:
        house = self.house(performance, basket.seats_of(performance))
        offer = best_available(house.plan, house.states == SeatState.FREE, wish)
        if offer is None:
            raise Refused(f"No {wish.count} seats together like that are free.", "Ask for fewer, apart, or any price.")
        return self.take_seats(basket, performance, offer.seats, price_type), offer

    def take_places(
        self, basket: Basket, performance: PerformanceId, area: int, count: int, price_type: str | None = None
    ) -> Basket:
        room = self.rooms[performance]
        taken = Counter(line.area for line in basket.lines if line.performance == performance)
        if self.house(performance).areas[area].sellable < count + taken[area]:
            raise Refused(f"{room.plan.areas[area].name} has not {count} places left.", "Ask for fewer.")
        category = room.plan.areas[area].category
        return basket.with_places(performance, area, category, count, price_type or "A")

    def give_back(self, basket: Basket, keys: Collection[int]) -> Basket:
        for line in basket.lines:
            if line.key in keys and line.seat is not None:
                self.mine[line.performance].discard(line.seat)
        for key in keys:
            basket = basket.without(key)
        return basket

    def require_ready(self, staff: StaffMember) -> None:
        if self.shut is not None:
            raise self.shut

    def new_sale_id(self) -> SaleId:
        return SaleId(UUID(int=next(self._sale_ids)))

    def sell(
        self, basket: Basket, tenders: Sequence[Tender], staff: StaffMember, *, sale: SaleId | None = None
    ) -> SaleBody:
        self.asked_to_sell.append(sale)
        for sold in self.sales:
            if sold.sale == sale:
                return sold
        if self.refusal is not None:
            refusal, self.refusal = self.refusal, None
            raise refusal
        numbers = itertools.count(1)
        body = sale_of(
            basket,
            tenders,
            lambda performance: self.rooms[performance].prices,
            sale=sale or self.new_sale_id(),
            receipt=f"T2-{next(self._receipts):06d}",
            seller=Seller(TillNumber(2), ShiftId(UUID(int=1184)), staff.id),
            at=NOW,
            epochs={(line.performance, line.seat): 1 for line in basket.lines if line.seat is not None},
            new_ticket=lambda: TicketId(next(numbers)),
        )
        for line in basket.lines:
            room = self.rooms[line.performance]
            if line.seat is not None:
                self.mine[line.performance].discard(line.seat)
                room.states[line.seat] = SeatState.SOLD
            elif line.area is not None:
                room.places[line.area] += 1
        self.sales.append(body)
        if self.fault is not None:
            fault, self.fault = self.fault, None
            raise fault
        return body

    def take_elsewhere(self, performance: PerformanceId, seat: int) -> None:
        self.rooms[performance].states[seat] = SeatState.OTHER_BASKET

    def cancel(self, performance: PerformanceId) -> None:
        room = self.rooms[performance]
        room.performance = room.performance.model_copy(update={"status": PerformanceStatus.CANCELLED})


class Printer:
    def __init__(self) -> None:
        self.printed: list[SaleBody] = []

    def print_sale(self, sale: SaleBody) -> None:
        self.printed.append(sale)


class Cards:
    """A terminal that approves, unless `refusal` says otherwise."""

    def __init__(self) -> None:
        self.refusal: Refused | None = None
        self.asked: list[Money] = []
        self.cancelled = 0
        self.refunded: list[tuple[Money, str]] = []
        self.left_open: tuple[CardPayment, ...] = ()

    def refund(self, amount: Money, original: str) -> Tender:
        self.refunded.append((amount, original))
        return Tender(kind=TenderKind.CARD, minor=-amount.minor, reference="SIM-0002")

    def pay(self, amount: Money) -> Tender:
        self.asked.append(amount)
        if self.refusal is not None:
            raise self.refusal
        return Tender(kind=TenderKind.CARD, minor=amount.minor, reference="SIM-0001")

    def recover(self) -> tuple[CardPayment, ...]:
        return self.left_open

    def cancel(self) -> None:
        self.cancelled += 1


class Notes:
    """Notices as they were said."""

    def __init__(self) -> None:
        self.said: list[Notice] = []
        self.refused: list[Refused] = []

    def say(self, notice: Notice) -> None:
        self.said.append(notice)

    def show_refusal(self, error: Refused) -> None:
        self.refused.append(error)

    def go_to(self, key: str) -> None:
        raise AssertionError(f"nobody goes to {key} from here")


class HandTasks:
    """Runs work when `work_off` says so, on this thread: shows what happens to keys typed ahead."""

    def __init__(self, *, at_once: bool = True) -> None:
        self.at_once = at_once
        self.worked = 0
        self._waiting: list[Callable[[], None]] = []

    def run(
        self,
        work: Callable[[], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
        *,
        lane: str | None = None,
    ) -> None:
        def piece() -> None:
            try:
                result = work()
            except Refused as error:
                if failed is None:
                    raise
                failed(error)
            else:
                if done is not None:
                    done(result)

        self._waiting.append(piece)
        if self.at_once:
            self.work_off()

    def work_off(self) -> None:
        while self._waiting:
            self.work_off_one()

    def work_off_one(self) -> None:
        self.worked += 1
        self._waiting.pop(0)()


def plain_house(counters: Counters, performance: int, *, free: Sequence[int]) -> None:
    """Only `free` seats of a performance are free: for tests that name seats."""
    room = counters.rooms[PerformanceId(performance)]
    states = np.full(room.plan.seat_count, SeatState.SOLD, np.uint8)
    states[list(free)] = SeatState.FREE
    counters.rooms[PerformanceId(performance)] = replace(room, states=states, allotment=frozenset(free))
