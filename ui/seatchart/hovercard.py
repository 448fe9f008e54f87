"""The card beside the seat under the pointer: what it is, what it costs, what a click does."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from ui.seatchart.lettering import chart_font
from ui.seatchart.palette import ChartPalette
from ui.seatchart.panels import paint_plate
from ui.theme import SeatColors

_SHADOW = 20
_PADDING = 16
_LEAST_WIDTH = 224
_MOST_WIDTH = 320
_LINE = 24
_SEAT_GAP = 16


@dataclass(frozen=True, slots=True)
class SeatCard:
    """Words for one seat, ready to show: `Stalls J 26`, `€68.00`, `Band A · clear view`, prices by type, a hint."""

    title: str
    price: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    note: str = ""
    hint: str = ""


class HoverCard(QWidget):
    """Lets the pointer through; keeps 16 from its seat and flips at the edges of its parent."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._card = SeatCard("")
        self._look: ChartPalette | None = None
        self._colours: SeatColors | None = None
        self.hide()

    def show_card(
        self, card: SeatCard, look: ChartPalette, colours: SeatColors | None, seat: QPointF, seat_radius: float
    ) -> None:
        """`seat` is the seat's middle in the parent."""
        self._card, self._look, self._colours = card, look, colours
        size = self._wanted_size()
        self.setGeometry(
            placed(size, seat, seat_radius + _SEAT_GAP, self._room()).adjusted(-_SHADOW, -_SHADOW, _SHADOW, _SHADOW)
        )
        self.show()
        self.raise_()
        self.update()

    def _room(self) -> QSize:
        parent = self.parentWidget()
        return parent.size() if parent is not None else self.size()

    @property
    def card(self) -> SeatCard | None:
        return self._card if self.isVisible() else None

    def paintEvent(self, event: QPaintEvent) -> None:
        look = self._look
        if look is None:
            return
        painter = QPainter(self)
        plate = QRectF(self.rect()).adjusted(_SHADOW, _SHADOW, -_SHADOW, -_SHADOW)
        paint_plate(painter, plate, look, 10, drop=6, blur=20)
        left, right, top = plate.left() + _PADDING, plate.right() - _PADDING, plate.top() + 13
        text_left = left
        if self._colours is not None:
            painter.setBrush(QColor(self._colours.fill))
            painter.setPen(QPen(QColor(self._colours.edge), 1))
            painter.drawEllipse(QPointF(left + 6.5, top + 13), 6.5, 6.5)
            text_left += 22
        card = self._card
        price_width = self._width(card.price, 16, QFont.Weight.Bold)
        self._write(
            painter,
            card.title,
            QRectF(text_left, top, right - text_left - price_width - 8, 26),
            16,
            QFont.Weight.DemiBold,
            look.ink,
        )
        self._write(
            painter, card.price, QRectF(left, top, right - left, 26), 16, QFont.Weight.Bold, look.ink, right=True
        )
        y = top + 26
        if card.note:
            self._write(
                painter, card.note, QRectF(text_left, y, right - text_left, 18), 12, QFont.Weight.Normal, look.ink_2
            )
            y += 18
        if card.lines:
            y += 7
            painter.setPen(QPen(QColor(look.line), 1))
            painter.drawLine(QPointF(left, y + 0.5), QPointF(right, y + 0.5))
            y += 4
            for name, price in card.lines:
                row = QRectF(left, y, right - left, _LINE)
                self._write(painter, price, row, 12, QFont.Weight.Normal, look.ink, right=True)
                room = row.adjusted(0, 0, -self._width(price, 12, QFont.Weight.Normal) - 8, 0)
                self._write(painter, name, room, 12, QFont.Weight.Normal, look.ink_2)
                y += _LINE
        if card.hint:
            self._write(
                painter, card.hint, QRectF(left, y + 2, right - left, _LINE), 12, QFont.Weight.Normal, look.accent
            )
        painter.end()

    def _wanted_size(self) -> QSize:
        card = self._card
        swatch = 22 if self._colours is not None else 0
        widths = [
            swatch
            + self._width(card.title, 16, QFont.Weight.DemiBold)
            + 20
            + self._width(card.price, 16, QFont.Weight.Bold),
            swatch + self._width(card.note, 12, QFont.Weight.Normal),
            self._width(card.hint, 12, QFont.Weight.Normal),
        ]
        widths += [self._width(name + price, 12, QFont.Weight.Normal) + 24 for name, price in card.lines]
        width = min(max(_LEAST_WIDTH, int(max(widths)) + 2 * _PADDING + 2), _MOST_WIDTH)
        height = 13 + 26 + (18 if card.note else 0) + (11 + _LINE * len(card.lines) if card.lines else 0)
        height += (_LINE + 4 if card.hint else 0) + (10 if card.hint else 12)
        return QSize(width, height)

    def _width(self, text: str, pixels: int, weight: QFont.Weight) -> float:
        return QFontMetricsF(chart_font(self.font().family(), pixels, weight)).horizontalAdvance(text)

    def _write(
        self, painter: QPainter, text: str, room: QRectF, pixels: int, weight: QFont.Weight, colour: str, *,
        right: bool = False,
    ) -> None:  # fmt: skip
        font = chart_font(self.font().family(), pixels, weight)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        fitted = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideMiddle, room.width() + 1)
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        absolute = Qt.AlignmentFlag.AlignAbsolute  # the chart is not mirrored, and neither is its card
        painter.drawText(room, int(side | absolute | Qt.AlignmentFlag.AlignVCenter), fitted)


def placed(card: QSize, seat: QPointF, gap: float, room: QSize) -> QRect:
    """Right of the seat where it fits, else left; its top a little above the seat's, moved inside of the room."""
    x = seat.x() + gap
    if x + card.width() > room.width() - 8:
        x = seat.x() - gap - card.width()
    y = seat.y() - 32
    if x < 8:  # narrow room: below or above instead
        x = min(max(8.0, seat.x() - card.width() / 2), room.width() - 8.0 - card.width())
        y = seat.y() + gap
        if y + card.height() > room.height() - 8:
            y = seat.y() - gap - card.height()
    y = min(max(8.0, y), max(8.0, room.height() - 8.0 - card.height()))
    return QRect(round(x), round(y), card.width(), card.height())
