"""The door's own dark frame: verdict, side column, search."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from boxoffice.domain.refusals import Refused
from ui.door.presenter import DoorPresenter, DoorState, Found
from ui.door.sounds import Sounds
from ui.door.words import Shown
from ui.formats import Formats
from ui.shell.workspace import Notices, WindowSize
from ui.theme import display_font, font, icon_pixmap, load_theme
from ui.theme.tokens import raw_tokens
from ui.widgets import Choice, SearchField
from ui.widgets.buttons import PaintedButton
from ui.widgets.painting import box, key_hint, key_hint_width, painter_of

_DOOR = raw_tokens()["door"]
_FRAME, _TEXT = _DOOR["frame"]["fill"], _DOOR["frame"]["text"]
_QUIET, _LINE, _RAISED = "#96A0B2", "#2A313D", "#202632"
_GREEN, _RED, _AMBER, _BLUE = "#4FCB8F", "#FF8A8E", "#F7BC48", "#84BBFF"
_MARKS = {
    "admit": ("check", _GREEN),
    "already_in": ("x", _RED),
    "wrong_performance": ("calendar-clock", _RED),
    "not_valid": ("ban", _RED),
    "wrong_gate": ("arrow-left-right", _AMBER),
    "unknown_key": ("circle-question-mark", _AMBER),
    "undone": ("undo-2", _BLUE),
}
_SPOKEN = {
    "already_in": "Already in",
    "wrong_performance": "Wrong performance",
    "not_valid": "Not valid",
    "wrong_gate": "Other gate",
    "unknown_key": "Unknown key",
    "undone": "Taken back",
}


def _fitting(text: str, width: float, largest: int, smallest: int, weight: int = 700) -> QFont:
    for size in range(largest, smallest, -4):
        candidate = display_font(size, weight, -0.045)
        if QFontMetricsF(candidate).horizontalAdvance(text) <= width:
            return candidate
    return display_font(smallest, weight, -0.03)


class VerdictPanel(QWidget):
    """Fills everything but the side column with the verdict's colour."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: Shown | None = None
        self._ready = ("", "")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def word(self) -> str:
        return self._shown.word if self._shown is not None else ""

    def show_verdict(self, shown: Shown | None, ready: tuple[str, str]) -> None:
        changed = shown != self._shown
        self._shown, self._ready = shown, ready
        if shown is not None:
            spoken = f"{shown.word}. {shown.seat}. {shown.instruction}"
            self.setAccessibleName(spoken)
            if changed:
                QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, spoken))
        else:
            self.setAccessibleName("Ready to scan")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        if self._shown is None:
            self._paint_ready(painter)
            return
        look = _DOOR[self._shown.colors]
        ink = QColor(look["text"])
        painter.fillRect(self.rect(), QColor(look["fill"]))
        margin = max(28.0, min(88.0, self.width() * 0.06))
        height = float(self.height())
        disc = max(72.0, min(176.0, height * 0.175))
        top = margin * 0.65
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawEllipse(QRectF(margin, top, disc, disc))
        size = round(disc * 0.56)
        pixmap = icon_pixmap(self._shown.icon, look["fill"], size, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(margin + (disc - size) / 2, top + (disc - size) / 2), pixmap)
        left = margin + disc + disc * 0.24
        word = _fitting(self._shown.word, self.width() - left - margin, round(min(248.0, disc * 1.42)), 56)
        painter.setFont(word)
        painter.setPen(ink)
        middle = Qt.AlignmentFlag.AlignVCenter
        where = QRectF(left, top - disc * 0.3, self.width() - left - 8, disc * 1.6)
        painter.drawText(where, middle, self._shown.word)
        y = top + disc + height * 0.05
        room = self.width() - 2 * margin
        if self._shown.seat:
            seat = _fitting(self._shown.seat, room, round(min(104.0, height * 0.11)), 36, 600)
            painter.setFont(seat)
            line = QFontMetricsF(seat).height()
            painter.drawText(QRectF(margin, y, room, line), middle, self._shown.seat)
            y += line
        if self._shown.detail:
            detail = display_font(round(min(40.0, max(20.0, height * 0.042))), 500)
            painter.setFont(detail)
            line = QFontMetricsF(detail).height()
            text = QFontMetricsF(detail).elidedText(self._shown.detail, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRectF(margin, y, room, line), middle, text)
            y += line
        self._paint_columns(painter, margin, y + height * 0.045, room, ink)
        self._paint_instruction(painter, margin, room, ink)

    def _paint_columns(self, painter: QPainter, margin: float, y: float, room: float, ink: QColor) -> None:
        if self._shown is None or not self._shown.columns:
            return
        scale = min(1.0, self.height() / 900)
        width = room / len(self._shown.columns)
        for number, (name, value, below) in enumerate(self._shown.columns):
            x = margin + number * width
            painter.setPen(ink)
            painter.setFont(display_font(max(14, round(20 * scale)), 500))
            painter.drawText(QPointF(x, y + 20 * scale), name)
            painter.setFont(_fitting(value, width - 12, max(22, round(40 * scale)), 18, 600))
            painter.drawText(QPointF(x, y + 66 * scale), value)
            painter.setFont(display_font(max(14, round(20 * scale)), 400))
            painter.drawText(QPointF(x, y + 102 * scale), below)

    def _paint_instruction(self, painter: QPainter, margin: float, room: float, ink: QColor) -> None:
        if self._shown is None or not self._shown.instruction:
            return
        size = round(min(40.0, max(20.0, self.height() * 0.042)))
        words = display_font(size, 600)
        painter.setFont(words)
        height = QFontMetricsF(words).lineSpacing() * 2
        top = self.height() - height - margin * 0.5
        line = QColor(ink)
        line.setAlphaF(0.4)
        painter.setPen(QPen(line, 2))
        painter.drawLine(QPointF(margin, top - 18), QPointF(margin + room, top - 18))
        painter.setPen(ink)
        flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop) | int(Qt.TextFlag.TextWordWrap)
        painter.drawText(QRectF(margin, top, room, height + 8), flags, self._shown.instruction)

    def _paint_ready(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), QColor("#11151C"))
        size = round(min(160.0, self.height() * 0.2))
        pixmap = icon_pixmap("scan-line", _QUIET, size, self.devicePixelRatioF())
        middle = self.rect().center()
        painter.drawPixmap(QPointF(middle.x() - size / 2, middle.y() - size * 1.1), pixmap)
        painter.setPen(QColor(_TEXT))
        painter.setFont(_fitting(self._ready[0], self.width() * 0.8, 64, 28, 600))
        where = QRectF(0, middle.y() + size * 0.1, self.width(), 80)
        painter.drawText(where, Qt.AlignmentFlag.AlignCenter, self._ready[0])
        painter.setPen(QColor(_QUIET))
        painter.setFont(display_font(20, 500))
        where = QRectF(0, middle.y() + size * 0.1 + 80, self.width(), 36)
        painter.drawText(where, Qt.AlignmentFlag.AlignCenter, self._ready[1])


class _SidePanel(QWidget):
    """How many are in, by gate, and the last ten scans."""

    def __init__(self, formats: Formats) -> None:
        super().__init__()
        self._formats = formats
        self._state = DoorState()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_state(self, state: DoorState) -> None:
        self._state = state
        counts = state.counts
        if counts is not None:
            self.setAccessibleName(f"{counts.inside} of {counts.sold} in")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        counts = self._state.counts
        width = float(self.width())
        middle = Qt.AlignmentFlag.AlignVCenter
        right = Qt.AlignmentFlag.AlignRight | middle
        inside, sold = (counts.inside, counts.sold) if counts is not None else (0, 0)
        painter.setPen(QColor(_TEXT))
        painter.setFont(display_font(40, 700))
        number = str(inside)
        advance = painter.fontMetrics().horizontalAdvance(number)
        painter.drawText(QRectF(0, 0, width, 48), middle, number)
        painter.setFont(display_font(20, 500))
        painter.setPen(QColor(_QUIET))
        painter.drawText(QRectF(advance + 10, 6, width, 44), middle, f"of {sold} in")
        of_advance = painter.fontMetrics().horizontalAdvance(f"of {sold} in")
        painter.setFont(font("strong", 500))
        to_come = f"{max(0, sold - inside)} to come"
        if advance + 10 + of_advance + painter.fontMetrics().horizontalAdvance(to_come) + 12 < width:
            painter.drawText(QRectF(0, 6, width, 44), right, to_come)
        box(painter, QRectF(0, 58, width, 8), _RAISED, None, 4)
        if inside:
            box(painter, QRectF(0, 58, max(8.0, width * min(1.0, inside / max(1, sold))), 8), _GREEN, None, 4)
        y = 82.0
        gates = counts.by_gate[:3] if counts is not None else ()
        if gates:
            tile = (width - 10 * (len(gates) - 1)) / len(gates)
            for index, (gate, count) in enumerate(gates):
                rect = QRectF(index * (tile + 10), y, tile, 68)
                here = gate == (self._state.gate or "All gates")
                box(painter, rect, _RAISED if here else None, _LINE, 8)
                painter.setPen(QColor(_QUIET))
                painter.setFont(font("body"))
                name = gate if not gate[:1].isdigit() and len(gate) > 2 else f"Gate {gate}"
                painter.drawText(rect.adjusted(12, 8, -8, -40), middle, name)
                painter.setPen(QColor(_TEXT))
                painter.setFont(font("title"))
                painter.drawText(rect.adjusted(12, 30, -8, -8), middle, str(count))
            y += 84
        painter.setFont(font("caption", 600))
        painter.setPen(QColor(_QUIET))
        painter.drawText(QRectF(0, y, width, 18), middle, "Last scans here")
        y += 26
        for scan in self._state.scans:
            if y + 52 > self.height():
                break
            name, color = _MARKS.get(scan.verdict, ("check", _GREEN))
            painter.setPen(QPen(QColor(color), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QRectF(1, y + 9, 30, 30))
            painter.drawPixmap(QPointF(8, y + 16), icon_pixmap(name, color, 16, self.devicePixelRatioF()))
            painter.setPen(QColor(_QUIET))
            painter.setFont(font("body"))
            painter.drawText(QRectF(0, y, width, 48), right, self._formats.local(scan.at).strftime("%H:%M:%S"))
            painter.setPen(QColor(_TEXT))
            painter.setFont(font("strong"))
            room = int(width - 44 - 80)
            place = painter.fontMetrics().elidedText(scan.place or "Unknown", Qt.TextElideMode.ElideMiddle, room)
            painter.drawText(QRectF(44, y + 3, room, 22), middle, place)
            painter.setFont(font("body"))
            painter.setPen(QColor(_QUIET))
            below = " · ".join(part for part in (_SPOKEN.get(scan.verdict, ""), scan.price_type) if part)
            painter.drawText(QRectF(44, y + 25, room, 20), middle, below)
            painter.setPen(QColor(_LINE))
            painter.drawLine(QPointF(0, y + 50), QPointF(width, y + 50))
            y += 52


class _DarkButton(PaintedButton):
    def __init__(self, text: str, icon: str, key: str) -> None:
        super().__init__(text)
        self._icon, self._key = icon, key
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(150, 56)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        rect = QRectF(self.rect())
        box(painter, rect, _RAISED if self._hovered else None, "#727B8C", 8)
        if self.hasFocus():
            painter.setPen(QPen(QColor(_BLUE), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(2, 2, -2, -2), 7, 7)
        painter.setFont(font("strong"))
        text = painter.fontMetrics().horizontalAdvance(self.text())
        icon = 28 if rect.width() > 28 + text + key_hint_width(self._key) + 12 else 0
        x = rect.center().x() - (icon + text + key_hint_width(self._key)) / 2
        if icon:
            pixmap = icon_pixmap(self._icon, _TEXT, 20, self.devicePixelRatioF())
            painter.drawPixmap(QPointF(x, rect.center().y() - 10), pixmap)
        painter.setPen(QColor(_TEXT))
        painter.drawText(QRectF(x + icon, 0, text + 4, rect.height()), Qt.AlignmentFlag.AlignVCenter, self.text())
        right = x + icon + text + key_hint_width(self._key)
        key_hint(painter, right, rect.center().y(), self._key, QColor(_TEXT), plain=True)


class _FoundRow(PaintedButton):
    def __init__(self, found: Found) -> None:
        super().__init__(found.name)
        self.found = found
        self.setAccessibleName(f"{found.name}, {found.place}, {found.record.price_type_name}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(200, 56)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        rect = QRectF(self.rect()).adjusted(0, 1, 0, -1)
        box(painter, rect, _RAISED if self._hovered or self.hasFocus() else None, _LINE, 8)
        if self.hasFocus():
            painter.setPen(QPen(QColor(_BLUE), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 7, 7)
        room = int(rect.width() - 24)
        painter.setPen(QColor(_TEXT))
        painter.setFont(font("strong"))
        name = painter.fontMetrics().elidedText(self.found.name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(12, 6, room, 24), Qt.AlignmentFlag.AlignVCenter, name)
        painter.setPen(QColor(_QUIET))
        painter.setFont(font("body"))
        record = self.found.record
        words = f"{self.found.place} · {record.price_type_name} · {record.order_code}"
        words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(12, 28, room, 22), Qt.AlignmentFlag.AlignVCenter, words)


class DoorWidget(QWidget):
    """Implements DoorView."""

    def __init__(
        self, presenter: DoorPresenter, formats: Formats, notices: Callable[[], Notices], sounds: Sounds
    ) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._presenter, self._formats, self._notices, self._sounds = presenter, formats, notices, sounds
        self._shown_choices: tuple[object, ...] = ()
        self._shown_gates: tuple[str, ...] | None = None
        self._shown_found: tuple[Found, ...] | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._top())
        row = QHBoxLayout()
        row.setSpacing(0)
        self.verdict = VerdictPanel()
        row.addWidget(self.verdict, 1)
        self._side = QWidget()
        side = QVBoxLayout(self._side)
        side.setContentsMargins(24, 20, 24, 20)
        side.setSpacing(12)
        self.search = SearchField(self.tr("Name, order or ticket code"), "Esc")
        self.search.textEdited.connect(presenter.search)
        self.search.down_pressed.connect(self._focus_found)
        self.search.returnPressed.connect(self._admit_first)
        self.search.hide()
        side.addWidget(self.search)
        self._found = QVBoxLayout()
        self._found.setSpacing(4)
        side.addLayout(self._found)
        self._panel = _SidePanel(formats)
        side.addWidget(self._panel, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        self.name_button = _DarkButton(self.tr("Name"), "search", "F2")
        self.undo_button = _DarkButton(self.tr("Undo last"), "undo-2", "F8")
        self.name_button.clicked.connect(self.open_search)
        self.undo_button.clicked.connect(presenter.undo)
        buttons.addWidget(self.name_button)
        buttons.addWidget(self.undo_button)
        side.addLayout(buttons)
        row.addWidget(self._side)
        column.addLayout(row, 1)
        self.set_size(WindowSize.WIDE)

    def _top(self) -> QWidget:
        top = QWidget()
        top.setFixedHeight(72)
        row = QHBoxLayout(top)
        row.setContentsMargins(24, 12, 24, 12)
        row.setSpacing(16)
        self.gates = Choice(self.tr("Gate"), frame_theme=load_theme("dark"))
        self.gates.setMinimumWidth(160)
        self.gates.activated.connect(self._gate_chosen)
        self.performances = Choice(self.tr("Performance"), frame_theme=load_theme("dark"))
        self.performances.setMinimumWidth(260)
        self.performances.activated.connect(self._performance_chosen)
        row.addWidget(self.gates)
        row.addWidget(self.performances, 1)
        self._age = _TopWords(self._formats)
        row.addWidget(self._age)
        return top

    def paintEvent(self, event: QPaintEvent) -> None:
        painter_of(self).fillRect(self.rect(), QColor(_FRAME))

    # DoorView

    def show_state(self, state: DoorState) -> None:
        self.verdict.show_verdict(state.verdict, (self.tr("Ready to scan"), f"{state.title} · {state.starts}"))
        self._panel.show_state(state)
        self._age.show_age(state)
        if state.choices != self._shown_choices:
            self._shown_choices = state.choices
            _fill(self.performances, [words for _, words in state.choices])
        index = next((i for i, (key, _) in enumerate(state.choices) if key == state.performance), -1)
        if index >= 0:
            self.performances.setCurrentIndex(index)
        if state.gates != self._shown_gates:
            self._shown_gates = state.gates
            _fill(self.gates, [self.tr("All gates"), *(self.tr("Gate {}").format(gate) for gate in state.gates)])
        self.gates.setCurrentIndex(state.gates.index(state.gate) + 1 if state.gate in state.gates else 0)
        if state.found != self._shown_found:
            self._show_found(state.found)

    def show_refusal(self, error: Refused) -> None:
        self._notices().show_refusal(error)

    def play(self, sound: str) -> None:
        self._sounds.play(sound)

    def set_size(self, size: WindowSize) -> None:
        self._side.setFixedWidth({WindowSize.WIDE: 500, WindowSize.COMPACT: 380, WindowSize.NARROW: 300}[size])

    def open_search(self) -> None:
        self.search.show()
        self.search.setFocus()
        self.search.selectAll()

    def close_search(self) -> None:
        self.search.clear()
        self.search.hide()
        self._presenter.close_search()
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down and isinstance(self.focusWidget(), _FoundRow):
            self.focusNextChild()
            return
        super().keyPressEvent(event)

    # details

    def _show_found(self, found: tuple[Found, ...] | None) -> None:
        self._shown_found = found
        while (item := self._found.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._panel.setVisible(found is None)
        for entry in (found or ())[:9]:
            row = _FoundRow(entry)
            row.clicked.connect(lambda _=False, entry=entry: self._admit(entry))
            self._found.addWidget(row)
        if found is not None:
            self._found.addStretch(1)

    def _admit(self, found: Found) -> None:
        self.close_search()
        self._presenter.admit(found.record)

    def _admit_first(self) -> None:
        if self._shown_found:
            self._admit(self._shown_found[0])

    def _focus_found(self) -> None:
        item = self._found.itemAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.setFocus()

    def _gate_chosen(self, index: int) -> None:
        gates = self._presenter.state.gates
        self._presenter.choose_gate(gates[index - 1] if index else "")

    def _performance_chosen(self, index: int) -> None:
        choices = self._presenter.state.choices
        if 0 <= index < len(choices):
            self._presenter.choose_performance(choices[index][0])


class _TopWords(QWidget):
    """How old the lists are, and the time."""

    def __init__(self, formats: Formats) -> None:
        super().__init__()
        self._formats, self._state = formats, DoorState()
        self.setFixedWidth(220)
        self._seconds = QTimer(self)
        self._seconds.setInterval(1000)
        self._seconds.timeout.connect(self.update)
        self._seconds.start()

    def show_age(self, state: DoorState) -> None:
        self._state = state
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(_TEXT))
        painter.setFont(font("page"))
        clock = self._formats.time(self._formats.now())
        width = painter.fontMetrics().horizontalAdvance(clock)
        painter.drawText(QRectF(self.rect()), right, clock)
        counts = self._state.counts
        if counts is not None and counts.lists_at is not None:
            age = self._formats.duration(self._formats.now() - counts.lists_at)
            painter.setFont(font("body"))
            painter.setPen(QColor(_QUIET))
            area = QRectF(0, 0, self.width() - width - 16, self.height())
            painter.drawText(area, right, self.tr("list {} old").format(age))


def _fill(choice: QComboBox, items: list[str]) -> None:
    choice.blockSignals(True)
    choice.clear()
    choice.addItems(items)
    choice.blockSignals(False)
