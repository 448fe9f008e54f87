"""The seats a till keeps for itself: good runs, a fair share of each category, nobody left alone."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from boxoffice.domain.allotments import choose_allotment
from boxoffice.domain.plan import SeatingPlan, SeatKind
from tests.support.central import SEATS, plan

PLAN = plan()
masks = st.lists(st.booleans(), min_size=SEATS, max_size=SEATS).map(lambda free: np.asarray(free, np.bool_))


def _lonely(house: SeatingPlan, seats: set[int]) -> set[int]:
    return {seat for seat in seats if house.left[seat] not in seats and house.right[seat] not in seats}


def _bays(house: SeatingPlan) -> NDArray[np.bool_]:
    return np.isin(house.kind, (SeatKind.WHEELCHAIR, SeatKind.COMPANION))


@given(masks, st.integers(0, 150))
def test_an_allotment_takes_free_seats_only_in_runs_and_never_too_many(free: NDArray[np.bool_], count: int) -> None:
    chosen = choose_allotment(PLAN, free, count)
    assert len(chosen) <= count
    assert list(chosen) == sorted(set(chosen.tolist()))
    assert free[chosen].all()
    assert not _bays(PLAN)[chosen].any()
    assert not _lonely(PLAN, set(chosen.tolist()))


@given(masks, st.integers(0, 150))
def test_an_allotment_leaves_no_single_seat_behind_that_was_not_alone_before(
    free: NDArray[np.bool_], count: int
) -> None:
    usable = free & ~_bays(PLAN)
    before = _lonely(PLAN, set(np.flatnonzero(usable).tolist()))
    usable[choose_allotment(PLAN, free, count)] = False
    after = _lonely(PLAN, set(np.flatnonzero(usable).tolist()))
    assert after <= before


def test_an_empty_house_gives_each_category_its_share_and_exactly_what_was_asked() -> None:
    chosen = choose_allotment(PLAN, np.ones(SEATS, np.bool_), 30)
    assert len(chosen) == 30
    assert all(14 <= share <= 16 for share in np.bincount(PLAN.category[chosen]))


def test_near_seats_go_to_the_till_and_near_seats_stay_for_everybody_else() -> None:
    chosen = set(choose_allotment(PLAN, np.ones(SEATS, np.bool_), 30).tolist())
    nearest_rows = set(np.argsort(PLAN.focal_distance)[:20].tolist()) - set(np.flatnonzero(_bays(PLAN)).tolist())
    assert nearest_rows & chosen
    assert nearest_rows - chosen


def test_one_place_or_a_full_house_gives_nothing() -> None:
    assert len(choose_allotment(PLAN, np.ones(SEATS, np.bool_), 1)) == 0
    assert len(choose_allotment(PLAN, np.zeros(SEATS, np.bool_), 40)) == 0
