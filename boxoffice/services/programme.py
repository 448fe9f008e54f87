"""What can be sold tonight and later, as this till knows it now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from boxoffice.domain.catalogue import Catalogue, Performance, PerformanceStatus, Production, Venue
from boxoffice.domain.clock import Clock
from boxoffice.domain.house import AreaState, House, SeatState, seat_states
from boxoffice.domain.ids import PerformanceId, PlanId
from boxoffice.domain.plan import SeatingPlan, plan_from_json
from boxoffice.domain.pricing import PriceList
from boxoffice.domain.protocol import SeatStatus
from boxoffice.domain.refusals import Refused
from boxoffice.services.connection import Connection
from boxoffice.store import Store


class NotLoaded(Refused):
    code = "not_loaded"

    def __init__(self) -> None:
        super().__init__("The list of performances has not been loaded yet.", "Connect the till to central once.")


@dataclass(frozen=True, slots=True)
class Listing:
    """A line of the performance picker. `free` is what this till could sell now, `left` its own allotment."""

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
        return self.sold / self.capacity if self.capacity else 0.0


class Programme:
    """Reads the pulled lists; parsed plans and the catalogue are kept until a newer version arrives."""

    def __init__(self, store: Store, connection: Connection, now: Clock) -> None:
        self._store, self._connection, self._now = store, connection, now
        self._loaded: tuple[Catalogue, dict[PlanId, SeatingPlan]] | None = None

    def forget(self) -> None:
        """The catalogue changed: read it again at the next question."""
        self._loaded = None

    def catalogue(self) -> Catalogue:
        """Raises NotLoaded."""
        return self._lists()[0]

    def plan(self, plan_id: PlanId) -> SeatingPlan:
        catalogue, plans = self._lists()
        if plan_id not in plans:
            data = next(plan for plan in catalogue.plans if plan["id"] == plan_id)
            plans[plan_id] = plan_from_json(data)
        return plans[plan_id]

    def price_list(self, performance_id: PerformanceId) -> PriceList:
        catalogue = self.catalogue()
        return catalogue.price_list(catalogue.performance(performance_id).price_list_id)

    def listings(self) -> tuple[Listing, ...]:
        """Performances from this morning on, in order of time."""
        now = self._now()
        catalogue = self.catalogue()
        from_ = now - timedelta(hours=12)
        wanted = sorted((p for p in catalogue.performances if p.ends_at > from_), key=lambda p: (p.starts_at, p.id))
        return tuple(self._listing(catalogue, performance, now) for performance in wanted)

    def house(
        self, performance_id: PerformanceId, basket: Sequence[int] = (), places: Counter[int] | None = None
    ) -> House:
        """The house with `basket` seats shown as mine and `places` (area -> count in the basket) taken off.

        Raises UnknownPerformance.
        """
        catalogue = self.catalogue()
        performance = catalogue.performance(performance_id)
        plan = self.plan(performance.plan_id)
        online = self._connection.is_online
        statuses, counts = self._store.read_cache(
            lambda cache: (cache.houses.statuses(performance_id), cache.houses.areas(performance_id))
        )
        leased, sold_here, units = self._store.read(
            lambda tx: (
                tx.leases.seats(performance_id),
                tx.leases.sold_unsent(performance_id),
                tx.leases.areas(performance_id),
            )
        )
        known = statuses is not None and len(statuses) == plan.seat_count
        states = seat_states(
            statuses if known and statuses is not None else _nothing_known(plan),
            leased=list(leased),
            sold_here=sold_here,
            basket=basket,
            online=online and known,
        )
        taken = places or Counter()
        central = {count.area: count for count in counts}
        areas = {}
        for index, area in enumerate(plan.areas):
            count = central.get(index)
            mine = units.get(index, 0) - taken[index]
            free = count.free if count is not None and online else 0
            areas[index] = AreaState(max(0, mine + free), count.sold if count is not None else 0, area.capacity)
        return House(
            performance=performance,
            production=catalogue.production(performance.production_id),
            venue=catalogue.venue(performance.venue_id),
            plan=plan,
            price_list=catalogue.price_list(performance.price_list_id),
            states=states,
            areas=areas,
            online=online,
        )

    def _lists(self) -> tuple[Catalogue, dict[PlanId, SeatingPlan]]:
        """The catalogue and the plans parsed of it, together: another thread may `forget` at any moment."""
        loaded = self._loaded
        if loaded is None:
            catalogue = self._store.read_cache(lambda cache: cache.catalogue.get())
            if catalogue is None:
                raise NotLoaded
            self._loaded = loaded = (catalogue, {})
        return loaded

    def _listing(self, catalogue: Catalogue, performance: Performance, now: datetime) -> Listing:
        house = self.house(performance.id)
        leased, units = self._store.read(lambda tx: (tx.leases.seats(performance.id), tx.leases.areas(performance.id)))
        sold = int((house.states == SeatState.SOLD).sum()) + sum(area.sold for area in house.areas.values())
        sellable = performance.status is PerformanceStatus.ON_SALE and now < performance.ends_at
        return Listing(
            performance=performance,
            production=house.production,
            venue=house.venue,
            capacity=house.plan.capacity,
            sold=sold,
            free=house.free if sellable else 0,
            left=len(leased) + sum(units.values()),
            ended=now >= performance.ends_at,
        )


def _nothing_known(plan: SeatingPlan) -> NDArray[np.uint8]:
    """No list was pulled yet: only what the till leases itself can be sold."""
    return np.full(plan.seat_count, SeatStatus.QUARANTINED, np.uint8)
