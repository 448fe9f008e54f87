"""A question over the window, only for what cannot be undone."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QAccessible, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from ui.theme import theme, theme_source
from ui.widgets.accessible import speak_as
from ui.widgets.buttons import Button
from ui.widgets.focus import step_focus
from ui.widgets.labels import Text
from ui.widgets.painting import box, painter_of
from ui.widgets.shadow import paint_shadow

_RADIUS = 16


class _Card(QFrame):
    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme().colors
        box(painter_of(self), QRectF(self.rect()), colors.surface_raised, colors.line, _RADIUS)


class Dialog(QWidget):
    """Covers its host with a scrim and keeps the focus. Enter confirms, Esc keeps everything as it is."""

    confirmed = Signal()
    dismissed = Signal()

    def __init__(
        self,
        host: QWidget,
        title: str,
        text: str,
        confirm: str,
        keep: str,
        *,
        danger: bool = True,
        extra: QWidget | None = None,
    ) -> None:
        super().__init__(host)
        self._host = host
        self.setAccessibleName(f"{title} {text}")
        speak_as(self, QAccessible.Role.Dialog)
        self._card = _Card(self)
        self._card.setMaximumWidth(560)
        self._card.setMinimumWidth(min(440, host.width() - 32))
        body = QVBoxLayout(self._card)
        body.setContentsMargins(24, 24, 24, 24)
        body.setSpacing(8)
        body.addWidget(Text(title, "title", wrap=True))
        body.addWidget(Text(text, "body", "ink_2", wrap=True))
        if extra is not None:
            body.addSpacing(6)
            body.addWidget(extra)
        body.addSpacing(10)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        self.keep_button = Button(keep, key="Esc")
        self.confirm_button = Button(confirm, "danger_fill" if danger else "primary", key="⏎")
        self.keep_button.clicked.connect(self.dismiss)
        self.confirm_button.clicked.connect(self._confirm)
        row.addWidget(self.keep_button)
        row.addWidget(self.confirm_button)
        body.addLayout(row)
        centre = QVBoxLayout(self)
        centre.addWidget(self._card, 0, Qt.AlignmentFlag.AlignCenter)
        host.installEventFilter(self)
        self.setGeometry(host.rect())
        self._before = host.window().focusWidget()
        theme_source().changed.connect(self.update)

    def ask(self) -> None:
        self.show()
        self.raise_()
        self.confirm_button.setFocus()

    def dismiss(self) -> None:
        self._end()
        self.dismissed.emit()

    def _confirm(self) -> None:
        self._end()
        self.confirmed.emit()

    def _end(self) -> None:
        self.hide()
        self._host.removeEventFilter(self)
        if self._before is not None and isValid(self._before):
            self._before.setFocus()
        self.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._confirm()
        event.accept()  # nothing reaches what lies below

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab stays inside."""
        step_focus([self], forward=forward)
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._host.rect())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        painter.fillRect(self.rect(), theme().colors.q("scrim"))
        paint_shadow(painter, QRectF(self._card.geometry()), "e3", _RADIUS)
