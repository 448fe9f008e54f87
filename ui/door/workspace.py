"""Door as the shell knows it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from boxoffice.domain.staff import Permission
from ui.door.presenter import DoorPresenter
from ui.door.view import DoorWidget
from ui.shell.workspace import KeyHint, Place, WindowSize, Workspace


def _tr(text: str) -> str:
    return QCoreApplication.translate("Door", text)


class Door(Workspace):
    def __init__(self, widget: DoorWidget, presenter: DoorPresenter) -> None:
        self._widget, self._presenter = widget, presenter
        presenter.attach(widget)

    @property
    def place(self) -> Place:
        return Place("door", _tr("Door"), "scan-line", 2, Permission.ADMIT)

    @property
    def widget(self) -> QWidget:
        return self._widget

    @property
    def view(self) -> DoorWidget:
        return self._widget

    @property
    def presenter(self) -> DoorPresenter:
        return self._presenter

    def enter(self) -> None:
        self._presenter.refresh()
        self._widget.setFocus()

    def changed(self) -> None:
        self._presenter.refresh()

    def primary(self) -> None:
        self._presenter.primary()

    def find(self) -> None:
        self._widget.open_search()

    def step_back(self) -> None:
        self._widget.close_search()

    def scanned(self, text: str) -> bool:
        self._presenter.scan(text)
        return True

    def key_pressed(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_F8:
            self._presenter.undo()
            return True
        return False

    def resized(self, size: WindowSize) -> None:
        self._widget.set_size(size)

    def shortcuts(self) -> Sequence[KeyHint]:
        return (
            KeyHint("F2", _tr("Find a name")),
            KeyHint("⏎", _tr("Card seen: admit; next guest")),
            KeyHint("F8", _tr("Take back the last entry")),
        )
