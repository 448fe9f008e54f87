"""Best available against a slow twin that tries everything, and against what a customer would notice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boxoffice.domain import allocation
from boxoffice.domain.allocation import Offer, Wish, best_available
from boxoffice.domain.ids import PlanId
from boxoffice.domain.plan import Row, Seat, SeatingPlan, SeatKind, Section
from boxoffice.domain.refusals import Malformed
from tests.domain.houses import PITCH, Sellable, drawn

BAND_B = frozenset({1})


def offered(plan: SeatingPlan, sellable: Sellable, wish: Wish, *, strict: bool = False) -> Offer:
    offer = best_available(plan, sellable, wish, strict)
    assert offer is not None
    return offer


def named(plan: SeatingPlan, offer: Offer) -> list[str]:
    return [f"{plan.row_label(seat)}{plan.seat_labels[seat]}" for seat in offer.seats]


def test_two_get_the_middle_of_the_front_row_and_the_cashier_hears_why() -> None:
    plan, sellable = drawn([".........", "........."])
    offer = offered(plan, sellable, Wish(3))
    assert named(plan, offer) == ["A4", "A5", "A6"]
    assert offer.step == "row"
    assert offer.reason == "row A 4–6, centre, no single seat left over"


def test_a_single_seat_left_over_moves_the_pair_to_the_side() -> None:
    plan, sellable = drawn(["xxx...xxx"])  # whichever pair of the three leaves one
    assert offered(plan, sellable, Wish(2)).step == "row_orphan"
    plan, sellable = drawn(["xxx....xxx"])
    assert named(plan, offered(plan, sellable, Wish(2))) == ["A4", "A5"]


def test_no_orphan_in_the_second_row_wins_over_an_orphan_in_the_first() -> None:
    plan, sellable = drawn(["xxx...xxx", "xxx..xxxx"])
    offer = offered(plan, sellable, Wish(2))
    assert named(plan, offer) == ["B4", "B5"]
    assert "no single seat left over" in offer.reason


def test_an_orphan_is_named_in_the_reason() -> None:
    plan, sellable = drawn(["xxx...xxx"])
    assert "leaves a single seat" in offered(plan, sellable, Wish(2)).reason


def test_strict_splits_a_group_sooner_than_leave_a_single_seat() -> None:
    plan, sellable = drawn(["xx.....xx", "xxx..xxxx", "xxx..xxxx"])
    assert offered(plan, sellable, Wish(4)).step == "row_orphan"
    strict = offered(plan, sellable, Wish(4), strict=True)
    assert strict.step == "blocks"
    assert "no single seat left over" in strict.reason


def test_strict_never_costs_a_sale() -> None:
    plan, sellable = drawn(["xxx...xxx"])
    assert offered(plan, sellable, Wish(2), strict=True).step == "row_orphan"


def test_an_aisle_ends_a_run() -> None:
    plan, sellable = drawn(["xx..|..xx", "........."])
    assert named(plan, offered(plan, sellable, Wish(4)))[0].startswith("B")


def test_a_taken_seat_ends_a_run_but_another_price_does_not() -> None:
    plan, sellable = drawn(["xx0011xx"])
    assert offered(plan, sellable, Wish(4)).step == "row"
    assert best_available(plan, sellable, Wish(4, BAND_B)) is None
    assert named(plan, offered(plan, sellable, Wish(2, BAND_B))) == ["A5", "A6"]


def test_a_price_type_is_looked_for_where_it_is_sold() -> None:
    plan, sellable = drawn(["0000", "1111", "2222"])
    sold_to_students = frozenset({1, 2})
    assert named(plan, offered(plan, sellable, Wish(2).within(sold_to_students))) == ["B1", "B2"]
    assert named(plan, offered(plan, sellable, Wish(2, BAND_B).within(sold_to_students))) == ["B1", "B2"]
    assert best_available(plan, sellable, Wish(2, frozenset({0})).within(sold_to_students)) is None


def test_a_score_tells_its_parts() -> None:
    plan, sellable = drawn(["xxxxx...x"])
    near = offered(plan, sellable, Wish(2)).score
    assert near.single_seats == 250.0
    assert near.total == pytest.approx(near.distance + 250.0)
    plan, sellable = drawn(["xxxrrxxxx"])
    assert offered(plan, sellable, Wish(2)).score.view == 300.0
    plan, sellable = drawn(["..xxx", "..xxx"])
    assert offered(plan, sellable, Wish(4)).score.parts == 150.0
    plan, sellable = drawn(["xxwcx"])
    assert offered(plan, sellable, Wish(2)).score.accessible == 250.0
    assert offered(plan, sellable, Wish(2, wheelchair=1)).score.accessible == 0.0


def test_a_wish_for_a_section_stays_there() -> None:
    plan, sellable = drawn(["......"], ["......"])
    offer = offered(plan, sellable, Wish(2, section=1))
    assert all(plan.section[seat] == 1 for seat in offer.seats)


def test_a_group_too_long_for_a_row_sits_one_behind_the_other() -> None:
    plan, sellable = drawn(["xx...xxxx", "xx...xxxx", "xxxxxx..."])
    offer = offered(plan, sellable, Wish(6))
    assert offer.step == "blocks"
    assert named(plan, offer) == ["A3", "A4", "A5", "B3", "B4", "B5"]
    assert "one behind the other" in offer.reason


def test_a_class_that_asks_for_two_rows_gets_two_rows() -> None:
    plan, sellable = drawn(["..........", ".........."])
    offer = offered(plan, sellable, Wish(8, rows=2))
    assert {plan.row_label(seat) for seat in offer.seats} == {"A", "B"}
    assert len(offer.seats) == 8


def test_blocks_do_not_reach_into_the_next_section() -> None:
    plan, sellable = drawn(["...."], ["...."])
    assert offered(plan, sellable, Wish(8)).step == "sections"


def test_nobody_sits_alone_when_three_and_two_can_be_found() -> None:
    plan, sellable = drawn(["xx....xxx", "xxxxxxxxx", "...xxxxxx"])
    offer = offered(plan, sellable, Wish(5))
    assert offer.step == "scattered"
    assert sorted(part_sizes(plan, offer)) == [2, 3]


def test_someone_sits_alone_only_when_it_cannot_be_helped() -> None:
    plan, sellable = drawn(["xx..xxxxx", "xxxxxxxxx", "x.xxxxxxx"])
    offer = offered(plan, sellable, Wish(3))
    assert sorted(part_sizes(plan, offer)) == [1, 2]
    assert "one sits alone" in offer.reason


def test_only_a_house_that_is_full_gives_no_offer() -> None:
    plan, sellable = drawn([".x.x.x"])
    assert len(offered(plan, sellable, Wish(3)).seats) == 3
    assert best_available(plan, sellable, Wish(4)) is None


def test_not_together_takes_the_nearest_seats_wherever_they_are() -> None:
    plan, sellable = drawn(["...x.x..."])
    offer = offered(plan, sellable, Wish(2, together=False))
    assert offer.step == "apart"
    assert set(named(plan, offer)) == {"A5", "A3"} or set(named(plan, offer)) == {"A5", "A7"}


def test_ordinary_customers_get_accessible_places_only_when_nothing_else_is_free() -> None:
    plan, sellable = drawn(["xxwcxx", "......"])
    assert named(plan, offered(plan, sellable, Wish(2)))[0].startswith("B")
    plan, sellable = drawn(["xxwcsx", "xxxxxx"])
    offer = offered(plan, sellable, Wish(2))
    assert named(plan, offer) == ["A4", "A5"]  # the companion seat goes before the bay
    assert offer.step == "accessible"
    assert "accessible" in offer.reason


def test_a_wheelchair_place_comes_with_its_companion_beside_it() -> None:
    plan, sellable = drawn(["...........", "wc.......wc"])
    offer = offered(plan, sellable, Wish(2, wheelchair=1))
    kinds = {SeatKind(int(plan.kind[seat])) for seat in offer.seats}
    assert kinds == {SeatKind.WHEELCHAIR, SeatKind.COMPANION}
    assert offer.step == "bay"
    assert offer.seats[1] - offer.seats[0] == 1


def test_companions_sit_as_near_as_possible_when_no_seat_beside_the_bay_is_free() -> None:
    plan, sellable = drawn(["x.x......", "xwxxxxxxx"])
    offer = offered(plan, sellable, Wish(2, wheelchair=1))
    assert offer.step == "bay_near"
    assert set(named(plan, offer)) == {"A2", "B2"}


def test_more_wheelchair_places_than_there_are_is_no_offer() -> None:
    plan, sellable = drawn(["wc......."])
    assert best_available(plan, sellable, Wish(3, wheelchair=2)) is None


def test_a_restricted_view_is_avoided_and_named() -> None:
    plan, sellable = drawn(["xxxrrxxxx", "xxxxxxxx.."])
    assert named(plan, offered(plan, sellable, Wish(2)))[0].startswith("B")
    sellable[:] = plan.kind == SeatKind.RESTRICTED_VIEW
    assert "restricted view" in offered(plan, sellable, Wish(2)).reason


@pytest.mark.parametrize(("count", "wheelchair", "rows"), [(0, 0, 1), (201, 0, 1), (2, 3, 1), (2, -1, 1), (2, 0, 0)])
def test_a_wish_that_makes_no_sense_is_refused(count: int, wheelchair: int, rows: int) -> None:
    with pytest.raises(Malformed):
        Wish(count, wheelchair=wheelchair, rows=rows)


# The twin: every window, every subset, with loops


def part_sizes(plan: SeatingPlan, offer: Offer) -> list[int]:
    sizes = [1]
    for before, seat in pairwise(offer.seats):
        if plan.right[before] == seat:
            sizes[-1] += 1
        else:
            sizes.append(1)
    return sizes


class Twin:
    """Every step that has one best answer, for ordinary seats in straight rows."""

    def __init__(self, plan: SeatingPlan, sellable: Sellable, wish: Wish | None = None) -> None:
        ordinary = [k in (SeatKind.STANDARD, SeatKind.RESTRICTED_VIEW) for k in plan.kind]
        self.plan = plan
        self.loose = [bool(s) and o for s, o in zip(sellable, ordinary, strict=True)]
        self.usable = [free and (wish is None or self.is_wished(seat, wish)) for seat, free in enumerate(self.loose)]
        self.cost = [
            round(float(d) * 10) + (allocation._RESTRICTED_VIEW_MM if k == SeatKind.RESTRICTED_VIEW else 0)
            for d, k in zip(plan.focal_distance, plan.kind, strict=True)
        ]

    def windows(self, size: int) -> Iterator[tuple[int, ...]]:
        for first in range(self.plan.seat_count):
            seats = [first]
            while len(seats) < size and self.plan.right[seats[-1]] >= 0:
                seats.append(int(self.plan.right[seats[-1]]))
            if len(seats) == size and all(self.usable[s] for s in seats):
                yield tuple(seats)

    def is_wished(self, seat: int, wish: Wish) -> bool:
        in_category = wish.categories is None or int(self.plan.category[seat]) in wish.categories
        return in_category and wish.section in (None, int(self.plan.section[seat]))

    def orphans(self, window: tuple[int, ...]) -> int:
        plan, count = self.plan, 0
        before, after = int(plan.left[window[0]]), int(plan.right[window[-1]])
        if before >= 0 and self.loose[before]:
            count += not (plan.left[before] >= 0 and self.loose[plan.left[before]])
        if after >= 0 and self.loose[after]:
            count += not (plan.right[after] >= 0 and self.loose[plan.right[after]])
        return count

    def window_cost(self, window: tuple[int, ...]) -> int:
        return sum(self.cost[s] for s in window) + allocation._ORPHAN_MM * len(window) * self.orphans(window)

    def best_row(self, count: int, *, orphans: bool) -> tuple[int, ...] | None:
        fitting = [w for w in self.windows(count) if orphans or not self.orphans(w)]
        return min(fitting, key=lambda w: (self.window_cost(w), w), default=None)

    def climb(self, wish: Wish, strict: bool) -> tuple[str, tuple[int, ...]] | None:
        """Step and seats; None where only parts in whatever rows are left."""
        count = wish.count
        for rows in range(min(wish.rows, count // 2), 1, -1):
            asked = self.best_blocks(count, rows, orphans=not strict)
            if asked is not None:
                return "blocks", asked
        most = min(max(4, -(-count // 6)), 12, count // 2)
        steps = [("row", False), ("blocks", False), ("row", True), ("blocks", True)] if strict else [
            ("row", False), ("row", True), ("blocks", True)
        ]  # fmt: skip
        for step, orphans in steps:
            if step == "row":
                seats = self.best_row(count, orphans=orphans)
                step = "row_orphan" if orphans else "row"
            else:
                tries = (self.best_blocks(count, rows, orphans=orphans) for rows in range(2, most + 1))
                seats = next((found for found in tries if found is not None), None)
            if seats is not None:
                return step, seats
        return None

    def best_blocks(self, count: int, rows: int, *, orphans: bool) -> tuple[int, ...] | None:
        base, extra = divmod(count, rows)
        sizes = [base + 1] * extra + [base] * (rows - extra)
        best: tuple[int, tuple[int, ...], tuple[int, ...]] | None = None
        for way in (sizes, sizes[::-1]):
            for front in self.fitting(way[0], orphans=orphans):
                chain = [front]
                for size in way[1:]:
                    behind = self.behind(chain[-1], size, orphans=orphans)
                    if behind is None:
                        break
                    chain.append(behind)
                if len(chain) == rows:
                    cost = sum(self.window_cost(w) for w in chain) + allocation._SPLIT_MM * count * (rows - 1)
                    offer = (cost, tuple(w[0] for w in chain), tuple(sorted(s for w in chain for s in w)))
                    best = min(best, offer) if best is not None else offer
        return best[2] if best is not None else None

    def behind(self, window: tuple[int, ...], size: int, *, orphans: bool) -> tuple[int, ...] | None:
        """The window of the next row that is most nearly behind, if it overlaps."""
        row, section = int(self.plan.row[window[0]]) + 1, int(self.plan.section[window[0]])
        behind = [
            w for w in self.fitting(size, orphans=orphans)
            if int(self.plan.row[w[0]]) == row and int(self.plan.section[w[0]]) == section
        ]  # fmt: skip
        middle = self.middle(window)
        nearest = min(behind, key=lambda w: (abs(self.middle(w) - middle), w), default=None)
        if nearest is None or abs(self.middle(nearest) - middle) > (len(window) + size) * PITCH * 10 // 2:
            return None
        return nearest

    def fitting(self, size: int, *, orphans: bool) -> list[tuple[int, ...]]:
        return [w for w in self.windows(size) if orphans or not self.orphans(w)]

    def middle(self, window: tuple[int, ...]) -> int:
        """Along a straight row, in millimetres."""
        return round(sum(float(self.plan.x[seat]) for seat in window) / len(window) * 10)

    def cheapest_parts(self, count: int, seats: range) -> int | None:
        """Of every subset that is one stretch in each run, the cost of the cheapest."""
        runs: dict[int, int] = {}
        for seat in seats:
            joined = seat > seats.start and self.plan.left[seat] >= 0 and self.usable[seat - 1]
            runs[seat] = runs[seat - 1] if joined else seat
        best: int | None = None
        for chosen in combinations([s for s in seats if self.usable[s]], count):
            stretches: dict[int, list[int]] = {}
            for seat in chosen:
                stretches.setdefault(runs[seat], []).append(seat)
            if any(s[-1] - s[0] != len(s) - 1 for s in stretches.values()):
                continue
            cost = sum(self.window_cost(tuple(s)) for s in stretches.values())
            cost += allocation._SPLIT_MM * count * len(stretches)
            cost += sum(allocation._ALONE_MM for s in stretches.values() if len(s) == 1 and count > 1)
            best = cost if best is None or cost < best else best
        return best


def plans(
    max_rows: int = 3, max_seats: int = 6, alphabet: str = "..12xx.r|"
) -> st.SearchStrategy[tuple[SeatingPlan, Sellable]]:
    line = st.text(alphabet=alphabet, min_size=1, max_size=max_seats).map(lambda s: "." + s)
    section = st.lists(line, min_size=1, max_size=max_rows)
    return st.lists(section, min_size=1, max_size=2).map(lambda sections: drawn(*sections))


wishes = st.builds(
    Wish,
    st.integers(1, 8),
    st.none() | st.frozensets(st.integers(0, 2), min_size=1),
    st.none() | st.integers(0, 1),
    rows=st.sampled_from([1, 1, 2, 3]),
)


@given(plans(max_seats=9), wishes, st.booleans())
@settings(max_examples=300, deadline=None)
def test_the_ladder_finds_what_trying_every_window_finds(
    house: tuple[SeatingPlan, Sellable], wish: Wish, strict: bool
) -> None:
    plan, sellable = house
    twin, offer = Twin(plan, sellable, wish), best_available(plan, sellable, wish, strict)
    expected = twin.climb(wish, strict) if sum(twin.usable) >= wish.count else None
    if expected is not None:
        assert offer is not None
        assert (offer.step, offer.seats) == expected
    elif offer is not None:
        assert offer.step in ("scattered", "sections")


@given(plans(alphabet="..xwwcc|"), st.integers(1, 4), st.integers(1, 2))
@settings(max_examples=150, deadline=None)
def test_a_bay_with_its_companions_is_the_cheapest_window_that_has_them(
    house: tuple[SeatingPlan, Sellable], count: int, wheelchair: int
) -> None:
    plan, sellable = house
    count = max(count, wheelchair)
    twin = Twin(plan, sellable)
    twin.usable = [bool(free) for free in sellable]
    accessible = (SeatKind.WHEELCHAIR, SeatKind.COMPANION)
    twin.cost = [
        cost + (0 if kind in accessible else allocation._NOT_A_COMPANION_SEAT_MM)
        for cost, kind in zip(twin.cost, plan.kind, strict=True)
    ]
    beside = [w for w in twin.windows(count) if sum(plan.kind[s] == SeatKind.WHEELCHAIR for s in w) == wheelchair]
    offer = best_available(plan, sellable, Wish(count, wheelchair=wheelchair))
    if beside:
        assert offer is not None
        assert (offer.step, offer.seats) == ("bay", min(beside, key=lambda w: (twin.window_cost(w), w)))
    elif offer is not None:
        assert offer.step == "bay_near"
        assert sum(plan.kind[s] == SeatKind.WHEELCHAIR for s in offer.seats) == wheelchair


@given(plans(max_rows=2, max_seats=5), st.integers(2, 5))
@settings(max_examples=100, deadline=None)
def test_parts_are_as_cheap_as_trying_every_subset_finds(house: tuple[SeatingPlan, Sellable], count: int) -> None:
    plan, sellable = house
    twin = Twin(plan, sellable)
    field = allocation._Field(plan, np.array(twin.usable), np.array(twin.usable), np.array(twin.cost, np.int64))
    everywhere = allocation._best_parts(field, count)
    assert (everywhere.cost if everywhere else None) == twin.cheapest_parts(count, range(plan.seat_count))
    in_sections = [twin.cheapest_parts(count, range(s.start, s.stop)) for s in plan.section_slices]
    found = allocation._best_section(field, count)
    assert (found.cost if found else None) == min((c for c in in_sections if c is not None), default=None)


@given(plans(), st.integers(4, 8))
@settings(max_examples=100, deadline=None)
def test_blocks_stand_in_neighbouring_rows_of_one_section_and_overlap(
    house: tuple[SeatingPlan, Sellable], count: int
) -> None:
    plan, sellable = house
    offer = best_available(plan, sellable, Wish(count, rows=2))
    if offer is None or offer.step != "blocks":
        return
    rows = sorted({int(plan.row[seat]) for seat in offer.seats})
    assert rows == list(range(rows[0], rows[-1] + 1))
    assert len({int(plan.section[seat]) for seat in offer.seats}) == 1
    blocks = [[seat for seat in offer.seats if plan.row[seat] == row] for row in rows]
    assert all(len(block) >= 2 for block in blocks)
    for front, back in pairwise(blocks):
        front_x, back_x = plan.x[front], plan.x[back]
        assert front_x.min() <= back_x.max() + PITCH + 1
        assert back_x.min() <= front_x.max() + PITCH + 1


@given(plans(), st.integers(1, 6), st.booleans(), st.booleans())
@settings(max_examples=150, deadline=None)
def test_every_offer_is_so_many_free_seats_and_always_the_same(
    house: tuple[SeatingPlan, Sellable], count: int, together: bool, strict: bool
) -> None:
    plan, sellable = house
    wish = Wish(count, together=together)
    offer = best_available(plan, sellable, wish, strict)
    assert (offer is None) == (int(sellable.sum()) < count)
    if offer is not None:
        assert len(set(offer.seats)) == count
        assert list(offer.seats) == sorted(offer.seats)
        assert sellable[list(offer.seats)].all()
        assert best_available(plan, sellable, wish, strict) == offer


def test_the_best_eight_of_a_hundred_thousand_are_found_at_once() -> None:
    rows = tuple(
        Section(f"S{s}", tuple(Row(f"{r}", tuple(Seat(str(i), i * PITCH, (s * 50 + r) * 60.0, 0) for i in range(50)))
                               for r in range(40)))
        for s in range(50)
    )  # fmt: skip
    plan = SeatingPlan(PlanId("stadium"), 1, "Stadium", 3000, 160_000, (1400, 0), ("A",), rows)
    sellable = np.random.default_rng(5).random(plan.seat_count) < 0.6
    best_available(plan, sellable, Wish(8))
    times = []
    for _ in range(7):
        begun = time.perf_counter()
        assert best_available(plan, sellable, Wish(8)) is not None
        times.append(time.perf_counter() - begun)
    assert min(times) < 0.010  # 3 ms is the goal, measured by the benchmark; this only catches a loop over seats


def test_a_box_is_called_a_box() -> None:
    seats = tuple(Seat(str(number), 100 + PITCH * number, 100, 0) for number in range(1, 5))
    boxes = Section("Boxes", (Row("3", seats),), row_word="box")
    plan = SeatingPlan(PlanId("p"), 1, "House", 500, 200, (250, 0), ("A",), (boxes,))
    assert offered(plan, np.ones(4, np.bool_), Wish(4)).reason.startswith("box 3 1–4")
