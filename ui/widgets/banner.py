"""The banner nobody can miss: offline, revoked, a wrong clock."""

from __future__ import annotations

from PySide6.QtCore import QEasingCurve, QPropertyAnimation, QRectF, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QColor, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from ui.theme import duration_ms, theme, theme_source
from ui.theme.tokens import raw_tokens
from ui.widgets.accessible import speak_as
from ui.widgets.buttons import Button
from ui.widgets.labels import Elided, Text
from ui.widgets.painting import draw_icon, painter_of, visual

HEIGHT = 52


def banner_look(tone: str) -> dict[str, str]:
    """Colours of the banner: `fill`, `text`, and where the theme has them `strong` and `edge`."""
    if tone == "danger":
        colors = theme().colors
        if theme().is_dark:
            return {"fill": colors.danger_soft, "text": colors.ink, "strong": colors.danger, "edge": colors.danger}
        return {"fill": colors.danger, "text": colors.on_danger_fill}
    look: dict[str, str] = raw_tokens()["banner_offline"][theme().name]
    return look


class _BannerButton(Button):
    """Outlined in the banner's own ink: the accent has no contrast on amber."""

    tone = "caution"

    def _look(self) -> tuple[str | None, str | None, QColor]:
        look = banner_look(self.tone)
        text = QColor(look["text"])
        over = QColor(look.get("edge", look["text"]))
        over.setAlphaF(0.12 if "edge" not in look else 0.6)
        fill = over.name(QColor.NameFormat.HexArgb) if self._hovered or self.isDown() else None
        return fill, look.get("strong", look["text"]), text


class Banner(QFrame):
    """A bold beginning, a sentence, one button."""

    acted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon, self._tone = "cloud-off", "caution"
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(6)
        row.addSpacing(46)  # for the icon
        self._strong = Text("", "body", weight=700)
        self._text = Elided("", "body")
        self._button = _BannerButton("")
        self._button.clicked.connect(self.acted)
        row.addWidget(self._strong)
        row.addWidget(self._text, 1)
        row.addWidget(self._button)
        speak_as(self, QAccessible.Role.AlertMessage)
        self.setMaximumHeight(0)
        self.hide()  # closed, its button must not take the focus
        self._animation = QPropertyAnimation(self, b"maximumHeight", self)
        self._animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._animation.finished.connect(self._settle)
        self._restyle()
        theme_source().changed.connect(self._restyle)

    @property
    def is_open(self) -> bool:
        return bool(self._animation.endValue() == HEIGHT)

    @property
    def tone(self) -> str:
        return self._tone

    def open(self, strong: str, text: str, button: str = "", icon: str = "cloud-off", tone: str = "caution") -> None:
        """`tone`: `caution` for what goes by itself, `danger` for what somebody must see to."""
        self._strong.setText(strong)
        self._text.setText(text)
        self._button.setText(button)
        self._button.setVisible(bool(button))
        is_news = not self.is_open or tone != self._tone
        self._icon = icon
        self.setAccessibleName(f"{strong} {text}")
        if tone != self._tone:
            self._tone = self._button.tone = tone
            self._restyle()
        if is_news:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self.accessibleName()))
        self.show()
        self._slide(HEIGHT)
        self.update()

    def close_banner(self) -> None:
        self._slide(0)

    def _slide(self, height: int) -> None:
        if self._animation.endValue() == height:
            return
        self._animation.stop()
        self._animation.setDuration(duration_ms())
        self._animation.setStartValue(min(self.height(), self.maximumHeight()))
        self._animation.setEndValue(height)
        self._animation.start()

    def _settle(self) -> None:
        self.setVisible(self.is_open)

    def _restyle(self) -> None:
        look = banner_look(self._tone)
        self._strong.setStyleSheet(f"color: {look.get('strong', look['text'])};")
        self._text.setStyleSheet(f"color: {look['text']};")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = banner_look(self._tone)
        painter = painter_of(self)
        painter.fillRect(self.rect(), QColor(look["fill"]))
        if "edge" in look:
            painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(look["edge"]))
        left = visual(self, QRectF(20, 0, 22, 0)).left()
        draw_icon(painter, self._icon, look.get("strong", look["text"]), left, self.height() / 2, 22)
