"""Reports as the shell knows it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from boxoffice.domain.staff import Permission
from ui.reports.presenter import ReportsPresenter
from ui.reports.view import ReportsWidget
from ui.shell.workspace import KeyHint, Place, WindowSize, Workspace


def _tr(text: str) -> str:
    return QCoreApplication.translate("Reports", text)


class Reports(Workspace):
    def __init__(self, widget: ReportsWidget, presenter: ReportsPresenter) -> None:
        self._widget, self._presenter = widget, presenter
        presenter.attach(widget)

    @property
    def place(self) -> Place:
        return Place("reports", _tr("Reports"), "chart-column", 6, Permission.REPORTS)

    @property
    def widget(self) -> QWidget:
        return self._widget

    @property
    def presenter(self) -> ReportsPresenter:
        return self._presenter

    def enter(self) -> None:
        self._widget.setFocus()
        self._presenter.refresh()

    def changed(self) -> None:
        self._presenter.refresh()

    def key_pressed(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_E and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._widget.choose_file()
            return True
        return False

    def resized(self, size: WindowSize) -> None:
        self._widget.set_size(size)

    def shortcuts(self) -> Sequence[KeyHint]:
        return (KeyHint("Ctrl+E", _tr("Export today's sales")),)
