"""Messages that do not stop the work: bottom centre, at most two."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QColor, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.theme import icon_pixmap, theme
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import Text
from ui.widgets.painting import box, painter_of

SHOWN_MS = 6000
MOST = 2
_ICONS = {"success": "circle-check", "info": "info", "caution": "triangle-alert", "danger": "circle-x"}


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
        self._tone, self._icon = tone, icon or _ICONS[tone]
        self.key = key
        row = QHBoxLayout(self)
        row.setContentsMargins(56, 14, 12, 18)
        row.setSpacing(16)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(Text(title, "body", weight=600, wrap=True))
        if text:
            words.addWidget(Text(text, "body", "ink_2", wrap=True))
        row.addLayout(words, 1)
        self.action = Button(action, "quiet", key=key) if action else None
        if self.action is not None:
            row.addWidget(self.action, 0, Qt.AlignmentFlag.AlignVCenter)
        self.dismiss = IconButton("x", "Close this message", 36)
        row.addWidget(self.dismiss, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setAccessibleName(f"{title} {text}".strip())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        colors = theme().colors
        rect = QRectF(self.rect()).adjusted(4, 2, -4, -6)
        shade = QColor(0, 0, 0, 60 if theme().is_dark else 16)
        for spread in (4, 3, 2, 1):
            box(painter, rect.adjusted(-spread / 2, 0, spread / 2, spread + 1), shade, None, 10 + spread / 2)
            shade.setAlpha(shade.alpha() * 2 // 3)
        box(painter, rect, colors.surface_raised, colors.line, 10)
        bar = QPainterPath()
        bar.addRoundedRect(rect, 10, 10)
        painter.setClipRect(QRectF(rect.left(), rect.top(), 4, rect.height()))
        painter.fillPath(bar, colors.q(self._tone))
        painter.setClipping(False)
        pixmap = icon_pixmap(self._icon, colors.q(self._tone), 20, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(24, rect.center().y() - 10), pixmap)


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
        """A third toast replaces the oldest. With `stays` there is no time-out: it is about money."""
        toast.setParent(self._host)
        while len(self._toasts) >= MOST:
            self._drop(self._toasts[0])
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
        toast.show()
        toast.raise_()
        self._place()
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
            toast.hide()
            toast.deleteLater()
            self._place()

    def _place(self) -> None:
        bottom = self._host.height() - 16
        for toast in reversed(self._toasts):
            width = max(280, min(620, self._host.width() - 48))
            layout = toast.layout()
            height = layout.heightForWidth(width) if layout is not None else -1
            toast.resize(width, max(64, height if height > 0 else toast.sizeHint().height()))
            toast.move(QPoint((self._host.width() - width) // 2, bottom - toast.height()))
            bottom -= toast.height() + 4
