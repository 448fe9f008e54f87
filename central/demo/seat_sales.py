"""Which seats of a house went, as audiences take them: the good ones first, side by side, few singles left over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from boxoffice.domain.plan import SeatingPlan, SeatKind

PARTY_SIZES = ((1, 9), (2, 52), (3, 12), (4, 17), (5, 5), (6, 5))
"""How many come together, and how often of a hundred."""
_PATIENCE = 0.93  # how often a party looks on rather than leave a single seat beside it
_TASTE_FOR_THE_BEST = 0.65  # the others look for the best seats of their price
_WHIM = 0.18  # how far from the ranking people stray; 0: sold in strict order, 1: anywhere
_LARGEST = PARTY_SIZES[-1][0]


@dataclass(frozen=True, slots=True)
class Party:
    """Seats side by side, in the order they were sold."""

    seats: tuple[int, ...]


def party_size(random: Random) -> int:
    return random.choices([size for size, _ in PARTY_SIZES], [often for _, often in PARTY_SIZES])[0]


def appeal(plan: SeatingPlan) -> NDArray[np.float64]:
    """0 for the best seat, around 1 for the worst: distance, then how far to the side, then what is in the way."""
    distance = plan.focal_distance.astype(np.float64)
    aside = np.abs(plan.x.astype(np.float64) - plan.focal_point[0])
    score = distance / distance.max(initial=1.0) * 0.7 + aside / aside.max(initial=1.0) * 0.3
    worse: NDArray[np.float64] = score + 0.35 * (plan.kind == SeatKind.RESTRICTED_VIEW)
    return worse


class Auditorium:
    """A house that fills. One use: what was taken stays taken."""

    def __init__(self, plan: SeatingPlan, random: Random) -> None:
        self._plan, self._random = plan, random
        self._left, self._right = plan.left.tolist(), plan.right.tolist()
        self._ordinary = (plan.kind == SeatKind.STANDARD) | (plan.kind == SeatKind.RESTRICTED_VIEW)
        self.free: list[bool] = self._ordinary.tolist()
        self._views = self._rank()

    def parties(self, seats: int) -> Iterator[Party]:
        """Sell until about so many ordinary seats are taken, or none is left."""
        seats = min(seats, sum(self.free))
        while seats > 0:
            size = min(party_size(self._random), seats)
            taste = 0 if self._random.random() < _TASTE_FOR_THE_BEST else 1
            found = self._take(taste, size)
            seats -= len(found)
            yield Party(found)

    def set_aside(self, count: int, quantile: float) -> tuple[int, ...]:
        """A run of seats near that place of the ranking, 0 the best: kept by the house or unfit to be sold."""
        starts = self._views[count - 1]
        if not len(starts):
            return ()
        place = int(quantile * (len(starts) - 1))
        for start in (*starts[place:].tolist(), *starts[:place].tolist()):
            seats = range(start, start + count)
            if all(self.free[seat] for seat in seats):
                return self._keep(seats)
        return ()

    def set_aside_behind(self, seats: tuple[int, ...]) -> tuple[int, ...]:
        """As many in the row behind, so that a group sits together; nothing where that is not free."""
        plan = self._plan
        if not seats or int(plan.row[seats[0]]) + 1 >= len(plan.rows):
            return ()
        behind, first = plan.rows[int(plan.row[seats[0]]) + 1], seats[0]
        if behind.section != plan.section[first]:
            return ()
        starts = self._views[len(seats) - 1]
        starts = starts[(starts >= behind.start) & (starts < behind.stop)]
        if not len(starts):
            return ()
        nearest = int(starts[np.hypot(plan.x[starts] - plan.x[first], plan.y[starts] - plan.y[first]).argmin()])
        chosen = range(nearest, nearest + len(seats))
        return self._keep(chosen) if all(self.free[seat] for seat in chosen) else ()

    def bays_with_companions(self) -> list[tuple[int, int]]:
        """A wheelchair bay and the companion's seat beside it."""
        pairs: list[tuple[int, int]] = []
        companions = set(np.flatnonzero(self._plan.kind == SeatKind.COMPANION).tolist())
        for bay in np.flatnonzero(self._plan.kind == SeatKind.WHEELCHAIR).tolist():
            beside = next((seat for seat in (self._left[bay], self._right[bay]) if seat in companions), None)
            if beside is not None:
                companions.remove(beside)
                pairs.append((min(bay, beside), max(bay, beside)))
        return pairs

    def _take(self, taste: int, size: int) -> tuple[int, ...]:
        for smaller in range(size, 0, -1):
            start = self._next(taste, smaller)
            if start is not None:
                return self._keep(range(start, start + smaller))
        return self._keep([next(seat for seat, free in enumerate(self.free) if free)])

    def _keep(self, seats: range | list[int]) -> tuple[int, ...]:
        for seat in seats:
            self.free[seat] = False
        return tuple(seats)

    def _next(self, taste: int, size: int) -> int | None:
        starts, places = self._queues[taste][size - 1], self._places[taste]
        while places[size - 1] < len(starts):
            start = starts[places[size - 1]]
            places[size - 1] += 1
            if all(self.free[seat] for seat in range(start, start + size)) and (
                not self._leaves_one(start, start + size - 1) or self._random.random() > _PATIENCE
            ):
                return start
        return None

    def _leaves_one(self, first: int, last: int) -> bool:
        before, after = self._left[first], self._right[last]
        return (before >= 0 and self.free[before] and not self._is_free(self._left[before])) or (
            after >= 0 and self.free[after] and not self._is_free(self._right[after])
        )

    def _is_free(self, seat: int) -> bool:
        return seat >= 0 and self.free[seat]

    def _rank(self) -> list[NDArray[np.intp]]:
        """Where parties of each size would sit, best first: for the best view, and for the best of each price."""
        noise = np.random.default_rng(self._random.getrandbits(64))
        view = appeal(self._plan)
        of_price = np.empty_like(view)
        for category in range(len(self._plan.categories)):
            seats = np.flatnonzero(self._plan.category == category)
            of_price[seats] = view[seats].argsort().argsort() / max(1, len(seats))
        rankings = [self._ranked(score, noise) for score in (view, of_price)]
        self._queues: list[list[list[int]]] = [[starts.tolist() for starts in by_size] for by_size in rankings]
        self._places = [[0] * _LARGEST for _ in rankings]
        return rankings[0]

    def _ranked(self, score: NDArray[np.float64], noise: np.random.Generator) -> list[NDArray[np.intp]]:
        count = self._plan.seat_count
        whim = _WHIM * 4 * float(score.std()) if count else 0.0
        by_size = []
        running = np.concatenate([[0.0], np.cumsum(score)])
        fits = self._ordinary.copy()
        joined = self._plan.right >= 0
        for size in range(1, _LARGEST + 1):
            if size > 1:  # one more to the right
                fits[: count - size + 1] &= joined[size - 2 : count - 1] & self._ordinary[size - 1 :]
                fits[max(0, count - size + 1) :] = False
            starts = np.flatnonzero(fits)
            mean = (running[starts + size] - running[starts]) / size
            by_size.append(starts[np.argsort(mean + noise.normal(0.0, whim, len(starts)), kind="stable")])
        return by_size
