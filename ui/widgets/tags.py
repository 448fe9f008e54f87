"""A word about a state, in its soft colour."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import font, icon_pixmap, theme, theme_source
from ui.widgets.painting import box, painter_of


class Tag(QWidget):
    """`tone`: neutral, success, caution, danger, info."""

    def __init__(self, text: str, tone: str = "neutral", icon: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._tone, self._icon = text, tone, icon
        self.setAccessibleName(text)
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
        width = QFontMetricsF(font("caption", 600)).horizontalAdvance(self._text) + 14 + (16 if self._icon else 0)
        return QSize(round(width), 22)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        colors = theme().colors
        neutral = self._tone == "neutral"
        ink = colors.q("ink_2" if neutral else self._tone)
        fill = colors.surface_sunken if neutral else getattr(colors, f"{self._tone}_soft")
        box(painter, QRectF(self.rect()), fill, None, 5)
        x = 7.0
        if self._icon:
            painter.drawPixmap(QPointF(x, 5), icon_pixmap(self._icon, ink, 12, self.devicePixelRatioF()))
            x += 16
        painter.setFont(font("caption", 600))
        painter.setPen(ink)
        painter.drawText(QRectF(x, 0, self.width() - x, 22), Qt.AlignmentFlag.AlignVCenter, self._text)
