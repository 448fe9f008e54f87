from __future__ import annotations

import pytest

from boxoffice.domain.facts import FactKind
from boxoffice.domain.money import Money
from boxoffice.domain.refusals import Malformed
from boxoffice.domain.sales import NothingToRefund
from boxoffice.domain.shifts import MovementKind, RemarkNeeded, ShiftClosed, ShiftOpen
from boxoffice.domain.staff import NotAllowed
from boxoffice.domain.tenders import Tender, TenderKind
from tests.services.till_at_work import ADULT, FEE, MARA, OMAR, TillAtWork

EACH = ADULT + FEE


def test_refunding_in_parts_gives_back_exactly_what_was_paid(open_till: TillAtWork) -> None:
    sale = open_till.sell([10, 11, 12])
    first, *others = [line.ticket for line in sale.tickets]
    refunding = open_till.till.refunding
    part = refunding.refund(sale.sale, [first], MARA, "ill")
    rest = refunding.refund(sale.sale, [first, *others], MARA, "ill")
    assert [part.total_minor, rest.total_minor] == [-EACH, -2 * EACH]
    assert [part.receipt, rest.receipt] == ["T7-000002", "T7-000003"]
    assert not any(open_till.books().values())
    assert refunding.amount(open_till.till.orders.stored(sale.sale), [first, *others]) == Money(0, "EUR")


def test_what_was_refunded_once_is_not_refunded_again(open_till: TillAtWork) -> None:
    sale = open_till.sell([10])
    tickets = [line.ticket for line in sale.tickets]
    open_till.till.refunding.refund(sale.sale, tickets, MARA, "ill")
    before = open_till.written()
    with pytest.raises(NothingToRefund):
        open_till.till.refunding.refund(sale.sale, tickets, MARA, "ill")
    assert open_till.written() == before


def test_a_refund_goes_back_to_the_tender_and_into_the_shift_of_today(open_till: TillAtWork) -> None:
    sale = open_till.sell([10, 11], kind=TenderKind.CARD)
    open_till.till.shifts.close(MARA, {10000: 2}, "", {10000: 2})
    with pytest.raises(ShiftClosed):
        open_till.till.refunding.refund(sale.sale, [sale.tickets[0].ticket], MARA, "ill")
    open_till.open_shift()
    refund = open_till.till.refunding.refund(sale.sale, [sale.tickets[0].ticket], MARA, "ill")
    assert refund.tenders[0].kind is TenderKind.CARD
    assert refund.shift != sale.shift
    figures = open_till.till.shifts.figures()
    assert (figures.tickets_sold, figures.tickets_refunded) == (0, 1)
    assert figures.expected.total_minor == 20_000


def test_a_comp_is_refunded_without_money(open_till: TillAtWork) -> None:
    basket = open_till.till.selling.take_seats(open_till.till.selling.new_basket(), 1001, [10], "X")  # type: ignore[arg-type]
    sale = open_till.till.selling.sell(basket, [Tender(kind=TenderKind.CASH, minor=0)], MARA)
    refund = open_till.till.refunding.refund(sale.sale, [sale.tickets[0].ticket], MARA, "not coming")
    assert refund.total_minor == 0
    assert open_till.till.orders.stored(sale.sale).refunded == {sale.tickets[0].ticket}


def test_a_refund_needs_a_reason_and_a_person_who_may(open_till: TillAtWork) -> None:
    sale = open_till.sell([10])
    tickets = [sale.tickets[0].ticket]
    with pytest.raises(Malformed):
        open_till.till.refunding.refund(sale.sale, tickets, MARA, "  ")
    with pytest.raises(NotAllowed):
        open_till.till.refunding.refund(sale.sale, tickets, OMAR, "ill")
    assert FactKind.REFUND not in open_till.facts()


def test_the_drawer_holds_float_sales_refunds_and_movements(open_till: TillAtWork) -> None:
    shifts = open_till.till.shifts
    sale = open_till.sell([10, 11])
    open_till.sell([12], kind=TenderKind.CARD)
    open_till.till.refunding.refund(sale.sale, [sale.tickets[0].ticket], MARA, "ill")
    shifts.move(MARA, MovementKind.PAID_IN, Money(5_000, "EUR"), "change")
    shifts.move(MARA, MovementKind.PAID_OUT, Money(2_000, "EUR"), "stamps")
    shifts.move(MARA, MovementKind.NO_SALE, Money(0, "EUR"), "coins for a guest")
    expected = shifts.figures().expected
    assert (expected.sales_count, expected.sales_minor) == (1, 2 * EACH)
    assert (expected.refunds_count, expected.refunds_minor) == (1, -EACH)
    assert (expected.paid_in_minor, expected.paid_out_minor) == (5_000, -2_000)
    assert expected.total_minor == 20_000 + EACH + 3_000
    assert open_till.books()["cash:7"] == EACH + 3_000


@pytest.mark.parametrize(
    ("kind", "minor", "reason"),
    [
        (MovementKind.PAID_IN, 0, "change"),
        (MovementKind.PAID_OUT, -5, "stamps"),
        (MovementKind.NO_SALE, 5, "coins"),
        (MovementKind.PAID_IN, 5, " "),
    ],
)
def test_a_movement_without_sense_is_refused(
    open_till: TillAtWork, kind: MovementKind, minor: int, reason: str
) -> None:
    with pytest.raises(Malformed):
        open_till.till.shifts.move(MARA, kind, Money(minor, "EUR"), reason)
    assert FactKind.CASH_MOVEMENT not in open_till.facts()


def test_z_says_what_x_said_and_its_rest_is_the_next_float(open_till: TillAtWork) -> None:
    open_till.sell([10, 11])
    shifts = open_till.till.shifts
    x = shifts.figures()
    counts = {10000: 3, 5000: 1, 2000: 1, 500: 1}
    assert sum(piece * count for piece, count in counts.items()) == 20_000 + 2 * EACH
    z, figures = shifts.close(MARA, counts, "", {10000: 2})
    assert figures == x
    assert (z.expected, z.tenders, z.tickets_sold) == (x.expected, x.tenders, 2)
    assert (z.difference_minor, z.leave_minor, z.deposit_minor) == (0, 20_000, 2 * EACH)
    last = shifts.last_closed()
    assert last is not None
    assert last.leave_minor == 20_000
    assert shifts.current() is None
    open_till.open_shift(last.leave_minor)
    current = shifts.current()
    assert current is not None
    assert (current.number, current.float_minor) == (2, 20_000)
    assert shifts.figures().tickets_sold == 0


def test_a_difference_needs_a_remark_before_the_shift_closes(open_till: TillAtWork) -> None:
    shifts = open_till.till.shifts
    with pytest.raises(RemarkNeeded):
        shifts.close(MARA, {10000: 1}, "", {})
    assert shifts.current() is not None
    z, _ = shifts.close(MARA, {10000: 1}, "a hundred is missing", {})
    assert z.difference_minor == -10_000
    with pytest.raises(ShiftClosed):
        shifts.figures()


def test_nothing_is_left_that_was_not_counted_and_no_second_shift_opens(open_till: TillAtWork) -> None:
    with pytest.raises(Malformed):
        open_till.till.shifts.close(MARA, {10000: 2}, "", {10000: 3})
    with pytest.raises(Malformed):
        open_till.till.shifts.close(MARA, {300: 2}, "", {})
    with pytest.raises(ShiftOpen):
        open_till.open_shift()
    assert open_till.facts() == [FactKind.SHIFT_OPEN]


def test_a_float_below_zero_and_a_steward_open_no_shift(till: TillAtWork) -> None:
    with pytest.raises(Malformed):
        till.open_shift(-1)
    with pytest.raises(NotAllowed):
        till.till.shifts.open(OMAR, Money(0, "EUR"))
    assert till.facts() == []
