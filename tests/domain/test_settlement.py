"""Who keeps the seats and where the others go; docs/rules/conflicts.md has the rules one by one."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from boxoffice.domain.plan import SeatKind
from boxoffice.domain.settlement import Party, Why, equal_or_better, settle
from tests.domain.houses import drawn

ROWS = st.lists(st.text("01xwr", min_size=6, max_size=10), min_size=1, max_size=4)


@given(ROWS, st.integers(1, 4), st.tuples(st.booleans(), st.booleans()), st.booleans(), st.booleans())
def test_whoever_moves_is_not_in_goes_together_and_gets_no_worse(
    rows: list[str], count: int, are_in: tuple[bool, bool], is_reachable: bool, is_first: bool
) -> None:
    plan, free = drawn(rows)
    seats = tuple(range(count))
    free[list(seats)] = False
    worth = np.where(plan.category == 0, 5000, 3000)
    one = Party(seats, 1 if is_first else 2, are_in[0], is_reachable)
    other = Party(seats, 2 if is_first else 1, are_in[1], is_reachable)
    found = settle(one, other, plan, free, worth)
    assert settle(other, one, plan, free, worth) == found  # whoever is named first
    assert {found.keeps, found.moves} == {one, other}
    assert found.keeps.is_admitted or not found.moves.is_admitted
    if found.keeps.is_admitted == found.moves.is_admitted:
        assert found.keeps.committed < found.moves.committed
    assert bool(found.seats) == (found.why is Why.MOVES)
    if found.seats:
        assert is_reachable
        assert not found.moves.is_admitted
        assert len(found.seats) == count
        assert free[list(found.seats)].all()
        assert worth[list(found.seats)].min() >= worth[list(seats)].max()
        assert all(
            plan.right[a] == b or plan.row[a] != plan.row[b] or SeatKind.WHEELCHAIR in plan.kind[[a, b]]
            for a, b in pairwise(found.seats)
        )


def test_a_wheelchair_place_moves_to_a_wheelchair_place() -> None:
    plan, free = drawn(["wcxx..wc"])
    free[:2] = False
    worth = np.full(plan.seat_count, 5000)
    assert equal_or_better((0, 1), plan, free, worth) == (6, 7)
    free[6] = False
    assert equal_or_better((0, 1), plan, free, worth) == ()
