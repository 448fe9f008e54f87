"""Five answers, then three pictures; titles state the finding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, QStandardPaths, Qt
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from boxoffice.domain.refusals import Refused
from ui.formats import Formats
from ui.reports.presenter import Picture, ReportRows, ReportsPresenter, SeatsSold, Tile
from ui.seatchart import HeatScale, SeatCard, SeatChart
from ui.shell.workspace import Notice, Notices, Tone, WindowSize
from ui.theme import font, theme, theme_source
from ui.theme.tokens import raw_tokens
from ui.widgets import BarChart, Bars, Button, Elided, EmptyState, Fit, Panel, ShareBars, Text
from ui.widgets.painting import painter_of

_READING = 130


class _Tile(Panel):
    def __init__(self) -> None:
        super().__init__(padding=16, spacing=2)
        self._title = Elided("", "body", "ink_2")
        self._figure = Fit("", 40, 22)
        self._figure.setFixedHeight(48)
        self._below = Elided("", "body", "ink_2")
        for part in (self._title, self._figure, self._below):
            self.body.addWidget(part)

    def show_tile(self, tile: Tile) -> None:
        self._title.setText(tile.title)
        self._figure.set_text(tile.figure)
        self._below.setText(tile.below)


class _Key(QWidget):
    """Which colour is which gate."""

    def __init__(self) -> None:
        super().__init__()
        self._bars: Sequence[Bars] = ()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme_source().changed.connect(self.update)

    def show_bars(self, bars: Sequence[Bars]) -> None:
        self._bars = bars if len(bars) > 1 else ()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(96 * len(self._bars), 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        data = raw_tokens()["chart_data"]
        colors = (data["gate_a"], data["gate_b"], data["gate_c"], data["other_bars"])
        painter.setFont(font("caption"))
        x = 0.0
        for number, bars in enumerate(self._bars):
            painter.fillRect(QRectF(x, 4, 12, 12), QColor(colors[number % len(colors)]))
            painter.setPen(theme().colors.q("ink_2"))
            painter.drawText(QRectF(x + 18, 0, 80, 20), Qt.AlignmentFlag.AlignVCenter, bars.name)
            x += painter.fontMetrics().horizontalAdvance(bars.name) + 36


class _Chart(Panel):
    def __init__(self, icon: str, nothing: str) -> None:
        super().__init__(padding=20, spacing=2)
        head = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(0)
        self._title = Elided("", "strong")
        self._subtitle = Elided("", "body", "ink_2")
        words.addWidget(self._title)
        words.addWidget(self._subtitle)
        head.addLayout(words, 1)
        self._key = _Key()
        head.addWidget(self._key, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(head)
        self.body.addSpacing(10)
        self.chart = BarChart()
        self._nothing = EmptyState(icon, nothing, "")
        self.body.addWidget(self.chart, 1)
        self.body.addWidget(self._nothing, 1)

    def show_picture(self, picture: Picture) -> None:
        self._title.setText(picture.title)
        self._subtitle.setText(picture.subtitle)
        self._key.show_bars(picture.bars)
        is_empty = not any(any(bars.values) for bars in picture.bars)
        self._nothing.setVisible(is_empty)
        self.chart.setVisible(not is_empty)
        self.chart.show_bars(picture.steps, picture.bars, f"{picture.title}. {picture.subtitle}", picture.mark)


class _Seats(Panel):
    """Which seats sell: the house in one hue, three readings beside it."""

    def __init__(self) -> None:
        super().__init__(padding=20, spacing=2)
        head, words = QHBoxLayout(), QVBoxLayout()
        words.setSpacing(0)
        self._title = Elided("", "strong")
        self._subtitle = Elided("", "body", "ink_2")
        words.addWidget(self._title)
        words.addWidget(self._subtitle)
        head.addLayout(words, 1)
        self._scale = HeatScale("0 %", "100 %")
        head.addWidget(self._scale, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(head)
        self.body.addSpacing(10)
        self._house, inside = QWidget(), QHBoxLayout()
        inside.setContentsMargins(0, 0, 0, 0)
        self._house.setLayout(inside)
        self._readings = QVBoxLayout()
        self._readings.setSpacing(0)
        inside.addLayout(self._readings)
        self.chart = SeatChart(is_plain=True)
        inside.addWidget(self.chart, 1)
        self._nothing = EmptyState("theater", self.tr("The first house with seats fills this picture"), "")
        self.body.addWidget(self._house, 1)
        self.body.addWidget(self._nothing, 1)

    def show_seats(self, seats: SeatsSold) -> None:
        self._title.setText(seats.title)
        self._subtitle.setText(seats.subtitle)
        for part in (self._house, self._scale):
            part.setVisible(seats.shares is not None)
        self._nothing.setVisible(seats.shares is None)
        clear(self._readings)
        for share, where in seats.readings:
            figure, name = Text(share, "page"), Elided(where, "body")
            name.setFixedWidth(_READING)
            self._readings.addWidget(figure)
            self._readings.addWidget(name)
            self._readings.addSpacing(12)
        self._readings.addStretch(1)
        if seats.shares is not None:
            plan, shares = seats.shares.plan, seats.shares.seats
            self.chart.set_plan(plan)
            self.chart.set_heat(shares, seats.shares.areas)
            self.chart.set_describe(lambda seat: SeatCard(plan.seat_name(seat), f"{shares[seat]:.0%}"))
            self.chart.setAccessibleName(
                f"{seats.title}. " + ", ".join(f"{name} {share}" for share, name in seats.readings)
            )


def clear(layout: QVBoxLayout | QGridLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()


class ReportsWidget(QWidget):
    """Implements ReportsView."""

    def __init__(self, presenter: ReportsPresenter, formats: Formats, notices: Callable[[], Notices]) -> None:
        super().__init__()
        self.setObjectName("background")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._presenter, self._formats, self._notices = presenter, formats, notices
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 12, 12, 12)
        column.setSpacing(12)
        head = QHBoxLayout()
        head.setContentsMargins(4, 0, 0, 0)
        head.addWidget(Text(self.tr("Today"), "page"))
        head.addSpacing(12)
        self._heading = Text("", "strong", "ink_2", weight=400)
        head.addWidget(self._heading, 1)
        self.export_button = Button(self.tr("Export"), icon="file-down", key="Ctrl E")
        self.export_button.clicked.connect(self.choose_file)
        head.addWidget(self.export_button)
        column.addLayout(head)
        inside = QWidget()
        self._grid = QGridLayout(inside)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(12)
        self._tiles = [_Tile() for _ in range(5)]
        self.sales = _Chart("ticket", self.tr("The first sale of the day starts this picture"))
        self.arrivals = _Chart("door-open", self.tr("The first scan of the evening starts this picture"))
        self.seats = _Seats()
        self._houses_panel = Panel(padding=20, spacing=2)
        self._houses_title = Text("", "strong")
        self._houses_panel.body.addWidget(self._houses_title)
        self._houses_panel.body.addWidget(Text(self.tr("Sold, share of capacity, all channels"), "body", "ink_2"))
        self._houses_panel.body.addSpacing(10)
        self.houses = ShareBars()
        self._houses_panel.body.addWidget(self.houses, 1)
        self._lines_panel = Panel(padding=20, spacing=2)
        self._lines_panel.body.addWidget(Text(self.tr("Sold at this till today"), "strong"))
        self._lines_panel.body.addWidget(
            Text(self.tr("By performance and price type, refunds taken off"), "body", "ink_2")
        )
        self._lines_panel.body.addSpacing(10)
        self._lines = QGridLayout()
        self._lines.setVerticalSpacing(8)
        self._lines.setHorizontalSpacing(16)
        self._lines.setColumnStretch(1, 1)
        self._lines_panel.body.addLayout(self._lines)
        self._no_lines = Text(self.tr("Nothing yet."), "body", "ink_3")
        self._lines_panel.body.addWidget(self._no_lines)
        self._lines_panel.body.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        column.addWidget(scroll, 1)
        self.set_size(WindowSize.WIDE)

    def show_rows(self, rows: ReportRows) -> None:
        self._heading.setText(rows.heading)
        for tile, shown in zip(self._tiles, rows.tiles, strict=True):
            tile.show_tile(shown)
        self.sales.show_picture(rows.sales)
        self.arrivals.show_picture(rows.arrivals)
        self.seats.show_seats(rows.seats)
        self._houses_title.setText(rows.houses_title)
        self.houses.show_rows(rows.houses)
        self._show_lines(rows.lines)

    def show_refusal(self, error: Refused) -> None:
        self._notices().show_refusal(error)

    def say_done(self, what: str, text: str) -> None:
        self._notices().say(Notice(Tone.SUCCESS, what, text, icon="file-down"))

    def choose_file(self) -> None:
        folder = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation) or ".")
        name = f"sales-{self._formats.today():%Y-%m-%d}.csv"
        sales, house_map = self.tr("Today's sales (*.csv)"), self.tr("Tonight's house as a map (*.pdf)")
        chosen, kind = QFileDialog.getSaveFileName(self, self.tr("Export"), str(folder / name), f"{sales};;{house_map}")
        if chosen:
            path = Path(chosen)
            self._presenter.export(path.with_suffix(".pdf") if kind == house_map else path)

    def set_size(self, size: WindowSize) -> None:
        """Five tiles beside each other, or 3 + 2 with the pictures in one column."""
        pictures = (self.sales, self.seats, self.arrivals, self._houses_panel, self._lines_panel)
        for part in (*self._tiles, *pictures):
            self._grid.removeWidget(part)
        if size is WindowSize.WIDE:
            for index, tile in enumerate(self._tiles):
                self._grid.addWidget(tile, 0, index * 6, 1, 6)
            places = [(1, 0, 17), (1, 17, 13), (2, 0, 17), (2, 17, 13), (3, 0, 30)]
        else:
            for index, tile in enumerate(self._tiles):
                across = 10 if index < 3 else 15
                self._grid.addWidget(tile, index // 3, (index % 3) * across, 1, across)
            places = [(row, 0, 30) for row in range(2, 7)]
        for part, (row, left, across) in zip(pictures, places, strict=True):
            part.setMinimumHeight(280)
            self._grid.addWidget(part, row, left, 1, across)
        for column in range(30):
            self._grid.setColumnStretch(column, 1)

    def _show_lines(self, lines: Sequence[tuple[str, ...]]) -> None:
        clear(self._lines)
        self._no_lines.setVisible(not lines)
        for row, cells in enumerate(lines[:40]):
            for column, cell in enumerate(cells):
                label: Text = (
                    Elided(cell, "body") if column == 1 else Text(cell, "body", "ink" if column > 2 else "ink_2")
                )
                if column > 2:
                    label.setAlignment(Qt.AlignmentFlag.AlignRight)
                self._lines.addWidget(label, row, column)
