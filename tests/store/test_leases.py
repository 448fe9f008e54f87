"""Leases: no order of grants, sales, returns and repeats makes a seat sellable twice."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from boxoffice.domain.facts import AreaUnits, SeatEpoch
from boxoffice.domain.ids import LeaseRequestId, PerformanceId
from boxoffice.domain.protocol import FactOutcome, FactResult, LeaseGrant, LeaseKind, LeaseRequest
from boxoffice.store import NotLeased, Store, Tx
from tests.store import bodies
from tests.store.bodies import KEY, TONIGHT

MATINEE = PerformanceId(502)


def request(kind: LeaseKind = LeaseKind.BASKET, performance: PerformanceId = TONIGHT) -> LeaseRequest:
    return LeaseRequest(request=LeaseRequestId(uuid4()), performance=performance, kind=kind)


def grant(of: LeaseRequest, epochs: dict[int, int], areas: dict[int, int] | None = None) -> LeaseGrant:
    return LeaseGrant(
        request=of.request,
        performance=of.performance,
        seats=tuple(SeatEpoch(seat=seat, epoch=epoch) for seat, epoch in epochs.items()),
        areas=tuple(AreaUnits(area=area, units=units) for area, units in (areas or {}).items()),
    )


def lease(
    store: Store,
    epochs: dict[int, int],
    areas: dict[int, int] | None = None,
    kind: LeaseKind = LeaseKind.BASKET,
    performance: PerformanceId = TONIGHT,
) -> tuple[SeatEpoch, ...]:
    asked = request(kind, performance)
    store.write(lambda tx: tx.leases.open_request(asked))
    return store.write(lambda tx: tx.leases.accept(grant(asked, epochs, areas), kind))


def seats(store: Store, performance: PerformanceId = TONIGHT) -> dict[int, int]:
    return dict(store.read(lambda tx: tx.leases.seats(performance)))


def areas(store: Store) -> dict[int, int]:
    return dict(store.read(lambda tx: tx.leases.areas(TONIGHT)))


def test_a_request_is_open_from_before_it_is_sent_until_it_is_answered(store: Store) -> None:
    asked = request()
    for _ in range(2):
        store.write(lambda tx: tx.leases.open_request(asked))
    assert store.read(lambda tx: tx.leases.open_requests()) == (asked,)
    store.write(lambda tx: tx.leases.accept(grant(asked, {4: 1}), LeaseKind.BASKET))
    assert store.read(lambda tx: tx.leases.open_requests()) == ()
    assert seats(store) == {4: 1}


def test_the_same_grant_twice_holds_its_places_once(store: Store) -> None:
    asked = request()
    store.write(lambda tx: tx.leases.open_request(asked))
    answer = grant(asked, {4: 1, 5: 1}, {0: 3})
    assert len(store.write(lambda tx: tx.leases.accept(answer, LeaseKind.BASKET))) == 2
    assert store.write(lambda tx: tx.leases.accept(answer, LeaseKind.BASKET)) == ()
    assert (seats(store), areas(store)) == ({4: 1, 5: 1}, {0: 3})


def test_a_grant_that_nobody_asked_for_is_not_taken(store: Store) -> None:
    answer = grant(request(), {4: 1}, {0: 3})
    assert store.write(lambda tx: tx.leases.accept(answer, LeaseKind.BASKET)) == ()
    assert (seats(store), areas(store)) == ({}, {})


@pytest.mark.parametrize("stale", [1, 2])
def test_an_epoch_that_was_seen_before_is_not_taken_again(store: Store, stale: int) -> None:
    lease(store, {4: 2})
    store.write(lambda tx: tx.leases.consume(TONIGHT, [4]))
    assert lease(store, {4: stale, 5: 1}) == (SeatEpoch(seat=5, epoch=1),)
    assert seats(store) == {5: 1}
    lease(store, {4: 3})
    assert seats(store) == {5: 1, 4: 3}


def test_a_seat_that_is_not_held_cannot_be_sold_and_nothing_else_is_then(store: Store) -> None:
    lease(store, {4: 1}, {0: 2})

    def sell_both(tx: Tx) -> None:
        tx.leases.consume_area(TONIGHT, 0, 1)
        tx.leases.consume(TONIGHT, [4, 5])

    with pytest.raises(NotLeased):
        store.write(sell_both)
    assert (seats(store), areas(store)) == ({4: 1}, {0: 2})


def test_one_seat_twice_in_a_basket_is_not_sold_twice(store: Store) -> None:
    lease(store, {4: 1})
    with pytest.raises(NotLeased):
        store.write(lambda tx: tx.leases.consume(TONIGHT, [4, 4]))
    assert seats(store) == {4: 1}


def test_places_of_an_area_go_from_the_basket_before_the_allotment(store: Store) -> None:
    lease(store, {}, {0: 5}, LeaseKind.ALLOTMENT)
    lease(store, {}, {0: 2}, LeaseKind.BASKET)
    lease(store, {}, {0: 1}, LeaseKind.BASKET)
    assert areas(store) == {0: 8}
    store.write(lambda tx: tx.leases.consume_area(TONIGHT, 0, 4))
    assert areas(store) == {0: 4}
    assert store.read(lambda tx: tx.leases.basket_areas(TONIGHT)) == {}
    with pytest.raises(NotLeased):
        store.write(lambda tx: tx.leases.consume_area(TONIGHT, 0, 5))
    assert areas(store) == {0: 4}


def test_giving_back_returns_what_is_held_and_only_that(store: Store) -> None:
    lease(store, {4: 1, 5: 7}, {0: 3})
    body = store.write(lambda tx: tx.leases.release(TONIGHT, [5, 9, 5], {0: 5, 1: 2}))
    assert body is not None
    assert body.seats == (SeatEpoch(seat=5, epoch=7),)
    assert body.areas == (AreaUnits(area=0, units=3),)
    assert (seats(store), areas(store)) == ({4: 1}, {})
    assert store.write(lambda tx: tx.leases.release(TONIGHT, [5], {0: 1})) is None


def test_baskets_and_the_allotment_are_told_apart(store: Store) -> None:
    lease(store, {1: 1, 2: 1}, kind=LeaseKind.ALLOTMENT)
    lease(store, {7: 1})
    lease(store, {3: 1}, performance=MATINEE)
    assert store.read(lambda tx: tx.leases.basket_seats(TONIGHT)) == (7,)
    assert store.read(lambda tx: tx.leases.all_performances()) == (TONIGHT, MATINEE)
    assert store.read(lambda tx: tx.leases.epochs([(TONIGHT, 7), (MATINEE, 3)])) == {(TONIGHT, 7): 1, (MATINEE, 3): 1}
    with pytest.raises(NotLeased):
        store.read(lambda tx: tx.leases.epochs([(MATINEE, 7)]))


def test_leases_outlive_the_program(store: Store, folder: Path) -> None:
    lease(store, {4: 1}, {0: 2}, LeaseKind.ALLOTMENT)
    asked = request()
    store.write(lambda tx: tx.leases.open_request(asked))
    store.close()
    again = Store.open(folder, KEY)
    assert (seats(again), areas(again)) == ({4: 1}, {0: 2})
    assert again.read(lambda tx: tx.leases.open_requests()) == (asked,)
    again.close()


def test_own_sales_show_until_central_knows_them_and_refunds_do_not(store: Store) -> None:
    first, second = bodies.sell(store, [1, 2]), bodies.sell(store, [3])

    def sold_unsent() -> tuple[int, ...]:
        return tuple(store.read(lambda tx: tx.leases.sold_unsent(TONIGHT)))

    def give_back(tx: Tx) -> None:
        body = bodies.refund(second, number=tx.sales.next_receipt())
        tx.sales.add_refund(body)
        tx.journal.append(body)

    assert sold_unsent() == (1, 2, 3)
    store.write(give_back)
    assert sold_unsent() == (1, 2)
    store.write(lambda tx: tx.journal.acknowledge(1, 0, [FactResult(seq=1, outcome=FactOutcome.APPLIED)]))
    assert sold_unsent() == ()
    assert store.read(lambda tx: tx.leases.sold_unsent(MATINEE)) == ()
    assert first.tickets[0].seat == 1


SEATS = st.integers(0, 3)


class OneSeatOneSale(RuleBasedStateMachine):
    """Central as the truth: each grant raises the seat's epoch. Replies are lost, late and repeated."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.store = Store.open(self.folder, KEY)
        bodies.pair(self.store)
        self.epochs: dict[int, int] = {}  # central's, the highest granted
        self.central_leased: dict[int, int] = {}  # granted, not returned, not sold
        self.grants: list[LeaseGrant] = []
        self.sold: set[tuple[int, int]] = set()

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    @rule(seat=SEATS, arrives=st.booleans())
    def ask(self, seat: int, arrives: bool) -> None:
        asked = request()
        self.store.write(lambda tx: tx.leases.open_request(asked))
        if seat in self.central_leased:
            return self.store.write(lambda tx: tx.leases.close_request(asked.request))
        self.epochs[seat] = self.epochs.get(seat, 0) + 1
        self.central_leased[seat] = self.epochs[seat]
        answer = grant(asked, {seat: self.epochs[seat]})
        self.grants.append(answer)
        if arrives:
            self.store.write(lambda tx: tx.leases.accept(answer, LeaseKind.BASKET))
        return None

    @rule(which=st.integers(0, 20))
    def an_old_answer_arrives(self, which: int) -> None:
        if self.grants:
            answer = self.grants[which % len(self.grants)]
            self.store.write(lambda tx: tx.leases.accept(answer, LeaseKind.BASKET))

    @rule(seat=SEATS)
    def sell(self, seat: int) -> None:
        epoch = seats(self.store).get(seat)
        if epoch is None:
            with pytest.raises(NotLeased):
                self.store.write(lambda tx: tx.leases.consume(TONIGHT, [seat]))
            return
        self.store.write(lambda tx: tx.leases.consume(TONIGHT, [seat]))
        assert (seat, epoch) not in self.sold, "sold twice under one lease"
        assert self.central_leased.get(seat) == epoch, "sold without a lease of central"
        self.sold.add((seat, epoch))

    @rule(seat=SEATS)
    def give_back(self, seat: int) -> None:
        body = self.store.write(lambda tx: tx.leases.release(TONIGHT, [seat], {}))
        for item in body.seats if body is not None else ():
            assert self.central_leased.pop(item.seat) == item.epoch

    @rule(seat=SEATS)
    def central_takes_a_refunded_seat_back(self, seat: int) -> None:
        if (seat, self.central_leased.get(seat, -1)) in self.sold:
            del self.central_leased[seat]

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.store = Store.open(self.folder, KEY)

    @invariant()
    def every_held_seat_is_leased_and_unsold(self) -> None:
        for seat, epoch in seats(self.store).items():
            assert self.central_leased.get(seat) == epoch
            assert (seat, epoch) not in self.sold


TestOneSeatOneSale = OneSeatOneSale.TestCase
TestOneSeatOneSale.settings = settings(max_examples=12, stateful_step_count=25, deadline=None)


def test_the_requests_are_kept_in_the_order_they_were_made(store: Store) -> None:
    asked = [
        LeaseRequest(request=LeaseRequestId(UUID(int=number)), performance=TONIGHT, kind=LeaseKind.BASKET, seats=(1,))
        for number in (3, 1, 2)
    ]
    for item in asked:
        store.write(lambda tx, item=item: tx.leases.open_request(item))  # type: ignore[misc]
    ids = [item.request.int for item in store.read(lambda tx: tx.leases.open_requests())]
    assert ids == [1, 2, 3]  # UUIDv7: by time
