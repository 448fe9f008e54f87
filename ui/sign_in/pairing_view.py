"""The first start: address, code and name of this till, and what to do when it does not work."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.sign_in.pairing import PairingForm
from ui.widgets import Button, Panel, Text, TextField

_SHORT = 560


class PairingPage(QWidget):
    """Implements PairingView."""

    submitted = Signal(object)  # PairingForm

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        centre = QVBoxLayout(self)
        centre.setContentsMargins(24, 16, 24, 16)
        centre.addStretch(1)
        self._panel = Panel(padding=32, spacing=14)
        self._panel.setFixedWidth(560)
        self._panel.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        centre.addWidget(self._panel, 0, Qt.AlignmentFlag.AlignHCenter)
        centre.addStretch(2)
        body = self._panel.body
        body.addWidget(Text(self.tr("Connect this till"), "page"))
        self._intro = Text(
            self.tr(
                "A manager adds a till in Setup and gets a pairing code. "
                "It is used once; then this till knows its central."
            ),
            "body",
            "ink_2",
            wrap=True,
        )
        self._intro.setMinimumHeight(44)
        body.addWidget(self._intro)
        self.address = TextField(self.tr("Address of central"), "https://tickets.example.org")
        self.code = TextField(self.tr("Pairing code"), "ABCD-EFGH")
        self.name = TextField(self.tr("Name of this till"), self.tr("Foyer"))
        for field in (self.address, self.code, self.name):
            body.addWidget(field)
        self._error = Text("", "body", "danger", weight=600, wrap=True)
        self._way_out = Text("", "body", "ink_2", wrap=True)
        for words in (self._error, self._way_out):
            words.hide()
            body.addWidget(words)
        row = QHBoxLayout()
        self._waiting = Text("", "body", "ink_2")
        self.connect_button = Button(self.tr("Connect"), "primary", key="⏎", height=56)
        self.connect_button.setMinimumWidth(200)
        self.connect_button.clicked.connect(self.submit)
        row.addWidget(self._waiting, 1)
        row.addWidget(self.connect_button)
        body.addLayout(row)
        self.address.submitted.connect(self.code.setFocus)
        self.code.submitted.connect(self.name.setFocus)
        self.name.submitted.connect(self.submit)
        self.setAccessibleName(self.tr("Connect this till"))

    @property
    def error_text(self) -> str:
        return f"{self._error.text()} {self._way_out.text()}".strip()

    def form(self) -> PairingForm:
        return PairingForm(self.address.text(), self.code.text(), self.name.text())

    def submit(self) -> None:
        self._clear()
        self.submitted.emit(self.form())

    def show_waiting(self, waiting: bool) -> None:
        self._waiting.setText(self.tr("Asking central, and loading the lists…") if waiting else "")
        for part in (self.address, self.code, self.name, self.connect_button):
            part.setEnabled(not waiting)

    def show_error(self, field: str, message: str, way_out: str) -> None:
        fields = {"address": self.address, "code": self.code, "name": self.name}
        if field in fields:
            caption = fields[field].field.accessibleName()
            fields[field].show_error(f"{caption} {message} {way_out}")
            fields[field].field.setFocus()
            return
        self._error.setText(message)
        self._way_out.setText(way_out)
        self._error.show()
        self._way_out.setVisible(bool(way_out))
        self.code.field.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        first = self.code if self.address.text() else self.address
        first.field.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.height() < _SHORT
        self._panel.body.setSpacing(6 if narrow else 14)
        edge = 20 if narrow else 32
        self._panel.body.setContentsMargins(edge, edge, edge, edge)
        self._intro.setVisible(not narrow)

    def _clear(self) -> None:
        for field in (self.address, self.code, self.name):
            field.clear_error()
        self._error.hide()
        self._way_out.hide()
