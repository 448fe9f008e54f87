"""What the signs mean, in one line under the chart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from boxoffice.domain.plan import SeatKind
from ui.seatchart import glyphs
from ui.seatchart.lettering import chart_font
from ui.seatchart.palette import ChartPalette
from ui.seatchart.panels import paint_plate
from ui.seatchart.scene import Scene
from ui.seatchart.states import SeatState

_GLYPH = 7.0
_GAP = 18
_PADDING = 14
_HEIGHT = 32
_SAMPLE_CATEGORY = 1


@dataclass(frozen=True, slots=True)
class Entry:
    state: SeatState
    kind: SeatKind
    word: str


ENTRIES: tuple[Entry, ...] = (
    Entry(SeatState.FREE, SeatKind.STANDARD, "Free"),
    Entry(SeatState.MINE, SeatKind.STANDARD, "Yours"),
    Entry(SeatState.OTHER_BASKET, SeatKind.STANDARD, "Other till"),
    Entry(SeatState.HELD, SeatKind.STANDARD, "Held"),
    Entry(SeatState.SOLD, SeatKind.STANDARD, "Sold"),
    Entry(SeatState.BLOCKED, SeatKind.STANDARD, "Blocked"),
    Entry(SeatState.NOT_OURS, SeatKind.STANDARD, "Not ours offline"),
    Entry(SeatState.FREE, SeatKind.WHEELCHAIR, "Wheelchair"),
    Entry(SeatState.FREE, SeatKind.COMPANION, "Companion"),
    Entry(SeatState.FREE, SeatKind.RESTRICTED_VIEW, "Restricted view"),
)


def entries_of(scene: Scene) -> tuple[Entry, ...]:
    """Signs that stand in this house tonight; free, yours and sold always."""
    states = {SeatState.FREE, SeatState.MINE, SeatState.SOLD, *np.unique(scene.states).tolist()}
    kinds = set(np.unique(scene.layout.plan.kind).tolist())
    return tuple(e for e in ENTRIES if e.state in states and (e.kind == SeatKind.STANDARD or e.kind in kinds))


_FIRST_TO_GO = ("Restricted view", "Companion", "Blocked", "Wheelchair", "Other till", "Not ours offline", "Held")


class Legend(QWidget):
    """Shows the entries it was given, as many as fit. `raised` puts it on a plate, where it covers the chart."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._entries: tuple[Entry, ...] = ()
        self._look: ChartPalette | None = None
        self._raised = False
        self._picture: QPixmap | None = None  # painted again only when it is another: it floats over what moves
        self._painted_for: tuple[object, ...] = ()

    def set_entries(self, entries: tuple[Entry, ...]) -> None:
        self._entries = entries
        self.setAccessibleName("Legend: " + ", ".join(entry.word for entry in entries))
        self.update()

    def set_look(self, look: ChartPalette) -> None:
        self._look = look
        self.update()

    def set_raised(self, raised: bool) -> None:
        if raised != self._raised:
            self._raised = raised
            self.update()

    @property
    def entries(self) -> tuple[Entry, ...]:
        return self._entries

    def width_for(self, entries: tuple[Entry, ...]) -> int:
        metrics = QFontMetricsF(chart_font(self.font().family(), 12))
        words = sum(metrics.horizontalAdvance(entry.word) for entry in entries)
        return round(words + len(entries) * (2 * _GLYPH + 8) + (len(entries) - 1) * _GAP) + 2 * _PADDING + 4

    def fitting(self, entries: tuple[Entry, ...], room: int) -> tuple[Entry, ...]:
        """In their order; what is told by the card anyway goes first when there is no room."""
        for first_to_go in _FIRST_TO_GO:
            if self.width_for(entries) <= room:
                break
            entries = tuple(entry for entry in entries if entry.word != first_to_go)
        return entries

    def sizeHint(self) -> QSize:
        return QSize(self.width_for(self._entries), _HEIGHT + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        look, dpr = self._look, self.devicePixelRatioF()
        if look is None:
            return
        wanted = (self._entries, look, self._raised, self.size(), dpr, self.font().family())
        if self._picture is None or wanted != self._painted_for:
            self._picture, self._painted_for = QPixmap(self.size() * dpr), wanted
            self._picture.setDevicePixelRatio(dpr)
            self._picture.fill(Qt.GlobalColor.transparent)
            self._paint(QPainter(self._picture), look)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        painter.end()

    def _paint(self, painter: QPainter, look: ChartPalette) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plate = QRectF(1, 0, self.width() - 2, _HEIGHT)
        if self._raised:
            paint_plate(painter, plate, look, 8)
        font = chart_font(self.font().family(), 12)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        x = plate.left() + _PADDING
        for entry in self._entries:
            glyph = glyphs.glyph_of(entry.state, entry.kind, _SAMPLE_CATEGORY)
            glyphs.paint_glyph(painter, glyph, x + _GLYPH, plate.center().y(), _GLYPH, 1.0, look)
            x += 2 * _GLYPH + 8
            painter.setPen(QColor(look.ink_2))
            width = metrics.horizontalAdvance(entry.word)
            painter.drawText(
                QRectF(x, plate.top(), width + 2, plate.height()),
                int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter),
                entry.word,
            )
            x += width + _GAP
        painter.end()
