"""Buttons. A key hint sits inside the control that it presses."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QFontMetricsF, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from ui.theme import font, theme, theme_source
from ui.widgets.painting import DISABLED, RADIUS, box, draw_icon, frame, key_hint, key_hint_width, painter_of, visual

_GAP = 8
_MIDDLE_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


class PaintedButton(QAbstractButton):
    """What every painted button shares: hover, focus by keyboard, repaint on a new theme."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setAccessibleName(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._hovered = False
        theme_source().changed.connect(self.update)

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setAccessibleName(text)
        self.updateGeometry()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hovered = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = False
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        """A disabled button gets no leave event, and a hand over it would promise something."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange:
            self._hovered = self._hovered and self.isEnabled()
            self.setCursor(Qt.CursorShape.PointingHandCursor if self.isEnabled() else Qt.CursorShape.ArrowCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the focused button, as Space does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            event.accept()
            return
        super().keyPressEvent(event)


class Button(PaintedButton):
    """`role`: primary (one a workspace), second, soft, accent, tonal, quiet, danger, danger_fill.

    Heights: 44, 56, 72, 88. Where room is short the key hint goes first, then the text is shortened.
    """

    def __init__(
        self,
        text: str,
        role: str = "second",
        icon: str = "",
        key: str = "",
        height: int = 44,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._role, self._icon, self._key, self._height = role, icon, key, height
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_role(self, role: str) -> None:
        self._role = role
        self.update()

    def set_icon(self, icon: str) -> None:
        self._icon = icon
        self.updateGeometry()
        self.update()

    @property
    def key(self) -> str:
        """The hint inside it."""
        return self._key

    def set_key(self, key: str) -> None:
        self._key = key
        self.updateGeometry()
        self.update()

    def set_height(self, height: int) -> None:
        self._height = height
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        padding = 32 if self._height <= 44 else 48
        return QSize(max(44, round(self._content_width(self._key) + padding)), self._height)

    def minimumSizeHint(self) -> QSize:
        return QSize(max(44, round(self._content_width(self._key) + 20)), self._height)

    def _font_role(self) -> str:
        return "body" if self._height <= 44 else "strong" if self._height <= 56 else "title"

    def _icon_px(self) -> int:
        return 18 if self._height <= 44 else 20 if self._height <= 56 else 24

    def _content_width(self, key: str) -> float:
        text = QFontMetricsF(font(self._font_role(), 600)).horizontalAdvance(self.text())
        icon = self._icon_px() + (_GAP if self.text() else 0) if self._icon else 0
        return text + icon + key_hint_width(key)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        fill, edge, ink = self._look()
        if not self.isEnabled():
            painter.setOpacity(DISABLED)
        rect = QRectF(self.rect())
        frame(painter, rect, fill, edge, RADIUS if self._height <= 56 else 10, focused=self.hasFocus())
        key = self._key if self._content_width(self._key) + 12 <= rect.width() else ""
        middle = rect.center().y()
        left = max(6.0, rect.center().x() - self._content_width(key) / 2)
        if self._icon:
            size = self._icon_px()
            draw_icon(painter, self._icon, ink, visual(self, QRectF(left, 0, size, 0)).left(), middle, size)
            left += size + _GAP
        painter.setFont(font(self._font_role(), 600))
        painter.setPen(ink)
        metrics = QFontMetricsF(painter.font())
        text = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, rect.width() - left - 4)
        width = metrics.horizontalAdvance(text)
        painter.drawText(visual(self, QRectF(left, 0, width + 2, rect.height())), _MIDDLE_LEFT, text)
        if key:
            cap = visual(self, QRectF(left + width, 0, key_hint_width(key), 0))
            right = cap.right() if not self.isRightToLeft() else cap.right() - 8
            filled = self._role in ("primary", "danger_fill")
            key_hint(painter, right, middle, key, ink, plain=filled)

    def _look(self) -> tuple[str | None, str | None, QColor]:
        """Fill, edge and ink."""
        colors = theme().colors
        over = (self._hovered or self.isDown()) and self.isEnabled()
        on = self.isChecked()
        if self._role == "primary":
            return (colors.accent_hover if over else colors.accent), None, colors.q("on_accent")
        if self._role == "danger_fill":
            fill = colors.q("danger").darker(112 if not theme().is_dark else 94) if over else colors.q("danger")
            return fill.name(), None, colors.q("on_danger_fill")
        if self._role == "danger":
            return (colors.danger_soft if over else colors.surface), colors.danger, colors.q("danger")
        if self._role == "accent":
            return (colors.accent_soft if over else colors.surface), colors.accent, colors.q("accent")
        if self._role == "tonal" or on:
            return colors.accent_soft, colors.accent if on or over else None, colors.q("on_accent_soft")
        if self._role == "quiet":
            return (colors.surface_sunken if over else None), None, colors.q("ink_2")
        if self._role == "link":
            return (colors.accent_soft if over else None), None, colors.q("accent")
        if self._role == "soft":
            edge = colors.control_edge if over else colors.line
            return colors.surface_sunken, edge, colors.q("ink")
        return (colors.surface_sunken if over else colors.surface), colors.control_edge, colors.q("ink")


class IconButton(PaintedButton):
    """A square target of 44 with an icon; `name` is what a screen reader says."""

    def __init__(self, icon: str, name: str, size: int = 44, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._icon = icon
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFixedSize(size, size)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        colors = theme().colors
        rect = QRectF(self.rect())
        if not self.isEnabled():
            painter.setOpacity(DISABLED)
        over = (self._hovered or self.isDown()) and self.isEnabled()
        fill = colors.accent_soft if self.isChecked() else colors.surface_sunken if over else None
        frame(painter, rect, fill, None, focused=self.hasFocus())
        size = 20 if self.width() >= 40 else 16
        ink = colors.q("on_accent_soft" if self.isChecked() else "ink_2")
        draw_icon(painter, self._icon, ink, rect.center().x() - size / 2, rect.center().y(), size)


class RailButton(PaintedButton):
    """Icon above word; the chosen one is accent soft. `badge` above 0 shows a number."""

    def __init__(self, icon: str, text: str, checkable: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._icon, self._badge, self._words = icon, 0, True
        self.setCheckable(checkable)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_badge(self, badge: int) -> None:
        self._badge = badge
        self.setAccessibleDescription(str(badge) if badge else "")
        self.update()

    def show_words(self, words: bool) -> None:
        """Icons only where room is short; the word becomes a tooltip."""
        self._words = words
        self.setToolTip("" if words else self.text())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        word = QFontMetricsF(font("caption", 600)).horizontalAdvance(self.text()) if self._words else 0
        return QSize(max(60 if self._words else 48, round(word) + 4), 60 if self._words else 48)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        colors = theme().colors
        rect = QRectF(self.rect())
        fill = colors.accent_soft if self.isChecked() else colors.line if self._hovered and self.isEnabled() else None
        if not self.isEnabled():
            painter.setOpacity(DISABLED)
        frame(painter, rect, fill, None, 10, focused=self.hasFocus())
        ink = colors.q("on_accent_soft" if self.isChecked() else "ink_2")
        middle = 23.0 if self._words else rect.center().y()
        left = rect.center().x() - 11
        draw_icon(painter, self._icon, ink, left, middle, 22)
        if self._words:
            painter.setFont(font("caption", 600 if self.isChecked() else 500))
            painter.setPen(ink)
            painter.drawText(QRectF(0, 36, rect.width(), 18), Qt.AlignmentFlag.AlignCenter, self.text())
        if self._badge:
            count = str(self._badge) if self._badge < 100 else "99+"
            painter.setFont(font("caption", 700))
            width = max(18.0, QFontMetricsF(painter.font()).horizontalAdvance(count) + 9)
            bubble = visual(self, QRectF(left + 13, middle - 17, width, 18))
            box(painter, bubble, colors.danger, None, 9)
            painter.setPen(colors.q("on_danger_fill"))
            painter.drawText(bubble, Qt.AlignmentFlag.AlignCenter, count)
