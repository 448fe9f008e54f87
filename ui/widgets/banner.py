"""The banner nobody can miss: offline, revoked, a wrong clock."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QPropertyAnimation, Signal
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from ui.theme import duration_ms, icon_pixmap, theme, theme_source
from ui.theme.tokens import raw_tokens
from ui.widgets.buttons import Button
from ui.widgets.labels import Elided, Text
from ui.widgets.painting import painter_of

HEIGHT = 52


class Banner(QFrame):
    """A bold beginning, a sentence, one button."""

    acted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = "cloud-off"
        row = QHBoxLayout(self)
        row.setContentsMargins(54, 4, 12, 4)
        row.setSpacing(6)
        self._strong = Text("", "body", weight=700)
        self._text = Elided("", "body")
        self._button = Button("", "second")
        self._button.clicked.connect(self.acted)
        row.addWidget(self._strong)
        row.addWidget(self._text, 1)
        row.addWidget(self._button)
        self.setMaximumHeight(0)
        self._animation = QPropertyAnimation(self, b"maximumHeight", self)
        self._restyle()
        theme_source().changed.connect(self._restyle)

    @property
    def is_open(self) -> bool:
        return bool(self._animation.endValue() == HEIGHT)

    def open(self, strong: str, text: str, button: str = "", icon: str = "cloud-off") -> None:
        self._strong.setText(strong)
        self._text.setText(text)
        self._button.setText(button)
        self._button.setVisible(bool(button))
        self._icon = icon
        self.setAccessibleName(f"{strong} {text}")
        self._slide(HEIGHT)
        self.update()

    def close_banner(self) -> None:
        self._slide(0)

    def _slide(self, height: int) -> None:
        if self._animation.endValue() == height:
            return
        self._animation.stop()
        self._animation.setDuration(duration_ms())
        self._animation.setStartValue(self.height())
        self._animation.setEndValue(height)
        self._animation.start()

    def _restyle(self) -> None:
        look = raw_tokens()["banner_offline"][theme().name]
        strong = look.get("strong", look["text"])
        self._strong.setStyleSheet(f"color: {strong};")
        self._text.setStyleSheet(f"color: {look['text']};")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = raw_tokens()["banner_offline"][theme().name]
        painter = painter_of(self)
        painter.fillRect(self.rect(), QColor(look["fill"]))
        if "edge" in look:
            painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(look["edge"]))
        pixmap = icon_pixmap(self._icon, look.get("strong", look["text"]), 22, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(20, self.height() / 2 - 11), pixmap)
