"""Which seats a till keeps for selling offline: good runs of neighbours, of every category, never scattered singles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from boxoffice.domain.money import split_minor
from boxoffice.domain.plan import SeatingPlan, SeatKind

_RUN = 6  # seats taken of one row at a time: what a party asks for, and no row goes to one till


def choose_allotment(plan: SeatingPlan, free: NDArray[np.bool_], count: int) -> NDArray[np.int32]:
    """At most `count` free seats, ascending indices. `free` is a mask over the plan's seats.

    Categories get shares in proportion to what is free of them. Within a category whole runs of neighbours near the
    focal point come first; a run is cut only so that at least two seats go and none is left alone. Accessible bays and
    their companions stay with central.
    """
    usable = free & np.isin(plan.kind, (SeatKind.STANDARD, SeatKind.RESTRICTED_VIEW))
    runs_of: dict[int, list[NDArray[np.int32]]] = {}
    for run in _runs(plan, usable):
        if len(run) > 1:
            runs_of.setdefault(int(plan.category[run[0]]), []).append(run)
    categories = sorted(runs_of)
    supply = [sum(len(run) for run in runs_of[category]) for category in categories]
    wanted = min(count, sum(supply))
    if wanted < 2:
        return np.empty(0, np.int32)
    shares = split_minor(wanted, supply)
    chosen: list[NDArray[np.int32]] = []
    owed = 0  # what a category could not give in whole runs, the next ones make good
    for category, share in zip(categories, shares, strict=True):
        taken = _take(plan, runs_of[category], share + owed)
        chosen += taken
        owed += share - sum(len(run) for run in taken)
    if not chosen:
        return np.empty(0, np.int32)
    return np.sort(np.concatenate(chosen))


def _runs(plan: SeatingPlan, usable: NDArray[np.bool_]) -> list[NDArray[np.int32]]:
    """Maximal runs of usable neighbours of one category."""
    seats = np.flatnonzero(usable).astype(np.int32)
    if not len(seats):
        return []
    right = plan.right[seats[:-1]]
    joined = (right == seats[1:]) & (plan.category[seats[:-1]] == plan.category[seats[1:]])
    return np.split(seats, np.flatnonzero(~joined) + 1)


def _take(plan: SeatingPlan, runs: list[NDArray[np.int32]], count: int) -> list[NDArray[np.int32]]:
    pieces = [piece for run in runs for piece in _pieces(run)]
    pieces.sort(key=lambda piece: (float(plan.focal_distance[piece].mean()), int(piece[0])))
    # every second piece first: near seats for the till, and near seats left for everybody else
    taken: list[NDArray[np.int32]] = []
    left = count
    for piece in pieces[::2] + pieces[1::2]:
        if left < 2:
            break
        size = min(left, len(piece))
        if len(piece) - size == 1:
            size -= 1  # a single seat left behind sells to nobody
        if size >= 2:
            taken.append(piece[:size])
            left -= size
    return taken


def _pieces(run: NDArray[np.int32]) -> list[NDArray[np.int32]]:
    """The run in pieces of `_RUN` seats, the last one up to one longer than that, and none of a single seat."""
    starts = list(range(0, len(run), _RUN))
    if len(starts) > 1 and len(run) - starts[-1] == 1:
        starts.pop()
    return np.split(run, starts[1:])
