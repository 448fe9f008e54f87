"""Fields to type in, and choices."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleValueChangeEvent,
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QSizePolicy, QStyledItemDelegate, QVBoxLayout, QWidget

from boxoffice.domain.money import Money, parse_amount
from boxoffice.domain.refusals import Malformed
from ui.theme import Theme, font, theme, theme_source
from ui.widgets.accessible import speak_as, speak_value
from ui.widgets.buttons import IconButton, PaintedButton
from ui.widgets.labels import Text
from ui.widgets.painting import (
    DISABLED,
    box,
    draw_icon,
    frame,
    key_cap_width,
    key_hint,
    key_hint_width,
    painter_of,
    visual,
)


class SearchField(QLineEdit):
    """A magnifier before, a key hint behind; Down goes to the results."""

    down_pressed = Signal()

    def __init__(self, hint: str, key: str = "F2", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = key
        self.setPlaceholderText(hint)
        self.setAccessibleName(hint)
        self.setFixedHeight(44)
        self.setMaxLength(200)
        self._make_room()
        theme_source().changed.connect(self.update)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._make_room()

    def _make_room(self) -> None:
        before, behind = 26, round(key_hint_width(self._key))
        self.setTextMargins(*((behind, 0, before, 0) if self.isRightToLeft() else (before, 0, behind, 0)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.down_pressed.emit()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = painter_of(self)
        colors = theme().colors
        middle = self.height() / 2
        draw_icon(painter, "search", colors.q("ink_3"), visual(self, QRectF(13, 0, 18, 0)).left(), middle, 18)
        if self._key:
            width = key_cap_width(self._key)
            right = visual(self, QRectF(self.width() - 10 - width, 0, width, 0)).right()
            key_hint(painter, right, middle, self._key, colors.q("ink_2"), plain=False)


class _Line(QLineEdit):
    """A line that shows a sign at its end while it is wrong."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.property("invalid"):
            left = visual(self, QRectF(self.width() - 31, 0, 18, 0)).left()
            draw_icon(painter_of(self), "circle-alert", theme().colors.q("danger"), left, self.height() / 2, 18)


class TextField(QWidget):
    """A caption, a line, and room below for what is wrong and what to do."""

    submitted = Signal()

    def __init__(self, label: str, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self.field: QLineEdit = _Line()
        self.field.setPlaceholderText(hint)
        self.field.setAccessibleName(label)
        self.field.setMaxLength(200)
        self.field.setFixedHeight(44)
        self.field.returnPressed.connect(self.submitted)
        self.field.textEdited.connect(self.clear_error)
        caption = Text(label, "caption", "ink_2")
        caption.setBuddy(self.field)
        self._error = Text("", "caption", "danger", wrap=True)
        self._error.hide()
        for part in (caption, self.field, self._error):
            layout.addWidget(part)
        self.setFocusProxy(self.field)

    def text(self) -> str:
        return self.field.text().strip()

    def show_error(self, text: str) -> None:
        self._error.setText(text)
        self._error.show()
        self.field.setAccessibleDescription(text)
        self._mark(invalid=True)

    def clear_error(self) -> None:
        if self.field.property("invalid"):
            self._error.hide()
            self.field.setAccessibleDescription("")
            self._mark(invalid=False)

    def _mark(self, *, invalid: bool) -> None:
        self.field.setProperty("invalid", invalid)
        room = 26 if invalid else 0
        self.field.setTextMargins(*((room, 0, 0, 0) if self.isRightToLeft() else (0, 0, room, 0)))
        self.field.style().unpolish(self.field)
        self.field.style().polish(self.field)


class MoneyField(TextField):
    """An amount in one currency."""

    def __init__(self, label: str, currency: str, parent: QWidget | None = None) -> None:
        super().__init__(label, "0.00", parent)
        self._currency = currency
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight)

    def money(self) -> Money | None:
        """None, with the reason shown, while it is no amount. Empty is zero."""
        try:
            return parse_amount(self.text() or "0", self._currency, self.field.accessibleName())
        except Malformed as wrong:
            self.show_error(str(wrong))
            return None


class Stepper(QWidget):
    """− n +. Digits typed anywhere may be sent in by `type_digit`; a pause starts a new number."""

    changed = Signal(int)

    def __init__(self, minimum: int = 1, maximum: int = 99, value: int = 2, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._minimum, self._maximum, self._value = minimum, maximum, value
        self._typing = False
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self._less = IconButton("minus", self.tr("One less"))
        self._more = IconButton("plus", self.tr("One more"))
        self._less.clicked.connect(lambda: self.set_value(self._value - 1))
        self._more.clicked.connect(lambda: self.set_value(self._value + 1))
        self._figure = Text(str(value), "title")
        self._figure.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._figure.setMinimumWidth(36)
        for part in (self._less, self._figure, self._more):
            layout.addWidget(part)
        self.setFixedHeight(44)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Quantity"))
        speak_as(self, QAccessible.Role.SpinBox)
        speak_value(self, str(value))
        theme_source().changed.connect(self.update)

    @property
    def value(self) -> int:
        return self._value

    def set_value(self, value: int) -> None:
        self._typing = False
        self._set(value)

    def type_digit(self, digit: int) -> None:
        """A digit replaces the number; a second one right after it is appended."""
        appended = self._value * 10 + digit
        self._set(appended if self._typing and appended <= self._maximum else digit)
        self._typing = True

    def end_typing(self) -> None:
        self._typing = False

    def _set(self, value: int) -> None:
        value = max(self._minimum, min(self._maximum, value))
        if value != self._value:
            self._value = value
            self._figure.setText(str(value))
            speak_value(self, str(value))
            QAccessible.updateAccessibility(QAccessibleValueChangeEvent(self, value))
            self.changed.emit(value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Plus):
            self.set_value(self._value + 1)
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Minus):
            self.set_value(self._value - 1)
        elif event.text().isascii() and event.text().isdigit():
            self.type_digit(int(event.text()))
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        colors = theme().colors
        if not self.isEnabled():
            painter.setOpacity(DISABLED)
        frame(painter, QRectF(self.rect()), colors.surface, colors.control_edge, focused=self.hasFocus())


class CheckBox(PaintedButton):
    """A box and a word; the whole of it is the target."""

    _mark_px = 20

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(round(QFontMetricsF(font("body", 500)).horizontalAdvance(self.text())) + self._mark_px + 24, 44)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        if not self.isEnabled():
            painter.setOpacity(DISABLED)
        rect = QRectF(self.rect())
        if self.hasFocus():
            frame(painter, rect, None, None, focused=True)
        mark = visual(self, QRectF(7, rect.center().y() - self._mark_px / 2, self._mark_px, self._mark_px))
        self._paint_mark(painter, mark)
        painter.setFont(font("body", 500))
        painter.setPen(theme().colors.q("ink"))
        left = 7 + self._mark_px + 9
        words = visual(self, QRectF(left, 0, rect.width() - left, rect.height()))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())

    def _edge(self) -> str:
        colors = theme().colors
        return colors.ink_2 if self._hovered and self.isEnabled() else colors.control_edge

    def _paint_mark(self, painter: QPainter, mark: QRectF) -> None:
        colors = theme().colors
        if self.isChecked():
            box(painter, mark, colors.accent, None, 4)
            draw_icon(painter, "check", colors.q("on_accent"), mark.left() + 2, mark.center().y(), 16)
        else:
            box(painter, mark, colors.surface, self._edge(), 4)


class Radio(CheckBox):
    """One of several with the same parent."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setAutoExclusive(True)

    def _paint_mark(self, painter: QPainter, mark: QRectF) -> None:
        colors = theme().colors
        on = self.isChecked()
        painter.setPen(QPen(colors.q("accent") if on else QColor(self._edge()), 2 if on else 1))
        painter.setBrush(colors.q("surface"))
        inset = 1.0 if on else 0.5
        painter.drawEllipse(mark.adjusted(inset, inset, -inset, -inset))
        if on:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.q("accent"))
            painter.drawEllipse(mark.adjusted(5, 5, -5, -5))


class Choice(QComboBox):
    """One of a list that need not show all its options. `frame_theme`: always of this theme, as the door's frame is."""

    def __init__(self, name: str, parent: QWidget | None = None, *, frame_theme: Theme | None = None) -> None:
        super().__init__(parent)
        self._frame_theme = frame_theme
        self.setAccessibleName(name)
        self.setFixedHeight(44)
        self.setFont(font("body", 500))
        self.setItemDelegate(QStyledItemDelegate(self))  # the one that a style sheet reaches
        self.setMaxVisibleItems(12)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme_source().changed.connect(self.update)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A wheel that scrolls the page must not change a choice."""
        event.ignore()

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(self.font())
        widest = max((metrics.horizontalAdvance(self.itemText(i)) for i in range(self.count())), default=60.0)
        return QSize(round(widest + 58), 44)

    def minimumSizeHint(self) -> QSize:
        return QSize(96, 44)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.view().setMinimumWidth(self.width())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        colors = (self._frame_theme or theme()).colors
        rect = QRectF(self.rect())
        if not self.isEnabled():
            painter.setOpacity(DISABLED)
        frame(painter, rect, colors.surface, colors.control_edge, focused=self.hasFocus())
        painter.setFont(self.font())
        painter.setPen(colors.q("ink"))
        room = QRectF(14, 0, rect.width() - 48, rect.height())
        text = QFontMetricsF(self.font()).elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(visual(self, room), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        arrow = visual(self, QRectF(rect.width() - 30, 0, 18, 0))
        draw_icon(painter, "chevron-down", colors.q("ink_2"), arrow.left(), rect.center().y(), 18)
