"""The first start: address, code and name of this till, and what to do when it does not work."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.shell.workspace import WindowSize
from ui.sign_in.pairing import PairingForm, PairingPresenter
from ui.widgets import Button, Panel, Text, TextField


class PairingPage(QWidget):
    """Implements PairingView."""

    connect_wanted = Signal(object)  # PairingForm

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
        self.connect_wanted.emit(self.form())

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

    def set_size(self, size: WindowSize) -> None:
        narrow = size is WindowSize.NARROW
        self._panel.body.setSpacing(6 if narrow else 14)
        edge = 20 if narrow else 32
        self._panel.body.setContentsMargins(edge, edge, edge, edge)
        self._intro.setVisible(not narrow)

    def _clear(self) -> None:
        for field in (self.address, self.code, self.name):
            field.clear_error()
        self._error.hide()
        self._way_out.hide()


class Pairing:
    """The gate of a till that knows no central yet. `address` may be known, from the command line."""

    def __init__(self, page: PairingPage, presenter: PairingPresenter, address: str = "") -> None:
        self._page, self._presenter = page, presenter
        page.connect_wanted.connect(presenter.connect)
        page.address.field.setText(address)

    @property
    def widget(self) -> QWidget:
        return self._page

    def enter(self) -> None:
        first = self._page.code if self._page.address.text() else self._page.address
        QTimer.singleShot(0, first.setFocus)

    def resized(self, size: WindowSize) -> None:
        self._page.set_size(size)

    def key_pressed(self, event: QKeyEvent) -> bool:
        return False
