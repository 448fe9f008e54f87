"""Taking a card: the sum, what the terminal is doing, and the way out."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.sell.presenter import CardRows
from ui.theme import duration_ms, icon_pixmap, theme, theme_source
from ui.widgets import Button, Fit, Text
from ui.widgets.painting import box, painter_of

_FRAME_MS = 33


class _Terminal(QWidget):
    """A card in a ring that turns while the terminal works; it stands still where motion is not wanted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(120, 120)
        self._angle = 0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._turn)

    def set_turning(self, turning: bool) -> None:
        if turning and duration_ms():
            self._timer.start(_FRAME_MS)
        else:
            self._timer.stop()
        self.update()

    def _turn(self) -> None:
        self._angle = (self._angle - 9) % 360
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        colors = theme().colors
        ring = QRectF(6, 6, 108, 108)
        painter.setPen(QPen(colors.q("line"), 4))
        painter.drawEllipse(ring)
        painter.setPen(QPen(colors.q("accent"), 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawArc(ring, (90 + self._angle) * 16, 110 * 16)
        painter.drawPixmap(
            QPointF(36, 36), icon_pixmap("credit-card", colors.q("accent"), 48, self.devicePixelRatioF())
        )


class CardPanel(QWidget):
    cancel_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(40, 24, 40, 24)
        column.setSpacing(8)
        centre = Qt.AlignmentFlag.AlignHCenter
        self._terminal = _Terminal()
        self._amount = Fit("", 128, 48, align=centre)
        self._amount.setMinimumHeight(72)
        self._amount.setMaximumHeight(144)
        self._title = Text("", "page")
        self._text = Text("", "strong", "ink_2", weight=400, wrap=True)
        for words in (self._title, self._text):
            words.setAlignment(centre)
        self.cancel_button = Button(self.tr("Cancel"), "second", key="Esc", height=56)
        self.cancel_button.setMinimumWidth(220)
        self.cancel_button.clicked.connect(self.cancel_wanted)
        column.addStretch(2)
        column.addWidget(self._terminal, 0, centre)
        column.addSpacing(16)
        column.addWidget(self._amount)
        column.addWidget(self._title)
        column.addWidget(self._text)
        column.addStretch(3)
        column.addWidget(self.cancel_button, 0, centre)
        theme_source().changed.connect(self.update)

    @property
    def words(self) -> str:
        return f"{self._title.text()} {self._text.text()}"

    def show_card(self, card: CardRows) -> None:
        self._amount.set_text(card.amount)
        self._title.setText(card.title)
        self._text.setText(card.text)
        self.cancel_button.setEnabled(card.is_waiting)
        self._terminal.set_turning(True)

    def hideEvent(self, event: object) -> None:
        self._terminal.set_turning(False)

    def paintEvent(self, event: QPaintEvent) -> None:
        box(painter_of(self), QRectF(self.rect()), theme().colors.surface, None, 12)
