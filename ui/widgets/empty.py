"""An empty place teaches what it is for."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.theme import theme, theme_source
from ui.widgets.buttons import Button
from ui.widgets.labels import Text
from ui.widgets.painting import box, draw_icon, painter_of

_WIDEST = 380


class _Disc(QWidget):
    def __init__(self, icon: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._icon = icon
        self.setFixedSize(72, 72)
        theme_source().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        box(painter, QRectF(self.rect()), theme().colors.surface_sunken, None, 36)
        draw_icon(painter, self._icon, theme().colors.q("ink_2"), 24, 36, 24)


class EmptyState(QWidget):
    """Icon, title, a sentence, and the one button that fills the place."""

    acted = Signal()

    def __init__(
        self, icon: str, title: str, text: str, button: str = "", button_icon: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addStretch(1)
        layout.addWidget(_Disc(icon, self), 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(8)
        for words in (Text(title, "title", wrap=True), Text(text, "body", "ink_2", wrap=True)):
            words.setAlignment(Qt.AlignmentFlag.AlignCenter)
            words.setMaximumWidth(_WIDEST)
            row = QHBoxLayout()  # not aligned itself: an aligned label forgets its height for its width
            row.addStretch(1)
            row.addWidget(words, _WIDEST)
            row.addStretch(1)
            layout.addLayout(row)
        if button:
            layout.addSpacing(8)
            pressed = Button(button, icon=button_icon)
            pressed.clicked.connect(self.acted)
            layout.addWidget(pressed, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
