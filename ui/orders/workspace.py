"""Orders as the shell knows it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from boxoffice.domain.staff import Permission
from ui.orders.presenter import OrdersPresenter
from ui.orders.view import OrdersWidget
from ui.shell.workspace import KeyHint, Place, WindowSize, Workspace


def _tr(text: str) -> str:
    return QCoreApplication.translate("Orders", text)


class Orders(Workspace):
    def __init__(self, widget: OrdersWidget, presenter: OrdersPresenter) -> None:
        self._widget, self._presenter = widget, presenter
        presenter.attach(widget)

    @property
    def place(self) -> Place:
        return Place("orders", _tr("Orders"), "receipt-text", 3, Permission.REPRINT)

    @property
    def widget(self) -> QWidget:
        return self._widget

    @property
    def presenter(self) -> OrdersPresenter:
        return self._presenter

    @property
    def view(self) -> OrdersWidget:
        return self._widget

    def enter(self) -> None:
        self._presenter.enter()
        self._widget.focus_search()

    def changed(self) -> None:
        self._presenter.refresh()

    def find(self) -> None:
        self._widget.focus_search()

    def step_back(self) -> None:
        self._presenter.back()
        self._widget.focus_search()

    def scanned(self, text: str) -> bool:
        """A ticket's code finds its order."""
        self._presenter.search(text)
        return True

    def key_pressed(self, event: QKeyEvent) -> bool:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if event.key() == Qt.Key.Key_R:
                self._presenter.reprint()
                return True
            if event.key() == Qt.Key.Key_E:
                self._presenter.ask_refund()
                return True
        return False

    def resized(self, size: WindowSize) -> None:
        self._widget.set_size(size)

    def shortcuts(self) -> Sequence[KeyHint]:
        return (
            KeyHint("F2", _tr("Find an order")),
            KeyHint("⏎", _tr("Open the first one found")),
            KeyHint("Ctrl+R", _tr("Print again with new codes")),
            KeyHint("Ctrl+E", _tr("Refund the chosen tickets")),
            KeyHint("Esc", _tr("Back to the list")),
        )
