"""The rail: one button a workspace, help and lock at the bottom."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QVBoxLayout, QWidget

from ui.shell.workspace import Place, WindowSize
from ui.widgets import RailButton

_WIDTHS = {WindowSize.WIDE: 76, WindowSize.COMPACT: 64, WindowSize.NARROW: 52}


class Rail(QWidget):
    chosen = Signal(str)  # the key of a place
    help_wanted = Signal()
    lock_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons: dict[str, RailButton] = {}
        self._group = QButtonGroup(self)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(6, 12, 6, 12)
        self._layout.setSpacing(4)
        self._layout.addStretch()
        self._help = RailButton("circle-question-mark", self.tr("Help F1"), checkable=False)
        self._help.clicked.connect(self.help_wanted)
        self._lock = RailButton("lock", self.tr("Lock"), checkable=False)
        self._lock.setToolTip("Ctrl+L")
        self._lock.clicked.connect(self.lock_wanted)
        for button in (self._help, self._lock):
            self._layout.addWidget(button)

    def show_places(self, places: Sequence[Place]) -> None:
        for button in self._buttons.values():
            self._group.removeButton(button)
            button.deleteLater()
        self._buttons = {}
        for index, place in enumerate(places):
            button = RailButton(place.icon, place.title)
            button.setToolTip(f"Ctrl+{place.number}")
            button.clicked.connect(lambda _checked=False, key=place.key: self.chosen.emit(key))
            self._group.addButton(button)
            self._layout.insertWidget(index, button)
            self._buttons[place.key] = button

    def check(self, key: str) -> None:
        if key in self._buttons:
            self._buttons[key].setChecked(True)

    def set_badge(self, key: str, number: int) -> None:
        if key in self._buttons:
            self._buttons[key].set_badge(number)

    def set_size(self, size: WindowSize) -> None:
        self.setFixedWidth(_WIDTHS[size])
        narrow = size is WindowSize.NARROW
        self._layout.setContentsMargins(2 if narrow else 6, 12 if not narrow else 8, 2 if narrow else 6, 12)
        for button in (*self._buttons.values(), self._help, self._lock):
            button.show_words(not narrow)
