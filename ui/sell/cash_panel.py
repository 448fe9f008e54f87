"""Taking cash: what was received on the left, what is due back on the right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from boxoffice.domain.money import Money
from boxoffice.domain.shifts import SMALLEST_NOTE
from ui.formats import Formats, plural
from ui.sell.cash import CashEntry
from ui.shell.workspace import WindowSize
from ui.theme import display_font, font, icon_pixmap, theme, theme_source
from ui.widgets import Button, Fit, IconButton, Numpad, Text, rule
from ui.widgets.buttons import PaintedButton
from ui.widgets.painting import box, focus_ring, painter_of, visual


class AmountBox(QWidget):
    """The sum received, as typed: the currency left, the figures right, a caret behind them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._symbol, self._text, self._is_typed = "", "", False
        self.setFixedHeight(88)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme_source().changed.connect(self.update)

    def show_amount(self, symbol: str, text: str, *, is_typed: bool) -> None:
        self._symbol, self._text, self._is_typed = symbol, text, is_typed
        self.setAccessibleName(self.tr("Received {} {}").format(symbol, text))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # figures are read so everywhere
        colors = theme().colors
        rect = QRectF(self.rect())
        box(painter, rect, colors.surface, None, 10)
        focus_ring(painter, rect, 10)
        size = 40 if rect.height() >= 72 else 28
        painter.setFont(display_font(size * 7 // 10, 500))
        painter.setPen(colors.q("ink_3"))
        painter.drawText(rect.adjusted(22, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self._symbol)
        painter.setFont(display_font(size, 700, -0.022))
        painter.setPen(colors.q("ink" if self._is_typed else "ink_3"))
        inner = rect.adjusted(60, 0, -28, 0)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._text)
        painter.fillRect(QRectF(rect.right() - 24, rect.center().y() - size / 2, 2, size), colors.q("accent"))


class QuickAmount(PaintedButton):
    """`Exact` above the sum, or a round amount; ticked when it is what was received."""

    def __init__(self, text: str, detail: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._detail = detail
        self.setCheckable(True)
        self.setAccessibleName(f"{text} {detail}".strip())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(116, 72)

    def minimumSizeHint(self) -> QSize:
        return QSize(72, 44)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        colors = theme().colors
        rect = QRectF(self.rect())
        on = self.isChecked()
        edge = colors.accent if on or self._detail else colors.control_edge if self._hovered else colors.line
        box(painter, rect, colors.accent_soft if on else colors.surface, edge, 8)
        if self.hasFocus():
            focus_ring(painter, rect)
        painter.setPen(colors.q("on_accent_soft" if on else "accent" if self._detail else "ink"))
        if self._detail:
            painter.setFont(font("strong"))
            painter.drawText(rect.adjusted(0, 0, 0, -18), Qt.AlignmentFlag.AlignCenter, self.text())
            painter.setFont(font("caption", 600))
            painter.drawText(rect.adjusted(0, 22, 0, 0), Qt.AlignmentFlag.AlignCenter, self._detail)
            return
        painter.setFont(font("title" if rect.height() > 60 else "strong"))
        text = f"✓ {self.text()}" if on else self.text()
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)


class HandBack(QWidget):
    """The change as notes and coins, largest first, with how many of each; in two rows when one is too short."""

    _ROW = 92

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._formats = formats
        self._currency = "EUR"
        self._pieces: dict[int, int] = {}
        self.setFixedHeight(self._ROW)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme_source().changed.connect(self.update)

    def show_pieces(self, pieces: dict[int, int], currency: str) -> None:
        self._pieces, self._currency = pieces, currency
        spoken = [f"{count} × {self._formats.piece(minor, currency)}" for minor, count in pieces.items()]
        self.setAccessibleName(self.tr("Hand back {}").format(", ".join(spoken)) if spoken else "")
        self._fit()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def _fit(self) -> None:
        places = self._places()
        rows = 1 + max((int(y // self._ROW) for _, _, y in places), default=0)
        self.setFixedHeight(rows * self._ROW)

    def _is_note(self, minor: int) -> bool:
        return minor >= SMALLEST_NOTE.get(self._currency, 10**9)

    def _places(self) -> list[tuple[int, float, float]]:
        """(piece, x, y) of each column, left to right, then below."""
        places: list[tuple[int, float, float]] = []
        x = y = 0.0
        for minor in self._pieces:
            width = 96.0 if self._is_note(minor) else 64.0
            if x and x + width > self.width():
                x, y = 0.0, y + self._ROW
            places.append((minor, x, y))
            x += width + 8
        return places

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        colors = theme().colors
        for minor, x, y in self._places():
            is_note = self._is_note(minor)
            shape = QRectF(x, y + 2, 96, 50) if is_note else QRectF(x + 5, y, 54, 54)
            shape = visual(self, shape)
            box(painter, shape, colors.surface_sunken, colors.control_edge, 6 if is_note else 27)
            painter.setPen(colors.q("ink"))
            painter.setFont(font("strong") if is_note else font("body", 600))
            painter.drawText(shape, Qt.AlignmentFlag.AlignCenter, self._formats.piece(minor, self._currency))
            painter.setFont(font("body"))
            painter.setPen(colors.q("ink_2"))
            text = (self.tr("{} × note") if is_note else self.tr("{} × coin")).format(self._pieces[minor])
            below = QRectF(x - 8, y + 60, (96 if is_note else 64) + 16, 22)
            painter.drawText(visual(self, below), Qt.AlignmentFlag.AlignCenter, text)


class IconLine(QWidget):
    """A small icon and a sentence."""

    def __init__(self, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addSpacing(28)  # for the icon; unlike a margin it changes sides with the reading direction
        self._text = Text("", "body", "ink_2", wrap=True)
        row.addWidget(self._text, 1)
        theme_source().changed.connect(self.update)

    def set_text(self, text: str) -> None:
        self._text.setText(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        pixmap = icon_pixmap(self._icon, theme().colors.q("ink_2"), 18, self.devicePixelRatioF())
        painter_of(self).drawPixmap(visual(self, QRectF(0, self.height() / 2 - 9, 18, 18)).topLeft(), pixmap)


class CashPanel(QWidget):
    """Keys come from the presenter; buttons here only say what was pressed."""

    digit_pressed = Signal(str)
    backspace_pressed = Signal()
    amount_chosen = Signal(object)  # Money
    complete_wanted = Signal()
    back_wanted = Signal()

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._formats = formats
        self._amounts: tuple[Money, ...] = ()
        self._quick: list[QuickAmount] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._left, self._right = QWidget(), QWidget()
        self._line = QWidget()
        self._line.setFixedWidth(1)
        row.addWidget(self._left)
        row.addWidget(self._line)
        row.addWidget(self._right, 1)
        self._make_left()
        self._make_right()
        self.set_size(WindowSize.WIDE, 1080)
        theme_source().changed.connect(self.update)

    def _make_left(self) -> None:
        self._left_column = column = QVBoxLayout(self._left)
        head = QHBoxLayout()
        head.addWidget(Text(self.tr("Cash received"), "title"), 1)
        close = IconButton("x", self.tr("Back to the basket"))
        close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        close.clicked.connect(self.back_wanted)
        head.addWidget(close)
        self.amount = AmountBox()
        self._quick_word = Text(self.tr("Quick amounts"), "caption", "ink_2", weight=600)
        self._quick_grid = QGridLayout()
        self._quick_grid.setSpacing(8)
        self._type_word = Text(self.tr("Or type it"), "caption", "ink_2", weight=600)
        self.numpad = Numpad("amount")
        self.numpad.pressed.connect(self._key)
        self._hint = Text(self.tr("⏎ with nothing typed means exact cash"), "body", "ink_2")
        column.addLayout(head)
        column.addWidget(self.amount)
        column.addWidget(self._quick_word)
        column.addLayout(self._quick_grid)
        column.addWidget(self._type_word)
        column.addWidget(self.numpad, 1)
        column.addStretch()
        column.addWidget(self._hint)

    def _make_right(self) -> None:
        self._right_column = column = QVBoxLayout(self._right)
        self._change_word = Text(self.tr("Change due"), "title")
        self._change = Fit("", 128, 48)
        self._sum = Text("", "strong", "ink_2", weight=400, wrap=True)
        self._rule = rule()
        self._hand_word = Text(self.tr("Hand back"), "caption", "ink_2", weight=600)
        self.hand_back = HandBack(self._formats)
        self._prints = IconLine("printer")
        self._mail = IconLine("user")
        self.complete_button = Button(self.tr("Complete sale"), "primary", icon="check", key="⏎", height=88)
        self.complete_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.complete_button.clicked.connect(self.complete_wanted)
        column.addWidget(self._change_word)
        column.addWidget(self._change)
        column.addWidget(self._sum)
        column.addSpacing(16)
        column.addWidget(self._rule)
        column.addSpacing(8)
        column.addWidget(self._hand_word)
        column.addWidget(self.hand_back)
        column.addStretch()
        column.addWidget(self._prints)
        column.addWidget(self._mail)
        column.addWidget(self.complete_button)

    @property
    def change_text(self) -> str:
        return self._change.text

    @property
    def quick_buttons(self) -> Sequence[QuickAmount]:
        return self._quick

    def show_entry(self, entry: CashEntry, tickets: int, has_customer: bool) -> None:
        formats, total = self._formats, entry.total
        self.amount.show_amount(
            formats.currency_symbol(total.currency), formats.plain_amount(entry.received), is_typed=bool(entry.typed)
        )
        self._show_quick(entry)
        if entry.change is None:
            self._change_word.setText(self.tr("Still to pay"))
            self._change.set_text(formats.money(entry.missing), "caution")
        else:
            self._change_word.setText(self.tr("Change due"))
            self._change.set_text(formats.money(entry.change), "ink")
        self._sum.setText(
            self.tr("{} received  −  {} total").format(formats.money(entry.received), formats.money(total))
        )
        pieces = entry.pieces()
        self.hand_back.show_pieces(pieces, total.currency)
        self._hand_word.setText(self.tr("Hand back") if pieces else self.tr("Nothing to hand back"))
        self._hand_word.setVisible(entry.change is not None and self._shows_pieces)
        self.hand_back.setVisible(bool(pieces) and self._shows_pieces)
        printed = plural("CashPanel", "{} ticket and a receipt print", "{} tickets and a receipt print", tickets)
        self._prints.set_text(self.tr("{} by themselves").format(printed))
        mail = self.tr("The customer stands on the receipt") if has_customer else ""
        self._mail.set_text(mail)
        self._mail.setVisible(bool(mail) and self._shows_pieces)
        self.complete_button.setEnabled(entry.change is not None)

    def set_size(self, size: WindowSize, height: int) -> None:
        """`height` of the panel: the hand-back goes first when it is short, change due never."""
        wide, narrow = size is WindowSize.WIDE, size is WindowSize.NARROW
        edge = 24 if wide else 16 if size is WindowSize.COMPACT else 12
        self._left.setFixedWidth(440 if wide else 340 if size is WindowSize.COMPACT else 264)
        self._left_column.setContentsMargins(edge, edge - 4, edge, edge - 4)
        self._left_column.setSpacing(12 if height > 700 else 6)
        self._right_column.setContentsMargins(40 if wide else edge, edge + 2, 40 if wide else edge, edge)
        self._right_column.setSpacing(8)
        self.amount.setFixedHeight(88 if height > 700 else 52)
        self._shows_pieces = height > 560
        short = height <= 700
        self._quick_word.setVisible(not short)
        self._type_word.setVisible(not short)
        self._hint.setVisible(not narrow)
        self._rule.setVisible(self._shows_pieces)
        self.numpad.setMaximumHeight(88 * 4 + 24 if wide else 64 * 4 + 24 if not narrow else 48 * 4 + 24)
        self.complete_button.set_height(88 if wide else 72 if not narrow else 56)
        self._change.setFixedHeight(144 if wide else 120 if not narrow else 84)
        for button in self._quick:
            self._fix(button)

    def _fix(self, button: QuickAmount) -> None:
        button.setFixedHeight(72 if self.amount.height() > 60 else 44)

    def _show_quick(self, entry: CashEntry) -> None:
        if self._amounts != entry.quick:
            self._amounts = entry.quick
            for button in self._quick:
                self._quick_grid.removeWidget(button)
                button.hide()
                button.deleteLater()
            self._quick = []
            for index, amount in enumerate(entry.quick):
                exact = index == 0
                text = self.tr("Exact") if exact else self._formats.whole_money(amount)
                button = QuickAmount(text, self._formats.money(amount) if exact else "")
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
                button.clicked.connect(lambda _checked=False, amount=amount: self.amount_chosen.emit(amount))
                self._fix(button)
                self._quick_grid.addWidget(button, index // 3, index % 3)
                self._quick.append(button)
        for button, amount in zip(self._quick, entry.quick, strict=True):
            button.setChecked(amount == entry.received)

    def _key(self, key: str) -> None:
        if key == "back":
            self.backspace_pressed.emit()
        else:
            self.digit_pressed.emit(key)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        colors = theme().colors
        box(painter, QRectF(self.rect()), colors.surface, None, 12)
        x = self._line.x()
        painter.setPen(colors.q("line"))
        painter.drawLine(QPointF(x + 0.5, 0), QPointF(x + 0.5, self.height()))
