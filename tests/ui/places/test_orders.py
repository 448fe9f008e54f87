from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from boxoffice.domain.facts import FactKind
from boxoffice.domain.tenders import TenderKind
from tests.services.till_at_work import TillAtWork
from tests.ui.places.conftest import RUTH, Counter
from ui.orders.workspace import Orders

_CTRL = Qt.KeyboardModifier.ControlModifier


def find(counter: Counter, text: str) -> Orders:
    counter.go_to("3")
    orders = counter.shell.current
    assert isinstance(orders, Orders)
    counter.press(Qt.Key.Key_F2)
    counter.type(text)
    counter.until(lambda: orders.presenter.state.order is not None)
    return orders


def test_a_refund_asks_first_and_gives_back_once(counter: Counter, till: TillAtWork) -> None:
    sale = till.sell([0, 1])
    orders = find(counter, sale.order_code)
    counter.press(Qt.Key.Key_E, _CTRL)
    counter.until(lambda: orders.view.dialog is not None)
    assert FactKind.REFUND not in till.facts()
    dialog = orders.view.dialog
    assert dialog is not None
    assert "173.00" in dialog.accessibleName() or "€" in dialog.accessibleName()
    dialog.confirm_button.click()
    counter.until(lambda: FactKind.REFUND in till.facts())
    assert till.facts().count(FactKind.REFUND) == 1
    assert till.books().get(f"cash:{7}", 0) == 0
    assert all(not ticket.valid for ticket in orders.presenter.state.order.tickets)  # type: ignore[union-attr]
    assert "Give back" in counter.toasts()


def test_keeping_the_order_keeps_everything(counter: Counter, till: TillAtWork) -> None:
    sale = till.sell([0])
    orders = find(counter, sale.order_code)
    before = till.written()
    counter.press(Qt.Key.Key_E, _CTRL)
    counter.until(lambda: orders.view.dialog is not None)
    assert orders.view.dialog is not None
    orders.view.dialog.keep_button.click()
    counter.settle()
    assert till.written() == before


def test_one_of_two_tickets_can_be_given_back(counter: Counter, till: TillAtWork) -> None:
    sale = till.sell([0, 1])
    orders = find(counter, sale.order_code)
    orders.presenter.toggle(sale.tickets[0].ticket)
    assert orders.presenter.state.chosen == {sale.tickets[1].ticket}
    orders.presenter.refund("ill")
    counter.until(lambda: FactKind.REFUND in till.facts())
    valid = [ticket.valid for ticket in orders.presenter.state.order.tickets]  # type: ignore[union-attr]
    assert valid == [True, False]


def test_a_reprint_says_that_the_earlier_codes_end(counter: Counter, till: TillAtWork) -> None:
    sale = till.sell([0])
    old = counter.token(sale)
    find(counter, sale.receipt)
    counter.press(Qt.Key.Key_R, _CTRL)
    counter.until(lambda: FactKind.ISSUE in till.facts())
    assert "no longer work" in counter.toasts()
    assert counter.token(sale) != old


def test_a_card_sale_goes_back_to_the_card_before_the_books(counter: Counter, till: TillAtWork) -> None:
    basket = till.basket([0])
    total = basket.quote(till.till.programme.price_list).total
    sale = till.till.selling.sell(basket, [till.cards.pay(total)], RUTH)
    orders = find(counter, sale.order_code)
    orders.presenter.refund("ill")
    counter.until(lambda: FactKind.REFUND in till.facts())
    refund = till.store.read(lambda tx: tx.sales.get(sale.sale)).refunds[0]
    assert refund.tenders[0].kind is TenderKind.CARD
    assert till.books().get("card", 0) == 0


def test_a_card_gets_nothing_back_that_cannot_be_booked(
    counter: Counter, till: TillAtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    basket = till.basket([0])
    total = basket.quote(till.till.programme.price_list).total
    sale = till.till.selling.sell(basket, [till.cards.pay(total)], RUTH)
    asked: list[str] = []
    monkeypatch.setattr(till.cards, "refund", lambda _, original: asked.append(original))
    orders = find(counter, sale.order_code)
    orders.presenter.refund("  ")
    counter.until(lambda: not orders.presenter.state.is_busy)
    assert asked == []
    assert "reason" in counter.toasts()


def test_nothing_found_is_said_calmly(counter: Counter, till: TillAtWork) -> None:
    till.sell([0])
    counter.go_to("3")
    orders = counter.shell.current
    assert isinstance(orders, Orders)
    counter.press(Qt.Key.Key_F2)
    counter.type("NOBODY")
    counter.until(lambda: orders.presenter.state.heading == "0 orders")
    assert orders.presenter.state.results == ()
