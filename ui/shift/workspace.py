"""Shift as the shell knows it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from boxoffice.domain.staff import Permission
from ui.shell.workspace import KeyHint, Place, WindowSize, Workspace
from ui.shift.presenter import ShiftPresenter
from ui.shift.view import ShiftWidget


def _tr(text: str) -> str:
    return QCoreApplication.translate("Shift", text)


class Shift(Workspace):
    def __init__(self, widget: ShiftWidget, presenter: ShiftPresenter) -> None:
        self._widget, self._presenter = widget, presenter
        presenter.attach(widget)

    @property
    def place(self) -> Place:
        return Place("shift", _tr("Shift"), "wallet", 4, Permission.SHIFT)

    @property
    def widget(self) -> QWidget:
        return self._widget

    @property
    def presenter(self) -> ShiftPresenter:
        return self._presenter

    @property
    def view(self) -> ShiftWidget:
        return self._widget

    def enter(self) -> None:
        self._widget.setFocus()
        self._presenter.refresh()

    def changed(self) -> None:
        self._presenter.refresh()

    def primary(self) -> None:
        self._widget.primary()

    def step_back(self) -> None:
        self._presenter.back()

    def key_pressed(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_F5:
            self._widget.f5()
            return True
        return False

    def resized(self, size: WindowSize) -> None:
        self._widget.set_size(size)

    def shortcuts(self) -> Sequence[KeyHint]:
        return (
            KeyHint("F5", _tr("Count and close; commit the count")),
            KeyHint("⏎", _tr("Next denomination; next step")),
            KeyHint("Esc", _tr("One step back")),
        )
