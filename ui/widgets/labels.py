"""Text in the roles of the type scale."""

from __future__ import annotations

from functools import lru_cache
from html import escape

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QFontMetrics, QFontMetricsF, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from boxoffice.domain.money import Money
from ui.formats import Formats
from ui.theme import display_font, font, line_height, theme, theme_source
from ui.widgets.accessible import speak_as
from ui.widgets.painting import KEY_HEIGHT, key_cap_width, key_hint, painter_of

_TRACKING_EM = -0.04


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
        super().__init__(parent)
        self._plain, self._line = "", line_height(role)
        self.setFont(font(role, weight))
        self.setWordWrap(wrap)
        self.setTextFormat(Qt.TextFormat.RichText if wrap else Qt.TextFormat.PlainText)
        self.set_tone(tone)
        self.setText(text)

    def setText(self, text: str) -> None:
        """Plain text: a customer's name is never markup."""
        self._plain = text
        if not self.wordWrap():
            super().setText(text)
            return
        lines = escape(text).replace("\n", "<br>")
        super().setText(f'<p style="line-height:{self._line}px; margin:0">{lines}</p>' if text else "")

    def text(self) -> str:
        return self._plain

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(QSize(0, self._line))

    def minimumSizeHint(self) -> QSize:
        return super().minimumSizeHint().expandedTo(QSize(0, self._line))

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
        self._whole = ""
        super().__init__("", role, tone, weight=weight, parent=parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def setText(self, text: str) -> None:
        self._whole = text
        self.setAccessibleName(text)
        self._elide()
        self.updateGeometry()

    def text(self) -> str:
        """The whole text, also while it is shown shortened."""
        return self._whole

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._whole) + 2, max(self._line, metrics.height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(24, self._line)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        shown = QFontMetrics(self.font()).elidedText(self._whole, Qt.TextElideMode.ElideMiddle, max(0, self.width()))
        QLabel.setText(self, shown)
        self.setToolTip(self._whole if shown != self._whole else "")


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
        speak_as(self, QAccessible.Role.StaticText)
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
        size = fitting_px(self._text, self.width(), self.height(), self._largest, self._smallest, self._weight)
        painter.setFont(display_font(size, self._weight, _TRACKING_EM))
        painter.setPen(theme().colors.q(self._tone))
        painter.drawText(QRectF(self.rect()), self._align | Qt.AlignmentFlag.AlignVCenter, self._text)


@lru_cache(maxsize=256)
def fitting_px(text: str, width: int, height: int, largest: int, smallest: int, weight: int = 700) -> int:
    """The largest size at which `text` stays on one line of `width` and under `height`; never under `smallest`."""
    low, high = smallest, max(smallest, min(largest, int((height + 2) / 1.08)))
    while low < high:
        middle = (low + high + 1) // 2
        metrics = QFontMetricsF(display_font(middle, weight, _TRACKING_EM))
        low, high = (middle, high) if metrics.horizontalAdvance(text) <= width else (low, middle - 1)
    return low


class MoneyLabel(Text):
    """An amount with its sign and currency, at the end of its line so that figures stand below each other."""

    def __init__(
        self,
        formats: Formats,
        role: str = "body",
        tone: str = "ink",
        *,
        weight: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("", role, tone, weight=weight, parent=parent)
        self._formats = formats
        self.setAlignment(Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.MinimumExpanding, QSizePolicy.Policy.Fixed)

    def show_money(self, amount: Money) -> None:
        self.setText(self._formats.money(amount))


class KeyCap(QWidget):
    """A key in a sentence: the cap that stands in controls, on its own."""

    def __init__(self, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = key
        self.setAccessibleName(self.tr("Enter") if key == "⏎" else key)
        speak_as(self, QAccessible.Role.StaticText)
        self.setFixedSize(round(key_cap_width(key)), round(KEY_HEIGHT))
        theme_source().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        ink = theme().colors.q("ink_2")
        key_hint(painter_of(self), self.width(), self.height() / 2, self._key, ink, plain=False)


def rule(parent: QWidget | None = None) -> QFrame:
    """A hairline between groups."""
    line = QFrame(parent)
    line.setProperty("rule", True)
    line.setFixedHeight(1)
    return line
