"""Messages that do not stop the work: bottom centre, at most two, and none that newer ones have made untrue."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QPoint, QPropertyAnimation, QRectF, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.theme import duration_ms, theme, theme_source
from ui.widgets.accessible import speak_as
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import Text
from ui.widgets.painting import box, draw_icon, painter_of, visual
from ui.widgets.shadow import Shadow

SHOWN_MS = 6000
MOST = 2
_RISES_PX = 8
_RADIUS = 10
_BAR_PX = 4
_ABOVE = "toasts_above"
_ICONS = {"success": "circle-check", "info": "info", "caution": "triangle-alert", "danger": "circle-x"}


def keep_above(host: QWidget, part: QWidget | None) -> None:
    """Toasts over `host` leave `part` of it free and what lies below it; None: they begin at the bottom again."""
    host.setProperty(_ABOVE, part)


class Toast(QWidget):
    """A tone bar, an icon, a title, a sentence, and at most one action."""

    def __init__(
        self,
        tone: str,
        title: str,
        text: str = "",
        icon: str = "",
        action: str = "",
        key: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.tone, self._icon = tone, icon or _ICONS[tone]
        self.key = key
        self.stays = False
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 12, 10)
        row.setSpacing(16)
        row.addSpacing(44)  # for the icon; a spacer changes sides with the reading direction, a margin does not
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(Text(title, "body", weight=600, wrap=True))
        if text:
            words.addWidget(Text(text, "body", "ink_2", wrap=True))
        words.addStretch(1)
        row.addLayout(words, 1)
        self.action = Button(action, "link", key=key) if action else None
        if self.action is not None:
            row.addWidget(self.action, 0, Qt.AlignmentFlag.AlignVCenter)
        self.dismiss = IconButton("x", self.tr("Close this message"))
        row.addWidget(self.dismiss, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setAccessibleName(f"{title} {text}".strip())
        self.setMinimumHeight(64)
        speak_as(self, QAccessible.Role.AlertMessage)
        theme_source().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        colors = theme().colors
        rect = QRectF(self.rect())
        box(painter, rect, colors.surface_raised, colors.line, _RADIUS)
        whole, inner = QPainterPath(), QPainterPath()
        whole.addRoundedRect(rect, _RADIUS, _RADIUS)
        into = -_BAR_PX if self.isRightToLeft() else _BAR_PX
        inner.addRoundedRect(rect.translated(into, 0), _RADIUS - 2, _RADIUS - 2)
        painter.fillPath(whole - inner, colors.q(self.tone))
        left = visual(self, QRectF(22, 0, 20, 0)).left()
        draw_icon(painter, self._icon, colors.q(self.tone), left, rect.center().y(), 20)


class ToastArea(QObject):
    """Shows toasts over `host`, at its bottom centre, and announces them to a screen reader."""

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self._host = host
        self._toasts: list[Toast] = []
        host.installEventFilter(self)

    @property
    def toasts(self) -> tuple[Toast, ...]:
        return tuple(self._toasts)

    def show(self, toast: Toast, on_action: Callable[[], None] | None = None, stays: bool = False) -> None:
        """With `stays` there is no time-out, and only others about money take its place.

        Those that pass make room: for the next of their tone, and all of them for a success. A third toast replaces
        the oldest.
        """
        toast.setParent(self._host)
        toast.stays = stays
        toast.dismiss.setVisible(stays)
        for old in self.toasts:
            if not old.stays and toast.tone in (old.tone, "success"):
                self._drop(old)
        while len(self._toasts) >= MOST:
            self._drop(next((old for old in self._toasts if not old.stays), self._toasts[0]))
        self._toasts.append(toast)
        toast.dismiss.clicked.connect(lambda: self._drop(toast))
        if toast.action is not None:

            def act() -> None:
                self._drop(toast)
                if on_action is not None:
                    on_action()

            toast.action.clicked.connect(act)
        if not stays:
            timer = QTimer(toast)
            timer.setSingleShot(True)
            timer.timeout.connect(lambda: self._drop(toast))
            timer.start(SHOWN_MS)
        Shadow(toast, "e2", _RADIUS)
        toast.show()
        toast.raise_()
        self._place()
        self._rise(toast)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._host, toast.accessibleName()))

    def clear(self) -> None:
        for toast in list(self._toasts):
            self._drop(toast)

    def press(self, key: str) -> bool:
        """Press the action whose hint is `key`; False when there is none."""
        for toast in reversed(self._toasts):
            if toast.key == key and toast.action is not None:
                toast.action.click()
                return True
        return False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self._place()
        return False

    def _drop(self, toast: Toast) -> None:
        if toast in self._toasts:
            self._toasts.remove(toast)
            focused = self._host.window().focusWidget()
            if focused is not None and toast.isAncestorOf(focused):
                self._host.setFocus()
            toast.hide()
            toast.deleteLater()
            self._place()

    def _rise(self, toast: Toast) -> None:
        """Shows where it came from; at once where the system asks for no motion."""
        if not duration_ms():
            return
        there = toast.pos()
        rising = QPropertyAnimation(toast, b"pos", toast)
        rising.setDuration(duration_ms())
        rising.setEasingCurve(QEasingCurve.Type.OutCubic)
        rising.setStartValue(there + QPoint(0, _RISES_PX))
        rising.setEndValue(there)
        rising.start(QPropertyAnimation.DeletionPolicy.DeleteWhenStopped)

    def _place(self) -> None:
        bottom = self._host.height() - 20
        part = self._host.property(_ABOVE)
        if isinstance(part, QWidget) and self._host.isAncestorOf(part) and part.isVisible():
            bottom = part.mapTo(self._host, QPoint()).y() - 12
        width = max(280, min(620, self._host.width() - 48))
        for toast in reversed(self._toasts):
            for rising in toast.findChildren(QPropertyAnimation):
                rising.stop()
            layout = toast.layout()
            height = layout.heightForWidth(width) if layout is not None else -1
            toast.resize(width, max(toast.minimumHeight(), height if height > 0 else toast.sizeHint().height()))
            toast.move((self._host.width() - width) // 2, bottom - toast.height())
            bottom -= toast.height() + 12
