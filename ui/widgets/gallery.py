"""Every part in its states, to look at: `python -m ui.widgets.gallery [light|dark]`.

Nothing here is real: names and amounts are invented.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from PySide6.QtCore import QMargins, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget

from boxoffice.domain.money import Money
from ui.formats import Formats
from ui.theme import apply_style, theme, theme_source
from ui.theme.tokens import contrast, raw_tokens
from ui.widgets.avatar import Avatar
from ui.widgets.banner import Banner
from ui.widgets.buttons import Button, IconButton, RailButton
from ui.widgets.charts import BarChart, Bars, Legend, Line, LineChart, ShareBars, ShareRow
from ui.widgets.chips import CategoryTile, Chip, PriceTypeChip, Segments
from ui.widgets.dialog import Dialog
from ui.widgets.empty import EmptyState
from ui.widgets.fields import CheckBox, Choice, MoneyField, Radio, SearchField, Stepper, TextField
from ui.widgets.labels import Elided, Fit, KeyCap, MoneyLabel, Text, rule
from ui.widgets.numpad import Numpad
from ui.widgets.painting import box, painter_of
from ui.widgets.panel import Panel
from ui.widgets.shadow import paint_shadow, shadow_margins
from ui.widgets.steps import Steps
from ui.widgets.table import Column, Table, TableRow, TagCell
from ui.widgets.tags import Tag
from ui.widgets.toasts import Toast, ToastArea

_COLORS = (
    ("background", ""),
    ("surface", ""),
    ("surface_sunken", ""),
    ("surface_raised", ""),
    ("line", ""),
    ("control_edge", "surface"),
    ("ink", "surface"),
    ("ink_2", "surface"),
    ("ink_3", "background"),
    ("accent", "on_accent"),
    ("accent_hover", "on_accent"),
    ("accent_soft", "on_accent_soft"),
    ("success", "surface"),
    ("caution", "surface"),
    ("danger", "surface"),
    ("info", "surface"),
    ("caution_fill", ""),
    ("seat_sold_dot", ""),
)
_ROLES = (
    ("total", "€251.30", "700 · Totals"),
    ("page", "Saturday night", "600 · Titles of pages"),
    ("title", "The Glass Orchard", "600 · Titles of panels"),
    ("strong", "Stalls F 15", "600 · Lines that are read at arm’s length"),
    ("body", "Tonight 19:30 · Main House", "400 · Text"),
    ("caption", "Doors 18:45", "500 · Captions"),
)


class _Swatch(QWidget):
    def __init__(self, color: str) -> None:
        super().__init__()
        self._color = color
        self.setFixedHeight(46)
        theme_source().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme().colors
        box(painter_of(self), QRectF(self.rect()), colors.q(self._color), colors.line, 8)


class _Plate(QWidget):
    """What a radius or a shadow looks like."""

    def __init__(self, radius: int, level: str = "") -> None:
        super().__init__()
        self._radius, self._level = radius, level
        around = shadow_margins(level) if level else QMargins(2, 4, 2, 4)
        self.plate = QRectF(around.left(), around.top(), 64, 44)
        self.setFixedSize(64 + around.left() + around.right(), 44 + around.top() + around.bottom())
        theme_source().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colors = painter_of(self), theme().colors
        if self._level:
            paint_shadow(painter, self.plate, self._level, self._radius)
            box(painter, self.plate, colors.surface_raised, None, self._radius)
        else:
            box(painter, self.plate, colors.surface_sunken, colors.control_edge, self._radius)


class _Over(Button):
    """As under the pointer."""

    def paintEvent(self, event: QPaintEvent) -> None:
        self._hovered = True
        super().paintEvent(event)


class _Focused(Button):
    def hasFocus(self) -> bool:
        return True


class _FocusedChip(Chip):
    def hasFocus(self) -> bool:
        return True


class Gallery(QWidget):
    """As wide as a screen and as high as it needs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("background")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.formats = Formats()
        self.setFixedWidth(1920)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 32)
        page.setSpacing(0)
        self.banner = Banner(self)
        page.addWidget(self.banner)
        self.banner.open(
            "Offline since 18:31.",
            "Keep selling: 42 of 60 seats set aside for this till are left tonight. 7 facts wait.",
            "What still works",
        )
        head = QHBoxLayout()
        head.setContentsMargins(32, 24, 32, 20)
        head.addWidget(Text("Components", "total"))
        head.addSpacing(8)
        self._name = Text("", "strong", "ink_2", weight=400)
        head.addWidget(self._name, 1, Qt.AlignmentFlag.AlignBottom)
        page.addLayout(head)
        columns = QHBoxLayout()
        columns.setContentsMargins(32, 0, 32, 0)
        columns.setSpacing(16)
        for parts in (
            (self._colors, self._type, self._buttons, self._fields, self._chips, self._pads, self._space, self._shares),
            (self._rows, self._messages, self._table, self._dialog, self._bars, self._lines, self._empty),
        ):
            column = QVBoxLayout()
            column.setSpacing(16)
            for part in parts:
                column.addWidget(part())
            column.addStretch(1)
            columns.addLayout(column, 1)
        page.addLayout(columns)
        self._rename()
        theme_source().changed.connect(self._rename)

    def _rename(self) -> None:
        self._name.setText(theme().name.capitalize())

    def _panel(self, title: str, *contents: QWidget | QLayout) -> Panel:
        panel = Panel(24, 16)
        panel.body.addWidget(Text(title, "title"))
        for content in contents:
            if isinstance(content, QWidget):
                panel.body.addWidget(content)
            else:
                panel.body.addLayout(content)
        return panel

    def _colors(self) -> Panel:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(14)
        for number, (name, against) in enumerate(_COLORS):
            cell = QVBoxLayout()
            cell.setSpacing(0)
            cell.addWidget(_Swatch(name))
            cell.addSpacing(6)
            cell.addWidget(Text(name.replace("_", " ").capitalize(), "caption", weight=600))
            cell.addWidget(_Measured(name, against))
            grid.addLayout(cell, number // 6, number % 6)
        return self._panel("Colours and measured contrast", grid)

    def _type(self) -> Panel:
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        scale = {entry["name"]: entry for entry in raw_tokens()["type"]["scale"]}
        for row, (role, sample, use) in enumerate(_ROLES):
            grid.addWidget(Text(f"{scale[role]['size']}/{scale[role]['line']}", "caption", "ink_2"), row, 0)
            grid.addWidget(Text(sample, role), row, 1)
            grid.addWidget(Text(use, "caption", "ink_2", weight=400), row, 2)
        grid.setColumnStretch(2, 1)
        fit = Fit("€48.70", 96, 40)
        fit.setFixedHeight(104)
        return self._panel("Type, Inter", grid, rule(), fit)

    def _buttons(self) -> Panel:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        for row, (state, kind) in enumerate(
            (("Rest", Button), ("Hover", _Over), ("Focus", _Focused), ("Disabled", Button))
        ):
            grid.addWidget(Text(state, "caption", "ink_2"), row, 0)
            made = (
                kind("Find seats", "primary", key="⏎"),
                kind("Export"),
                kind("Hold", "quiet", icon="pause"),
                kind("Refund", "danger"),
                kind("Taking cash", "tonal"),
                kind("Note", "soft", icon="sticky-note"),
                kind("Find seats", "accent", key="⏎"),
            )
            for column, button in enumerate(made):
                button.setEnabled(state != "Disabled")
                grid.addWidget(button, row, column + 1, Qt.AlignmentFlag.AlignLeft)
        grid.setColumnMinimumWidth(0, 88)
        grid.setColumnStretch(8, 1)
        big = _row(
            _wide(Button("Cash", "primary", "banknote", "F5", 72), 260),
            Button("Card", icon="credit-card", key="F6", height=56),
            Button("Voucher", icon="gift", key="F7", height=56),
            IconButton("undo-2", "Undo"),
            IconButton("x", "Remove"),
        )
        rail = RailButton("ticket", "Sell")
        rail.setChecked(True)
        attention = RailButton("triangle-alert", "Attention")
        attention.set_badge(3)
        rails = _row(rail, RailButton("scan", "Door"), attention, RailButton("lock", "Lock", checkable=False))
        return self._panel("Buttons", grid, big, rails)

    def _fields(self) -> Panel:
        grid = QGridLayout()
        grid.setSpacing(12)
        self.wrong = TextField("Promo code")
        self.wrong.field.setText("SPRING-2O26")
        self.wrong.show_error("No such code. Did you mean SPRING-2026? Press Enter to use it.")
        name = TextField("Customer")
        name.field.setText("Sommer")
        choice = Choice("Price")
        choice.addItems(["Any price", "Premium €86", "Band A €68"])
        amount = MoneyField("Float", "EUR")
        amount.field.setText("200.00")
        for number, part in enumerate((SearchField("Find a performance"), choice, self.wrong, name)):
            grid.addWidget(part, number // 2, number % 2, Qt.AlignmentFlag.AlignTop)
        together, paper = CheckBox("Together"), Radio("Print")
        together.setChecked(True)
        paper.setChecked(True)
        marks = _row(
            Stepper(value=3),
            together,
            CheckBox("Wheelchair"),
            paper,
            Radio("Send"),
            amount,
            align=Qt.AlignmentFlag.AlignBottom,
        )
        return self._panel("Fields and choices", grid, marks)

    def _chips(self) -> Panel:
        on, focused = Chip("Together"), _FocusedChip("Wheelchair", "accessibility")
        on.setChecked(True)
        student = PriceTypeChip("Student", "€68.80")
        student.setChecked(True)
        segments = Segments()
        segments.set_items([("all", "All", "352"), ("stalls", "Stalls", "141"), ("circle", "Circle", "103")])
        chips = _row(Chip("Filter"), on, focused, PriceTypeChip("Adult", "€86.00"), student, segments)
        tiles = QHBoxLayout()
        tiles.setSpacing(8)
        for number, (name, price, free) in enumerate(
            (("Premium", "€86", "7"), ("Band A", "€68", "37"), ("Band B", "€52", "136"), ("Band C", "€36", "79"))
        ):
            tile = CategoryTile(name, theme().seat(number))
            tile.show_detail(price, free, "free")
            tile.setChecked(number == 1)
            tiles.addWidget(tile)
        tags = _row(
            Tag("Printed"),
            Tag("Paid", "success", "check"),
            Tag("Unpaid", "caution", "clock"),
            Tag("Refunded", "danger", "x"),
            Tag("Exchanging", "info"),
            KeyCap("F5"),
            KeyCap("⏎"),
            KeyCap("Esc"),
            spacing=8,
        )
        return self._panel("Chips, segments, tiles, tags, keys", chips, tiles, tags)

    def _pads(self) -> Panel:
        steps = Steps(["Count", "Difference", "Leave and deposit", "Close"])
        steps.set_current(1)
        pads = _row(Numpad("amount", QSize(88, 64)), Numpad("pin", QSize(88, 64)), spacing=48)
        return self._panel("Steps and numpads", steps, pads)

    def _space(self) -> Panel:
        plates = _row(*(_Plate(radius) for radius in (4, 8, 10, 12, 16)), *(_Plate(10, f"e{n}") for n in (1, 2, 3)))
        return self._panel("Radius and elevation", plates)

    def _rows(self) -> Panel:
        rows = []
        for number, (name, what, minor) in enumerate(
            (
                ("Counter one", "Stalls F 15, Adult", 8600),
                ("A name too long for its line, elided in its middle", "", -5200),
            )
        ):
            amount = MoneyLabel(self.formats, "strong")
            amount.show_money(Money(minor, "EUR"))
            row = QHBoxLayout()
            row.setSpacing(12)
            row.addWidget(Avatar(name, number, 44))
            row.addWidget(Elided(name, "strong"), 1)
            row.addWidget(Text(what, "body", "ink_2"), 2)
            row.addWidget(amount)
            rows.append(row)
        wrapped = Text(
            "The old ticket stops working. One new ticket prints, and the customer keeps the other two seats. "
            "Nothing is sent by e-mail because no customer is on this sale.",
            wrap=True,
            tone="ink_2",
        )
        return self._panel("People, amounts, sentences", *rows, rule(), wrapped)

    def _messages(self) -> Panel:
        host = QVBoxLayout()
        host.setSpacing(12)
        for toast in (
            Toast("success", "Sold, 3 tickets printed", "€48.70 change. Ready for the next customer."),
            Toast("info", "Stalls F 17 removed", "The seat is free again.", "undo-2", "Undo", "Ctrl Z"),
            Toast("caution", "The printer is out of paper", "The sale is kept. Load stock.", "printer", "Print"),
            Toast("danger", "Stalls K 15 was just sold elsewhere", "K 18 is the nearest.", "", "Take K 18", "⏎"),
        ):
            toast.dismiss.hide()
            toast.setFixedHeight(64)
            host.addWidget(toast)
        self.toast_host = _Stage(180)
        self.toasts = ToastArea(self.toast_host)
        self.toasts.show(Toast("info", "Stalls F 17 removed", "The seat is free again.", "undo-2", "Undo", "Ctrl Z"))
        self.toasts.show(Toast("danger", "The card was not charged", "Ask for another card."), stays=True)
        return self._panel("Messages", host, self.toast_host)

    def _table(self) -> Panel:
        columns = [
            Column("Receipt", "strong"),
            Column("Time", "quiet"),
            Column("Customer", "text", stretch=True),
            Column("Tickets", "number"),
            Column("Total", "money"),
            Column("State", "tag"),
        ]
        self.table = Table(columns, self.formats, "Sales of this shift")
        sales: Sequence[tuple[str, str, str, int, int, TagCell]] = (
            ("T2-004817", "18:49", "Counter", 3, 25130, TagCell("Paid", "success")),
            ("T2-004816", "18:44", "Aylin Sommer", 2, 10400, TagCell("Paid", "success")),
            ("T2-004815", "18:41", "Counter", 1, -5200, TagCell("Refund", "danger")),
            ("T2-004814", "18:37", "A. Sommerfeld", 4, 14400, TagCell("Unpaid", "caution")),
        )
        self.table.show_rows(
            [TableRow(sale[0], (*sale[:4], Money(sale[4], "EUR"), sale[5])) for sale in sales],
        )
        self.table.choose("T2-004816")
        self.table.setFixedHeight(self.table.sizeHint().height() + 2)
        return self._panel("Table", self.table)

    def _dialog(self) -> Panel:
        stage = _Stage(280)
        self.dialog = Dialog(
            stage,
            "Refund €104.00 in cash?",
            "Two tickets of order 7J2C-4D stop working and their seats go back on sale. This cannot be undone.",
            "Refund",
            "Keep the order",
        )
        return self._panel("Dialog, only for what cannot be undone", stage)

    def _bars(self) -> Panel:
        chart, legend = BarChart(), Legend()
        chart.show_bars(
            ["18:30", "18:45", "19:00", "19:15", "19:30"],
            [
                Bars("Gate A", (18, 44, 79, 86, 19)),
                Bars("Gate B", (19, 41, 70, 73, 12)),
                Bars("Gate C", (5, 13, 22, 25, 5)),
            ],
            "Admissions per 15 minutes, by gate",
            mark=(4, "Start 19:30"),
        )
        legend.show_entries(chart.legend())
        chart.setFixedHeight(260)
        return self._panel("Most came between 19:00 and 19:30", legend, chart)

    def _lines(self) -> Panel:
        chart = LineChart()
        curves = (("Sat 7", 742), ("Fri 6", 671), ("Fri 13", 634), ("Sun 8", 588))
        earlier = [
            Line(name, tuple((day, sold * ((day + 28) / 28) ** 1.7) for day in range(-28, 1)), str(sold))
            for name, sold in curves
        ]
        now = Line("Tomorrow 19:30", tuple((d, 660 * ((d + 28) / 28) ** 1.6) for d in range(-28, -1)), "602 sold")
        ticks = [
            (-28.0, "28 days before"),
            (-21.0, "21 days"),
            (-14.0, "14 days"),
            (-7.0, "7 days"),
            (0.0, "On the day"),
        ]
        chart.show_lines(now, earlier, ticks, "Tickets sold, against four earlier performances", 900)
        chart.setFixedHeight(260)
        return self._panel("Tomorrow 19:30 keeps pace with its run", chart)

    def _shares(self) -> Panel:
        shares, legend = ShareBars(), Legend()
        shares.show_rows(
            [
                ShareRow("Tonight 15:00", "Tin Whistle", 0.93, "168 of 180", 0.02),
                ShareRow("Tonight 19:30", "The Glass Orchard", 0.61, "547 of 900", 0.03, now=True),
                ShareRow("Sun 19:30", "The Glass Orchard", 0.67, "602 of 900", 0.05),
                ShareRow("Tue 19:30", "The Map Room", 0.22, "196 of 900"),
            ]
        )
        legend.show_entries([("Sold", "accent", False), ("Held", "", True)])
        shares.setFixedHeight(170)
        return self._panel("Houses from tonight", legend, shares)

    def _empty(self) -> Panel:
        empty = EmptyState(
            "triangle-alert",
            "Nothing needs you",
            "Conflicts, failed prints and doubtful payments appear here, each with its money and its ways out.",
            "Test the printer",
            "printer",
        )
        return self._panel("Empty state", empty)


class _Measured(Text):
    """The colour's value and its contrast in the theme in force."""

    def __init__(self, name: str, against: str) -> None:
        self._token, self._against = name, against
        super().__init__("", "caption", "ink_2", weight=400)
        self._measure()
        theme_source().changed.connect(self._measure)

    def _measure(self) -> None:
        colors = theme().colors
        value: str = getattr(colors, self._token)
        ratio = f" · {contrast(value, getattr(colors, self._against)):.1f}" if self._against else ""
        self.setText(value + ratio)


class _Stage(QWidget):
    """A piece of a window for what lies over one."""

    def __init__(self, height: int) -> None:
        super().__init__()
        self.setFixedHeight(height)
        theme_source().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        box(painter_of(self), QRectF(self.rect()), QColor(theme().colors.chart_background), theme().colors.line, 8)


def _row(*parts: QWidget, spacing: int = 12, align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignVCenter) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(spacing)
    for part in parts:
        row.addWidget(part, 0, align)
    row.addStretch(1)
    return row


def _wide(widget: QWidget, width: int) -> QWidget:
    widget.setMinimumWidth(width)
    return widget


def main(arguments: list[str]) -> int:
    app = QApplication(arguments)
    apply_style(app, arguments[1] if len(arguments) > 1 else None)
    window = QScrollArea()
    window.setWindowTitle("Components")
    window.setWidget(Gallery())
    window.resize(1920, 1080)
    window.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main(sys.argv))
