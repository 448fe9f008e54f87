"""Best available: which seats to offer for a wish, and why, in words for the counter.

A ladder; the first step with a solution wins:

    row         side by side in one row, no single seat left over, nearest to the focal point
    row_orphan  the same, but a single free seat is left beside
    blocks      blocks in neighbouring rows, one behind the other
    scattered   the nearest within one section, in whatever rows, nobody alone unless it cannot be helped
    sections    the same across sections

Neighbours are the plan's, so an aisle ends a run and numbering does not matter. Whatever is not sellable ends a
run; another price category does not, unless the wish names one. Costs are whole millimetres: sums are exact and
the same wish on the same house always gets the same seats (ties: the lowest index).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from boxoffice.domain.plan import SEAT_PITCH_CM, SeatingPlan, SeatKind
from boxoffice.domain.refusals import Malformed

Mask = NDArray[np.bool_]
Millimetres = NDArray[np.int64]
Indices = NDArray[np.int64]
Parts = tuple[tuple[int, int], ...]
"""Runs of seats as (first seat, how many)."""

MOST_SEATS = 200
_MOST_ROWS_OF_A_GROUP = 12
_SEATS_A_ROW_OF_A_GROUP = 6  # a longer group may take more rows than four
_RESTRICTED_VIEW_MM = 3_000  # what a restricted view is worth in distance
_NOT_A_COMPANION_SEAT_MM = 1_000  # an ordinary seat beside a bay, when a companion seat is to be had
_ORPHAN_MM = 2_500
_SPLIT_MM = 1_500  # each part beyond the first
_BAY_MM = 5_000  # a wheelchair place that goes to whoever does not need one
_ALONE_MM = 100_000_000  # beyond any distance: first as few alone as possible
_STEPS_OF_BAYS = ("bay", "bay_near")
_NEVER = np.iinfo(np.int64).max // 4


@dataclass(frozen=True, slots=True)
class Wish:
    """What the customer asks for. `count` includes `wheelchair`, the number of wheelchair places; the rest are
    companions next to them. `categories` are those that will do; None: any. `rows` above 1 asks for blocks over so
    many rows before a single row is tried. Raises Malformed for what cannot be asked."""

    count: int
    categories: frozenset[int] | None = None
    section: int | None = None
    together: bool = True
    wheelchair: int = 0
    rows: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MOST_SEATS:
            raise Malformed("count", f"{self.count} seats cannot be found at once.", f"Ask for 1 to {MOST_SEATS}.")
        if not 0 <= self.wheelchair <= self.count:
            raise Malformed("wheelchair", "more wheelchair places than seats.", "Raise the number of seats.")
        if self.rows < 1:
            raise Malformed("rows", f"{self.rows} rows.", "Ask for at least one.")

    def within(self, categories: frozenset[int]) -> Wish:
        """The same, of these categories only: those that are sold at a price type."""
        return replace(self, categories=categories if self.categories is None else self.categories & categories)


@dataclass(frozen=True, slots=True)
class Score:
    """What speaks against an offer, in centimetres a seat; lower is better. It compares offers and is read out in
    its parts; which offer is made is the ladder's to say."""

    distance: float  # to the focal point
    view: float  # seats whose view is restricted
    single_seats: float  # that are left over
    parts: float  # rows or places beyond the first
    accessible: float  # places that were kept for those who need them

    @property
    def total(self) -> float:
        return round(self.distance + self.view + self.single_seats + self.parts + self.accessible, 1)


@dataclass(frozen=True, slots=True)
class Offer:
    """`seats` ascending; `step` is a stable key of the ladder."""

    seats: tuple[int, ...]
    step: str
    reason: str
    score: Score


@dataclass(frozen=True)
class _Field:
    """What may be taken, and what a single seat left over is. One entry per seat."""

    plan: SeatingPlan
    usable: Mask
    loose: Mask  # free for ordinary customers, of any category: alone beside ours it is an orphan
    cost: Millimetres

    @cached_property
    def running_cost(self) -> Millimetres:
        """Sum of the costs before each seat; one longer than the seats."""
        return _running(self.cost)

    @cached_property
    def lone_before(self) -> Mask:
        """Is the seat to the left free and alone, so that taking this one leaves it an orphan?"""
        joined = self.plan.right >= 0
        lone = np.zeros(len(self.loose), np.bool_)
        lone[1:] = joined[:-1] & self.loose[:-1]
        lone[2:] &= ~self._pairs[:-1]
        return lone

    @cached_property
    def lone_after(self) -> Mask:
        joined = self.plan.right >= 0
        lone = np.zeros(len(self.loose), np.bool_)
        lone[:-1] = joined[:-1] & self.loose[1:]
        lone[:-2] &= ~self._pairs[1:]
        return lone

    @cached_property
    def _pairs(self) -> Mask:
        """One shorter than the seats: this seat and the next are neighbours and both free."""
        pairs: Mask = self.loose[:-1] & self.loose[1:] & (self.plan.right[:-1] >= 0)
        return pairs


@dataclass(frozen=True, slots=True)
class _Found:
    parts: Parts
    cost: int
    orphans: int


def best_available(plan: SeatingPlan, sellable: Mask, wish: Wish, strict_orphans: bool = False) -> Offer | None:
    """None when there are not enough seats. `sellable` is one flag per seat. Ordinary wishes get wheelchair bays
    and companion seats only when nothing else is left. `strict_orphans` leaves a single seat over only when no
    other step avoids it. Raises ValueError when `sellable` does not fit the plan."""
    if len(sellable) != plan.seat_count:
        raise ValueError(f"{len(sellable)} flags for {plan.seat_count} seats")
    wanted = _wanted(plan, sellable, wish)
    cost = _cost(plan)
    ordinary = (plan.kind == SeatKind.STANDARD) | (plan.kind == SeatKind.RESTRICTED_VIEW)
    loose = sellable & ordinary
    if wish.wheelchair:
        return _accessible(_Field(plan, wanted, loose, cost), wish)
    usable = wanted & ordinary
    if int(np.count_nonzero(usable)) >= wish.count:
        return _climb(_Field(plan, usable, loose, cost), wish, strict_orphans)
    for allowed in (wanted & (plan.kind != SeatKind.WHEELCHAIR), wanted):
        if int(np.count_nonzero(allowed)) >= wish.count:
            offer = _climb(_Field(plan, allowed, loose, cost), wish, strict_orphans)
            if offer is not None:
                reason = f"{offer.reason}; takes accessible places, nothing else is free"
                return Offer(offer.seats, "accessible", reason, offer.score)
    return None


def _wanted(plan: SeatingPlan, sellable: Mask, wish: Wish) -> Mask:
    wanted: Mask = sellable
    if wish.categories is not None:
        wanted = wanted & np.isin(plan.category, list(wish.categories))
    if wish.section is not None:
        wanted = wanted & (plan.section == wish.section)
    return wanted


@lru_cache(maxsize=8)
def _cost(plan: SeatingPlan) -> Millimetres:
    cost = np.rint(plan.focal_distance.astype(np.float64) * 10).astype(np.int64)
    cost[plan.kind == SeatKind.RESTRICTED_VIEW] += _RESTRICTED_VIEW_MM
    cost.flags.writeable = False
    return cost


def _climb(field: _Field, wish: Wish, strict_orphans: bool) -> Offer | None:
    if not wish.together:
        return _offer(field, _nearest(field, wish.count), "apart")
    if wish.rows > 1:
        for rows in range(min(wish.rows, wish.count // 2), 1, -1):
            found = _best_blocks(field, wish.count, rows, orphans=not strict_orphans)
            if found is not None:
                return _offer(field, found, "blocks")
    found = _best_row(field, wish.count, orphans=False)
    if found is not None:
        return _offer(field, found, "row")
    if strict_orphans:
        found = _fewest_rows(field, wish.count, orphans=False)
        if found is not None:
            return _offer(field, found, "blocks")
    found = _best_row(field, wish.count, orphans=True)
    if found is not None:
        return _offer(field, found, "row_orphan")
    found = _fewest_rows(field, wish.count, orphans=True)
    if found is not None:
        return _offer(field, found, "blocks")
    found = _best_section(field, wish.count)
    if found is not None:
        return _offer(field, found, "scattered")
    return _offer(field, _best_parts(field, wish.count), "sections")


# Windows: so many seats side by side, known by their first seat


def _windows(usable: Mask, right: NDArray[np.int32], size: int) -> Indices:
    """First seats of all windows of this size, ascending."""
    if size == 1:
        return np.flatnonzero(usable)
    if size > len(usable):
        return np.empty(0, np.int64)
    runs = usable[:-1] & usable[1:] & (right[:-1] >= 0)  # a window of two begins here
    length, wanted = 1, size - 1
    while length < wanted:  # by doubling: a window of many is two overlapping shorter ones
        step = min(length, wanted - length)
        runs = runs[:-step] & runs[step:]
        length += step
    return np.flatnonzero(runs)


def _orphans(field: _Field, starts: Indices, size: int) -> NDArray[np.int64]:
    """How many single seats each window would leave over: 0, 1 or 2."""
    count: NDArray[np.int64] = field.lone_before[starts].astype(np.int64) + field.lone_after[starts + size - 1]
    return count


def _running(values: Millimetres) -> Millimetres:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(values)])


def _sums(running: Millimetres, starts: Indices, size: int) -> Millimetres:
    sums: Millimetres = running[starts + size] - running[starts]
    return sums


def _best_row(field: _Field, count: int, *, orphans: bool) -> _Found | None:
    starts = _windows(field.usable, field.plan.right, count)
    if not len(starts):
        return None
    left_over = _orphans(field, starts, count)
    if not orphans:
        clean = left_over == 0
        starts, left_over = starts[clean], left_over[clean]
        if not len(starts):
            return None
    cost = _sums(field.running_cost, starts, count) + _ORPHAN_MM * count * left_over
    best = int(cost.argmin())
    return _Found(((int(starts[best]), count),), int(cost[best]), int(left_over[best]))


# Blocks over neighbouring rows


def _fewest_rows(field: _Field, count: int, *, orphans: bool) -> _Found | None:
    most = min(max(4, -(-count // _SEATS_A_ROW_OF_A_GROUP)), _MOST_ROWS_OF_A_GROUP, count // 2)
    for rows in range(2, most + 1):
        found = _best_blocks(field, count, rows, orphans=orphans)
        if found is not None:
            return found
    return None


def _best_blocks(field: _Field, count: int, rows: int, *, orphans: bool) -> _Found | None:
    """The group in equal parts (the longer ones in front, or behind) over exactly so many rows. From every
    window of the front row the next row's window is the one most nearly behind it; it has to overlap."""
    base, extra = divmod(count, rows)
    sizes = [base + 1] * extra + [base] * (rows - extra)
    found = [_best_chain(field, way, orphans=orphans) for way in ([sizes, sizes[::-1]] if extra else [sizes])]
    return min((f for f in found if f is not None), key=lambda f: (f.cost, f.parts), default=None)


def _best_chain(field: _Field, sizes: list[int], *, orphans: bool) -> _Found | None:
    plan = field.plan
    rows = _Rows.of(plan)
    starts = _allowed_windows(field, sizes[0], orphans=orphans)
    chains = starts[:, None]
    cost = _window_cost(field, starts, sizes[0])
    for before, size in pairwise(sizes):
        candidates = _allowed_windows(field, size, orphans=orphans)
        if not len(candidates) or not len(chains):
            return None
        last = chains[:, -1]
        row = plan.row[last].astype(np.int64) + 1
        exists = row < len(plan.rows)
        exists[exists] = rows.section[row[exists]] == rows.section[row[exists] - 1]
        chains, cost, last, row = chains[exists], cost[exists], last[exists], row[exists]
        behind, aside = rows.nearest_window(candidates, size, last, before, row)
        touches = (behind >= 0) & (aside <= (before + size) * SEAT_PITCH_CM * 10 // 2)
        behind = behind[touches]
        chains = np.column_stack([chains[touches], behind])
        cost = cost[touches] + _window_cost(field, behind, size) + _SPLIT_MM * sum(sizes)
    if not len(chains):
        return None
    best = int(np.lexsort((*chains.T[::-1], cost))[0])
    parts = tuple((int(start), size) for start, size in zip(chains[best], sizes, strict=True))
    return _Found(parts, int(cost[best]), _orphans_of(field, parts))


def _allowed_windows(field: _Field, size: int, *, orphans: bool) -> Indices:
    starts = _windows(field.usable, field.plan.right, size)
    return starts if orphans or not len(starts) else starts[_orphans(field, starts, size) == 0]


def _window_cost(field: _Field, starts: Indices, size: int) -> Millimetres:
    return _sums(field.running_cost, starts, size) + _ORPHAN_MM * size * _orphans(field, starts, size)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows as lines: positions along a row are millimetres in its own direction."""

    x: NDArray[np.float64]  # running sums over seats, centimetres
    y: NDArray[np.float64]
    row: NDArray[np.int32]
    section: NDArray[np.int64]
    along_x: NDArray[np.float64]
    along_y: NDArray[np.float64]

    @classmethod
    @lru_cache(maxsize=8)
    def of(cls, plan: SeatingPlan) -> _Rows:
        first = np.array([span.start for span in plan.rows], np.int64)
        last = np.array([span.stop - 1 for span in plan.rows], np.int64)
        last = np.maximum(last, first)
        first, last = np.minimum(first, plan.seat_count - 1), np.minimum(last, plan.seat_count - 1)
        dx = plan.x[last].astype(np.float64) - plan.x[first]
        dy = plan.y[last].astype(np.float64) - plan.y[first]
        length = np.hypot(dx, dy)
        straight = length > 0
        return cls(
            np.concatenate([[0.0], np.cumsum(plan.x, dtype=np.float64)]),
            np.concatenate([[0.0], np.cumsum(plan.y, dtype=np.float64)]),
            plan.row,
            np.array([span.section for span in plan.rows], np.int64),
            np.divide(dx, length, out=np.ones_like(dx), where=straight),
            np.divide(dy, length, out=np.zeros_like(dy), where=straight),
        )

    def position(self, starts: Indices, size: int, row: Indices) -> Millimetres:
        """Of the windows' middles, along `row`."""
        x = (self.x[starts + size] - self.x[starts]) / size
        y = (self.y[starts + size] - self.y[starts]) / size
        position: Millimetres = np.rint((x * self.along_x[row] + y * self.along_y[row]) * 10).astype(np.int64)
        return position

    def nearest_window(
        self, candidates: Indices, size: int, anchors: Indices, anchor_size: int, row: Indices
    ) -> tuple[Indices, Millimetres]:
        """For every anchor the candidate in `row` most nearly beside its middle, or -1, and how far aside."""
        own = self.row[candidates].astype(np.int64)
        place = self.position(candidates, size, own)
        target = self.position(anchors, anchor_size, row)
        lowest = min(int(place.min()), int(target.min())) if len(target) else 0
        highest = max(int(place.max()), int(target.max())) if len(target) else 0
        reach = highest - lowest + 1
        keys = own * reach + (place - lowest)
        order = np.lexsort((candidates, keys))
        keys, candidates, own, place = keys[order], candidates[order], own[order], place[order]
        above = np.searchsorted(keys, row * reach + (target - lowest))
        best = np.full(len(anchors), -1, np.int64)
        aside = np.full(len(anchors), _NEVER, np.int64)
        for at in (above - 1, above):
            inside = (at >= 0) & (at < len(keys))
            spot = np.where(inside, at, 0)
            distance = np.where(inside & (own[spot] == row), np.abs(place[spot] - target), _NEVER)
            nearer = distance < aside
            best[nearer], aside[nearer] = candidates[spot[nearer]], distance[nearer]
        return best, aside


# Parts in whatever rows


def _nearest(field: _Field, count: int) -> _Found | None:
    seats = np.flatnonzero(field.usable)
    if len(seats) < count:
        return None
    chosen = np.sort(seats[np.argsort(field.cost[seats], kind="stable")[:count]])
    parts = _parts_of(field.plan, chosen)
    return _Found(parts, int(field.cost[chosen].sum()), _orphans_of(field, parts))


def _best_section(field: _Field, count: int) -> _Found | None:
    """Sections in the order of what they must cost at least, until none can be better."""
    paired = np.zeros(len(field.usable), np.bool_)  # has a usable neighbour: need not sit alone
    pair = field.usable[:-1] & field.usable[1:] & (field.plan.right[:-1] >= 0)
    paired[:-1] |= pair
    paired[1:] |= pair
    bounds = []
    for seats in field.plan.section_slices:
        costs = field.cost[seats][field.usable[seats]]
        if len(costs) >= count:
            least = int(np.partition(costs, count - 1)[:count].sum())
            alone = max(0, count - int(np.count_nonzero(paired[seats])))
            bounds.append((least + alone * _ALONE_MM, seats.start, seats.stop))
    best: _Found | None = None
    for bound, start, stop in sorted(bounds):
        if best is not None and bound >= best.cost:
            break
        found = _best_parts(field, count, slice(start, stop))
        if found is not None and (best is None or found.cost < best.cost):
            best = found
    return best


def _best_parts(field: _Field, count: int, within: slice = slice(None)) -> _Found | None:
    """The cheapest way to seat `count` in parts of one window a run: exact, by counting up over the runs."""
    total = np.full(count + 1, _NEVER, np.int64)
    total[0] = 0
    choices: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    for costs, firsts in _run_offers(field, count, within):
        better = total.copy()
        taken = np.zeros(count + 1, np.int64)
        for size in np.flatnonzero(costs < _NEVER).tolist():
            with_this = total[: count + 1 - size] + costs[size] + _SPLIT_MM * count
            improved = with_this < better[size:]
            better[size:][improved] = with_this[improved]
            taken[size:][improved] = size
        choices.append((taken, firsts))
        total = better
    if total[count] >= _NEVER:
        return None
    parts: list[tuple[int, int]] = []
    left = count
    for taken, firsts in reversed(choices):
        size = int(taken[left])
        if size:
            parts.append((int(firsts[size]), size))
            left -= size
    found = tuple(sorted(parts))
    return _Found(found, int(total[count]), _orphans_of(field, found))


def _run_offers(field: _Field, count: int, within: slice) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Of every run that can matter: cost and first seat of its best window, by size. Of each size the `count`
    cheapest runs can matter: a solution has at most so many parts, so a dearer run is swapped for one of these."""
    usable, right = field.usable[within], field.plan.right[within]
    offset = within.start or 0
    begins = usable.copy()
    begins[1:] &= ~(usable[:-1] & (right[:-1] >= 0))
    run_of = np.cumsum(begins) - 1
    offers: dict[int, tuple[NDArray[np.int64], NDArray[np.int64]]] = {}
    for size in range(1, count + 1):
        starts = _windows(usable, right, size)
        if not len(starts):
            break
        cost = _window_cost(field, starts + offset, size) + (_ALONE_MM if size == 1 and count > 1 else 0)
        order = np.lexsort((starts, cost))
        runs = run_of[starts[order]]
        _, firsts = np.unique(runs, return_index=True)
        for at in np.sort(firsts)[:count].tolist():
            run = int(runs[at])
            if run not in offers:
                offers[run] = (np.full(count + 1, _NEVER, np.int64), np.zeros(count + 1, np.int64))
            offers[run][0][size] = cost[order[at]]
            offers[run][1][size] = starts[order[at]] + offset
    return [offers[run] for run in sorted(offers)]


# Wheelchair places


def _accessible(field: _Field, wish: Wish) -> Offer | None:
    """Bays with companions beside them; else the nearest seats around the bays."""
    plan, count = field.plan, wish.count
    bays = plan.kind == SeatKind.WHEELCHAIR
    cost = field.cost + np.where(bays | (plan.kind == SeatKind.COMPANION), 0, _NOT_A_COMPANION_SEAT_MM)
    field = _Field(plan, field.usable, field.loose, cost)
    starts = _windows(field.usable, plan.right, count)
    if len(starts):
        holds = _sums(_running(bays.astype(np.int64)), starts, count) == wish.wheelchair
        starts = starts[holds]
    if len(starts):
        costs = _window_cost(field, starts, count)
        best = int(costs.argmin())
        part = ((int(starts[best]), count),)
        return _offer(field, _Found(part, int(costs[best]), _orphans_of(field, part)), "bay")
    return _offer(field, _around_bays(field, bays, wish), "bay_near")


def _around_bays(field: _Field, bays: Mask, wish: Wish) -> _Found | None:
    plan = field.plan
    free_bays = np.flatnonzero(field.usable & bays)
    others = np.flatnonzero(field.usable & ~bays)
    companions = wish.count - wish.wheelchair
    if len(free_bays) < wish.wheelchair or len(others) < companions:
        return None
    best: tuple[int, Indices] | None = None
    for anchor in free_bays[np.argsort(field.cost[free_bays], kind="stable")[:32]].tolist():
        chosen = np.concatenate(
            [_closest(plan, free_bays, anchor, wish.wheelchair), _closest(plan, others, anchor, companions)]
        )
        spread = np.rint(np.hypot(plan.x[chosen] - plan.x[anchor], plan.y[chosen] - plan.y[anchor]) * 10)
        cost = int(spread.sum()) * 4 + int(field.cost[chosen].sum())  # together counts before near
        if best is None or cost < best[0]:
            best = (cost, np.sort(chosen))
    if best is None:
        return None
    parts = _parts_of(plan, best[1])
    return _Found(parts, best[0], _orphans_of(field, parts))


def _closest(plan: SeatingPlan, seats: Indices, anchor: int, count: int) -> Indices:
    distance = np.hypot(plan.x[seats] - plan.x[anchor], plan.y[seats] - plan.y[anchor])
    distance = distance + np.where(plan.kind[seats] == SeatKind.COMPANION, 0.0, _NOT_A_COMPANION_SEAT_MM / 10)
    return seats[np.argsort(distance, kind="stable")[:count]]


# Words


def _offer(field: _Field, found: _Found | None, step: str) -> Offer | None:
    if found is None:
        return None
    seats = tuple(sorted(seat for start, size in found.parts for seat in range(start, start + size)))
    return Offer(seats, step, _reason(field.plan, found, step), _score(field.plan, found, seats, step))


def _score(plan: SeatingPlan, found: _Found, seats: tuple[int, ...], step: str) -> Score:
    taken, count = list(seats), len(seats)
    kinds = plan.kind[taken]
    kept = 0 if step in _STEPS_OF_BAYS else int(np.count_nonzero(kinds == SeatKind.WHEELCHAIR))
    return Score(
        distance=round(float(plan.focal_distance[taken].mean()), 1),
        view=round(_RESTRICTED_VIEW_MM * int(np.count_nonzero(kinds == SeatKind.RESTRICTED_VIEW)) / count / 10, 1),
        single_seats=_ORPHAN_MM * found.orphans / 10,
        parts=_SPLIT_MM * (len(found.parts) - 1) / 10,
        accessible=round(_BAY_MM * kept / count / 10, 1),
    )


def _reason(plan: SeatingPlan, found: _Found, step: str) -> str:
    several_sections = len({int(plan.section[start]) for start, _ in found.parts}) > 1
    words = [_and([_place(plan, start, size, several_sections) for start, size in found.parts])]
    if len(found.parts) == 1:
        words.append(_side(plan, *found.parts[0]))
    elif step == "blocks":
        words.append("one behind the other")
    elif step == "sections":
        words.append("in different sections")
    elif step == "bay_near":
        words.append("as near as possible")
    else:
        words.append("near each other" if step == "scattered" else "not together")
    alone = sum(1 for _, size in found.parts if size == 1)
    if alone and len(found.parts) > 1 and step in ("scattered", "sections"):
        words.append("one sits alone" if alone == 1 else f"{alone} sit alone")
    if any((plan.kind[start : start + size] == SeatKind.RESTRICTED_VIEW).any() for start, size in found.parts):
        words.append("restricted view")
    singles = {0: "no single seat left over", 1: "leaves a single seat"}
    words.append(singles.get(found.orphans, f"leaves {found.orphans} single seats"))
    return ", ".join(word for word in words if word)


def _place(plan: SeatingPlan, start: int, size: int, with_section: bool) -> str:
    labels = plan.seat_labels[start : start + size]
    seats = labels[0] if size == 1 else f"{labels[0]}–{labels[-1]}" if _counts(labels) else ", ".join(labels)
    row = plan.row_name(start)
    where = f"{plan.section_name(start)} " if with_section else ""
    return f"{where}{row} {seats}" if row else f"{where}seat {seats}"


def _counts(labels: tuple[str, ...]) -> bool:
    """Whether the first and the last say it all: whole numbers in steps of one."""
    if not all(label.isdecimal() for label in labels):
        return False
    numbers = [int(label) for label in labels]
    return {b - a for a, b in pairwise(numbers)} in ({1}, {-1})


def _side(plan: SeatingPlan, start: int, size: int) -> str:
    """Thirds of the row as it is drawn."""
    span = plan.rows[int(plan.row[start])]
    x = plan.x[span.start : span.stop]
    width = float(x.max() - x.min())
    if width <= 4 * SEAT_PITCH_CM:
        return ""
    middle = (float(plan.x[start : start + size].mean()) - float(x.min())) / width
    return "left side" if middle < 1 / 3 else "right side" if middle > 2 / 3 else "centre"


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _parts_of(plan: SeatingPlan, seats: Indices) -> Parts:
    """Ascending seats as runs of neighbours."""
    parts: list[tuple[int, int]] = []
    for seat in seats.tolist():
        if parts and seat == sum(parts[-1]) and plan.left[seat] >= 0:
            parts[-1] = (parts[-1][0], parts[-1][1] + 1)
        else:
            parts.append((seat, 1))
    return tuple(parts)


def _orphans_of(field: _Field, parts: Parts) -> int:
    """Single loose seats beside the parts once all of them are taken."""
    plan = field.plan
    taken = {seat for start, size in parts for seat in range(start, start + size)}

    def is_left(seat: int) -> bool:
        return seat >= 0 and bool(field.loose[seat]) and seat not in taken

    beside = {int(plan.left[start]) for start, _ in parts} | {
        int(plan.right[start + size - 1]) for start, size in parts
    }
    return sum(
        1
        for seat in beside
        if is_left(seat) and not is_left(int(plan.left[seat])) and not is_left(int(plan.right[seat]))
    )
