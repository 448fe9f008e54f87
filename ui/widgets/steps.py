"""Where one is in a short sequence; done steps carry a tick."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QFontMetricsF, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import font, theme, theme_source
from ui.widgets.accessible import speak_as
from ui.widgets.painting import draw_icon, painter_of, visual

_DISC, _GAP, _LINE = 26, 10, 32


class Steps(QWidget):
    def __init__(self, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names, self._current = tuple(names), 0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme_source().changed.connect(self.update)
        speak_as(self, QAccessible.Role.StaticText)
        self.set_current(0)

    def set_current(self, index: int) -> None:
        self._current = index
        self.setAccessibleName(self.tr("Step {} of {}: {}").format(index + 1, len(self._names), self._names[index]))
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(font("body", 600))
        words = sum(metrics.horizontalAdvance(name) for name in self._names)
        count = len(self._names)
        return QSize(round(words + (_DISC + _GAP) * count + (_LINE + 2 * _GAP) * (count - 1)) + 2, 36)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        colors = theme().colors
        left = 0.0
        for index, name in enumerate(self._names):
            disc = visual(self, QRectF(left, 5, _DISC, _DISC))
            done, here = index < self._current, index == self._current
            if done or here:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colors.q("ink" if done else "accent"))
                painter.drawEllipse(disc)
            else:
                painter.setPen(QPen(colors.q("control_edge"), 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(disc.adjusted(0.5, 0.5, -0.5, -0.5))
            if done:
                draw_icon(painter, "check", colors.q("surface"), disc.left() + 5, disc.center().y(), 16)
            else:
                painter.setFont(font("body", 600))
                painter.setPen(colors.q("on_accent" if here else "ink_2"))
                painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, str(index + 1))
            painter.setFont(font("body", 600 if here else 500))
            painter.setPen(colors.q("ink" if here or done else "ink_2"))
            width = QFontMetricsF(font("body", 600)).horizontalAdvance(name)
            left += _DISC + _GAP
            words = visual(self, QRectF(left, 0, width + 2, 36))
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
            left += width + _GAP
            if index < len(self._names) - 1:
                painter.fillRect(visual(self, QRectF(left, 17, _LINE, 2)), colors.q("ink" if done else "line"))
            left += _LINE + _GAP
