"""The sheet that a plan is drawn on: it draws what it is shown and tells where the pointer went."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from boxoffice.domain.plan import Point, SeatKind
from boxoffice.domain.plan_editing import PlanDocument, SeatKey
from ui.planeditor.presenter import Tool
from ui.theme import display_font, font, theme, theme_source
from ui.widgets.painting import painter_of

_MARGIN = 24.0
_METRE = 100.0
_SEAT_CM = 21.0
_NUMBERS_FROM_PX = 9.0  # a seat's radius
_SIGNS = {SeatKind.WHEELCHAIR: "W", SeatKind.COMPANION: "C", SeatKind.RESTRICTED_VIEW: "R"}


class PlanCanvas(QWidget):
    drawn = Signal(list, bool)  # the pointer's path in centimetres, and whether Shift was held

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName(self.tr("Drawing"))
        self._document: PlanDocument | None = None
        self._chosen: frozenset[SeatKey] = frozenset()
        self._faulty: frozenset[SeatKey] = frozenset()
        self._path: list[Point] = []
        self._tool = Tool.ROWS
        theme_source().changed.connect(self.update)

    def show_document(self, document: PlanDocument, chosen: frozenset[SeatKey], faulty: frozenset[SeatKey]) -> None:
        self._document, self._chosen, self._faulty = document, chosen, faulty
        seats = sum(len(row.seats) for section in document.sections for row in section.rows)
        self.setAccessibleDescription(self.tr("{} seats, {} chosen").format(seats, len(chosen)))
        self.update()

    def show_tool(self, tool: Tool) -> None:
        self._tool = tool
        self.update()

    def at(self, point: Point) -> QPointF:
        """Where a place of the plan is on this widget."""
        scale, left, top = self._view()
        return QPointF(left + point[0] * scale, top + point[1] * scale)

    def sizeHint(self) -> QSize:
        return QSize(640, 480)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._path = [self._place(event.position())]

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._path:
            self._path.append(self._place(event.position()))
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._path and event.button() is Qt.MouseButton.LeftButton:
            path, self._path = [*self._path, self._place(event.position())], []
            self.drawn.emit(path, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        colors = theme().colors
        painter.fillRect(self.rect(), colors.q("chart_background"))
        if self._document is None:
            return
        self._paint_grid(painter, self._document)
        painter.setFont(font("strong"))
        for item in self._document.decorations:
            self._paint_outline(painter, item.outline, item.label, colors.chart_stage)
        for area in self._document.areas:
            fill = theme().seat(area.category).fill
            painter.setOpacity(0.28)
            self._paint_outline(painter, area.outline, "", fill)
            painter.setOpacity(1)
            self._paint_outline(painter, area.outline, f"{area.name} · {area.capacity}", None)
        self._paint_seats(painter, self._document)
        self._paint_gesture(painter)

    def _paint_grid(self, painter: QPainter, document: PlanDocument) -> None:
        colors = theme().colors
        corner, far = self.at((0, 0)), self.at(document.size)
        painter.setPen(QPen(colors.q("line"), 1))
        for axis in (0, 1):
            for metre in range(0, int(document.size[axis] / _METRE) + 1, 2):
                place = self.at((metre * _METRE, metre * _METRE))
                if axis == 0:
                    painter.drawLine(QPointF(place.x(), corner.y()), QPointF(place.x(), far.y()))
                else:
                    painter.drawLine(QPointF(corner.x(), place.y()), QPointF(far.x(), place.y()))
        painter.setPen(QPen(colors.q("accent"), 1, Qt.PenStyle.DotLine))
        middle = self.at(document.focal_point)
        painter.drawLine(QPointF(middle.x(), corner.y()), QPointF(middle.x(), far.y()))
        painter.drawEllipse(middle, 4, 4)

    def _paint_outline(self, painter: QPainter, outline: tuple[Point, ...], label: str, fill: str | None) -> None:
        shape = QPolygonF([self.at(point) for point in outline])
        painter.setPen(QPen(theme().colors.q("control_edge"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if fill is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().colors.q("chart_stage") if fill == theme().colors.chart_stage else fill)
        painter.drawPolygon(shape)
        painter.setPen(theme().colors.q("ink"))
        painter.drawText(shape.boundingRect(), Qt.AlignmentFlag.AlignCenter, label)

    def _paint_seats(self, painter: QPainter, document: PlanDocument) -> None:
        colors = theme().colors
        radius = _SEAT_CM * self._view()[0]
        painter.setFont(display_font(max(11, int(radius)), 600))
        for key, seat in document.seats():
            look = theme().seat(seat.category)
            at = self.at((seat.x, seat.y))
            painter.setPen(QPen(QColor(look.edge), 1))
            painter.setBrush(look.fill)
            if seat.kind is SeatKind.WHEELCHAIR:
                painter.drawRoundedRect(QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius), 3, 3)
            else:
                painter.drawEllipse(at, radius, radius)
            if radius >= _NUMBERS_FROM_PX:
                painter.setPen(look.number)
                room = QRectF(at.x() - 2 * radius, at.y() - radius, 4 * radius, 2 * radius)
                painter.drawText(room, Qt.AlignmentFlag.AlignCenter, _SIGNS.get(seat.kind, seat.label))
            if key in self._chosen or key in self._faulty:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(colors.q("danger" if key in self._faulty else "accent"), 2.5))
                painter.drawEllipse(at, radius + 2.5, radius + 2.5)
        painter.setPen(colors.q("ink_2"))
        painter.setFont(font("caption"))
        for section in document.sections:
            for row in section.rows:
                for seat, side in ((row.seats[0], -1.0), (row.seats[-1], 1.0)):
                    at = self.at((seat.x + side * 45, seat.y))
                    room = QRectF(at.x() - 20, at.y() - 10, 40, 20)
                    painter.drawText(room, Qt.AlignmentFlag.AlignCenter, row.label)

    def _paint_gesture(self, painter: QPainter) -> None:
        if len(self._path) < 2:
            return
        painter.setPen(QPen(theme().colors.q("accent"), 2, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        start, end = self.at(self._path[0]), self.at(self._path[-1])
        if self._tool is Tool.SELECT:
            painter.drawPolygon(QPolygonF([self.at(point) for point in self._path]))
        elif self._tool is Tool.ROWS:
            painter.drawLine(start, end)
        else:
            painter.drawRect(QRectF(start, end).normalized())

    def _view(self) -> tuple[float, float, float]:
        """Pixels a centimetre, and where the plan's corner is: all of it fits."""
        width, height = self._document.size if self._document is not None else (1.0, 1.0)
        scale = min((self.width() - 2 * _MARGIN) / width, (self.height() - 2 * _MARGIN) / height)
        scale = max(scale, 1e-3)
        return scale, (self.width() - width * scale) / 2, (self.height() - height * scale) / 2

    def _place(self, at: QPointF) -> Point:
        scale, left, top = self._view()
        return (at.x() - left) / scale, (at.y() - top) / scale
