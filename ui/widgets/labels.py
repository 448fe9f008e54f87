"""Text in the roles of the type scale."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QFontMetricsF, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from ui.theme import display_font, font, theme, theme_source
from ui.widgets.painting import painter_of


class Text(QLabel):
    """`role`: caption, body, strong, title, page, total. `tone`: ink, ink_2, ink_3, accent, or a semantic colour."""

    def __init__(
        self,
        text: str = "",
        role: str = "body",
        tone: str = "ink",
        *,
        weight: int | None = None,
        wrap: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self.setFont(font(role, weight))
        self.setWordWrap(wrap)
        self.setTextFormat(Qt.TextFormat.PlainText)  # a customer's name is never markup
        self.set_tone(tone)

    def set_tone(self, tone: str) -> None:
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)


class Elided(Text):
    """One line that elides in its middle and then says the whole in its tooltip."""

    def __init__(
        self,
        text: str = "",
        role: str = "body",
        tone: str = "ink",
        *,
        weight: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("", role, tone, weight=weight, parent=parent)
        self._whole = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def setText(self, text: str) -> None:
        self._whole = text
        self.setAccessibleName(text)
        self._elide()

    def text(self) -> str:
        """The whole text, also while it is shown shortened."""
        return self._whole

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._whole) + 2, metrics.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(24, QFontMetrics(self.font()).height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        shown = QFontMetrics(self.font()).elidedText(self._whole, Qt.TextElideMode.ElideMiddle, max(0, self.width()))
        QLabel.setText(self, shown)
        self.setToolTip(self._whole if shown != self._whole else "")
        self.updateGeometry()


class Fit(QWidget):
    """One line in the largest size that fits between `smallest` and `largest` px."""

    def __init__(
        self,
        text: str = "",
        largest: int = 128,
        smallest: int = 40,
        *,
        weight: int = 700,
        tone: str = "ink",
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._text, self._largest, self._smallest = text, largest, smallest
        self._weight, self._tone, self._align = weight, tone, align
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        theme_source().changed.connect(self.update)

    @property
    def text(self) -> str:
        return self._text

    def set_text(self, text: str, tone: str | None = None) -> None:
        self._text = text
        self._tone = tone or self._tone
        self.setAccessibleName(text)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, round(self._largest * 1.1))

    def minimumSizeHint(self) -> QSize:
        return QSize(60, round(self._smallest * 1.1))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        painter.setFont(self._fitting())
        painter.setPen(theme().colors.q(self._tone))
        painter.drawText(QRectF(self.rect()), self._align | Qt.AlignmentFlag.AlignVCenter, self._text)

    def _fitting(self) -> QFont:
        for size in range(self._largest, self._smallest, -2):
            candidate = display_font(size, self._weight, -0.04)
            metrics = QFontMetricsF(candidate)
            if metrics.horizontalAdvance(self._text) <= self.width() and size * 1.08 <= self.height() + 2:
                return candidate
        return display_font(self._smallest, self._weight, -0.04)


def rule(parent: QWidget | None = None) -> QFrame:
    """A hairline between groups."""
    line = QFrame(parent)
    line.setProperty("rule", True)
    line.setFixedHeight(1)
    return line
