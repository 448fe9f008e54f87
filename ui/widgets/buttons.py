"""Buttons. A key hint sits inside the control that it presses."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QFontMetricsF, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from ui.theme import font, icon_pixmap, theme, theme_source
from ui.widgets.painting import RADIUS, box, focus_ring, key_hint, key_hint_width, painter_of


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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the focused button, as Space does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            event.accept()
            return
        super().keyPressEvent(event)


class Button(PaintedButton):
    """`role`: primary (one a workspace), second, tonal, quiet, danger. Heights: 44, 56, 72, 88."""

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

    def set_key(self, key: str) -> None:
        self._key = key
        self.updateGeometry()
        self.update()

    def set_height(self, height: int) -> None:
        self._height = height
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        padding = 32 if self._height <= 44 else 48
        return QSize(round(self._content_width() + padding), self._height)

    def minimumSizeHint(self) -> QSize:
        return QSize(round(self._content_width() + 20), self._height)

    def _font_role(self) -> str:
        return "body" if self._height <= 44 else "strong" if self._height <= 56 else "title"

    def _icon_px(self) -> int:
        return 18 if self._height <= 44 else 20 if self._height <= 56 else 24

    def _content_width(self) -> float:
        text = QFontMetricsF(font(self._font_role(), 600)).horizontalAdvance(self.text())
        icon = self._icon_px() + (8 if self.text() else 0) if self._icon else 0
        return text + icon + key_hint_width(self._key)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        fill, edge, ink = self._look()
        if not self.isEnabled():
            painter.setOpacity(0.42)
        rect = QRectF(self.rect())
        box(painter, rect, fill, edge, RADIUS if self._height <= 56 else 10)
        if self.hasFocus():
            focus_ring(painter, rect)
        middle = rect.center().y()
        x = rect.center().x() - self._content_width() / 2
        if self._icon:
            size = self._icon_px()
            pixmap = icon_pixmap(self._icon, ink, size, self.devicePixelRatioF())
            painter.drawPixmap(QPointF(x, middle - size / 2), pixmap)
            x += size + 8
        painter.setFont(font(self._font_role(), 600))
        painter.setPen(ink)
        width = QFontMetricsF(painter.font()).horizontalAdvance(self.text())
        painter.drawText(QRectF(x, rect.top(), width + 4, rect.height()), Qt.AlignmentFlag.AlignVCenter, self.text())
        if self._key:
            filled = self._role in ("primary", "danger_fill")
            key_hint(painter, x + width + key_hint_width(self._key), middle, self._key, ink, plain=filled)

    def _look(self) -> tuple[str | None, str | None, QColor]:
        colors = theme().colors
        pressed = self._hovered and self.isEnabled()
        on = self.isChecked()
        if self._role == "primary":
            return (colors.accent_hover if pressed else colors.accent), None, colors.q("on_accent")
        if self._role == "danger_fill":
            return colors.danger, None, colors.q("on_danger_fill")
        if self._role == "danger":
            return (colors.danger_soft if pressed else colors.surface), colors.danger, colors.q("danger")
        if self._role == "accent":
            return (colors.accent_soft if pressed else colors.surface), colors.accent, colors.q("accent")
        if self._role == "tonal" or on:
            return colors.accent_soft, colors.accent if on else None, colors.q("on_accent_soft")
        if self._role == "quiet":
            return (colors.surface_sunken if pressed else None), None, colors.q("ink_2")
        if self._role == "soft":
            return colors.surface_sunken, colors.line, colors.q("ink")
        return (colors.surface_sunken if pressed else colors.surface), colors.control_edge, colors.q("ink")


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
            painter.setOpacity(0.42)
        if self._hovered and self.isEnabled():
            box(painter, rect, colors.surface_sunken, None)
        if self.hasFocus():
            focus_ring(painter, rect)
        size = 20 if self.width() >= 40 else 16
        pixmap = icon_pixmap(self._icon, colors.q("ink_2"), size, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(rect.center().x() - size / 2, rect.center().y() - size / 2), pixmap)


class RailButton(PaintedButton):
    """Icon above word; the chosen one is accent soft. `badge` above 0 shows a number."""

    def __init__(self, icon: str, text: str, checkable: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._icon, self._badge, self._words = icon, 0, True
        self.setCheckable(checkable)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_badge(self, badge: int) -> None:
        self._badge = badge
        self.update()

    def show_words(self, words: bool) -> None:
        """Icons only where room is short; the word becomes a tooltip."""
        self._words = words
        self.setToolTip("" if words else self.text())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(60, 60 if self._words else 48)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        colors = theme().colors
        rect = QRectF(self.rect()).adjusted(0, 0, 0, 0)
        if self.isChecked():
            box(painter, rect, colors.accent_soft, None, 10)
        elif self._hovered:
            box(painter, rect, colors.line, None, 10)
        if self.hasFocus():
            focus_ring(painter, rect, 10)
        ink = colors.q("accent" if self.isChecked() else "ink_2")
        top = 12.0 if self._words else rect.height() / 2 - 11
        x = rect.center().x() - 11
        painter.drawPixmap(QPointF(x, top), icon_pixmap(self._icon, ink, 22, self.devicePixelRatioF()))
        if self._words:
            painter.setFont(font("caption", 600 if self.isChecked() else 500))
            painter.setPen(ink)
            painter.drawText(QRectF(0, 36, rect.width(), 18), Qt.AlignmentFlag.AlignCenter, self.text())
        if self._badge:
            bubble = QRectF(x + 13, top - 6, 18, 18)
            box(painter, bubble, colors.danger, None, 9)
            painter.setFont(font("caption", 700))
            painter.setPen(colors.q("on_danger_fill"))
            painter.drawText(bubble, Qt.AlignmentFlag.AlignCenter, str(min(self._badge, 99)))
