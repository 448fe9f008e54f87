"""A few words on a small plate beside a seat: what happens to it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from ui.seatchart.lettering import Words, words_picture
from ui.seatchart.palette import ChartPalette
from ui.seatchart.panels import paint_plate

_SHADOW = 8
_PADDING = 12
_HEIGHT = 32


class Tag(QWidget):
    """Lets the pointer through; hidden while its seat is out of sight."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._words = Words("")
        self._look: ChartPalette | None = None
        self.hide()

    def show_words(self, words: Words, look: ChartPalette, seat: QPointF, gap: float, *, above: bool) -> None:
        """`seat` is the seat's middle in the parent; the tag keeps `gap` from it and stays inside of the parent."""
        self._words, self._look = words, look
        self.setAccessibleName(f"{words.strong} {words.plain}".strip())
        parent = self.parentWidget()
        room = parent.size() if parent is not None else self.size()
        size = QSize(round(self._picture(look).deviceIndependentSize().width()) + 2 * _PADDING, _HEIGHT)
        left = min(max(8.0, seat.x() + gap), room.width() - 8.0 - size.width())
        top = seat.y() - gap - size.height() if above else seat.y() + gap
        if not 8 <= top <= room.height() - 8 - size.height():
            top = seat.y() + gap if above else seat.y() - gap - size.height()
        self.setGeometry(
            round(left) - _SHADOW, round(top) - _SHADOW, size.width() + 2 * _SHADOW, size.height() + 2 * _SHADOW
        )
        self.setVisible(0 <= seat.x() <= room.width() and 0 <= seat.y() <= room.height())
        self.raise_()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._look is None:
            return
        painter = QPainter(self)
        plate = QRectF(self.rect()).adjusted(_SHADOW, _SHADOW, -_SHADOW, -_SHADOW)
        paint_plate(painter, plate, self._look, 8, drop=2, blur=5)
        picture = self._picture(self._look)
        size = picture.deviceIndependentSize()
        painter.drawPixmap(plate.center() - QPointF(size.width() / 2, size.height() / 2), picture)
        painter.end()

    def _picture(self, look: ChartPalette) -> QPixmap:
        dpr = self.devicePixelRatioF()
        picture = QPixmap(words_picture(self._words, self.font().family(), 14 * dpr, look.ink, look.ink_2))
        picture.setDevicePixelRatio(dpr)
        return picture
