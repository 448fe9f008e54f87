"""One performance's house as one till sees it: what central last said, overlaid with what the till itself knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from boxoffice.domain.catalogue import Performance, Production, Venue
from boxoffice.domain.plan import SeatingPlan
from boxoffice.domain.pricing import PriceList
from boxoffice.domain.protocol import SeatStatus


class SeatState(IntEnum):
    """What a cashier sees of a seat."""

    FREE = 0
    MINE = 1  # in this basket
    OTHER_BASKET = 2
    HELD = 3
    SOLD = 4
    BLOCKED = 5
    NOT_OURS = 6  # free, but not in this till's allotment while offline


_SHOWN = np.full(len(SeatStatus), SeatState.HELD, np.uint8)
_SHOWN[SeatStatus.FREE] = SeatState.FREE
_SHOWN[SeatStatus.LEASED] = SeatState.OTHER_BASKET
_SHOWN[SeatStatus.SOLD] = SeatState.SOLD
_SHOWN[SeatStatus.BLOCKED] = SeatState.BLOCKED
_SHOWN[SeatStatus.CONFLICT] = SeatState.SOLD


def seat_states(
    statuses: NDArray[np.uint8],
    *,
    leased: Sequence[int],
    sold_here: Sequence[int],
    basket: Sequence[int],
    online: bool,
) -> NDArray[np.uint8]:
    """SeatState of every seat.

    `statuses` are central's SeatStatus bytes; `leased` the seats this till holds a lease of; `sold_here` its own
    sales that central has not acknowledged: a pull never undoes them on screen. Offline only leases can be sold.
    """
    states: NDArray[np.uint8] = _SHOWN[statuses]
    if not online:
        states = np.where(states == SeatState.FREE, np.uint8(SeatState.NOT_OURS), states)
    states[list(leased)] = SeatState.FREE
    states[list(sold_here)] = SeatState.SOLD
    states[list(basket)] = SeatState.MINE
    return states


@dataclass(frozen=True, slots=True)
class AreaState:
    """Places of an area: `sellable` by this till now (offline: its own allotment), `sold`, of `capacity`."""

    sellable: int
    sold: int
    capacity: int


@dataclass(frozen=True, slots=True, eq=False)
class House:
    performance: Performance
    production: Production
    venue: Venue
    plan: SeatingPlan
    price_list: PriceList
    states: NDArray[np.uint8]
    areas: Mapping[int, AreaState]  # area index -> its places
    online: bool

    @property
    def free(self) -> int:
        """Places this till could sell now."""
        return int((self.states == SeatState.FREE).sum()) + sum(area.sellable for area in self.areas.values())

    def free_by_section(self) -> tuple[int, ...]:
        free = self.states == SeatState.FREE
        return tuple(int(free[part].sum()) for part in self.plan.section_slices)

    def free_by_category(self) -> tuple[int, ...]:
        """Seats and places of areas, by category index."""
        counts = np.bincount(
            self.plan.category[self.states == SeatState.FREE], minlength=len(self.plan.categories)
        ).tolist()
        for index, area in self.areas.items():
            counts[self.plan.areas[index].category] += area.sellable
        return tuple(counts)
