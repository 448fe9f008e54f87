"""Cards over the whole window that explain: the keys of this place, what still works offline."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from ui.shell.status import what_still_works
from ui.shell.workspace import KeyHint
from ui.theme import display_font, icon_pixmap, theme, theme_source
from ui.widgets import Button, IconButton, Segments, Text
from ui.widgets.focus import step_focus
from ui.widgets.painting import box, key_cap_width, key_hint, key_hint_width, painter_of, visual

_COLUMNS_FROM = 900


class _Card(QFrame):
    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme().colors
        box(painter_of(self), QRectF(self.rect()), colors.surface_raised, colors.line, 16)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()


class Overlay(QWidget):
    """Covers its host until Esc, its cross, or a click beside it. Focus goes back where it was."""

    closed = Signal()

    def __init__(self, host: QWidget, title: str, width: int) -> None:
        super().__init__(host)
        self._host, self._wanted = host, width
        self._before: QWidget | None = None
        self._card = _Card(self)
        column = QVBoxLayout(self._card)
        column.setContentsMargins(28, 20, 20, 24)
        column.setSpacing(12)
        head = QHBoxLayout()
        self._title = Text(title, "title")
        self._cross = IconButton("x", self.tr("Close (Esc)"))
        self._cross.clicked.connect(self.close_overlay)
        head.addWidget(self._title, 1)
        head.addWidget(self._cross)
        column.addLayout(head)
        self.content = QVBoxLayout()
        self.content.setContentsMargins(0, 0, 8, 0)
        self.content.setSpacing(12)
        column.addLayout(self.content)
        self.setAccessibleName(title)
        self.hide()
        host.installEventFilter(self)
        theme_source().changed.connect(self.update)

    def open(self) -> None:
        self._before = self.window().focusWidget()
        self.setGeometry(self._host.rect())
        self.show()
        self.raise_()
        self._place()
        self._cross.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_overlay(self) -> None:
        if self.isHidden():
            return
        self.hide()
        if self._before is not None:
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_F1, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.close_overlay()
        event.accept()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab stays inside."""
        step_focus([self], forward=forward)
        return True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.close_overlay()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._host and event.type() == QEvent.Type.Resize and self.isVisible():
            self.setGeometry(self._host.rect())
            self._place()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter_of(self).fillRect(self.rect(), theme().colors.q("scrim"))

    def _place(self) -> None:
        width = min(self._wanted, self.width() - 48)
        self._card.setFixedWidth(width)
        height = min(max(self._card.sizeHint().height(), self._card.heightForWidth(width)), self.height() - 48)
        self._card.setGeometry((self.width() - width) // 2, (self.height() - height) // 2, width, height)


class _KeyLine(QWidget):
    """What, and the key that does it."""

    def __init__(self, hint: KeyHint, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hint = hint
        self.setAccessibleName(f"{hint.what}: {hint.keys}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(260, 30)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        colors = theme().colors
        width = key_hint_width(self._hint.keys)
        right = self.width() - 1 if not self.isRightToLeft() else key_cap_width(self._hint.keys) + 1
        key_hint(painter, right, self.height() / 2, self._hint.keys, colors.q("ink_2"), plain=False)
        painter.setFont(display_font(14, 400))
        painter.setPen(colors.q("ink"))
        room = self.width() - width - 8
        text = QFontMetricsF(painter.font()).elidedText(self._hint.what, Qt.TextElideMode.ElideRight, room)
        painter.drawText(visual(self, QRectF(0, 0, room, self.height())), Qt.AlignmentFlag.AlignVCenter, text)


class HelpOverlay(Overlay):
    """F1: every key of the place that is shown, the keys that work everywhere, and how the program looks."""

    theme_chosen = Signal(str)  # system, light or dark

    def __init__(self, host: QWidget) -> None:
        super().__init__(host, "", 860)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.content.addWidget(self._scroll, 1)
        row = QHBoxLayout()
        row.addWidget(Text(self.tr("Appearance"), "body", "ink_2"))
        row.addStretch()
        self.appearance = Segments()
        self.appearance.set_items(
            [("system", self.tr("As the system"), ""), ("light", self.tr("Light"), ""), ("dark", self.tr("Dark"), "")]
        )
        self.appearance.chosen.connect(self.theme_chosen)
        row.addWidget(self.appearance)
        self.content.addLayout(row)

    def show_keys(self, title: str, hints: Sequence[KeyHint], everywhere: Sequence[KeyHint]) -> None:
        self._title.setText(self.tr("{}: help and keys").format(title))
        self.setAccessibleName(self._title.text())
        hints = (*hints, *everywhere)
        groups = [(name, list(part)) for name, part in groupby(hints, key=lambda hint: hint.group)]
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setHorizontalSpacing(40)
        grid.setVerticalSpacing(16)
        columns = 2 if self._host.width() >= _COLUMNS_FROM else 1
        heights = [0] * columns
        stacks = [QVBoxLayout() for _ in range(columns)]
        for name, keys in groups:
            column = heights.index(min(heights))
            heights[column] += len(keys) + 2
            if name:
                stacks[column].addWidget(Text(name, "caption", "ink_3", weight=600))
            for hint in keys:
                stacks[column].addWidget(_KeyLine(hint))
            stacks[column].addSpacing(14)
        for column, stack in enumerate(stacks):
            stack.setSpacing(2)
            stack.addStretch()
            grid.addLayout(stack, 0, column)
            grid.setColumnStretch(column, 1)
        self._scroll.setWidget(inside)
        self._scroll.setMinimumHeight(min(inside.sizeHint().height(), self._host.height() - 240))


class _WorksLine(QWidget):
    """A tick or a cross, and a sentence."""

    def __init__(self, text: str, works: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._works = works
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 4)
        row.setSpacing(0)
        row.addSpacing(32)  # for the icon; unlike a margin it changes sides with the reading direction
        row.addWidget(Text(text, "body", "ink" if works else "ink_2", wrap=True), 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        color = theme().colors.q("success" if self._works else "ink_3")
        name = "circle-check" if self._works else "circle-x"
        pixmap = icon_pixmap(name, color, 20, self.devicePixelRatioF())
        painter_of(self).drawPixmap(visual(self, QRectF(0, (self.height() - 20) // 2, 20, 20)).topLeft(), pixmap)


class OfflineOverlay(Overlay):
    """What still works, what waits, and a button for those who know that the cable is back."""

    try_now_wanted = Signal()

    def __init__(self, host: QWidget) -> None:
        super().__init__(host, "", 620)
        self._title.setText(self.tr("What still works without the network"))
        self.setAccessibleName(self._title.text())
        works = [line for line in what_still_works() if line[1]]
        waits = [line for line in what_still_works() if not line[1]]
        for heading, lines in (("", works), (self.tr("Not until the network is back"), waits)):
            if heading:
                self.content.addWidget(Text(heading, "caption", "ink_3", weight=600))
            column = QVBoxLayout()
            column.setSpacing(0)
            for text, does in lines:
                column.addWidget(_WorksLine(text, does))
            self.content.addLayout(column)
        self.content.addWidget(
            Text(
                self.tr("Nothing has to be done: what happens here is kept and sent by itself."),
                "body",
                "ink_2",
                wrap=True,
            )
        )
        self.try_now = Button(self.tr("Try the network now"), icon="refresh-cw")
        self.try_now.clicked.connect(self.try_now_wanted)
        self.content.addWidget(self.try_now, 0, Qt.AlignmentFlag.AlignLeft)
