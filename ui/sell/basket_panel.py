"""The basket: lines, price types of the active one, customer and note, sums, total, tenders."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetricsF, QKeyEvent, QMouseEvent, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from boxoffice.domain.facts import Customer
from ui.sell.basket_lines import BasketRows, LineRow, SumRow
from ui.sell.presenter import Mode, SoldRows
from ui.shell.workspace import WindowSize
from ui.theme import font, icon_pixmap, theme, theme_source
from ui.widgets import Button, Elided, Fit, IconButton, Panel, PriceTypeChip, Text, TextField, rule
from ui.widgets.focus import chain_focus
from ui.widgets.painting import box, focus_ring, painter_of, visual


class LineWidget(QWidget):
    """One admission: swatch, place, price type, price; the active one opens its price types."""

    activated = Signal(int)
    removed = Signal(int)
    type_chosen = Signal(int, str)

    _HEIGHT = 48
    _CHIP = 44
    _GAP = 8

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row: LineRow | None = None
        self._locked = False
        self._chips: dict[str, PriceTypeChip] = {}
        self._remove = IconButton("x", "", 40, self)
        self._remove.clicked.connect(self._remove_clicked)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        theme_source().changed.connect(self.update)

    @property
    def chips(self) -> dict[str, PriceTypeChip]:
        """By the letter of the price type, while the line is active."""
        return self._chips

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """Of Tab."""
        return (self, *self._chips.values(), self._remove)

    @property
    def remove_button(self) -> IconButton:
        return self._remove

    def show_row(self, row: LineRow, *, locked: bool) -> None:
        old = self._row
        self._row, self._locked = row, locked
        self._remove.setAccessibleName(self.tr("Remove {}").format(row.name))
        self._remove.setToolTip(self.tr("Remove {}").format(row.name))
        self._remove.setVisible(not locked)
        self.setAccessibleName(f"{row.name}, {row.category_name}, {row.price_type}, {row.price}")
        if old is None or [c.key for c in old.chips] != [c.key for c in row.chips]:
            self._make_chips()
        for chip in row.chips:
            button = self._chips[chip.key]
            button.setChecked(chip.is_chosen)
            button.setEnabled(not locked)
            button.setVisible(not locked)
        self._place_chips()
        self.update()

    def _make_chips(self) -> None:
        for old in self._chips.values():
            old.hide()
            old.deleteLater()
        self._chips = {}
        if self._row is None:
            return
        for chip in self._row.chips:
            button = PriceTypeChip(chip.name, chip.price, self)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _checked=False, key=chip.key: self._choose(key))
            self._chips[chip.key] = button

    def _choose(self, key: str) -> None:
        if self._row is not None:
            self.type_chosen.emit(self._row.key, key)

    def _remove_clicked(self) -> None:
        if self._row is not None:
            self.removed.emit(self._row.key)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._row is not None and not self._locked:
            self.activated.emit(self._row.key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Reached by Tab: Space or Enter opens its price types, Delete takes it out."""
        if self._row is None or self._locked:
            event.ignore()
        elif event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.activated.emit(self._row.key)
        elif event.key() == Qt.Key.Key_Delete:
            self.removed.emit(self._row.key)
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        rows = -(-len(self._chips) // self._columns()) if self._chips and not self._locked else 0
        return QSize(200, self._HEIGHT + (rows * (self._CHIP + self._GAP) + 4 if rows else 0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place_parts()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._place_parts()

    def _place_parts(self) -> None:
        self._remove.move(2 if self.isRightToLeft() else self.width() - 42, 4)
        self._place_chips()

    def _columns(self) -> int:
        """As many beside each other as show their names in full, and no lonely last one."""
        count = len(self._chips)
        metrics = QFontMetricsF(font("body", 600))
        widest = max((metrics.horizontalAdvance(chip.text()) for chip in self._chips.values()), default=0.0) + 12
        fitting = max(1, int((self.width() - 2 * self._GAP + self._GAP) // (widest + self._GAP)))
        rows = -(-count // min(count, fitting)) if count else 1
        return max(1, -(-count // rows))

    def _place_chips(self) -> None:
        columns = self._columns()
        width = (self.width() - self._GAP * (columns + 1)) / columns
        for index, chip in enumerate(self._chips.values()):
            x = self._GAP + (index % columns) * (width + self._GAP)
            y = self._HEIGHT - 4 + (index // columns) * (self._CHIP + self._GAP)
            chip.setGeometry(visual(self, QRectF(round(x), y, round(width), self._CHIP)).toRect())
        self.setFixedHeight(self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        row = self._row
        if row is None:
            return
        painter = painter_of(self)
        colors = theme().colors
        if row.is_active and not self._locked:
            box(painter, QRectF(self.rect()), colors.surface_sunken, None, 10)
        if self.hasFocus():
            focus_ring(painter, QRectF(self.rect()), 10)
        seat = theme().seat(row.category)
        middle = self._HEIGHT / 2
        painter.setPen(colors.q("line"))
        box(painter, visual(self, QRectF(8, middle - 7, 14, 14)), seat.fill, seat.edge, 7)
        right = self.width() - (8.0 if self._locked else 46.0)
        painter.setFont(font("strong"))
        price_width = QFontMetricsF(painter.font()).horizontalAdvance(row.price)
        painter.setPen(colors.q("ink"))
        flags = Qt.AlignmentFlag.AlignVCenter
        price = visual(self, QRectF(right - price_width, 0, price_width + 2, self._HEIGHT))
        painter.drawText(price, flags, row.price)
        left, end = 32.0, right - price_width - 12
        type_width = 0.0
        shows_type = not row.is_active or self._locked
        if shows_type:
            arrow = 0 if self._locked else 20
            type_width = QFontMetricsF(font("body")).horizontalAdvance(row.price_type) + arrow + 10
        # The place is what is read out to the customer: before it is cut, the price type goes below it
        is_below = shows_type and QFontMetricsF(painter.font()).horizontalAdvance(row.name) > end - left - type_width
        if QFontMetricsF(painter.font()).horizontalAdvance(row.name) > end - left:
            painter.setFont(font("body", 600))
        name = QFontMetricsF(painter.font()).elidedText(row.name, Qt.TextElideMode.ElideMiddle, max(40.0, end - left))
        name_width = QFontMetricsF(painter.font()).horizontalAdvance(name)
        place = QRectF(left, -9 if is_below else 0, name_width + 2, self._HEIGHT)
        painter.drawText(visual(self, place), flags, name)
        if not shows_type:
            return
        x, middle = (left, middle + 10) if is_below else (left + name_width + 10, middle)
        painter.setFont(font("caption" if is_below else "body"))
        painter.setPen(colors.q("ink_2"))
        width = QFontMetricsF(painter.font()).horizontalAdvance(row.price_type)
        words = QRectF(x, middle - self._HEIGHT / 2, width + 2, self._HEIGHT)
        painter.drawText(visual(self, words), flags, row.price_type)
        if not self._locked:
            pixmap = icon_pixmap("chevron-down", colors.q("ink_3"), 14, self.devicePixelRatioF())
            painter.drawPixmap(visual(self, QRectF(x + width + 5, middle - 6, 14, 14)).topLeft(), pixmap)


class _Lines(QWidget):
    """All lines under their performances. Widgets are kept while the same lines stay."""

    activated = Signal(int)
    removed = Signal(int)
    type_chosen = Signal(int, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self._shown: tuple[object, ...] = ()
        self._made: list[QWidget] = []
        self.by_key: dict[int, LineWidget] = {}

    def show_rows(self, rows: BasketRows, *, locked: bool) -> None:
        wanted = tuple((p.title, p.when, tuple(line.key for line in p.lines)) for p in rows.performances)
        if wanted != self._shown:
            self._rebuild(rows)
            self._shown = wanted
        for performance in rows.performances:
            for line in performance.lines:
                self.by_key[line.key].show_row(line, locked=locked)

    def _rebuild(self, rows: BasketRows) -> None:
        for widget in self._made:
            widget.deleteLater()
            widget.hide()
            self._layout.removeWidget(widget)
        self._made, self.by_key = [], {}
        for performance in rows.performances:
            words = QWidget(self)
            column = QVBoxLayout(words)
            column.setContentsMargins(8, 0, 8, 4)
            column.setSpacing(1)
            column.addWidget(Elided(performance.title, "body", weight=600))
            column.addWidget(Elided(performance.when, "caption", "ink_2"))
            self._add(words, space=4 if not self._made else 14)
            for line in performance.lines:
                widget = LineWidget(self)
                widget.activated.connect(self.activated)
                widget.removed.connect(self.removed)
                widget.type_chosen.connect(self.type_chosen)
                self.by_key[line.key] = widget
                self._add(widget, space=0)

    def _add(self, widget: QWidget, *, space: int) -> None:
        if space:
            gap = QWidget(self)
            gap.setFixedHeight(space)
            self._layout.addWidget(gap)
            self._made.append(gap)
        self._layout.addWidget(widget)
        self._made.append(widget)


class _Sums(QWidget):
    """Text left, amount right, line by line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sums: Sequence[SumRow] = ()
        self._tax = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme_source().changed.connect(self.update)

    def show_sums(self, sums: Sequence[SumRow], tax: str) -> None:
        self._sums, self._tax = sums, tax
        self.setAccessibleName(", ".join([*(f"{row.text} {row.amount}" for row in sums), tax]))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, len(self._sums) * 24 + (22 if self._tax else 0))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        colors = theme().colors
        painter.setFont(font("body"))
        painter.setPen(colors.q("ink_2"))
        for number, row in enumerate(self._sums):
            line = QRectF(0, number * 24, self.width(), 24)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, row.text)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, row.amount)
        painter.setFont(font("caption"))
        painter.setPen(colors.q("ink_3"))
        line = QRectF(0, len(self._sums) * 24, self.width(), 22)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._tax)


class _Empty(QWidget):
    """What the basket teaches while it is empty."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(Text(self.tr("The basket is empty"), "strong"))
        words = self.tr("Click seats on the chart, or type how many and press Enter: 2 ⏎ finds the best two.")
        layout.addWidget(Text(words, "body", "ink_2", wrap=True))


class _Sold(QWidget):
    """The sale just made. The change stays in large type until the next key."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(2)
        self._title = Text("", "title", "success")
        self._prints = Text("", "body", "ink_2", wrap=True)
        self._change_word = Text(self.tr("Change due"), "strong")
        self._change = Fit("", 72, 40)
        self._change.setFixedHeight(84)
        self._receipt = Text("", "caption", "ink_3", wrap=True)
        for widget in (self._title, self._prints):
            layout.addWidget(widget)
        layout.addSpacing(16)
        layout.addWidget(self._change_word)
        layout.addWidget(self._change)
        layout.addWidget(self._receipt)

    def show_sold(self, sold: SoldRows) -> None:
        self._title.setText(f"✓ {sold.title}")
        self._prints.setText(self.tr("{}. Ready for the next customer.").format(sold.prints))
        self._change.set_text(sold.change)
        self._change.setVisible(bool(sold.change))
        self._change_word.setVisible(bool(sold.change))
        self._receipt.setText(self.tr("Receipt {} · order {}").format(sold.receipt, sold.order_code))


class CustomerForm(QWidget):
    """Name and e-mail, inline."""

    saved = Signal(str, str)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        self.name = TextField(self.tr("Name"))
        self.email = TextField(self.tr("E-mail, if the tickets are to be sent"))
        self._save = Button(self.tr("Keep customer"), "accent", key="⏎")
        self._save.clicked.connect(self.save)
        cancel = Button(self.tr("Back"), "quiet", key="Esc")
        cancel.clicked.connect(self.closed)
        self.name.field.returnPressed.connect(self.email.field.setFocus)
        self.email.field.returnPressed.connect(self.save)
        row = QHBoxLayout()
        row.addWidget(cancel)
        row.addWidget(self._save, 1)
        layout.addWidget(self.name)
        layout.addWidget(self.email)
        layout.addLayout(row)

    def open(self, customer: Customer | None) -> None:
        self.email.clear_error()
        self.name.field.setText(customer.name if customer else "")
        self.email.field.setText(customer.email if customer else "")
        self.name.field.setFocus()
        self.name.field.selectAll()

    def save(self) -> bool:
        """False for an address that is none: the form stays and says so."""
        email = self.email.field.text().strip()
        if email and ("@" not in email[1:-1] or " " in email):
            self.email.show_error(self.tr("That is no e-mail address."))
            self.email.field.setFocus()
            return False
        self.email.clear_error()
        self.saved.emit(self.name.field.text(), email)
        return True


class NoteForm(QWidget):
    saved = Signal(str)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        self.note = TextField(self.tr("Note on this sale"))
        self.note.field.returnPressed.connect(self.save)
        self._save = Button(self.tr("Keep note"), "accent", key="⏎")
        self._save.clicked.connect(self.save)
        cancel = Button(self.tr("Back"), "quiet", key="Esc")
        cancel.clicked.connect(self.closed)
        row = QHBoxLayout()
        row.addWidget(cancel)
        row.addWidget(self._save, 1)
        layout.addWidget(self.note)
        layout.addLayout(row)

    def open(self, note: str) -> None:
        self.note.field.setText(note)
        self.note.field.setFocus()

    def save(self) -> None:
        self.saved.emit(self.note.field.text())


class BasketPanel(Panel):
    line_activated = Signal(int)
    line_removed = Signal(int)
    price_type_chosen = Signal(int, str)
    undo_wanted = Signal()
    clear_wanted = Signal()
    customer_wanted = Signal()
    note_wanted = Signal()
    customer_saved = Signal(str, str)
    note_saved = Signal(str)
    form_closed = Signal()
    cash_wanted = Signal()
    card_wanted = Signal()
    back_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(padding=0, spacing=0, parent=parent)
        self.setAccessibleName(self.tr("Basket"))
        self._mode = Mode.CHOOSING
        self._rows = BasketRows("")
        self._sold: SoldRows | None = None
        self._size = WindowSize.WIDE
        self._enter_takes_cash = False
        self._stops: tuple[QWidget, ...] = ()
        self._make_header()
        self._make_middle()
        self._make_foot()

    # building

    def _make_header(self) -> None:
        self._header = QHBoxLayout()
        self._header.setSpacing(8)
        self._title = Text(self.tr("Basket"), "title")
        self._count = Text("", "body", "ink_2")
        self.clear_button = Button(self.tr("Empty"), "quiet", icon="trash-2")
        self.clear_button.setToolTip(self.tr("Give all seats back"))
        self.clear_button.clicked.connect(self.clear_wanted)
        self.undo_button = IconButton("undo-2", self.tr("Undo (Ctrl+Z)"))
        self.undo_button.clicked.connect(self.undo_wanted)
        self._header.addWidget(self._title)
        self._header.addWidget(self._count)
        self._header.addStretch()
        self._header.addWidget(self.clear_button)
        self._header.addWidget(self.undo_button)
        self.body.addLayout(self._header)

    def _make_middle(self) -> None:
        self._lines = _Lines()
        self._lines.activated.connect(self.line_activated)
        self._lines.removed.connect(self.line_removed)
        self._lines.type_chosen.connect(self.price_type_chosen)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.viewport().setBackgroundRole(QPalette.ColorRole.NoRole)
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self._lines)
        layout.addWidget(self._make_extras())
        layout.addStretch()
        self._scroll.setWidget(inside)
        self._forms = QWidget()
        column = QVBoxLayout(self._forms)
        column.setContentsMargins(8, 4, 8, 0)
        column.addWidget(self.customer_form)
        column.addWidget(self.note_form)
        column.addStretch()
        self._empty = _Empty()
        self._sold_view = _Sold()
        self._middle = QStackedWidget()
        for page in (self._scroll, self._forms, self._empty, self._sold_view):
            self._middle.addWidget(page)
        self.body.addWidget(self._middle, 1)

    def _make_extras(self) -> QWidget:
        extras = QWidget()
        layout = QVBoxLayout(extras)
        layout.setContentsMargins(8, 0, 8, 0)
        layout.setSpacing(8)
        self._buttons = QWidget()
        row = QHBoxLayout(self._buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.customer_button = Button(self.tr("Customer"), "soft", icon="user-plus")
        self.customer_button.setToolTip("Ctrl+K")
        self.customer_button.clicked.connect(self.customer_wanted)
        self.note_button = Button(self.tr("Note"), "soft", icon="sticky-note")
        self.note_button.setToolTip("Ctrl+N")
        self.note_button.clicked.connect(self.note_wanted)
        row.addWidget(self.customer_button, 1)
        row.addWidget(self.note_button, 1)
        self._said = Text("", "caption", "ink_2", wrap=True)
        self.customer_form = CustomerForm()
        self.customer_form.saved.connect(self.customer_saved)
        self.customer_form.closed.connect(self.form_closed)
        self.note_form = NoteForm()
        self.note_form.saved.connect(self.note_saved)
        self.note_form.closed.connect(self.form_closed)
        for widget in (self._said, self._buttons):
            layout.addWidget(widget)
        return extras

    def _make_foot(self) -> None:
        self._foot = QVBoxLayout()
        self._foot.setSpacing(8)
        self._sums = _Sums()
        self._rule = rule()
        total_row = QHBoxLayout()
        self._total_word = Text(self.tr("Total"), "title")
        self._total = Text("", "total")
        self._total.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        total_row.addWidget(self._total_word, 0, Qt.AlignmentFlag.AlignBottom)
        total_row.addWidget(self._total, 1)
        self._small = Text("", "caption", "ink_3", wrap=True)
        self.cash_button = Button(self.tr("Cash"), "primary", icon="banknote", key="F5", height=72)
        self.cash_button.clicked.connect(self.cash_wanted)
        self.card_button = Button(self.tr("Card"), "second", icon="credit-card", key="F6", height=56)
        self.card_button.clicked.connect(self.card_wanted)
        self.back_button = Button(self.tr("Back"), "second", key="Esc", height=56)
        self.back_button.clicked.connect(self.back_wanted)
        self._tenders = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._tenders.setSpacing(8)
        self._tenders.addWidget(self.cash_button, 3)
        self._tenders.addWidget(self.card_button, 2)
        self._tenders.addWidget(self.back_button, 2)
        self._foot.addWidget(self._sums)
        self._foot.addWidget(self._rule)
        self._foot.addWidget(self._small)
        self._foot.addLayout(total_row)
        self._foot.addLayout(self._tenders)
        self.body.addLayout(self._foot)
        self.set_size(WindowSize.WIDE)

    # showing

    @property
    def lines(self) -> dict[int, LineWidget]:
        return self._lines.by_key

    @property
    def has_form_focus(self) -> bool:
        """Somebody types a customer or a note."""
        focus = self.window().focusWidget()
        return focus is not None and self._forms.isAncestorOf(focus)

    @property
    def total_text(self) -> str:
        return self._total.text()

    def show_rows(self, rows: BasketRows, mode: Mode) -> None:
        former, self._rows, self._mode = self._mode, rows, mode
        locked = mode in (Mode.CASH, Mode.CARD)
        self._count.setText(rows.count)
        self._lines.show_rows(rows, locked=locked)
        stops = tuple(stop for line in self.lines.values() for stop in line.stops)
        if stops != self._stops:
            self._stops = stops
            chain_focus([self.undo_button, *stops])
        self._sums.show_sums(rows.sums, rows.tax)
        self._small.setText(" · ".join(f"{row.text} {row.amount}" for row in rows.sums[1:]))
        self._total.setText(rows.total)
        self._total.setAccessibleName(self.tr("Total {}").format(rows.total))
        for button in (self.clear_button, self.customer_button, self.note_button):
            button.setEnabled(not locked)
        self.clear_button.setVisible(not rows.is_empty)
        self.undo_button.setEnabled(rows.can_undo and not locked)
        self._show_extras()
        self._show_tenders()
        self._show_page()
        if mode is not former:
            self._open_form()
        if not rows.is_empty and former is mode:
            self._scroll_to_active()

    def show_sold(self, sold: SoldRows | None) -> None:
        self._sold = sold
        if sold is not None:
            self._sold_view.show_sold(sold)
        self._show_page()

    def set_size(self, size: WindowSize) -> None:
        self._size = size
        compact, narrow = size is not WindowSize.WIDE, size is WindowSize.NARROW
        edge = 12 if narrow else 16
        self._header.setContentsMargins(edge + 4, 10 if compact else 14, edge - 4, 4)
        self._middle.setContentsMargins(edge - 4, 0, edge - 4, 0)
        self._empty.setContentsMargins(8, 0, 8, 0)
        self._sold_view.setContentsMargins(8, 0, 8, 0)
        self._foot.setContentsMargins(edge + 4, 4, edge + 4, edge + (0 if narrow else 4))
        self._foot.setSpacing(4 if narrow else 8)
        self._total.setFont(font("page" if narrow else "total"))
        self.cash_button.set_height(56 if compact else 72)
        for button in (self.card_button, self.back_button):
            button.set_height(48 if compact else 56)
        across = QBoxLayout.Direction.LeftToRight if narrow else QBoxLayout.Direction.TopToBottom
        self._tenders.setDirection(across)
        self._sums.setVisible(not narrow)
        self._rule.setVisible(not narrow)
        self._small.setVisible(narrow)
        self._show_tenders()

    def _show_extras(self) -> None:
        self.customer_form.setVisible(self._mode is Mode.CUSTOMER)
        self.note_form.setVisible(self._mode is Mode.NOTE)
        customer, note = self._rows.customer, self._rows.note
        said = []
        if customer is not None:
            parts = dict.fromkeys(part for part in (customer.name, customer.email) if part)
            said.append(self.tr("Customer: {}").format(" · ".join(parts)))
        if note:
            said.append(self.tr("Note: {}").format(note))
        self._said.setText("\n".join(said))
        self._said.setVisible(bool(said))

    def _show_tenders(self) -> None:
        paying = self._mode in (Mode.CASH, Mode.CARD)
        ready = not self._rows.is_empty
        taking = {Mode.CASH: self.tr("Taking cash"), Mode.CARD: self.tr("Taking a card")}
        self.cash_button.setText(taking.get(self._mode, self.tr("Cash")))
        self.cash_button.set_icon("credit-card" if self._mode is Mode.CARD else "banknote")
        self.cash_button.set_role("tonal" if paying else "primary")
        self.show_enter(self._enter_takes_cash)
        self.cash_button.setEnabled(ready)
        self.card_button.setEnabled(ready)
        self.card_button.setVisible(not paying)
        self.back_button.setVisible(paying)

    def show_enter(self, takes_cash: bool) -> None:
        """Whether Enter, too, presses Cash."""
        self._enter_takes_cash = takes_cash
        paying = self._mode in (Mode.CASH, Mode.CARD)
        self.cash_button.set_key("" if paying else "F5 ⏎" if takes_cash else "F5")

    def _show_page(self) -> None:
        if self._mode in (Mode.CUSTOMER, Mode.NOTE):
            page: QWidget = self._forms
        elif not self._rows.is_empty:
            page = self._scroll
        else:
            page = self._empty if self._sold is None else self._sold_view
        self._middle.setCurrentWidget(page)

    def _open_form(self) -> None:
        if self._mode is Mode.CUSTOMER:
            self.customer_form.open(self._rows.customer)
        elif self._mode is Mode.NOTE:
            self.note_form.open(self._rows.note)

    def _scroll_to_active(self) -> None:
        for performance in self._rows.performances:
            for line in performance.lines:
                if line.is_active:
                    self._scroll.ensureWidgetVisible(self.lines[line.key], 0, 8)
