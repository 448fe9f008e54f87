from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import pytest

from boxoffice.documents.ticket import TicketPaper
from boxoffice.domain.admission import Verdict, VerdictKind
from boxoffice.domain.facts import Customer, SaleBody
from boxoffice.domain.ids import SaleId, TillNumber, ticket_code
from boxoffice.domain.protocol import FactOutcome, FactResult, FeedEntry, FeedPage, TicketRecord
from boxoffice.domain.staff import NotAllowed
from boxoffice.domain.tokens import TicketToken, issue, verify
from boxoffice.services.admitting import NothingToUndo
from boxoffice.services.connection import LinkState
from boxoffice.services.issuing import CannotIssue
from boxoffice.services.orders import Order
from boxoffice.store.transactions import CacheTx
from tests.services.till_at_work import (
    ADULT,
    FEE,
    MARA,
    OMAR,
    STRANGER,
    TILL,
    TOMORROW,
    TONIGHT,
    TillAtWork,
    booked_online,
    keys,
)


@pytest.fixture
def evening(open_till: TillAtWork) -> TillAtWork:
    """Twenty minutes before the curtain, with a shift open."""
    open_till.later(timedelta(hours=6, minutes=40))
    return open_till


def papers(till: TillAtWork, sale: SaleBody) -> tuple[TicketPaper, ...]:
    return till.till.papers.tickets(till.till.orders.stored(sale.sale))


def scan(till: TillAtWork, text: str, **how: bool) -> Verdict:
    return till.till.admitting.scan(text, till.door(), OMAR, **how)


def foreign(record: TicketRecord, till: TillAtWork) -> str:
    """The code of a ticket that another till signed."""
    performance = till.door().performance
    return issue(
        TicketToken(
            key_id=1,
            performance=performance.id,
            ticket=record.ticket,
            seat=record.seat,
            price_class=0,
            generation=record.generation,
            not_before=performance.admits_from,
            duration=timedelta(hours=4),
            issuer=TillNumber(9),
        ),
        STRANGER,
    )


def test_paper_verifies_with_the_tills_key_and_says_seat_and_sale(evening: TillAtWork) -> None:
    sale = evening.sell([10, 11])
    for paper, line in zip(papers(evening, sale), sale.tickets, strict=True):
        token = verify(paper.token, keys().public_key)
        assert (token.ticket, token.seat, token.performance) == (line.ticket, line.seat, TONIGHT)
        assert (token.issuer, token.generation) == (TILL, 1)
        assert paper.code == ticket_code(line.ticket, 1)
        assert paper.price.minor == ADULT


def test_the_receipts_lines_sum_to_its_total_and_to_its_taxes(evening: TillAtWork) -> None:
    sale = evening.sell([10, 11], places=2)
    receipt = evening.till.papers.receipt(sale)
    lines = [line.amount.minor for group in receipt.groups for line in group.lines]
    assert sum(lines) == receipt.total.minor == sale.total_minor
    assert sum(tax.gross_minor for tax in receipt.taxes) == sale.total_minor
    assert all(tax.net_minor + tax.tax_minor == tax.gross_minor for tax in receipt.taxes)
    refund = evening.till.refunding.refund(sale.sale, [sale.tickets[0].ticket], MARA, "ill")
    back = evening.till.papers.refund_receipt(refund, sale)
    assert sum(line.amount.minor for group in back.groups for line in group.lines) == refund.total_minor


def test_the_tills_own_unsent_sale_goes_in_once(evening: TillAtWork) -> None:
    evening.allot([10])
    evening.central.state = LinkState.OFFLINE
    sale = evening.sell([10])
    (paper,) = papers(evening, sale)
    first, second = scan(evening, paper.token), scan(evening, paper.token)
    assert (first.kind, first.reason) == (VerdictKind.ADMIT, "admit")
    assert second.kind is VerdictKind.ALREADY_IN
    assert second.earlier is not None
    assert second.earlier.staff_name == OMAR.name
    assert evening.till.admitting.counts(TONIGHT).inside == 1


def test_refunded_and_reprinted_offline_the_old_paper_stays_out(evening: TillAtWork) -> None:
    sale = evening.sell([10, 11])
    evening.central.state = LinkState.OFFLINE
    old_first, old_second = papers(evening, sale)
    evening.till.refunding.refund(sale.sale, [sale.tickets[0].ticket], MARA, "ill")
    (new_second,) = evening.till.issuing.reprint(sale.sale, [line.ticket for line in sale.tickets], MARA)
    assert scan(evening, old_first.token).reason == "refunded"
    assert scan(evening, old_second.token).reason == "replaced"
    assert scan(evening, new_second.token).admits
    assert new_second.duplicate == 1
    assert verify(new_second.token, keys().public_key).generation == 2
    with pytest.raises(CannotIssue):
        evening.till.issuing.reprint(sale.sale, [sale.tickets[0].ticket], MARA)


def test_an_entry_is_taken_back_once(evening: TillAtWork) -> None:
    sale = evening.sell([10, 11])
    for paper in papers(evening, sale):
        assert scan(evening, paper.token).admits
    admitting = evening.till.admitting
    undone = [admitting.undo_last(evening.door(), OMAR).ticket for _ in range(2)]
    assert undone == [line.ticket for line in reversed(sale.tickets)]
    with pytest.raises(NothingToUndo):
        admitting.undo_last(evening.door(), OMAR)
    assert admitting.counts(TONIGHT).inside == 0
    assert scan(evening, papers(evening, sale)[0].token).admits


def test_what_does_not_verify_is_amber_or_red_and_leaves_no_trace(evening: TillAtWork) -> None:
    record = booked_online(55_550, 40)
    before = evening.facts()
    text = foreign(record, evening)
    assert scan(evening, text).kind is VerdictKind.UNKNOWN_KEY
    assert scan(evening, "https://example.org").reason == "not_a_ticket"
    (paper,) = papers(evening, sale := evening.sell([10]))
    forged = paper.token[:-4] + ("AAAA" if paper.token[-4:] != "AAAA" else "BBBB")
    assert scan(evening, forged).kind is VerdictKind.NOT_VALID
    assert len(evening.facts()) == len(before) + 1, sale.receipt
    evening.store.write_cache(lambda cache: cache.keys.set(keys(with_stranger=True)))
    assert scan(evening, text).reason == "admit_by_signature"


def test_a_ticket_of_tomorrow_is_told_so(evening: TillAtWork) -> None:
    basket = evening.basket([10], performance=TOMORROW)
    sale = evening.till.selling.sell(basket, [evening.pay(basket)], MARA)
    (paper,) = papers(evening, sale)
    verdict = scan(evening, paper.token)
    assert (verdict.kind, verdict.performance) == (VerdictKind.WRONG_PERFORMANCE, TOMORROW)


def test_a_students_card_is_looked_at_before_the_entry_counts(evening: TillAtWork) -> None:
    basket = evening.till.selling.take_seats(evening.till.selling.new_basket(), TONIGHT, [10], "S")
    sale = evening.till.selling.sell(basket, [evening.pay(basket)], MARA)
    (paper,) = papers(evening, sale)
    asked = scan(evening, paper.token)
    assert (asked.kind, asked.check) == (VerdictKind.CHECK_CARD, "Student card")
    assert evening.till.admitting.counts(TONIGHT).inside == 0
    assert scan(evening, paper.token, card_seen=True).admits


def test_a_guest_without_a_ticket_is_found_by_name_and_let_in_once(evening: TillAtWork) -> None:
    evening.pull(TONIGHT, tickets=[booked_online(55_550, 40), booked_online(55_551, 41)])
    found = evening.till.admitting.search("broo", TONIGHT)
    assert [record.seat for record in found] == [40, 41]
    admitting = evening.till.admitting
    assert admitting.admit_by_list(found[0], evening.door(), OMAR).admits
    assert admitting.admit_by_list(found[0], evening.door(), OMAR).kind is VerdictKind.ALREADY_IN
    assert [(shown.place, shown.verdict) for shown in admitting.last_scans(TONIGHT)][1][1] == "admit"


def test_a_guest_found_by_name_comes_in_although_paper_was_handed_out_since(evening: TillAtWork) -> None:
    record = booked_online(55_550, 40, will_call=True)
    evening.pull(TONIGHT, tickets=[record])
    evening.till.issuing.collect(TONIGHT, [record], MARA)
    (found,) = evening.till.admitting.search("brook", TONIGHT)
    assert evening.till.admitting.admit_by_list(found, evening.door(), OMAR).admits


def test_a_cashier_admits_nobody(evening: TillAtWork) -> None:
    with pytest.raises(NotAllowed):
        evening.till.admitting.scan("", evening.door(), MARA)


def test_an_own_order_is_found_by_code_name_receipt_and_ticket(evening: TillAtWork) -> None:
    sale = evening.sell([10, 11], customer=Customer(name="Zoë Marsh", email="zoe@example.org"), note="")
    evening.sell([12])
    line = sale.tickets[1]
    for text in (sale.order_code, sale.order_code.lower(), "marsh", "zoe", sale.receipt, ticket_code(line.ticket, 1)):
        (order,) = evening.till.orders.search(text)
        assert (order.sale, order.own, order.holder) == (sale.sale, True, "Zoë Marsh"), text
    assert [order.receipt for order in evening.till.orders.search("")] == ["T7-000002", "T7-000001"]
    assert evening.till.orders.search("nobody") == ()


def test_the_timeline_tells_everything_newest_first(evening: TillAtWork) -> None:
    sale = evening.sell([10, 11])
    evening.later(timedelta(minutes=1))
    evening.till.issuing.reprint(sale.sale, [sale.tickets[1].ticket], MARA)
    evening.later(timedelta(minutes=1))
    evening.till.refunding.refund(sale.sale, [sale.tickets[0].ticket], MARA, "ill")
    evening.later(timedelta(minutes=1))
    assert scan(evening, papers(evening, sale)[0].token).admits
    order = evening.till.orders.get(sale.sale)
    assert order is not None
    assert [event.kind for event in order.timeline] == ["admitted", "refunded", "issued", "sold"]
    assert [ticket.valid for ticket in order.tickets] == [False, True]
    assert [ticket.generation for ticket in order.tickets] == [1, 2]


def test_will_call_waits_by_name_until_it_is_collected(evening: TillAtWork) -> None:
    mine = [booked_online(55_550, 40, will_call=True), booked_online(55_551, 41, will_call=True)]
    other = booked_online(66_660, 42, holder="Abel Stone", will_call=True)
    evening.pull(TONIGHT, tickets=[*mine, other, booked_online(77_770, 43)])
    waiting = evening.till.orders.will_call(TONIGHT)
    assert [(order.holder, len(order.tickets)) for order in waiting] == [("Abel Stone", 1), ("Ada Brook", 2)]
    collected = evening.till.issuing.collect(TONIGHT, mine, MARA)
    tokens = [verify(paper.token, keys().public_key) for paper in collected]
    assert [(token.generation, token.seat) for token in tokens] == [(2, 40), (2, 41)]
    evening.store.write_cache(lambda cache: cache.keys.set(keys(with_stranger=True)))
    assert scan(evening, foreign(mine[0], evening)).reason == "replaced"
    assert scan(evening, collected[0].token).admits
    with pytest.raises(CannotIssue):
        evening.till.issuing.collect(TONIGHT, [mine[0].model_copy(update={"valid": False})], MARA)


def test_an_order_of_the_web_is_found_and_is_not_ours_to_refund(evening: TillAtWork) -> None:
    record = booked_online(55_550, 40)
    evening.pull(TONIGHT, tickets=[record])
    for text in ("brook", record.order_code, ticket_code(record.ticket, 1)):
        (order,) = evening.till.orders.search(text)
        assert (order.sale, order.own, order.channel) == (record.sale, False, "web")
    assert evening.till.orders.get(SaleId(uuid4())) is None


def test_a_print_that_fails_waits_in_the_list_and_the_sale_stands(evening: TillAtWork) -> None:
    evening.queue.start()
    evening.shelf.out_of_paper = True
    sale = evening.sell([10, 11])
    evening.till.printing.print_sale(sale)
    assert evening.queue.wait_until_idle(10)
    failed = evening.till.printing.failed()
    assert [job.job.name for job in failed] == [f"tickets-{sale.receipt}", f"receipt-{sale.receipt}"]
    assert evening.till.orders.stored(sale.sale).sale == sale
    assert not evening.till.printing.state().is_ready
    evening.shelf.out_of_paper = False
    evening.till.printing.retry(failed[0])
    evening.till.printing.give_up(failed[1])
    assert evening.queue.wait_until_idle(10)
    assert [job.name for job in evening.shelf.printed] == [f"tickets-{sale.receipt}"]
    assert evening.till.printing.failed() == ()


def test_today_is_what_the_ledger_says(evening: TillAtWork) -> None:
    sale = evening.sell([10, 11], places=1)
    evening.sell([12])
    evening.till.refunding.refund(sale.sale, [sale.tickets[0].ticket], MARA, "ill")
    assert scan(evening, papers(evening, sale)[0].token).admits
    today = evening.till.reporting.today()
    books = evening.books()
    assert today.taken.minor == -sum(minor for name, minor in books.items() if not name.startswith(("cash", "card")))
    assert today.taken_cash.minor == books["cash:7"]
    assert today.taken.minor == 3 * (ADULT + FEE)
    assert (today.sales, today.tickets_sold, today.tickets_refunded) == (2, 4, 1)
    assert sum(hour.taken.minor for hour in today.hours) == today.taken.minor
    assert sum(line.gross.minor for line in today.lines) == today.taken.minor
    assert today.tonight is not None
    assert today.tonight.performance.id == TONIGHT
    assert today.tonight_counts is not None
    assert today.tonight_counts.inside == 1
    evening.later(timedelta(days=1))
    assert evening.till.reporting.today().sales == 0


def test_a_conflict_waits_for_a_person_with_its_money_until_central_settles_it(evening: TillAtWork) -> None:
    sale = evening.sell([10])
    seq = evening.store.read(lambda tx: tx.journal.head()[0])
    assert evening.till.attention.matters() == ()
    conflict = FactResult(seq=seq, outcome=FactOutcome.CONFLICT, reason="Stalls B 1 belongs to the web")
    evening.store.write(lambda tx: tx.journal.acknowledge(seq, seq, [conflict]))
    (matter,) = evening.till.attention.matters()
    assert matter.amount is not None
    assert (matter.amount.minor, matter.order_code) == (sale.total_minor, sale.order_code)
    assert matter.reason == "Stalls B 1 belongs to the web"
    settled = FactResult(seq=seq, outcome=FactOutcome.APPLIED)
    evening.store.write(lambda tx: tx.journal.acknowledge(seq, seq, [settled]))
    assert evening.till.attention.matters() == ()


def test_an_order_that_central_moved_admits_on_its_new_seat_once_it_is_printed_again(evening: TillAtWork) -> None:
    sale = evening.sell([10, 11])
    old, _ = papers(evening, sale)
    records = [record_of(sale, index, seat, 2) for index, seat in enumerate((30, 31))]
    pull(evening, records)
    assert [ticket.place for ticket in order_of(evening, sale).tickets] == ["Stalls D 1", "Stalls D 2"]
    assert scan(evening, old.token).reason == "replaced"
    first, _ = evening.till.issuing.reprint(sale.sale, [line.ticket for line in sale.tickets], MARA)
    assert (first.row, first.seat) == ("D", "1")
    token = verify(first.token, keys().public_key)
    assert (token.seat, token.generation) == (30, 3)
    assert scan(evening, first.token).admits


def record_of(sale: SaleBody, index: int, seat: int, generation: int) -> TicketRecord:
    line = sale.tickets[index]
    return TicketRecord(
        ticket=line.ticket,
        sale=sale.sale,
        seat=seat,
        generation=generation,
        valid=True,
        price_type=line.price_type,
        price_type_name=line.price_type_name,
        category=line.category,
        order_code=sale.order_code,
    )


def order_of(evening: TillAtWork, sale: SaleBody) -> Order:
    found = evening.till.orders.get(sale.sale)
    assert found is not None
    return found


def pull(evening: TillAtWork, records: Sequence[TicketRecord]) -> None:
    """As the next entry of the feed."""

    def apply(cache: CacheTx) -> None:
        head = (cache.houses.head(TONIGHT) or 0) + 1
        entry = FeedEntry(number=head, tickets=tuple(records))
        cache.houses.apply(FeedPage(performance=TONIGHT, server_epoch=1, entries=(entry,), head=head))

    evening.store.write_cache(apply)
