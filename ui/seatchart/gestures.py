"""What hands do, from mouse and touch events: click, tap, drag, rubber band, lasso, pinch. Logical pixels."""

from __future__ import annotations

import math
from enum import Enum, auto

from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QEventPoint, QMouseEvent, QTouchEvent

_DRAG_FROM_PX = 6
_FINGER_DRAG_FROM_PX = 12


class Drag(Enum):
    PAN = auto()
    BAND = auto()  # with Shift
    LASSO = auto()  # with Ctrl


class Gestures(QObject):
    clicked = Signal(QPointF, bool)  # with Shift?
    tapped = Signal(QPointF)
    pointed = Signal(QPointF)  # no button down
    drag_began = Signal()
    panned = Signal(QPointF)  # so far since the last
    zoomed = Signal(float, QPointF)
    trail_grew = Signal()
    band_drawn = Signal(QPointF, QPointF)
    lasso_drawn = Signal(list)  # of QPointF
    ended = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.drag: Drag | None = None
        self.trail: list[QPointF] = []
        self._pressed: QPointF | None = None
        self._last = QPointF()
        self._spread: float | None = None

    def press(self, event: QMouseEvent) -> None:
        self._pressed = self._last = event.position()

    def move(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            self.pointed.emit(event.position())
            return
        if self.drag is None:
            if (event.position() - self._pressed).manhattanLength() < _DRAG_FROM_PX:
                return
            self.drag = _drag_of(event)
            self.trail = [self._pressed]
            self.drag_began.emit()
        if self.drag is Drag.PAN:
            self._pan_to(event.position())
        else:
            self.trail.append(event.position())
            self.trail_grew.emit()

    def release(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        drag, self.drag, self._pressed = self.drag, None, None
        if drag is Drag.BAND:
            self.band_drawn.emit(self.trail[0], self.trail[-1])
        elif drag is Drag.LASSO:
            self.lasso_drawn.emit(self.trail)
        elif drag is None and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(event.position(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        self.ended.emit()

    def touch(self, event: QTouchEvent) -> None:
        points = event.points()
        if len(points) >= 2:
            self._pressed = None  # what began as a tap is a pinch
            self._pinch(points[0].position(), points[1].position())
        elif points:
            self._finger(points[0])

    def _finger(self, point: QEventPoint) -> None:
        at = point.position()
        if point.state() == QEventPoint.State.Pressed:
            self._pressed = self._last = at
        elif point.state() == QEventPoint.State.Released:
            is_tap = self._pressed is not None and self.drag is None
            self._pressed = self.drag = self._spread = None
            if is_tap:
                self.tapped.emit(at)
        elif self._pressed is not None:
            if (at - self._pressed).manhattanLength() >= _FINGER_DRAG_FROM_PX:
                self.drag = Drag.PAN
            if self.drag is Drag.PAN:
                self._pan_to(at)

    def _pinch(self, one: QPointF, other: QPointF) -> None:
        spread = max(1.0, math.hypot(one.x() - other.x(), one.y() - other.y()))
        if self._spread is not None:
            self.zoomed.emit(spread / self._spread, (one + other) / 2)
        self._spread = spread

    def _pan_to(self, at: QPointF) -> None:
        self.panned.emit(at - self._last)
        self._last = at


def _drag_of(event: QMouseEvent) -> Drag:
    if event.buttons() & Qt.MouseButton.LeftButton:
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            return Drag.BAND
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return Drag.LASSO
    return Drag.PAN
