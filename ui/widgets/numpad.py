"""Big keys for amounts and PINs. Never mirrored: digits stand where fingers know them."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from ui.theme import display_font, theme
from ui.widgets.buttons import PaintedButton
from ui.widgets.painting import DISABLED, box, draw_icon, painter_of

BACK = "back"
CLEAR = "clear"


class _Key(PaintedButton):
    def __init__(self, symbol: str, size: QSize, is_pin: bool, parent: QWidget) -> None:
        super().__init__(symbol, parent)
        self._size, self._frames_digits_only = size, is_pin
        self.setAccessibleName({BACK: self.tr("Delete the last digit"), CLEAR: self.tr("Clear")}.get(symbol, symbol))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # typing goes on in the field
        grow = QSizePolicy.Policy.Fixed if is_pin else QSizePolicy.Policy.Expanding
        self.setSizePolicy(grow, grow)

    def sizeHint(self) -> QSize:
        return self._size

    def minimumSizeHint(self) -> QSize:
        return QSize(44, 44)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        colors = theme().colors
        rect = QRectF(self.rect())
        plain = self.text() == CLEAR
        bare = plain or (self.text() == BACK and self._frames_digits_only)
        over = self._hovered and self.isEnabled()
        fill = colors.accent_soft if self.isDown() else colors.surface_sunken if over else colors.surface
        if not self.isEnabled():
            painter.setOpacity(DISABLED)
        if not bare or over:
            box(painter, rect, fill, None if bare else colors.line, 10)
        if self.text() == BACK:
            draw_icon(painter, "delete", colors.q("ink"), rect.center().x() - 12, rect.center().y(), 24)
            return
        painter.setPen(colors.q("ink"))
        painter.setFont(display_font(16 if plain else 28 if rect.height() >= 60 else 22, 600 if plain else 500))
        text = self.accessibleName() if plain else self.text()
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)


class Numpad(QWidget):
    """`layout`: `amount` is a calculator's (7 8 9 on top), `pin` a telephone's (1 2 3 on top, with clear)."""

    pressed = Signal(str)

    def __init__(self, layout: str = "amount", key: QSize | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        amount = layout == "amount"
        symbols = ("789456123", "0", "00", BACK) if amount else ("123456789", CLEAR, "0", BACK)
        keys = [*symbols[0], *symbols[1:]]
        size = key or (QSize(120, 88) if amount else QSize(120, 96))
        for index, symbol in enumerate(keys):
            button = _Key(symbol, size, not amount, self)
            button.clicked.connect(lambda _=False, symbol=symbol: self.pressed.emit(symbol))
            grid.addWidget(button, index // 3, index % 3)
