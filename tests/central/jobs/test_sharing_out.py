"""Which scheduler has which segments: all of them, evenly, and as few as can be change hands."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from central.jobs.leading import shared_out

SEGMENTS = 64
_ids = st.integers(1, 12).map(lambda number: UUID(int=number))
_owners = st.lists(st.none() | _ids, min_size=SEGMENTS, max_size=SEGMENTS).map(lambda found: dict(enumerate(found)))


@given(owners=_owners, alive=st.sets(_ids, min_size=1, max_size=8))
def test_every_segment_has_a_live_owner_and_shares_are_even(owners: dict[int, UUID | None], alive: set[UUID]) -> None:
    wanted = shared_out(owners, dict.fromkeys(alive, 0.0))
    counts = Counter(wanted.values())
    assert set(counts) == alive
    assert max(counts.values()) - min(counts.values()) <= 1
    assert shared_out(wanted, dict.fromkeys(alive, 0.0)) == wanted, "nothing moves without a reason"


@given(owners=_owners, alive=st.sets(_ids, min_size=2, max_size=8), data=st.data())
def test_who_dies_leaves_only_their_own_segments(
    owners: dict[int, UUID | None], alive: set[UUID], data: st.DataObject
) -> None:
    before = shared_out(owners, dict.fromkeys(alive, 0.0))
    dead = data.draw(st.sampled_from(sorted(alive)))
    after = shared_out(before, dict.fromkeys(alive - {dead}, 0.0))
    moved = {number for number in before if before[number] != after[number]}
    assert moved == {number for number, owner in before.items() if owner == dead}


def test_a_newcomer_gets_an_equal_share_and_no_more_moves() -> None:
    one, two, three = (UUID(int=number) for number in (1, 2, 3))
    before = shared_out(dict.fromkeys(range(SEGMENTS)), {one: 0.0, two: 0.0})
    after = shared_out(before, {one: 0.0, two: 0.0, three: 0.0})
    assert sum(before[number] != after[number] for number in before) == Counter(after.values())[three] == 21


def test_who_is_late_gives_some_away_unless_everybody_is() -> None:
    one, two, three = (UUID(int=number) for number in (1, 2, 3))
    counts = Counter(shared_out(dict.fromkeys(range(SEGMENTS)), {one: 0.0, two: 30.0, three: 0.0}).values())
    assert (counts[one], counts[two], counts[three]) in {(26, 12, 26), (25, 13, 26), (26, 13, 25)}
    late = Counter(shared_out(dict.fromkeys(range(SEGMENTS)), {one: 30.0, two: 30.0}).values())
    assert (late[one], late[two]) == (32, 32)


def test_without_a_scheduler_nobody_has_anything() -> None:
    assert set(shared_out({0: UUID(int=1), 1: None}, {}).values()) == {None}
