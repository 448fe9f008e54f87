"""What can be sold at each performance, as this process knows it: followed by the feed, never counted anew.

It may be a moment behind. That is no harm: the database has the last word on every place, and who was told "taken"
looks again.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self, TypeVar

import asyncpg
import numpy as np
from numpy.typing import NDArray

from boxoffice.domain.catalogue import Performance, Production, Venue
from boxoffice.domain.ids import PerformanceId
from boxoffice.domain.plan import SeatingPlan
from boxoffice.domain.pricing import PriceList
from boxoffice.domain.protocol import SeatStatus
from boxoffice.domain.refund_policy import RefundPolicy
from central.accounts.callers import unknown
from central.catalogue.programme import Programme

T = TypeVar("T")
_MOST_KEPT = 512
_PROGRAMME = """
    select p.id, p.production_id, p.venue_id, p.hall, p.plan_id, p.price_list_id, p.starts_at, p.doors_at, p.ends_at,
        p.status, p.allotment, p.refund_policy, p.moved_at, p.moved_from, p.free_until, o.title, o.kind, o.minutes,
        v.name, v.address, v.timezone, v.currency,
        l.body as price_list
    from performance p
    join production o on o.id = p.production_id
    join venue v on v.id = p.venue_id
    join price_list l on l.id = p.price_list_id
    where p.id = $1
"""
_NEWS = """
    select s.catalogue_version, f.number, f.entry from server s
    left join feed f on f.performance = $1 and f.number > $2 order by f.number
"""


@dataclass(frozen=True, slots=True)
class Moved:
    """The event starts at another time than `before`. Who booked until `at` may give back all of it until then."""

    at: datetime
    before: datetime
    free_until: datetime


@dataclass(frozen=True, slots=True)
class Billing:
    """What is played where and at what price: changes only with the catalogue."""

    performance: Performance
    production: Production
    venue: Venue
    price_list: PriceList
    plan: SeatingPlan
    refund_policy: RefundPolicy
    moved: Moved | None = None

    def place_name(self, seat: int | None, area: int | None) -> str:
        return self.plan.seat_name(seat) if seat is not None else self.plan.areas[area or 0].name


@dataclass
class House:
    billing: Billing
    version: int  # of the catalogue
    head: int
    statuses: NDArray[np.uint8]
    free_places: dict[int, int]  # by area
    _trying: set[int] = field(default_factory=set)

    @property
    def sellable(self) -> NDArray[np.bool_]:
        """One flag a seat; without those that somebody else of this process is just asking for."""
        free: NDArray[np.bool_] = self.statuses == SeatStatus.FREE
        free[list(self._trying)] = False
        return free

    def emptied(self) -> House:
        """As if nobody had taken anything."""
        plan = self.billing.plan
        places = {number: area.capacity for number, area in enumerate(plan.areas)}
        return replace(self, statuses=np.zeros(plan.seat_count, np.uint8), free_places=places, _trying=set())

    def without_tills(self) -> House:
        """As if tills kept no seats for themselves."""
        statuses = self.statuses.copy()
        statuses[statuses == SeatStatus.LEASED] = SeatStatus.FREE
        return replace(self, statuses=statuses, _trying=set(self._trying))

    @contextmanager
    def trying(self, seats: Sequence[int]) -> Iterator[Self]:
        """Keeps others from choosing these seats meanwhile."""
        mine = set(seats) - self._trying
        self._trying |= mine
        try:
            yield self
        finally:
            self._trying -= mine

    def follow(self, number: int, entry: str) -> bool:
        """Apply one entry of the feed; False when one is missing before it."""
        if number <= self.head:
            return True
        if number != self.head + 1:
            return False
        news = json.loads(entry)
        for change in news.get("seats", ()):
            self.statuses[change["seat"]] = change["status"]
        for count in news.get("areas", ()):
            self.free_places[count["area"]] = count["free"]
        self.head = number
        return True


class Houses:
    def __init__(self, programme: Programme) -> None:
        self._programme = programme
        self._houses: OrderedDict[PerformanceId, House] = OrderedDict()
        self._billings: OrderedDict[PerformanceId, tuple[int, Billing]] = OrderedDict()  # with the catalogue's version

    async def look(self, connection: asyncpg.Connection, performance: PerformanceId) -> House:
        """As of now. Raises Declined, 404 `unknown_event`."""
        house = self._houses.get(performance)
        if house is None or not await self._is_up_to_date(connection, house):
            house = await self._load(connection, performance)
        _keep(self._houses, performance, house)
        return house

    async def billing(self, connection: asyncpg.Connection, performance: PerformanceId) -> Billing:
        """Without its places, for those who have theirs. Raises Declined, 404 `unknown_event`."""
        version = await connection.fetchval("select catalogue_version from server")
        return await self._billing(connection, performance, version)

    async def _is_up_to_date(self, connection: asyncpg.Connection, house: House) -> bool:
        rows = await connection.fetch(_NEWS, house.billing.performance.id, house.head)
        if rows[0]["catalogue_version"] != house.version:
            return False
        return all(house.follow(row["number"], row["entry"]) for row in rows if row["number"] is not None)

    async def _load(self, connection: asyncpg.Connection, performance: PerformanceId) -> House:
        """The head is read first: what is newer is applied a second time, which changes nothing."""
        state = await connection.fetchrow(
            "select h.head, s.catalogue_version from feed_head h cross join server s where h.performance = $1",
            performance,
        )
        if state is None:
            raise unknown("event", "eventId")
        billing = await self._billing(connection, performance, state["catalogue_version"])
        statuses = np.zeros(billing.plan.seat_count, np.uint8)
        rows = await connection.fetch(
            "select seat, status from seat where performance = $1 and status <> 0", performance
        )
        statuses[[row["seat"] for row in rows]] = [row["status"] for row in rows]
        areas = await connection.fetch("select area, free from area_count where performance = $1", performance)
        free_places = {row["area"]: row["free"] for row in areas}
        return House(billing, state["catalogue_version"], state["head"], statuses, free_places)

    async def _billing(self, connection: asyncpg.Connection, performance: PerformanceId, version: int) -> Billing:
        kept = self._billings.get(performance)
        if kept is None or kept[0] != version:
            kept = version, await self._read_billing(connection, performance)
        _keep(self._billings, performance, kept)
        return kept[1]

    async def _read_billing(self, connection: asyncpg.Connection, performance: PerformanceId) -> Billing:
        row = await connection.fetchrow(_PROGRAMME, performance)
        if row is None:
            raise unknown("event", "eventId")
        plan = await self._programme.plan(performance, connection)
        assert plan is not None
        found = dict(row)
        policy = found["refund_policy"]
        return Billing(
            performance=Performance.model_validate(found),
            production=Production(
                id=found["production_id"], title=found["title"], kind=found["kind"], minutes=found["minutes"]
            ),
            venue=Venue(
                id=found["venue_id"],
                name=found["name"],
                address=found["address"],
                timezone=found["timezone"],
                currency=found["currency"],
            ),
            price_list=PriceList.model_validate_json(found["price_list"]),
            plan=plan,
            refund_policy=RefundPolicy() if policy is None else RefundPolicy.model_validate_json(policy),
            moved=Moved(found["moved_at"], found["moved_from"], found["free_until"]) if found["moved_at"] else None,
        )


def _keep(kept: OrderedDict[PerformanceId, T], performance: PerformanceId, value: T) -> None:
    """What was used last stays longest."""
    kept[performance] = value
    kept.move_to_end(performance)
    while len(kept) > _MOST_KEPT:
        kept.popitem(last=False)
