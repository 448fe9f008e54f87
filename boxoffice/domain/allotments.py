"""Which seats a till keeps for selling offline: good runs of neighbours, of every category, never scattered singles."""

from __future__ import annotations

from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from boxoffice.domain.money import split_minor
from boxoffice.domain.plan import SeatingPlan, SeatKind

_PIECE = 6  # seats taken of one row at a time: what a party asks for, and no row goes to one till
Run = tuple[int, int]  # seats start up to stop: neighbours have neighbouring indices


def choose_allotment(plan: SeatingPlan, free: NDArray[np.bool_], count: int) -> NDArray[np.int32]:
    """At most `count` free seats, ascending indices. `free` is a mask over the plan's seats.

    Categories get shares in proportion to what is free of them. Within a category whole runs of neighbours near the
    focal point come first; a run is cut only so that at least two seats go and none is left alone. Accessible bays and
    their companions stay with central.
    """
    runs = sorted((int(plan.category[run[0]]), run) for run in _runs(plan, free))
    runs_of = {category: [run for _, run in found] for category, found in groupby(runs, key=lambda item: item[0])}
    supply = [sum(stop - start for start, stop in found) for found in runs_of.values()]
    wanted = min(count, sum(supply))
    if wanted < 2:
        return np.empty(0, np.int32)
    chosen: list[Run] = []
    owed = 0  # what a category could not give in whole runs, the next ones make good
    for share, found in zip(split_minor(wanted, supply), runs_of.values(), strict=True):
        taken = _take(plan, found, share + owed)
        chosen += taken
        owed += share - sum(stop - start for start, stop in taken)
    return np.asarray(sorted(seat for run in chosen for seat in range(*run)), np.int32)


def _runs(plan: SeatingPlan, free: NDArray[np.bool_]) -> list[Run]:
    """Maximal runs of two and more free neighbours of one category."""
    seats = np.flatnonzero(free & np.isin(plan.kind, (SeatKind.STANDARD, SeatKind.RESTRICTED_VIEW)))
    if not len(seats):
        return []
    joined = (plan.right[seats[:-1]] == seats[1:]) & (plan.category[seats[:-1]] == plan.category[seats[1:]])
    breaks = np.flatnonzero(~joined)
    starts = seats[np.append(0, breaks + 1)].tolist()
    stops = (seats[np.append(breaks, len(seats) - 1)] + 1).tolist()
    return [(start, stop) for start, stop in zip(starts, stops, strict=True) if stop - start > 1]


def _take(plan: SeatingPlan, runs: list[Run], count: int) -> list[Run]:
    pieces = [piece for run in runs for piece in _pieces(run)]
    middles = [(start + stop) // 2 for start, stop in pieces]
    nearest = [pieces[i] for i in np.argsort(plan.focal_distance[middles], kind="stable").tolist()]
    taken: list[Run] = []
    left = count
    # every second piece first: near seats for the till, and near seats left for everybody else
    for start, stop in nearest[::2] + nearest[1::2]:
        if left < 2:
            break
        size = min(left, stop - start)
        if stop - start - size == 1:
            size -= 1  # a single seat left behind sells to nobody
        if size >= 2:
            taken.append((start, start + size))
            left -= size
    return taken


def _pieces(run: Run) -> list[Run]:
    """The run in pieces of `_PIECE` seats, the last one up to one longer than that, and none of a single seat."""
    start, stop = run
    cuts = list(range(start, stop - 1, _PIECE))
    return list(zip(cuts, [*cuts[1:], stop], strict=True))
