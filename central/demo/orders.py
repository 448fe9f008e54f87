"""The orders behind a house: who bought, when, where, at which price, and what the house keeps back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Literal

from boxoffice.domain.catalogue import PerformanceStatus
from boxoffice.domain.ids import SaleId, new_ticket_id, order_code, uuid7
from boxoffice.domain.protocol import TicketRecord
from central.demo.people import Customers
from central.demo.price_lists import ADULT, CHILD, COMP, SENIOR, STUDENT
from central.demo.programme import TIMEZONE, Showing
from central.demo.seat_sales import Auditorium, party_size
from central.seeding import SeededTicket

Channel = Literal["counter", "web"]

_WEB = 0.68
_NAMED_AT_THE_COUNTER = 0.4
_WILL_CALL = 0.06  # of web orders
_REFUNDED = 0.012
_WALK_UP = 0.11  # of the orders of an evening that is over
_ACCESSIBLE_SHARE = 0.55  # of the house's: so many bays are sold
_AT_ONCE = 0.2  # of the orders come in the first days of sale
_FEW = 0.05  # below this share nobody asked for seats to be kept
_SMALL = 200  # seats: a house too small to keep many back
_HOURS: dict[Channel, tuple[range, tuple[int, ...]]] = {
    "web": (range(7, 24), (1, 2, 3, 4, 4, 5, 5, 4, 4, 4, 5, 6, 8, 9, 8, 5, 2)),
    "counter": (range(11, 20), (3, 4, 4, 3, 4, 6, 8, 9, 5)),
}
_PRICE_TYPES = {  # how often of a hundred tickets
    "play": {ADULT: 66, STUDENT: 11, CHILD: 3, SENIOR: 18, COMP: 2},
    "opera": {ADULT: 70, STUDENT: 8, CHILD: 1, SENIOR: 19, COMP: 2},
    "family": {ADULT: 46, CHILD: 45, SENIOR: 8, COMP: 1},
    "concert": {ADULT: 82, STUDENT: 17, COMP: 1},
    "comedy": {ADULT: 80, STUDENT: 18, COMP: 2},
    "club": {ADULT: 62, STUDENT: 36, COMP: 2},
}


@dataclass(slots=True)
class House:
    """What is sold of a performance, and the seats that are held or blocked."""

    tickets: list[SeededTicket] = field(default_factory=list)
    held: list[int] = field(default_factory=list)
    blocked: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Places:
    """Of one order: seats, or so many places of an area. `category` of each."""

    categories: tuple[int, ...]
    seats: tuple[int, ...] = ()
    area: int | None = None


def sell(showing: Showing, now: datetime, random: Random, *, is_tonight: bool = False) -> House:
    """The same showing, instant and randomness give the same house."""
    house = House()
    if showing.performance.status is PerformanceStatus.CANCELLED:
        return house
    auditorium = Auditorium(showing.room.plan, random)
    if showing.share < 1.0 and showing.room.plan.seat_count:
        _set_aside(showing, auditorium, house, now, is_tonight=is_tonight)
    clerk = _Clerk(showing, now, random)
    orders = _interleaved(_seated(showing, auditorium, random), _standing(showing, random))
    for places, (sold_at, channel) in zip(orders, clerk.times(len(orders)), strict=True):
        house.tickets += clerk.order(places, sold_at, channel, valid=showing.share >= 1 or random.random() > _REFUNDED)
    return house


def _set_aside(showing: Showing, auditorium: Auditorium, house: House, now: datetime, *, is_tonight: bool) -> None:
    """House seats near the best ones, the press, a school that decides by Friday; a broken seat or two."""
    blocked: list[tuple[int, float]] = [(2, 0.45), (2, 0.8)]
    held: list[tuple[int, float]] = []
    group: tuple[int, ...] = ()
    if showing.performance.ends_at > now and showing.share > _FEW:
        held += [(3, 0.02), (2, 0.06), (2, 0.12), (4, 0.2)]
        if showing.room.plan.seat_count >= _SMALL and (is_tonight or showing.share < 0.5):
            group = auditorium.set_aside(6, 0.7)
    if showing.room.plan.seat_count < _SMALL:
        blocked, held = blocked[:1], held[:1]
    house.held += [*group, *auditorium.set_aside_behind(group)]
    for count, quantile in held:
        house.held += auditorium.set_aside(count, quantile)
    for count, quantile in blocked:
        house.blocked += auditorium.set_aside(count, quantile)


def _seated(showing: Showing, auditorium: Auditorium, random: Random) -> list[_Places]:
    """In the order they were sold."""
    sold_out = showing.share >= 1.0
    bays = [
        _of_seats(showing, pair)
        for pair in auditorium.bays_with_companions()
        if sold_out or random.random() < showing.share * _ACCESSIBLE_SHARE
    ]
    target = round(showing.share * showing.room.plan.seat_count) - sum(len(order.seats) for order in bays)
    orders = [_of_seats(showing, party.seats) for party in auditorium.parties(target)]
    return _interleaved(orders, bays)


def _of_seats(showing: Showing, seats: Sequence[int]) -> _Places:
    category = showing.room.plan.category
    return _Places(tuple(int(category[seat]) for seat in seats), tuple(seats))


def _standing(showing: Showing, random: Random) -> list[_Places]:
    orders = []
    for index, area in enumerate(showing.room.plan.areas):
        left = round(showing.share * area.capacity)
        while left > 0:
            size = min(party_size(random), left)
            orders.append(_Places((area.category,) * size, area=index))
            left -= size
    return orders


def _interleaved(first: list[_Places], second: list[_Places]) -> list[_Places]:
    """Each in its own order, spread over the whole time of sale."""
    placed = [((i + 0.5) / len(part), order) for part in (first, second) for i, order in enumerate(part)]
    return [order for _, order in sorted(placed, key=lambda item: item[0])]


class _Clerk:
    """Writes the orders of one performance."""

    def __init__(self, showing: Showing, now: datetime, random: Random) -> None:
        self._performance, self._random = showing.performance, random
        self._customers = Customers(random)
        self._price_list = showing.room.price_list
        self._names = {item.key: item.name for item in self._price_list.price_types}
        mix = {key: often for key, often in _PRICE_TYPES[showing.kind].items() if key in self._names}
        self._keys, self._often = list(mix), list(mix.values())
        self._is_over = showing.performance.ends_at <= now
        self._opened = showing.performance.starts_at - showing.on_sale_for
        self._latest = min(now, showing.performance.starts_at)

    def times(self, count: int) -> list[tuple[datetime, Channel]]:
        """When and where, in order: many at once when it goes on sale, then more and more towards the day."""
        return sorted((self._time() for _ in range(count)), key=lambda sale: sale[0])

    def order(self, places: _Places, sold_at: datetime, channel: Channel, *, valid: bool) -> list[SeededTicket]:
        random = self._random
        sale = SaleId(uuid7(sold_at, random.getrandbits))
        code = order_code(sale)
        named = channel == "web" or random.random() < _NAMED_AT_THE_COUNTER
        holder = self._customers.name() if named else ""
        will_call = channel == "web" and not self._is_over and random.random() < _WILL_CALL
        email = self._customers.email(holder) if channel == "web" else ""
        seats: Sequence[int | None] = places.seats or (None,) * len(places.categories)
        tickets = []
        for category, seat, key in zip(places.categories, seats, self._price_types(len(seats), channel), strict=True):
            record = TicketRecord(
                ticket=new_ticket_id(random.getrandbits),
                sale=sale,
                seat=seat,
                area=places.area,
                generation=1,
                valid=valid,
                price_type=key,
                price_type_name=self._names[key],
                category=category,
                gross_minor=self._price_list.prices[category][key],
                order_code=code,
                holder=holder,
                will_call=will_call,
                channel=channel,
            )
            tickets.append(SeededTicket(record, sold_at, email))
        return tickets

    def _price_types(self, count: int, channel: Channel) -> list[str]:
        """Comps are given by hand and in pairs at most; children come with somebody."""
        keys = self._random.choices(self._keys, self._often, k=count)
        if keys[0] == COMP and count <= 2 and channel == "counter":
            return [COMP] * count
        keys = [ADULT if key == COMP else key for key in keys]
        return [ADULT, *keys[1:]] if CHILD in keys else keys

    def _time(self) -> tuple[datetime, Channel]:
        random = self._random
        if self._is_over and random.random() < _WALK_UP:
            return self._latest - timedelta(minutes=random.uniform(1, 75)), "counter"
        span = self._latest - self._opened
        if random.random() < _AT_ONCE:
            rough = self._opened + span * random.betavariate(1, 6)
        else:
            rough = self._latest - span * random.betavariate(1, 2.6)
        channel: Channel = "web" if random.random() < _WEB else "counter"
        hours, weights = _HOURS[channel]
        clock = time(random.choices(hours, weights)[0], random.randrange(60), random.randrange(60))
        sold_at = datetime.combine(rough.astimezone(TIMEZONE), clock, TIMEZONE).astimezone(UTC)
        if sold_at >= self._latest:
            sold_at = self._latest - timedelta(minutes=random.uniform(2, 240))
        return sold_at, channel
