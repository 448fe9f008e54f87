"""Sell as the shell knows it: its place, its keys, and the wires between view and presenter."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QComboBox, QLineEdit, QWidget

from boxoffice.domain.ids import PerformanceId
from boxoffice.domain.staff import Permission
from ui.sell.basket_panel import LineWidget
from ui.sell.presenter import Mode, SellPresenter
from ui.sell.view import SellWidget
from ui.shell.workspace import KeyHint, Place, WindowSize, Workspace

_MODIFIERS = Qt.KeyboardModifier
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def _tr(text: str) -> str:
    return QCoreApplication.translate("SellKeys", text)


class Sell(Workspace):
    """Keys are read before the focused widget sees them, except while a field is being typed in."""

    def __init__(self, widget: SellWidget, presenter: SellPresenter) -> None:
        self._widget, self._presenter = widget, presenter
        self._connect()
        self._functions: dict[Qt.Key, Callable[[], None]] = {
            Qt.Key.Key_F2: self.find,
            Qt.Key.Key_F3: self._focus_quantity,
            Qt.Key.Key_F4: presenter.next_price_type,
            Qt.Key.Key_F5: self._pay_cash,
            Qt.Key.Key_F6: self._pay_card,
        }
        self._control: dict[Qt.Key, Callable[[], None]] = {
            Qt.Key.Key_K: presenter.open_customer,
            Qt.Key.Key_N: presenter.open_note,
            Qt.Key.Key_Backspace: presenter.clear,
        }

    @property
    def place(self) -> Place:
        return Place("sell", _tr("Sell"), "ticket", 1, Permission.SELL)

    @property
    def widget(self) -> QWidget:
        return self._widget

    @property
    def presenter(self) -> SellPresenter:
        return self._presenter

    @property
    def toast_host(self) -> QWidget:
        return self._widget.toast_host

    def enter(self) -> None:
        self._presenter.enter()
        if not self._widget.is_paying:
            self._widget.focus_chart()

    def primary(self) -> None:
        self._presenter.primary()

    def find(self) -> None:
        if self._presenter.mode not in (Mode.CASH, Mode.CARD):
            self._widget.open_search()

    def undo(self) -> None:
        self._presenter.undo()

    def step_back(self) -> None:
        search = self._widget.performances.search
        if self._widget.is_drawer_open or search.hasFocus() or search.text():
            search.clear()
            self._presenter.search("")
            self._widget.close_drawer()
            return
        self._presenter.step_back()

    def resized(self, size: WindowSize) -> None:
        self._widget.set_size(size)

    def changed(self) -> None:
        self._presenter.refresh()

    def scanned(self, text: str) -> bool:
        """A ticket at the counter is looked up under Orders, unless a sale is going on."""
        if self._presenter.basket.lines or self._widget.is_paying:
            self._presenter.scan_refused()
            return True
        return False

    def shortcuts(self) -> Sequence[KeyHint]:
        find, basket, pay, chart = _tr("Find seats"), _tr("Basket"), _tr("Pay"), _tr("Chart")
        return (
            KeyHint("F2", _tr("Find a performance"), find),
            KeyHint("1 … 9", _tr("How many"), find),
            KeyHint("⏎", _tr("Find the best seats; then cash; then complete"), find),
            KeyHint("4 * A", _tr("Four at price type A"), find),
            KeyHint("F3", _tr("Quantity"), find),
            KeyHint("Alt+1 … 6", _tr("Show one category, Alt+0 all"), find),
            KeyHint("F4", _tr("Next price type of the open line"), basket),
            KeyHint("Ctrl+K", _tr("Customer"), basket),
            KeyHint("Ctrl+N", _tr("Note"), basket),
            KeyHint("Ctrl+Z", _tr("Undo"), basket),
            KeyHint("Ctrl+⌫", _tr("Empty the basket"), basket),
            KeyHint("F5", _tr("Cash"), pay),
            KeyHint("F6", _tr("Card"), pay),
            KeyHint("⏎", _tr("Exact cash, complete the sale"), pay),
            KeyHint("Esc", _tr("Back to the basket"), pay),
            KeyHint("← ↑ → ↓", _tr("Move between seats"), chart),
            KeyHint("Space", _tr("Take a seat, or give it back"), chart),
            KeyHint("+  −  0", _tr("Closer, farther, all"), chart),
        )

    # keys

    def key_pressed(self, event: QKeyEvent) -> bool:
        key, modifiers = Qt.Key(event.key()), event.modifiers() & ~_MODIFIERS.KeypadModifier
        if modifiers == _MODIFIERS.AltModifier:
            return self._filter_key(key)
        if modifiers == _MODIFIERS.ControlModifier and key in self._control:
            if key == Qt.Key.Key_Backspace and _is_field(self._widget.window().focusWidget()):
                return False
            self._control[key]()
            return True
        if modifiers in (_MODIFIERS.NoModifier, _MODIFIERS.ShiftModifier):
            if key in self._functions:
                self._functions[key]()
                return True
            return self._plain_key(key, event.text())
        return False

    def _plain_key(self, key: Qt.Key, text: str) -> bool:
        focus = self._widget.window().focusWidget()
        if _is_field(focus):
            return False
        if key in _ENTER:
            if isinstance(
                focus, QAbstractButton | QAbstractItemView | QComboBox | LineWidget
            ) and self._widget.isAncestorOf(focus):
                return self._enter_on(focus)
            self._presenter.primary()
            return True
        if key == Qt.Key.Key_Backspace:
            self._presenter.backspace()
            return True
        if text.isascii() and text.isdigit():
            return self._digit(text, focus)
        if text == "*":
            self._presenter.times()
            return True
        if text in (".", ",") and self._presenter.is_typing:
            self._presenter.point()
            return True
        if text.isascii() and text.isalpha() and self._presenter.wants_letter:
            self._presenter.letter(text)
            return True
        return False

    def _digit(self, digit: str, focus: QWidget | None) -> bool:
        """0 fits the chart when it has the focus, unless a number is being typed."""
        if digit == "0" and focus is self._widget.house.chart and not self._presenter.is_typing:
            return False
        self._presenter.digit(digit)
        return True

    def _enter_on(self, focus: QWidget) -> bool:
        """Who came by Tab means the control in focus."""
        if focus is self._widget.performances.list:
            self._widget.performances.list.activate_current()
            return True
        return False

    def _filter_key(self, key: Qt.Key) -> bool:
        number = key - Qt.Key.Key_0
        categories = self._widget.house.categories
        if number == 0:
            self._presenter.clear_filters()
        elif 1 <= number <= min(9, len(categories)):
            self._presenter.toggle_filter(categories[number - 1])
        else:
            return False
        return True

    def _focus_quantity(self) -> None:
        self._widget.house.best.stepper.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _pay_cash(self) -> None:
        if self._save_form():
            self._presenter.pay_cash()

    def _pay_card(self) -> None:
        if self._save_form():
            self._presenter.pay_card()

    def _save_form(self) -> bool:
        """What was typed as customer or note goes onto the sale, Enter or not. False: it cannot, and says why."""
        if self._presenter.mode is Mode.CUSTOMER:
            return self._widget.basket.customer_form.save()
        if self._presenter.mode is Mode.NOTE:
            self._widget.basket.note_form.save()
        return True

    # wires

    def _connect(self) -> None:
        view, sell = self._widget, self._presenter
        performances, house, best, basket, cash = view.performances, view.house, view.house.best, view.basket, view.cash
        performances.searched.connect(sell.search)
        performances.found.connect(self._found)
        performances.list.chosen.connect(self._chosen)
        house.performance_button.clicked.connect(self.find)
        house.seats_clicked.connect(sell.click_seats)
        house.area_clicked.connect(sell.click_area)
        house.filter_toggled.connect(sell.toggle_filter)
        best.quantity_changed.connect(sell.set_quantity)
        best.category_changed.connect(sell.set_category)
        best.together_changed.connect(sell.set_together)
        best.wheelchair_changed.connect(sell.set_wheelchair)
        best.find_wanted.connect(sell.find_seats)
        basket.line_activated.connect(sell.activate)
        basket.line_removed.connect(sell.remove)
        basket.price_type_chosen.connect(sell.set_price_type)
        basket.undo_wanted.connect(sell.undo)
        basket.clear_wanted.connect(sell.clear)
        basket.customer_wanted.connect(sell.open_customer)
        basket.note_wanted.connect(sell.open_note)
        basket.customer_saved.connect(sell.set_customer)
        basket.note_saved.connect(sell.set_note)
        basket.form_closed.connect(sell.step_back)
        basket.cash_wanted.connect(self._pay_cash)
        basket.card_wanted.connect(self._pay_card)
        basket.back_wanted.connect(sell.step_back)
        cash.digit_pressed.connect(sell.digit)
        cash.backspace_pressed.connect(sell.backspace)
        cash.amount_chosen.connect(sell.set_received)
        cash.complete_wanted.connect(sell.complete)
        cash.back_wanted.connect(sell.step_back)
        view.card.cancel_wanted.connect(sell.cancel_card)

    def _found(self) -> None:
        self._presenter.choose_found()
        self._chosen_done()

    def _chosen(self, performance: int) -> None:
        self._presenter.search("")
        self._presenter.choose(PerformanceId(performance))
        self._chosen_done()

    def _chosen_done(self) -> None:
        self._widget.performances.search.clear()
        self._widget.close_drawer()


def _is_field(widget: QWidget | None) -> bool:
    return isinstance(widget, QLineEdit)
