"""When two parties hold tickets for the same seats: who keeps them, and where the other one goes.

Pure, so that it can be tried as a table: docs/rules/conflicts.md has it. Nobody who sits is asked to stand up; nobody
gets a worse seat than was paid for; what no rule covers is for a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from boxoffice.domain.allocation import Mask, Wish, best_available
from boxoffice.domain.plan import SeatingPlan, SeatKind

_TOGETHER = ("row", "row_orphan", "blocks", "bay", "accessible")


class Why(StrEnum):
    """What a person is told of a settlement."""

    MOVES = "there are equal or better seats for the other party"
    BOTH_ARE_IN = "both parties are in the house"
    NOT_REACHED = "nobody knows how to reach the other party"
    NO_SEATS = "no equal or better seats are free side by side"


@dataclass(frozen=True, slots=True)
class Party:
    """One order's tickets of a performance. `seats` are all of them, as they want to stay together; `committed` is its
    place in the order in which central booked."""

    seats: tuple[int, ...]
    committed: int
    is_admitted: bool
    is_reachable: bool


@dataclass(frozen=True, slots=True)
class Settlement:
    """`moves` goes to `seats`, in the order of its own; without any, a manager settles it."""

    keeps: Party
    moves: Party
    seats: tuple[int, ...]
    why: Why


def settle(one: Party, other: Party, plan: SeatingPlan, free: Mask, worth: NDArray[np.int64]) -> Settlement:
    """`free` and `worth` (minor units at the full price) have one entry a seat of the plan."""
    keeps, moves = sorted((one, other), key=lambda party: (not party.is_admitted, party.committed))
    if moves.is_admitted:
        return Settlement(keeps, moves, (), Why.BOTH_ARE_IN)
    if not moves.is_reachable:
        return Settlement(keeps, moves, (), Why.NOT_REACHED)
    seats = equal_or_better(moves.seats, plan, free, worth)
    return Settlement(keeps, moves, seats, Why.MOVES if seats else Why.NO_SEATS)


def equal_or_better(seats: tuple[int, ...], plan: SeatingPlan, free: Mask, worth: NDArray[np.int64]) -> tuple[int, ...]:
    """As many free seats, together, none worth less than the dearest of `seats`; with as many wheelchair places."""
    bays = int(np.count_nonzero(plan.kind[list(seats)] == SeatKind.WHEELCHAIR))
    good = free & (worth >= worth[list(seats)].max())
    offer = best_available(plan, good, Wish(len(seats), wheelchair=bays))
    return offer.seats if offer is not None and offer.step in _TOGETHER else ()
