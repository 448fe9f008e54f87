"""Shift on screen. Nothing shows the expected sum before the count is committed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QIntValidator, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from boxoffice.domain.facts import ShiftCloseBody
from boxoffice.domain.money import Money
from boxoffice.domain.refusals import Refused
from boxoffice.domain.shifts import SMALLEST_NOTE, MovementKind
from boxoffice.services.shifts import ShiftFigures
from ui.formats import Formats
from ui.shell.workspace import Notice, Notices, Tone, WindowSize
from ui.shift.presenter import ShiftPresenter, ShiftState, Step
from ui.theme import display_font, font, theme, theme_source
from ui.widgets import Button, Chip, Fit, MoneyField, Numpad, Panel, Steps, Tag, Text, TextField, rule
from ui.widgets.numpad import BACK
from ui.widgets.painting import box, painter_of

_REMARKS = ("Wrong change", "Rounding", "Not known yet")


class Piece(QWidget):
    """A note as a rectangle, a coin as a pill, with its value."""

    def __init__(self, text: str, note: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._note = text, note
        self.setFixedSize(64, 36)
        theme_source().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        colors = theme().colors
        box(painter, QRectF(self.rect()), colors.surface_sunken, colors.control_edge, 4 if self._note else 18)
        painter.setFont(font("body", 600))
        painter.setPen(colors.q("ink"))
        painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter, self._text)


class _Pieces(QLineEdit):
    """How many pieces. Enter and Down go on to the next one."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setValidator(QIntValidator(0, 9999, self))
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFont(display_font(16, 600))
        self.setFixedSize(92, 40)
        self.setStyleSheet("min-height: 36px;")

    @property
    def pieces(self) -> int:
        return int(self.text() or 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.focusNextChild()
        elif event.key() == Qt.Key.Key_Up:
            self.focusPreviousChild()
        else:
            super().keyPressEvent(event)


class CountTable(QWidget):
    """Notes left, coins right; a row a denomination. `changed` hears (denomination, pieces)."""

    def __init__(
        self, denominations: tuple[int, ...], currency: str, formats: Formats, changed: Callable[[int, int], None]
    ) -> None:
        super().__init__()
        self._currency, self._formats = currency, formats
        self.fields: dict[int, _Pieces] = {}
        self._sums: dict[int, Text] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(6)
        smallest = SMALLEST_NOTE.get(currency, 0)
        notes = [piece for piece in denominations if piece >= smallest]
        coins = [piece for piece in denominations if piece < smallest]
        for side, (title, pieces) in enumerate(((self.tr("Notes"), notes), (self.tr("Coins"), coins))):
            left = side * 5
            grid.addWidget(Text(title, "caption", "ink_3"), 0, left, 1, 4)
            for number, piece in enumerate(pieces, 1):
                name = formats.piece(piece, currency)
                field = _Pieces(self.tr("Pieces of {}").format(name))
                field.textEdited.connect(lambda _, piece=piece, field=field: changed(piece, field.pieces))
                amount = Text("", "body", "ink_3", weight=600)
                amount.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                amount.setMinimumWidth(84)
                grid.addWidget(Piece(name, piece >= smallest), number, left)
                grid.addWidget(Text("×", "body", "ink_3"), number, left + 1)
                grid.addWidget(field, number, left + 2)
                grid.addWidget(amount, number, left + 3)
                self.fields[piece], self._sums[piece] = field, amount
        grid.setColumnMinimumWidth(4, 20)
        grid.setColumnStretch(3, 1)
        grid.setColumnStretch(8, 1)
        grid.setRowStretch(grid.rowCount(), 1)
        order = [*notes, *coins]
        for first, second in pairwise(order):
            QWidget.setTabOrder(self.fields[first], self.fields[second])

    def show_counts(self, counts: Mapping[int, int]) -> None:
        for piece, field in self.fields.items():
            pieces = counts.get(piece, 0)
            if field.pieces != pieces:
                field.setText(str(pieces) if pieces else "")
            amount = self._formats.minor(piece * pieces, self._currency)
            self._sums[piece].setText(amount)
            self._sums[piece].set_tone("ink" if pieces else "ink_3")

    def set_narrow(self, narrow: bool) -> None:
        grid = self.layout()
        if isinstance(grid, QGridLayout):
            grid.setHorizontalSpacing(4 if narrow else 10)
            grid.setColumnMinimumWidth(4, 4 if narrow else 20)
        for field in self.fields.values():
            field.setFixedWidth(52 if narrow else 92)
        for amount in self._sums.values():
            amount.setVisible(not narrow)

    def set_editable(self, editable: bool) -> None:
        for field in self.fields.values():
            field.setEnabled(editable)

    def type(self, symbol: str) -> None:
        """A key of the numpad goes into the field in focus, or the first one."""
        field = next((field for field in self.fields.values() if field.hasFocus()), None)
        if field is None:
            field = next(iter(self.fields.values()))
            field.setFocus()
        if symbol == BACK:
            field.backspace()
        else:
            field.insert(symbol)
        field.textEdited.emit(field.text())


class _Lines(QWidget):
    """Names left, amounts right."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(10)
        self._grid.setHorizontalSpacing(24)
        self._grid.setColumnStretch(0, 1)

    def show_lines(self, lines: list[tuple[str, ...]], bold: int = -1) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for row, cells in enumerate(lines):
            strong = row == len(lines) + bold
            for column, cell in enumerate(cells):
                label = Text(cell, "body", "ink" if strong or column else "ink_2", weight=700 if strong else None)
                if column:
                    label.setAlignment(Qt.AlignmentFlag.AlignRight)
                if cell.startswith("−") and column == len(cells) - 1:
                    label.set_tone("danger" if len(cells) == 4 else "ink")
                self._grid.addWidget(label, row, column)


class ShiftWidget(QWidget):
    """Implements ShiftView."""

    def __init__(
        self, presenter: ShiftPresenter, formats: Formats, notices: Callable[[], Notices], currency: str
    ) -> None:
        super().__init__()
        self.setObjectName("background")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._presenter, self._formats, self._notices, self._currency = presenter, formats, notices, currency
        self._step: Step | None = None
        outer = QVBoxLayout(self)
        outer.setContentsMargins(12, 12, 12, 12)
        outer.setSpacing(12)
        head = QHBoxLayout()
        titles = QVBoxLayout()
        titles.setSpacing(2)
        self._title = Text("", "title")
        self._subtitle = Text("", "body", "ink_2")
        titles.addWidget(self._title)
        titles.addWidget(self._subtitle)
        head.addLayout(titles, 1)
        self._steps = Steps([self.tr("Count"), self.tr("Difference"), self.tr("Leave and deposit"), self.tr("Close")])
        head.addWidget(self._steps)
        outer.addLayout(head)
        self._pages = QStackedWidget()
        outer.addWidget(self._pages, 1)
        self.closed_page = self._closed()
        self.open_page = self._open()
        self.count_page = self._count()
        self.done_page = self._done()
        for page in (self.closed_page, self.open_page, self.count_page, self.done_page):
            self._pages.addWidget(page)

    # pages

    def _closed(self) -> QWidget:
        page = QWidget()
        centre = QVBoxLayout(page)
        panel = Panel(padding=32, spacing=12)
        panel.setFixedWidth(520)
        panel.body.addWidget(Text(self.tr("Open a shift"), "page"))
        panel.body.addWidget(
            Text(
                self.tr("Count what is in the drawer. Everything you sell, refund and pay out belongs to this shift."),
                "body",
                "ink_2",
                wrap=True,
            )
        )
        self.float_field = MoneyField(self.tr("Float in the drawer"), self._currency)
        self.float_field.field.setFont(display_font(28, 600))
        self.float_field.field.setFixedHeight(64)
        self.float_field.submitted.connect(self._open_shift)
        panel.body.addSpacing(8)
        panel.body.addWidget(self.float_field)
        self._last = Text("", "caption", "ink_3", wrap=True)
        panel.body.addWidget(self._last)
        panel.body.addSpacing(12)
        self.open_button = Button(self.tr("Open shift"), "primary", "wallet", "⏎", 72)
        self.open_button.clicked.connect(self._open_shift)
        panel.body.addWidget(self.open_button)
        centre.addStretch(1)
        centre.addWidget(panel, 0, Qt.AlignmentFlag.AlignHCenter)
        centre.addStretch(2)
        return page

    def _open(self) -> QWidget:
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        left = Panel(padding=24, spacing=12)
        left.body.addWidget(Text(self.tr("So far"), "title"))
        self._tickets = Fit("", 64, 32)
        left.body.addWidget(self._tickets)
        self._so_far = _Lines()
        left.body.addWidget(self._so_far)
        left.body.addSpacing(8)
        left.body.addWidget(Text(self.tr("Paid in and out"), "caption", "ink_3"))
        self._movements = _Lines()
        left.body.addWidget(self._movements)
        left.body.addStretch(1)
        row.addWidget(left, 3)
        right = Panel(padding=24, spacing=12)
        right.body.addWidget(Text(self.tr("Move cash"), "title"))
        self.reason_field = TextField(self.tr("What for"), self.tr("Stage supplies, change from the bank, ..."))
        self.amount_field = MoneyField(self.tr("Amount"), self._currency)
        right.body.addWidget(self.amount_field)
        right.body.addWidget(self.reason_field)
        moves = QHBoxLayout()
        self.paid_in = Button(self.tr("Pay in"), icon="plus")
        self.paid_out = Button(self.tr("Pay out"), icon="minus")
        self.no_sale = Button(self.tr("Open drawer"), icon="inbox")
        self.paid_in.clicked.connect(lambda: self._move(MovementKind.PAID_IN))
        self.paid_out.clicked.connect(lambda: self._move(MovementKind.PAID_OUT))
        self.no_sale.clicked.connect(lambda: self._move(MovementKind.NO_SALE))
        for button in (self.paid_in, self.paid_out, self.no_sale):
            moves.addWidget(button)
        right.body.addLayout(moves)
        right.body.addStretch(1)
        self.x_button = Button(self.tr("Print X report"), icon="printer", height=56)
        self.x_button.clicked.connect(self._presenter.print_x)
        right.body.addWidget(self.x_button)
        self.count_button = Button(self.tr("Count and close"), "primary", "coins", "F5", 72)
        self.count_button.clicked.connect(self._presenter.start_count)
        right.body.addWidget(self.count_button)
        row.addWidget(right, 2)
        return page

    def _count(self) -> QWidget:
        page = QWidget()
        self._count_row = QHBoxLayout(page)
        self._count_row.setContentsMargins(0, 0, 0, 0)
        self._count_row.setSpacing(12)
        left = Panel(padding=24, spacing=12)
        head = QHBoxLayout()
        self._count_title = Text("", "title")
        self._committed = Tag(self.tr("Committed"), "neutral", "lock")
        self._recount = Button(self.tr("Recount"), icon="refresh-cw")
        self._recount.clicked.connect(self._presenter.recount)
        head.addWidget(self._count_title)
        head.addWidget(self._committed)
        head.addStretch(1)
        head.addWidget(self._recount)
        left.body.addLayout(head)
        self.table = CountTable(self._presenter.denominations, self._currency, self._formats, self._counted)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(self.table)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        left.body.addWidget(scroll, 1)
        sum_row = QHBoxLayout()
        self._sum_word = Text("", "strong")
        self._sum = Text("", "page", weight=700)
        sum_row.addWidget(self._sum_word)
        sum_row.addStretch(1)
        sum_row.addWidget(self._sum)
        left.body.addWidget(rule())
        left.body.addLayout(sum_row)
        self._count_row.addWidget(left, 5)
        self._sides = QStackedWidget()
        self._blind = self._blind_side()
        self._difference = self._difference_side()
        self._leave = self._leave_side()
        for side in (self._blind, self._difference, self._leave):
            self._sides.addWidget(side)
        self._count_row.addWidget(self._sides, 4)
        return page

    def _blind_side(self) -> QWidget:
        panel = Panel(padding=24, spacing=12)
        panel.body.addWidget(Text(self.tr("Count first, then compare"), "title"))
        words = self.tr(
            "The expected amount stays hidden until you commit your count. Type how many of each;"
            " Enter or the down arrow goes on."
        )
        panel.body.addWidget(Text(words, "body", "ink_2", wrap=True))
        self._numpad = Numpad("amount", QSize(88, 64))
        self._numpad.pressed.connect(lambda symbol: self.table.type(symbol))
        self._numpad.setMaximumSize(360, 320)
        panel.body.addWidget(self._numpad, 1)
        panel.body.addStretch(1)
        row = QHBoxLayout()
        later = Button(self.tr("Finish later"), key="Esc", height=56)
        later.clicked.connect(self._presenter.back)
        self.commit_button = Button(self.tr("Commit count"), "primary", "lock", "F5", 72)
        self.commit_button.clicked.connect(self._presenter.commit_count)
        row.addWidget(later)
        row.addWidget(self.commit_button, 1)
        panel.body.addLayout(row)
        return panel

    def _difference_side(self) -> QWidget:
        panel = Panel(padding=24, spacing=10)
        self._over_short = Text("", "strong")
        self._difference_figure = Fit("", 96, 48)
        self._difference_figure.setMaximumHeight(108)
        panel.body.addWidget(self._over_short)
        panel.body.addWidget(self._difference_figure)
        panel.body.addWidget(Text(self.tr("How the expected cash is made up"), "caption", "ink_3"))
        panel.body.addWidget(rule())
        self._made_up = _Lines()
        panel.body.addWidget(self._made_up)
        panel.body.addSpacing(8)
        self._tenders = _Lines()
        panel.body.addWidget(self._tenders)
        panel.body.addStretch(1)
        self._remark_title = Text(self.tr("What happened?"), "strong")
        panel.body.addWidget(self._remark_title)
        self._chips: list[Chip] = []
        chips = QHBoxLayout()
        for word in _REMARKS:
            chip = Chip(self.tr(word))
            chip.clicked.connect(lambda _=False, chip=chip: self._take_remark(chip))
            chips.addWidget(chip)
            self._chips.append(chip)
        chips.addStretch(1)
        panel.body.addLayout(chips)
        self.remark_field = TextField(self.tr("A remark is needed for any difference. It is printed on the Z report."))
        self.remark_field.submitted.connect(self._to_leave)
        panel.body.addWidget(self.remark_field)
        row = QHBoxLayout()
        x_report = Button(self.tr("Print X report"), icon="printer", height=56)
        x_report.clicked.connect(self._presenter.print_x)
        self.leave_button = Button(self.tr("Leave float and deposit"), "primary", "", "⏎", 72)
        self.leave_button.clicked.connect(self._to_leave)
        row.addWidget(x_report)
        row.addWidget(self.leave_button, 1)
        panel.body.addLayout(row)
        return panel

    def _leave_side(self) -> QWidget:
        panel = Panel(padding=24, spacing=12)
        panel.body.addWidget(Text(self.tr("What stays in the drawer"), "title"))
        words = self.tr(
            "Proposed from coins and small notes up to the float. Change it on the left; the rest is deposited."
        )
        panel.body.addWidget(Text(words, "body", "ink_2", wrap=True))
        self._leave_figure = Fit("", 64, 32)
        panel.body.addWidget(Text(self.tr("Stays as the next float"), "caption", "ink_3"))
        panel.body.addWidget(self._leave_figure)
        self._deposit_figure = Fit("", 64, 32)
        panel.body.addWidget(Text(self.tr("Deposit"), "caption", "ink_3"))
        panel.body.addWidget(self._deposit_figure)
        panel.body.addStretch(1)
        words = self.tr("Closing prints the Z report and cannot be undone.")
        panel.body.addWidget(Text(words, "caption", "ink_2", wrap=True))
        row = QHBoxLayout()
        back = Button(self.tr("Back"), key="Esc", height=56)
        back.clicked.connect(self._presenter.back)
        self.close_button = Button(self.tr("Close shift"), "primary", "lock", "⏎", 72)
        self.close_button.clicked.connect(self._presenter.close)
        row.addWidget(back)
        row.addWidget(self.close_button, 1)
        panel.body.addLayout(row)
        return panel

    def _done(self) -> QWidget:
        page = QWidget()
        centre = QVBoxLayout(page)
        panel = Panel(padding=32, spacing=12)
        panel.setFixedWidth(520)
        self._done_title = Text("", "page")
        self._done_lines = _Lines()
        panel.body.addWidget(self._done_title)
        panel.body.addWidget(Text(self.tr("The Z report prints by itself."), "body", "ink_2"))
        panel.body.addWidget(self._done_lines)
        panel.body.addSpacing(12)
        self.next_button = Button(self.tr("Next shift"), "primary", "wallet", "⏎", 72)
        self.next_button.clicked.connect(self._presenter.back)
        panel.body.addWidget(self.next_button)
        centre.addStretch(1)
        centre.addWidget(panel, 0, Qt.AlignmentFlag.AlignHCenter)
        centre.addStretch(2)
        return page

    # ShiftView

    def show_state(self, state: ShiftState) -> None:
        fresh = state.step is not self._step
        self._step = state.step
        counting = state.step in (Step.COUNT, Step.DIFFERENCE, Step.LEAVE)
        self._steps.setVisible(counting)
        shift = state.shift
        number = shift.number if shift is not None else 0
        since = self._formats.moment(shift.opened_at) if shift is not None else ""
        if counting:
            self._title.setText(self.tr("Close shift {}").format(number))
            self._subtitle.setText(self.tr("Opened {}").format(since))
            self._show_count(state, fresh)
            return
        self._title.setText(self.tr("Shift {}").format(number) if shift is not None else self.tr("Shift"))
        self._subtitle.setText(self.tr("Open since {}").format(since) if shift is not None else "")
        if state.step is Step.CLOSED:
            self._show_closed(state, fresh)
        elif state.step is Step.DONE and state.last is not None:
            self._show_done(state.last)
        elif state.figures is not None:
            self._show_open(state.figures)

    def show_refusal(self, error: Refused) -> None:
        if self._step is Step.DIFFERENCE and not self.remark_field.text():
            self.remark_field.show_error(f"{error.message} {error.way_out}")
            self.remark_field.setFocus()
            return
        self._notices().show_refusal(error)

    def say_done(self, what: str, text: str) -> None:
        self.amount_field.field.clear()
        self.reason_field.field.clear()
        self._notices().say(Notice(Tone.SUCCESS, what, text))

    def set_size(self, size: WindowSize) -> None:
        narrow = size is WindowSize.NARROW
        self.table.set_narrow(narrow)
        for panel in self.findChildren(Panel):
            edge = 12 if narrow else 24
            panel.body.setContentsMargins(edge, edge, edge, edge)
            panel.body.setSpacing(6 if narrow else 12)
        self.x_button.set_height(44 if narrow else 56)
        for button in (self.count_button, self.commit_button, self.leave_button, self.close_button):
            button.set_height(56 if narrow else 72)
        self._numpad.setVisible(not narrow)
        self._steps.setMaximumWidth(16777215 if not narrow else 0)

    def primary(self) -> None:
        """Enter, where no field wanted it."""
        match self._step:
            case Step.CLOSED:
                self._open_shift()
            case Step.DIFFERENCE:
                self._to_leave()
            case Step.LEAVE:
                self._presenter.close()
            case Step.DONE:
                self._presenter.back()
            case _:
                pass

    def f5(self) -> None:
        if self._step is Step.OPEN:
            self._presenter.start_count()
        elif self._step is Step.COUNT:
            self._presenter.commit_count()

    # details

    def _show_closed(self, state: ShiftState, fresh: bool) -> None:
        self._pages.setCurrentWidget(self.closed_page)
        if fresh:
            left = state.last.leave_minor if state.last is not None else 0
            self.float_field.field.setText(Money(left, self._currency).decimal if left else "")
            self._last.setText(
                self.tr("The last shift left {}.").format(self._formats.minor(left, self._currency)) if left else ""
            )
            self.float_field.setFocus()
            self.float_field.field.selectAll()

    def _show_open(self, figures: ShiftFigures) -> None:
        self._pages.setCurrentWidget(self.open_page)
        tickets = self.tr("{} tickets").format(figures.tickets_sold)
        self._tickets.set_text(tickets)
        lines: list[tuple[str, ...]] = [
            (f"{tender.kind.capitalize()}, {tender.count}", self._money(tender.minor)) for tender in figures.tenders
        ]
        lines.append((self.tr("Refunded tickets"), str(figures.tickets_refunded)))
        if figures.first_receipt:
            lines.append((self.tr("Receipts"), f"{figures.first_receipt} – {figures.last_receipt}"))
        self._so_far.show_lines(lines, bold=-99)
        moved: list[tuple[str, ...]] = [
            (f"{self._formats.time(item.moved_at)}  {item.reason}", self._money(item.minor))
            for item in figures.movements[-6:]
        ]
        self._movements.show_lines(moved or [(self.tr("Nothing yet"), "")], bold=-99)

    def _show_count(self, state: ShiftState, fresh: bool) -> None:
        self._pages.setCurrentWidget(self.count_page)
        counting = state.step is Step.COUNT
        self._steps.set_current({Step.COUNT: 0, Step.DIFFERENCE: 1, Step.LEAVE: 2}[state.step])
        self._count_title.setText(
            self.tr("Count what is in the drawer")
            if counting
            else self.tr("What stays")
            if state.step is Step.LEAVE
            else self.tr("Your count")
        )
        self._committed.setVisible(state.step is Step.DIFFERENCE)
        self._recount.setVisible(state.step is Step.DIFFERENCE)
        self.table.set_editable(state.step is not Step.DIFFERENCE)
        leaving = state.step is Step.LEAVE
        self.table.show_counts((state.leave if leaving else state.counts) or {})
        self._sum_word.setText(self.tr("Stays") if leaving else self.tr("Counted"))
        self._sum.setText(self._money(state.leave_minor if leaving else state.counted_minor))
        self._sides.setCurrentWidget(
            {Step.COUNT: self._blind, Step.DIFFERENCE: self._difference, Step.LEAVE: self._leave}[state.step]
        )
        if counting and fresh:
            next(iter(self.table.fields.values())).setFocus()
        if state.step is Step.DIFFERENCE and state.figures is not None:
            self._show_difference(state, state.figures, fresh)
        if leaving:
            self._leave_figure.set_text(self._money(state.leave_minor))
            self._deposit_figure.set_text(self._money(state.counted_minor - state.leave_minor))
            if fresh:
                self.close_button.setFocus()

    def _show_difference(self, state: ShiftState, figures: ShiftFigures, fresh: bool) -> None:
        difference = state.difference_minor
        word = self.tr("Short by") if difference < 0 else self.tr("Over by") if difference else self.tr("Exact")
        self._over_short.setText(word)
        self._difference_figure.set_text(
            self._money(abs(difference)), "danger" if difference < 0 else "caution" if difference else "success"
        )
        expected = figures.expected
        lines = [
            (self.tr("Float at {}").format(self._formats.time(figures.shift.opened_at)), expected.float_minor),
            (self.tr("Cash sales, {}").format(expected.sales_count), expected.sales_minor),
            (self.tr("Cash refunds, {}").format(expected.refunds_count), expected.refunds_minor),
            (self.tr("Paid in"), expected.paid_in_minor),
            (self.tr("Paid out"), expected.paid_out_minor),
            (self.tr("Expected in the drawer"), expected.total_minor),
        ]
        kept = [line for index, line in enumerate(lines) if line[1] or index in (0, len(lines) - 1)]
        self._made_up.show_lines([(name, self._money(minor)) for name, minor in kept])
        table: list[tuple[str, ...]] = [
            (self.tr("Tender"), self.tr("Expected"), self.tr("Counted"), self.tr("Difference")),
            (
                self.tr("Cash"),
                self._money(expected.total_minor),
                self._money(state.counted_minor),
                self._money(difference),
            ),
        ]
        table += [
            (f"{t.kind.capitalize()}, {t.count}", self._money(t.minor), self._money(t.minor), self._money(0))
            for t in figures.tenders
            if t.kind != "cash"
        ]
        self._tenders.show_lines(table, bold=-99)
        for part in (self._remark_title, self.remark_field, *self._chips):
            part.setVisible(difference != 0)
        if fresh:
            self.remark_field.field.setText(state.remark)
            self.remark_field.clear_error()
            for chip in self._chips:
                chip.setChecked(False)
            (self.remark_field.field if difference else self.leave_button).setFocus()

    def _show_done(self, closed: ShiftCloseBody) -> None:
        self._pages.setCurrentWidget(self.done_page)
        self._title.setText(self.tr("Shift {} is closed").format(closed.number))
        self._done_title.setText(self.tr("Shift {} is closed").format(closed.number))
        self._done_lines.show_lines(
            [
                (self.tr("Tickets sold"), str(closed.tickets_sold)),
                (self.tr("Counted"), self._money(closed.counted_minor)),
                (self.tr("Difference"), self._money(closed.difference_minor)),
                (self.tr("Stays in the drawer"), self._money(closed.leave_minor)),
                (self.tr("Deposit"), self._money(closed.deposit_minor)),
            ]
        )
        self.next_button.setFocus()

    def _open_shift(self) -> None:
        amount = self.float_field.money()
        if amount is not None:
            self._presenter.open(amount)

    def _move(self, kind: MovementKind) -> None:
        amount = self.amount_field.money()
        if amount is None:
            return
        if not self.reason_field.text():
            self.reason_field.show_error(self.tr("Say what it is for."))
            self.reason_field.setFocus()
            return
        self._presenter.move(kind, amount, self.reason_field.text())

    def _counted(self, denomination: int, pieces: int) -> None:
        if self._step is Step.LEAVE:
            self._presenter.set_leave(denomination, pieces)
        else:
            self._presenter.set_count(denomination, pieces)

    def _take_remark(self, chip: Chip) -> None:
        for other in self._chips:
            other.setChecked(other is chip)
        self.remark_field.clear_error()
        self.remark_field.field.setText(f"{chip.text()}: ")
        self.remark_field.setFocus()

    def _to_leave(self) -> None:
        self._presenter.to_leave(self.remark_field.text())

    def _money(self, minor: int) -> str:
        return self._formats.minor(minor, self._currency)
