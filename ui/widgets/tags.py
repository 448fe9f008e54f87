"""A word about a state, in its soft colour."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import font, theme, theme_source
from ui.widgets.accessible import speak_as
from ui.widgets.painting import box, draw_icon, painter_of

TAG_HEIGHT = 22


class Tag(QWidget):
    """`tone`: neutral, success, caution, danger, info."""

    def __init__(self, text: str, tone: str = "neutral", icon: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._tone, self._icon = text, tone, icon
        self.setAccessibleName(text)
        speak_as(self, QAccessible.Role.StaticText)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme_source().changed.connect(self.update)

    @property
    def text(self) -> str:
        return self._text

    def set(self, text: str, tone: str = "neutral", icon: str = "") -> None:
        self._text, self._tone, self._icon = text, tone, icon
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(round(tag_width(self._text, self._icon)), TAG_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_tag(painter_of(self), self, QRectF(self.rect()), self._text, self._tone, self._icon)


def tag_width(text: str, icon: str = "") -> float:
    return QFontMetricsF(font("caption", 600)).horizontalAdvance(text) + 14 + (16 if icon else 0)


def paint_tag(painter: QPainter, within: QWidget, rect: QRectF, text: str, tone: str, icon: str = "") -> None:
    """For rows, which paint their tags themselves. `within` tells the reading direction."""
    colors = theme().colors
    neutral = tone == "neutral"
    ink = colors.q("ink_2" if neutral else tone)
    box(painter, rect, colors.surface_sunken if neutral else getattr(colors, f"{tone}_soft"), None, 5)
    mirrored = within.isRightToLeft()
    words = rect.adjusted(7, 0, -5, 0)
    if icon:
        draw_icon(painter, icon, ink, rect.right() - 19 if mirrored else rect.left() + 7, rect.center().y(), 12)
        words.adjust(0 if mirrored else 16, 0, -16 if mirrored else 0, 0)
    painter.setFont(font("caption", 600))
    painter.setPen(ink)
    painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
