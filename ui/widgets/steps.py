"""Where one is in a short sequence; done steps carry a tick."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import font, icon_pixmap, theme, theme_source
from ui.widgets.painting import painter_of

_DISC, _GAP, _LINE = 26, 10, 32


class Steps(QWidget):
    def __init__(self, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names, self._current = tuple(names), 0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme_source().changed.connect(self.update)
        self.set_current(0)

    def set_current(self, index: int) -> None:
        self._current = index
        self.setAccessibleName(f"Step {index + 1} of {len(self._names)}: {self._names[index]}")
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(font("body", 600))
        words = sum(metrics.horizontalAdvance(name) for name in self._names)
        per_step = _DISC + _GAP * 3 + _LINE
        return QSize(round(words + per_step * len(self._names)), 36)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        colors = theme().colors
        x = 0.0
        for index, name in enumerate(self._names):
            disc = QRectF(x, 5, _DISC, _DISC)
            done, here = index < self._current, index == self._current
            painter.setPen(Qt.PenStyle.NoPen if done or here else QPen(colors.q("control_edge"), 1))
            painter.setBrush(colors.q("ink" if done else "accent" if here else "background"))
            painter.drawEllipse(disc)
            if done:
                tick = icon_pixmap("check", colors.q("surface"), 16, self.devicePixelRatioF())
                painter.drawPixmap(QPointF(x + 5, 10), tick)
            else:
                painter.setFont(font("body", 600))
                painter.setPen(colors.q("on_accent" if here else "ink_2"))
                painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, str(index + 1))
            painter.setFont(font("body", 600 if here else 500))
            painter.setPen(colors.q("ink" if here or done else "ink_2"))
            width = QFontMetricsF(font("body", 600)).horizontalAdvance(name)
            x += _DISC + _GAP
            painter.drawText(QRectF(x, 0, width + 2, 36), Qt.AlignmentFlag.AlignVCenter, name)
            x += width + _GAP
            if index < len(self._names) - 1:
                painter.setPen(QPen(colors.q("ink" if done else "line"), 2))
                painter.drawLine(QPointF(x, 18), QPointF(x + _LINE, 18))
            x += _LINE + _GAP
