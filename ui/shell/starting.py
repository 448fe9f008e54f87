"""The first thing that shows: what the program is doing, or why it cannot start and what to do."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from boxoffice.domain.refusals import Refused
from ui.widgets import Button, Panel, Text


class StartingWindow(QWidget):
    """`page` may be replaced by a gate such as pairing; the words then wait behind it."""

    closing = Signal()
    again = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("background")
        self.setWindowTitle("Box Office")
        self.resize(960, 600)
        self._pages = QStackedWidget(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._pages)
        self._words = QWidget()
        centre = QVBoxLayout(self._words)
        panel = Panel(padding=32, spacing=12)
        panel.setFixedWidth(560)
        self._title = Text("Box Office", "page", wrap=True)
        self._text = Text("", "body", "ink_2", wrap=True)
        self._buttons = QWidget()
        row = QHBoxLayout(self._buttons)
        row.setContentsMargins(0, 12, 0, 0)
        row.addStretch(1)
        self.close_button = Button(self.tr("Close"), key="Esc")
        self.again_button = Button(self.tr("Try again"), "primary", "refresh-cw", "⏎")
        self.close_button.clicked.connect(self.close)
        self.again_button.clicked.connect(self.again)
        row.addWidget(self.close_button)
        row.addWidget(self.again_button)
        for part in (self._title, self._text, self._buttons):
            panel.body.addWidget(part)
        centre.addStretch(1)
        centre.addWidget(panel, 0, Qt.AlignmentFlag.AlignHCenter)
        centre.addStretch(2)
        self._pages.addWidget(self._words)
        self.show_progress("")

    @property
    def words(self) -> str:
        return f"{self._title.text()} {self._text.text()}"

    def show_progress(self, text: str) -> None:
        self._pages.setCurrentWidget(self._words)
        self._title.setText("Box Office")
        self._text.setText(text)
        self._buttons.hide()

    def show_refusal(self, error: Refused) -> None:
        self._pages.setCurrentWidget(self._words)
        self._title.setText(error.message)
        self._text.setText(error.way_out)
        self._buttons.show()
        self.again_button.setFocus()

    def show_error(self, error: Exception) -> None:
        """A refusal in its own words; anything else is a fault of ours and says so."""
        if isinstance(error, Refused):
            self.show_refusal(error)
            return
        words = Refused(
            self.tr("The program made a mistake while it started."), self.tr("Nothing was lost. Try again.")
        )
        self.show_refusal(words)

    def show_page(self, page: QWidget) -> None:
        if self._pages.indexOf(page) < 0:
            self._pages.addWidget(page)
        self._pages.setCurrentWidget(page)
        page.setFocus()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closing.emit()
        event.accept()
