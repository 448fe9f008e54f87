from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from boxoffice.domain.allocation import Wish
from boxoffice.domain.baskets import SeatInBasket
from boxoffice.domain.facts import FactKind, ReturnBody, SeatEpoch
from boxoffice.domain.ids import LeaseRequestId, PerformanceId, SaleId
from boxoffice.domain.protocol import LeaseGrant, LeaseKind, LeaseRequest
from boxoffice.domain.refusals import Malformed, Refused
from boxoffice.domain.shifts import ShiftClosed
from boxoffice.domain.staff import NotAllowed
from boxoffice.domain.tenders import TenderKind, TenderShort
from boxoffice.services.connection import LinkState, Offline, TillStopped
from boxoffice.services.selling import NothingFits, NotOnSale, NotSellableOffline, SeatTaken
from boxoffice.store import DiskFull
from tests.services.till_at_work import ADULT, FEE, FLOOR, MARA, OMAR, TONIGHT, TillAtWork


def test_four_seats_are_one_sale_one_fact_and_money_that_adds_up(open_till: TillAtWork) -> None:
    sale = open_till.sell([10, 11, 12, 13])
    assert [line.seat for line in sale.tickets] == [10, 11, 12, 13]
    assert all(line.epoch for line in sale.tickets)
    assert sale.total_minor == 4 * (ADULT + FEE)
    assert sale.receipt == "T7-000001"
    assert open_till.facts() == [FactKind.SHIFT_OPEN, FactKind.SALE]
    assert open_till.books()["cash:7"] == sale.total_minor
    assert open_till.held() == ({}, {})
    assert open_till.central.wakes == 2


def test_receipts_count_without_a_gap_over_a_refused_sale(open_till: TillAtWork) -> None:
    open_till.sell([10])
    basket = open_till.basket([11])
    short = open_till.pay(basket).model_copy(update={"minor": 1})
    with pytest.raises(TenderShort):
        open_till.till.selling.sell(basket, [short], MARA)
    assert open_till.till.selling.sell(basket, [open_till.pay(basket)], MARA).receipt == "T7-000002"


def test_no_receipt_of_a_restored_till_has_the_number_of_one_that_was_handed_out(open_till: TillAtWork) -> None:
    before = open_till.sell([10]).receipt
    open_till.store.write(lambda tx: tx.identity.raise_incarnation())
    after = open_till.sell([11]).receipt
    assert (before, after) == ("T7-000001", "T7-2-000002")
    for asked in (after, after.lower(), "2"):
        assert after in [order.receipt for order in open_till.till.orders.search(asked)]


def test_a_seat_taken_elsewhere_leaves_basket_and_leases_as_before(open_till: TillAtWork) -> None:
    open_till.allot([20, 21])
    basket = open_till.basket([20])
    before = open_till.held()
    open_till.central.elsewhere = {31}
    with pytest.raises(SeatTaken) as taken:
        open_till.till.selling.take_seats(basket, TONIGHT, [21, 30, 31])
    assert taken.value.seats == (31,)
    assert open_till.held() == before
    assert open_till.facts()[-1] is FactKind.RETURN  # seat 30 went back


@pytest.mark.parametrize("seats", [[-1], [100], [10, 100]])
def test_a_seat_outside_of_the_house_is_refused_before_central_is_asked(
    open_till: TillAtWork, seats: list[int]
) -> None:
    with pytest.raises(Malformed):
        open_till.basket(seats)
    with pytest.raises(Malformed):
        open_till.till.selling.take_places(open_till.till.selling.new_basket(), TONIGHT, 5, 1)
    assert open_till.central.requests == []


def test_a_seat_twice_in_a_basket_is_refused_before_another_is_leased(open_till: TillAtWork) -> None:
    basket = open_till.basket([10])
    with pytest.raises(SeatInBasket):
        open_till.till.selling.take_seats(basket, TONIGHT, [11, 10])
    assert set(open_till.held()[0]) == {10}


def test_offline_only_the_allotment_is_sold(open_till: TillAtWork) -> None:
    open_till.allot([20, 21], places=3)
    open_till.central.state = LinkState.OFFLINE
    sale = open_till.sell([20, 21], places=3)
    assert len(sale.tickets) == 5
    for seats, places in (([22], 0), ([], 1)):
        with pytest.raises(NotSellableOffline):
            open_till.basket(seats, places)
    assert open_till.held() == ({}, {})
    assert open_till.store.read(lambda tx: tx.leases.open_requests()) == ()


def test_a_line_that_breaks_while_central_is_asked_keeps_the_request(open_till: TillAtWork) -> None:
    open_till.central.refusal = Offline()
    with pytest.raises(NotSellableOffline):
        open_till.basket([10])
    (request,) = open_till.store.read(lambda tx: tx.leases.open_requests())
    assert request == open_till.central.requests[0]


def test_what_central_says_is_told_in_its_words(open_till: TillAtWork) -> None:
    open_till.central.refusal = Refused("This performance cannot be sold: it is closed.")
    with pytest.raises(Refused, match="it is closed"):
        open_till.basket([10])


@pytest.mark.parametrize("state", [LinkState.REVOKED, LinkState.STOPPED])
def test_a_till_out_of_service_sells_nothing_new(open_till: TillAtWork, state: LinkState) -> None:
    open_till.allot([20])
    basket = open_till.basket([20])
    before = open_till.written()
    open_till.central.state = state
    with pytest.raises(TillStopped):
        open_till.till.selling.sell(basket, [open_till.pay(basket)], MARA)
    with pytest.raises(TillStopped):
        open_till.basket([20])
    assert open_till.written() == before


def test_giving_back_returns_what_was_leased_for_the_basket_and_keeps_the_allotment(open_till: TillAtWork) -> None:
    open_till.allot([20, 21], places=4)
    basket = open_till.basket([20, 30], places=10)
    assert open_till.held()[1] == {FLOOR: 10}
    basket = open_till.till.selling.give_back(basket, [line.key for line in basket.lines])
    assert basket.lines == ()
    assert open_till.held() == ({20: 100, 21: 100}, {FLOOR: 4})


def test_giving_some_places_back_keeps_those_the_basket_still_needs(open_till: TillAtWork) -> None:
    open_till.allot(places=4)
    basket = open_till.basket(places=10)
    basket = open_till.till.selling.give_back(basket, [line.key for line in basket.lines[:3]])
    assert open_till.held()[1] == {FLOOR: 7}
    open_till.till.selling.abandon(basket)
    assert open_till.held()[1] == {FLOOR: 4}


def test_too_few_places_leave_the_till_with_what_it_had(open_till: TillAtWork) -> None:
    open_till.allot(places=2)
    open_till.central.floor_free = 3
    with pytest.raises(SeatTaken):
        open_till.basket(places=6)
    assert open_till.held()[1] == {FLOOR: 2}


def test_the_best_seats_are_found_again_when_somebody_is_quicker(open_till: TillAtWork) -> None:
    selling = open_till.till.selling
    leased, first = selling.take_best(selling.new_basket(), TONIGHT, Wish(2))
    selling.abandon(leased)
    open_till.central.elsewhere = set(first.seats)
    basket, second = selling.take_best(selling.new_basket(), TONIGHT, Wish(2))
    assert not set(first.seats) & set(second.seats)
    assert set(basket.seats_of(TONIGHT)) == set(second.seats)
    selling.abandon(basket)
    open_till.central.elsewhere = set(range(100))
    with pytest.raises(NothingFits):
        selling.take_best(selling.new_basket(), TONIGHT, Wish(2))
    assert open_till.held() == ({}, {})


def test_best_available_at_a_price_type_looks_where_it_is_sold(open_till: TillAtWork) -> None:
    selling, programme = open_till.till.selling, open_till.till.programme
    prices, plan = programme.price_list(TONIGHT), programme.house(TONIGHT).plan
    for price_type in prices.price_types:
        _, offer = selling.take_best(selling.new_basket(), TONIGHT, Wish(2), price_type.key)
        assert {int(plan.category[seat]) for seat in offer.seats} <= prices.categories_for(price_type.key)
    with pytest.raises(NothingFits):
        selling.take_best(selling.new_basket(), TONIGHT, Wish(2), "Z")


def test_without_a_shift_nothing_is_sold(till: TillAtWork) -> None:
    basket = till.basket([10])
    before = till.written()
    with pytest.raises(ShiftClosed):
        till.till.selling.sell(basket, [till.pay(basket)], MARA)
    assert till.written() == before
    assert set(till.held()[0]) == {10}


def test_a_steward_sells_nothing(open_till: TillAtWork) -> None:
    basket = open_till.basket([10])
    with pytest.raises(NotAllowed):
        open_till.till.selling.sell(basket, [open_till.pay(basket)], OMAR)
    assert open_till.facts() == [FactKind.SHIFT_OPEN]


def test_a_full_disk_stops_the_sale_before_anything_is_written_or_printed(open_till: TillAtWork) -> None:
    basket = open_till.basket([10])
    before = open_till.written()
    open_till.fill_disk()
    with pytest.raises(DiskFull):
        open_till.till.selling.sell(basket, [open_till.pay(basket)], MARA)
    assert open_till.written() == before
    assert open_till.queue.waiting() == 0
    assert set(open_till.held()[0]) == {10}


def test_a_lease_lost_before_the_sale_refuses_all_of_it(open_till: TillAtWork) -> None:
    basket = open_till.basket([10, 11])
    open_till.store.write(lambda tx: tx.leases.release(TONIGHT, [11], {}))
    before = open_till.written()
    with pytest.raises(SeatTaken):
        open_till.till.selling.sell(basket, [open_till.pay(basket)], MARA)
    assert open_till.written() == before
    assert set(open_till.held()[0]) == {10}


def test_a_grant_that_was_taken_up_already_puts_nothing_into_the_basket(open_till: TillAtWork) -> None:
    """The sync thread may not get there first; if it does, the customer hears it now and not at the sale."""
    real = open_till.central.request_lease

    def and_too_late(request: LeaseRequest) -> LeaseGrant:
        grant = real(request)
        open_till.store.write(lambda tx: tx.leases.accept(grant, LeaseKind.BASKET))
        open_till.store.write(lambda tx: tx.leases.release(TONIGHT, [10], {}))
        return grant

    open_till.central.request_lease = and_too_late  # type: ignore[method-assign]
    with pytest.raises(SeatTaken):
        open_till.basket([10])


def test_what_a_crash_left_over_goes_back_and_the_allotment_stays(open_till: TillAtWork) -> None:
    open_till.allot([20], places=4)
    open_till.basket([20, 30], places=6)
    open_till.restart()
    open_till.till.selling.return_left_over()
    assert open_till.held() == ({20: 100}, {FLOOR: 4})
    (last,) = open_till.store.read(lambda tx: tx.journal.tail(1))
    body = last.parsed()
    assert isinstance(body, ReturnBody)
    assert [item.seat for item in body.seats] == [30]
    assert [item.units for item in body.areas] == [2]
    count = len(open_till.facts())
    open_till.till.selling.return_left_over()
    assert len(open_till.facts()) == count


def test_selling_a_basket_twice_sells_it_once(open_till: TillAtWork) -> None:
    basket = open_till.basket([10, 11])
    sale = open_till.till.selling.sell(basket, [open_till.pay(basket)], MARA)
    with pytest.raises(SeatTaken):
        open_till.till.selling.sell(basket, [open_till.pay(basket)], MARA)
    assert [stored.sale for stored in open_till.store.read(lambda tx: tx.sales.last(9))] == [sale]


def test_a_sale_asked_for_twice_by_its_number_is_answered_with_the_first(open_till: TillAtWork) -> None:
    """Places have no number that would show it: the sale's own id does, also when a card paid."""
    open_till.allot(places=10)
    basket = open_till.basket(places=2)
    sale_id = SaleId(uuid4())
    first = open_till.till.selling.sell(basket, [open_till.pay(basket, TenderKind.CARD)], MARA, sale=sale_id)
    again = open_till.till.selling.sell(basket, [open_till.pay(basket, TenderKind.CARD)], MARA, sale=sale_id)
    assert again == first
    assert open_till.held()[1] == {FLOOR: 8}
    assert open_till.facts().count(FactKind.SALE) == 1


def test_a_performance_that_is_over_or_unknown_is_not_sold(open_till: TillAtWork) -> None:
    open_till.later(timedelta(hours=12))
    with pytest.raises(NotOnSale):
        open_till.basket([10])
    with pytest.raises(Refused, match="not in the list"):
        open_till.basket([10], performance=PerformanceId(5))


def test_a_seat_that_was_returned_is_sold_under_its_next_lease(open_till: TillAtWork) -> None:
    first = open_till.basket([10])
    open_till.till.selling.abandon(first)
    sale = open_till.sell([10])
    returned, sold = open_till.store.read(lambda tx: tx.journal.tail(2))
    body = returned.parsed()
    assert isinstance(body, ReturnBody)
    assert body.seats == (SeatEpoch(seat=10, epoch=1),)
    assert sold.kind is FactKind.SALE
    assert sale.tickets[0].epoch == 2


def test_an_open_request_of_a_late_answer_is_only_taken_once(open_till: TillAtWork) -> None:
    request = LeaseRequest(request=LeaseRequestId(uuid4()), performance=TONIGHT, kind=LeaseKind.BASKET, seats=(10,))
    grant = open_till.central.request_lease(request)
    open_till.store.write(lambda tx: tx.leases.open_request(request))
    taken = [open_till.store.write(lambda tx: tx.leases.accept(grant, LeaseKind.BASKET)) for _ in range(2)]
    assert [len(seats) for seats in taken] == [1, 0]
