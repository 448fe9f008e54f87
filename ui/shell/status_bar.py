"""The one quiet line at the bottom: link, facts waiting, devices; till, shift, who, and the time."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.formats import Formats
from ui.shell.status import StatusItem
from ui.theme import font, icon_pixmap, theme, theme_source
from ui.widgets.painting import visual

HEIGHT = 32
_ICON = 16
_GAP = 20
_TICK_MS = 1000


class StatusBar(QWidget):
    """Painted in one go; a screen reader gets the whole line as its description."""

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._formats = formats
        self._left: Sequence[StatusItem] = ()
        self._right: Sequence[StatusItem] = ()
        self._time = ""
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Status"))
        theme_source().changed.connect(self.update)
        self._clock = QTimer(self)
        self._clock.timeout.connect(self._tick)
        self._clock.start(_TICK_MS)
        self._tick()

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(item.text for item in (*self._left, *self._right))

    def show_items(self, left: Sequence[StatusItem], right: Sequence[StatusItem]) -> None:
        self._left, self._right = left, right
        self.setAccessibleDescription(", ".join(self.words))
        self.update()

    def set_formats(self, formats: Formats) -> None:
        self._formats = formats
        self._tick()

    def sizeHint(self) -> QSize:
        return QSize(600, HEIGHT)

    def _tick(self) -> None:
        time = self._formats.time(self._formats.now())
        if time != self._time:
            self._time = time
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors = theme().colors
        painter.fillRect(self.rect(), colors.q("background"))
        painter.fillRect(QRectF(0, 0, self.width(), 1), colors.q("line"))
        end = self._paint_right(painter)
        x = 20.0
        for item in self._left:
            if x + self._width(item) > end - _GAP:
                break  # the narrowest windows drop what is normal anyway; the time stays
            x = self._paint_item(painter, x, item) + _GAP

    def _paint_right(self, painter: QPainter) -> float:
        colors = theme().colors
        painter.setFont(font("caption", 700))
        painter.setPen(colors.q("ink"))
        width = QFontMetricsF(painter.font()).horizontalAdvance(self._time)
        x = self.width() - 20 - width
        time = visual(self, QRectF(x, 0, width + 2, HEIGHT))
        painter.drawText(time, Qt.AlignmentFlag.AlignVCenter, self._time)
        for item in reversed(self._right):
            painter.fillRect(visual(self, QRectF(x - _GAP / 2 - 4, 9, 1, HEIGHT - 18)), colors.q("line"))
            x -= self._width(item) + _GAP + 4
            self._paint_item(painter, x, item)
        return x

    def _paint_item(self, painter: QPainter, x: float, item: StatusItem) -> float:
        colors = theme().colors
        is_loud = item.tone is not None and item.tone != "success"
        ink = colors.q(item.tone.value) if is_loud and item.tone is not None else colors.q("ink_2")
        middle = HEIGHT / 2
        if item.icon:
            pixmap = icon_pixmap(item.icon, ink, _ICON, self.devicePixelRatioF())
            painter.drawPixmap(visual(self, QRectF(x, middle - _ICON / 2, _ICON, _ICON)).topLeft(), pixmap)
            x += _ICON + 7
        elif item.tone is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.q(item.tone.value))
            painter.drawEllipse(visual(self, QRectF(x, middle - 4, 8, 8)))
            x += 15
        painter.setFont(font("caption", 600 if is_loud else 500))
        painter.setPen(ink)
        width = QFontMetricsF(painter.font()).horizontalAdvance(item.text)
        painter.drawText(visual(self, QRectF(x, 0, width + 4, HEIGHT)), Qt.AlignmentFlag.AlignVCenter, item.text)
        return x + width

    @staticmethod
    def _width(item: StatusItem) -> float:
        is_loud = item.tone is not None and item.tone != "success"
        text = QFontMetricsF(font("caption", 600 if is_loud else 500)).horizontalAdvance(item.text)
        return text + (_ICON + 7 if item.icon else 15 if item.tone is not None else 0)
