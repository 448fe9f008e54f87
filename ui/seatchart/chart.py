"""The seat chart as a widget: shows a plan, moves over it, says which seat was meant."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEventPoint,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTouchEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from boxoffice.domain.plan import SeatingPlan, SeatKind
from ui.seatchart.accessible import StopState, announce_focus, install
from ui.seatchart.grid import Direction, Grid
from ui.seatchart.ground import Ground
from ui.seatchart.hovercard import HoverCard, SeatCard
from ui.seatchart.legend import ENTRIES, Entry, Legend
from ui.seatchart.minimap import MiniMap
from ui.seatchart.overlays import Overlays
from ui.seatchart.palette import ChartPalette
from ui.seatchart.scene import Layout, Scene
from ui.seatchart.states import KIND_WORDS, TARGETS, WORDS, SeatState
from ui.seatchart.surface import Surface
from ui.seatchart.viewport import PITCH_UNITS, Box, Insets, Viewport
from ui.seatchart.zoombuttons import ZoomButtons
from ui.theme import theme, theme_source

_FIT_INSETS = Insets(left=28, top=16, right=28, bottom=58)
_PAN_INSETS = Insets(left=40, top=24, right=76, bottom=64)
_ENSURE_INSETS = Insets(left=56, top=32, right=84, bottom=124)  # clear of everything that floats
_ZOOM_STEP = 2**0.5
_LARGEST_SCALE = 4.0
_SCALES_PER_OCTAVE = 16  # zoom comes back to the same scales, so their sprites are found again
_DRAG_FROM_PX = 6
_TOUCH_SEAT_PX = 44.0
_TOUCH_REACH_PX = 22.0
_EDGE = 16

_ARROWS = {
    Qt.Key.Key_Left: Direction.LEFT,
    Qt.Key.Key_Right: Direction.RIGHT,
    Qt.Key.Key_Up: Direction.UP,
    Qt.Key.Key_Down: Direction.DOWN,
}


class _Drag(Enum):
    PAN = auto()
    BAND = auto()
    LASSO = auto()


class SeatChart(QWidget):
    """One opaque widget; seats are drawn, not made. UI thread only, no I/O.

    A seat is its index in the plan. Only seats in the target states (free and mine, unless `set_targets` says
    otherwise) that the filter leaves are activated; every seat that the filter leaves can be hovered. Without a
    palette of its own it follows the theme.
    """

    seat_activated = Signal(int)
    seats_activated = Signal(list)  # of int: shift-click along a row, rubber band, lasso
    area_activated = Signal(int)
    section_in_view_changed = Signal(int)  # -1: no single one
    hovered = Signal(int)  # -1: none
    view_changed = Signal()

    def __init__(self, palette: ChartPalette | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setMinimumSize(520, 300)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Seat chart")
        self._palette = palette or ChartPalette.of(theme())
        if palette is None:
            theme_source().changed.connect(self._follow_theme)
        self._scene: Scene | None = None
        self._surface: Surface | None = None
        self._ground: Ground | None = None
        self._stops: Grid | None = None  # where arrow keys can go: seats, then areas
        self._describe: Callable[[int], SeatCard | None] | None = None
        self._targets = TARGETS
        self._view = Viewport(1, 1)
        self._fitted = True
        self._section_in_view = -1
        self._hover = -1
        self._focus = -1  # a seat, or seat_count + an area
        self._anchor = -1  # where a shift-click begins
        self._pressed: QPointF | None = None
        self._dragging: _Drag | None = None
        self._trail: list[QPointF] = []
        self._pan_from = QPointF()
        self._pinch: float | None = None
        self._card = HoverCard(self)
        self._legend = Legend(self)
        self._legend_wanted: tuple[Entry, ...] = ()
        self._minimap = MiniMap(self)
        self._zoom = ZoomButtons(self)
        self._minimap.moved_to.connect(self._centre_on)
        self._zoom.zoom_in_requested.connect(self.zoom_in)
        self._zoom.zoom_out_requested.connect(self.zoom_out)
        self._zoom.fit_requested.connect(self.fit)
        self._dress()
        install()

    # What is shown

    def set_plan(self, plan: SeatingPlan) -> None:
        """Shows all of it, every seat free, no filter. Another performance in the same house is quick."""
        if self.plan is not None and (self.plan.id, self.plan.version) == (plan.id, plan.version):
            self._start_over()
            return
        layout = Layout(plan)
        self._scene = Scene(layout, self._palette)
        self._ground = Ground(layout, self.font().family())
        self._surface = Surface(self._scene, self._ground)
        centres = layout.area_centres
        self._stops = Grid(
            np.concatenate([plan.x, np.array([x for x, _ in centres], np.float32)]),
            np.concatenate([plan.y, np.array([y for _, y in centres], np.float32)]),
            4 * layout.pitch,
        )
        self._minimap.set_scene(self._scene, self._ground)
        self._start_over()

    def _start_over(self) -> None:
        assert self._scene is not None
        self._scene.clear()
        self._hover = self._focus = self._anchor = -1
        self._card.hide()
        self._restyle()
        self._arrange()
        self.fit()

    @property
    def plan(self) -> SeatingPlan | None:
        return self._scene.layout.plan if self._scene else None

    def set_states(self, states: NDArray[np.uint8]) -> None:
        """One SeatState per seat. Raises ValueError for another length."""
        scene = self._scene
        if scene is None or len(states) != len(scene.states):
            raise ValueError(f"{len(states)} states do not fit the plan")
        changed = np.flatnonzero(scene.states != states)
        scene.states[:] = states
        self._states_changed(changed)
        self._arrange()

    def update_states(
        self, seats: Iterable[int] | NDArray[np.integer], states: Iterable[int] | NDArray[np.integer]
    ) -> None:
        """Many calls between two frames cost one repaint."""
        scene = self._scene
        if scene is None:
            return
        indices = np.asarray(list(seats) if not isinstance(seats, np.ndarray) else seats, np.intp)
        values = np.asarray(list(states) if not isinstance(states, np.ndarray) else states, np.uint8)
        scene.states[indices] = values
        self._states_changed(indices)
        if not set(np.unique(values).tolist()) <= {entry.state for entry in self._legend_wanted}:
            self._arrange()

    def set_filter(self, categories: frozenset[int] | None) -> None:
        """Seats of other categories fade and are no targets; None shows all."""
        if self._scene is not None and categories != self._scene.shown_categories:
            self._scene.filter(categories)
            self._restyle()

    def set_targets(self, states: frozenset[SeatState]) -> None:
        """Which seats a click acts upon; an exchange points at sold ones."""
        self._targets = states

    def set_area_counts(self, free: Mapping[int, int]) -> None:
        """Free places by index of the plan's areas."""
        if self._scene is not None and dict(free) != dict(self._scene.area_counts):
            self._scene.area_counts = dict(free)
            self._restyle()

    def set_section_counts(self, free: Mapping[int, int]) -> None:
        """Free seats by index of the plan's sections, shown beside their names."""
        if self._scene is not None and dict(free) != dict(self._scene.section_counts):
            self._scene.section_counts = dict(free)
            self._restyle()

    def set_describe(self, describe: Callable[[int], SeatCard | None]) -> None:
        """Words for the hover card of a seat; None: no card."""
        self._describe = describe

    def set_palette(self, palette: ChartPalette) -> None:
        self._palette = palette
        if self._scene is not None:
            self._scene.palette = palette
        self._dress()
        self._restyle()

    def _follow_theme(self) -> None:
        self.set_palette(ChartPalette.of(theme()))

    # Where we look

    def zoom_in(self) -> None:
        self._zoom_by(_ZOOM_STEP, QPointF(self.rect().center()))

    def zoom_out(self) -> None:
        self._zoom_by(1 / _ZOOM_STEP, QPointF(self.rect().center()))

    def fit(self) -> None:
        """Shows the whole plan."""
        if self._scene is not None:
            self._move(self._fit_view(), fitted=True)

    def zoom_to_section(self, section: int | None) -> None:
        """None, or a section without seats, shows all."""
        box = self._scene.layout.section_boxes[section] if self._scene and section is not None else None
        if box is None:
            self.fit()
        else:
            self._move(self._sized_view().showing(box, self._scaled(_FIT_INSETS), self._largest()))

    def ensure_visible(self, seats: Iterable[int]) -> None:
        """Moves as little as possible; zooms out only when the seats do not fit."""
        scene = self._scene
        indices = np.fromiter(seats, np.intp)
        if scene is None or not len(indices):
            return
        x, y = scene.layout.plan.x[indices], scene.layout.plan.y[indices]
        box = Box(float(x.min()), float(y.min()), float(x.max()), float(y.max())).grown(1.5 * scene.layout.pitch)
        insets = self._scaled(_ENSURE_INSETS)
        view = self._view
        if (
            box.width * view.px_per_cm > view.width - insets.left - insets.right
            or box.height * view.px_per_cm > view.height - insets.top - insets.bottom
        ):
            self._move(view.showing(box, insets, self._largest()))
            return
        left, top = view.to_screen(box.left, box.top)
        right, bottom = view.to_screen(box.right, box.bottom)
        dx = max(0.0, insets.left - left) + min(0.0, view.width - insets.right - right)
        dy = max(0.0, insets.top - top) + min(0.0, view.height - insets.bottom - bottom)
        if (dx or dy) and not self._fitted:
            self._move(view.panned(round(dx), round(dy)))

    @property
    def scale(self) -> float:
        """Logical pixels per unit of the design; seat numbers show from 1.35."""
        return self._ground.scale(self._view, self._dpr) if self._ground else 1.0

    @property
    def focused_seat(self) -> int:
        """-1: none, or an area."""
        return self._focus if self._scene and 0 <= self._focus < self._scene.layout.plan.seat_count else -1

    def focus_seat(self, seat: int) -> None:
        self._set_focus(seat)

    def position_of(self, seat: int) -> QPoint:
        """The seat's middle in the widget, also when it lies outside."""
        assert self._scene is not None
        plan = self._scene.layout.plan
        return self._on_screen(float(plan.x[seat]), float(plan.y[seat])).toPoint()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        scene, surface = self._scene, self._surface
        if scene is None or surface is None:
            painter.fillRect(self.rect(), QColor(self._palette.background))
            painter.end()
            return
        surface.show(self._view, self._dpr)
        painter.drawImage(QPoint(0, 0), surface.image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        over = self._overlays()
        over.paint_section_names(painter)
        if not self._fitted:
            covered = QRectF(self._minimap.geometry()) if self._minimap.isVisible() else QRectF()
            over.paint_edge_letters(painter, covered)
        if self._hover >= 0 and scene.states[self._hover] != SeatState.NOT_OURS:
            over.paint_seat_ring(painter, self._hover)
        if self._focus >= 0 and self.hasFocus():
            area = self._focus - scene.layout.plan.seat_count
            if area >= 0:
                over.paint_area_ring(painter, area)
            else:
                over.paint_seat_ring(painter, self._focus)
        if self._dragging in (_Drag.BAND, _Drag.LASSO):
            over.paint_trail(painter, self._trail, is_band=self._dragging is _Drag.BAND)
        painter.end()

    def _overlays(self) -> Overlays:
        assert self._scene is not None
        assert self._ground is not None
        return Overlays(self._scene, self._ground, self._view, self._dpr)

    # Pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            event.ignore()
            return
        self._pressed = event.position()
        self._pan_from = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            self._hover_at(event.position())
            return
        if self._dragging is None:
            if (event.position() - self._pressed).manhattanLength() < _DRAG_FROM_PX:
                return
            self._begin_drag(event)
        if self._dragging is _Drag.PAN:
            self._pan_to(event.position())
        else:
            self._trail.append(event.position())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        dragging, self._dragging, self._pressed = self._dragging, None, None
        self.unsetCursor()
        if dragging is None:
            if event.button() == Qt.MouseButton.LeftButton:
                self._click_at(event.position(), along_row=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif dragging is not _Drag.PAN:
            self._select(dragging)
        self._hover_at(event.position())
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._set_hover(-1)

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = event.angleDelta().y() / 120
        if steps:
            self._zoom_by(_ZOOM_STEP ** (steps / 1.5), event.position())
        event.accept()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QTouchEvent):
            return self._touch(event)
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self._zoom_by(1 + event.value(), event.position())
            return True
        return super().event(event)

    def _touch(self, event: QTouchEvent) -> bool:
        points = event.points()
        if len(points) >= 2:
            self._pressed = None
            a, b = points[0].position(), points[1].position()
            spread = max(1.0, float(np.hypot(a.x() - b.x(), a.y() - b.y())))
            if self._pinch is not None:
                self._zoom_by(spread / self._pinch, (a + b) / 2)
            self._pinch = spread
        elif points:
            point = points[0]
            if point.state() == QEventPoint.State.Pressed:
                self._pressed = self._pan_from = point.position()
            elif point.state() == QEventPoint.State.Released:
                tapped = self._pressed is not None and self._dragging is None
                self._pressed, self._dragging, self._pinch = None, None, None
                if tapped:
                    self._tap_at(point.position())
            elif self._pressed is not None:
                if (point.position() - self._pressed).manhattanLength() >= 2 * _DRAG_FROM_PX:
                    self._dragging = _Drag.PAN
                if self._dragging is _Drag.PAN:
                    self._pan_to(point.position())
        event.accept()
        return True

    def _tap_at(self, at: QPointF) -> None:
        """Small seats: come closer first. Large ones: the nearest within a finger's reach."""
        scene = self._scene
        if scene is None:
            return
        pitch_px = scene.layout.pitch * self._view.px_per_cm / self._dpr
        area = self._area_at(at)
        if area is not None and self._seat_at(at, _TOUCH_REACH_PX) < 0:
            self._activate(scene.layout.plan.seat_count + area)
        elif pitch_px < _TOUCH_SEAT_PX - 0.5:
            self._zoom_by(_TOUCH_SEAT_PX / pitch_px, at)
        else:
            seat = self._seat_at(at, _TOUCH_REACH_PX, only_targets=True)
            if seat >= 0:
                self._activate(seat)

    def _begin_drag(self, event: QMouseEvent) -> None:
        assert self._pressed is not None
        self._set_hover(-1)
        modifiers = event.modifiers()
        left = bool(event.buttons() & Qt.MouseButton.LeftButton)
        if left and modifiers & Qt.KeyboardModifier.ShiftModifier:
            self._dragging = _Drag.BAND
        elif left and modifiers & Qt.KeyboardModifier.ControlModifier:
            self._dragging = _Drag.LASSO
        else:
            self._dragging = _Drag.PAN
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        self._trail = [self._pressed]

    def _pan_to(self, at: QPointF) -> None:
        moved = (at - self._pan_from) * self._dpr
        dx, dy = round(moved.x()), round(moved.y())
        if dx or dy:
            self._pan_from = self._pan_from + QPointF(dx / self._dpr, dy / self._dpr)
            self._move(self._view.panned(dx, dy))

    def _select(self, drag: _Drag) -> None:
        if self._scene is None:
            return
        points = [self._view.to_plan(p.x() * self._dpr, p.y() * self._dpr) for p in self._trail]
        if drag is _Drag.BAND:
            (x0, y0), (x1, y1) = points[0], points[-1]
            inside = self._scene.layout.grid.within(Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
        else:
            inside = self._scene.layout.grid.in_polygon(points)
        chosen = inside[self._target_mask()[inside] & (self._scene.states[inside] != SeatState.MINE)]
        if len(chosen):
            self.seats_activated.emit(chosen.tolist())

    def _click_at(self, at: QPointF, *, along_row: bool) -> None:
        scene = self._scene
        if scene is None:
            return
        seat = self._seat_at(at, self._pick_radius())
        if seat >= 0:
            if self._is_target(seat):
                if along_row:
                    self._activate_along_row(seat)
                else:
                    self._activate(seat)
            return
        area = self._area_at(at)
        if area is not None:
            self._activate(scene.layout.plan.seat_count + area)

    def _activate(self, stop: int) -> None:
        assert self._scene is not None
        seats = self._scene.layout.plan.seat_count
        self._focus = stop
        self.update()
        if stop >= seats:
            self.area_activated.emit(stop - seats)
        else:
            self._anchor = stop
            self.seat_activated.emit(stop)

    def _activate_along_row(self, seat: int) -> None:
        """From the last activated seat of this row up to here; without one, this seat and its neighbour."""
        assert self._scene is not None
        plan, states = self._scene.layout.plan, self._scene.states
        anchor = self._anchor
        if anchor >= 0 and anchor != seat and plan.row[anchor] == plan.row[seat]:
            step = 1 if seat > anchor else -1
            wanted = list(range(anchor, seat + step, step))
        else:
            neighbours = [int(plan.right[seat]), int(plan.left[seat])]
            wanted = [
                seat,
                *[n for n in neighbours if n >= 0 and self._is_target(n) and states[n] != SeatState.MINE][:1],
            ]
        chosen = sorted(s for s in wanted if self._is_target(s) and states[s] != SeatState.MINE)
        self._anchor = self._focus = seat
        if chosen:
            self.seats_activated.emit(chosen)
        self.update()

    def _hover_at(self, at: QPointF) -> None:
        if self._scene is None:
            return
        seat = self._seat_at(at, self._pick_radius()) if self.rect().contains(at.toPoint()) else -1
        self._set_hover(seat)
        over_area = seat < 0 and self._area_at(at) is not None
        pointing = over_area or (seat >= 0 and self._is_target(seat))
        self.setCursor(Qt.CursorShape.PointingHandCursor if pointing else Qt.CursorShape.ArrowCursor)

    def _set_hover(self, seat: int) -> None:
        if seat == self._hover:
            return
        self._hover = seat
        self._show_card()
        self.update()
        self.hovered.emit(seat)

    def _show_card(self) -> None:
        seat = self._hover
        card = self._describe(seat) if self._describe is not None and seat >= 0 else None
        if card is None or self._scene is None:
            self._card.hide()
            return
        plan = self._scene.layout.plan
        radius = self._scene.layout.radius * self._view.px_per_cm / self._dpr
        colours = self._palette.category(int(plan.category[seat]))
        self._card.show_card(card, self._palette, colours, QPointF(self.position_of(seat)), radius)

    def _pick_radius(self) -> float:
        """In logical pixels: within a seat's half pitch, and a little more where seats are tiny."""
        assert self._scene is not None
        return max(self._scene.layout.pitch * self._view.px_per_cm / self._dpr / 2, 4.0)

    def _seat_at(self, at: QPointF, reach: float, *, only_targets: bool = False) -> int:
        scene = self._scene
        if scene is None:
            return -1
        x, y = self._view.to_plan(at.x() * self._dpr, at.y() * self._dpr)
        allowed = self._target_mask() if only_targets else ~scene.dimmed
        seat = scene.layout.grid.nearest(x, y, reach * self._dpr / self._view.px_per_cm, allowed)
        return -1 if seat is None else seat

    def _area_at(self, at: QPointF) -> int | None:
        if self._scene is None or self._ground is None:
            return None
        point = QPointF(*self._view.to_plan(at.x() * self._dpr, at.y() * self._dpr))
        for index in range(len(self._scene.layout.plan.areas)):
            if not self._scene.is_area_dimmed(index) and self._ground.area_path(index).contains(point):
                return index
        return None

    def _is_target(self, seat: int) -> bool:
        assert self._scene is not None
        return int(self._scene.states[seat]) in self._targets and not bool(self._scene.dimmed[seat])

    def _target_mask(self) -> NDArray[np.bool_]:
        assert self._scene is not None
        wanted = np.zeros(256, np.bool_)
        wanted[[int(state) for state in self._targets]] = True
        mask: NDArray[np.bool_] = wanted[self._scene.states] & ~self._scene.dimmed
        return mask

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _ARROWS:
            self._step(_ARROWS[key])
        elif key == Qt.Key.Key_Space and self._focus >= 0:
            self._press_focus()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._zoom_at_focus(_ZOOM_STEP)
        elif key == Qt.Key.Key_Minus:
            self._zoom_at_focus(1 / _ZOOM_STEP)
        elif key == Qt.Key.Key_0:
            self.fit()
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        if self._focus < 0 and event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self._set_focus(self._first_stop())
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def _first_stop(self) -> int:
        """The best seat in view by its place, else an area."""
        scene = self._scene
        if scene is None:
            return -1
        plan = scene.layout.plan
        seen = scene.layout.grid.within(self._view.visible)
        seen = seen[self._target_mask()[seen]]
        if len(seen):
            return int(seen[plan.focal_distance[seen].argmin()])
        return plan.seat_count if plan.areas else -1

    def _step(self, direction: Direction) -> None:
        scene, stops = self._scene, self._stops
        if scene is None or stops is None:
            return
        if self._focus < 0:
            self._set_focus(self._first_stop())
            return
        plan = scene.layout.plan
        areas = np.array([not scene.is_area_dimmed(i) for i in range(len(plan.areas))], np.bool_)
        allowed = np.concatenate([self._target_mask(), areas])
        start, found = self._stop_point(self._focus), None
        if self._focus < plan.seat_count and direction in (Direction.LEFT, Direction.RIGHT):
            row = plan.rows[int(plan.row[self._focus])]  # along the row first, over aisles and sold seats
            in_row = np.zeros_like(allowed)
            in_row[row.start : row.stop] = allowed[row.start : row.stop]
            found = stops.toward(start, direction, in_row)
        if found is None:
            found = stops.toward(start, direction, allowed)
        if found is not None:
            self._set_focus(found)

    def _press_focus(self) -> None:
        assert self._scene is not None
        if self._focus >= self._scene.layout.plan.seat_count or self._is_target(self._focus):
            self._activate(self._focus)

    def _set_focus(self, stop: int) -> None:
        self._focus = stop
        if self.focused_seat >= 0:
            self.ensure_visible([stop])
        if stop >= 0 and self.hasFocus():
            announce_focus(self, stop)
        self.update()

    def _stop_point(self, stop: int) -> tuple[float, float]:
        assert self._scene is not None
        plan = self._scene.layout.plan
        if stop < plan.seat_count:
            return float(plan.x[stop]), float(plan.y[stop])
        return self._scene.layout.area_centres[stop - plan.seat_count]

    def _zoom_at_focus(self, factor: float) -> None:
        at = QPointF(self.rect().center())
        if self._focus >= 0:
            focus = self._on_screen(*self._stop_point(self._focus))
            at = focus if self.rect().contains(focus.toPoint()) else at
        self._zoom_by(factor, at)

    # View

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()
        self._resize_view()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange) and self._scene is not None:
            self._ground = Ground(self._scene.layout, self.font().family())
            self._surface = Surface(self._scene, self._ground)
            self._minimap.set_scene(self._scene, self._ground)
            self._arrange()
        super().changeEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(900, 640)

    @property
    def _dpr(self) -> float:
        return self.devicePixelRatioF()

    def _scaled(self, insets: Insets) -> Insets:
        return insets.times(self._dpr)

    def _sized_view(self) -> Viewport:
        return Viewport(max(1, round(self.width() * self._dpr)), max(1, round(self.height() * self._dpr)))

    def _fit_view(self) -> Viewport:
        assert self._scene is not None
        return self._sized_view().showing(self._scene.layout.content, self._scaled(_FIT_INSETS), self._largest())

    def _largest(self) -> float:
        assert self._scene is not None
        return _LARGEST_SCALE * PITCH_UNITS / self._scene.layout.pitch * self._dpr

    def _resize_view(self) -> None:
        if self._scene is None:
            return
        if self._fitted:
            self.fit()
        else:
            size = self._sized_view()
            self._move(self._view.resized(size.width, size.height))

    def _zoom_by(self, factor: float, at: QPointF) -> None:
        if self._scene is None:
            return
        least = self._fit_view().px_per_cm
        steps = round(math.log2(self._view.px_per_cm * factor / least) * _SCALES_PER_OCTAVE)
        scale = min(max(least * 2 ** (steps / _SCALES_PER_OCTAVE), least), max(self._largest(), least))
        if scale <= least * 1.0001:
            self.fit()
        elif scale != self._view.px_per_cm:
            self._move(self._view.zoomed(scale, at.x() * self._dpr, at.y() * self._dpr))

    def _centre_on(self, x_cm: float, y_cm: float) -> None:
        if not self._fitted:
            self._move(self._view.centred_on(x_cm, y_cm))

    def _move(self, view: Viewport, *, fitted: bool = False) -> None:
        assert self._scene is not None
        if not fitted:
            view = view.clamped(self._scene.layout.content, self._scaled(_PAN_INSETS))
        self._view, self._fitted = view, fitted
        self._legend.set_raised(not fitted)
        self._minimap.setVisible(not self._covers_seats(self._minimap.geometry()))
        self._minimap.set_seen(view.visible)
        self._zoom.set_room(closer=view.px_per_cm < self._largest() * 0.999, farther=not fitted)
        self._show_card()
        self.update()
        self._tell_section()
        self.view_changed.emit()

    def _tell_section(self) -> None:
        assert self._scene is not None
        section = -1
        if not self._fitted:
            plan = self._scene.layout.plan
            seen = self._scene.layout.grid.within(self._view.heart)
            if len(seen):
                section = int(np.bincount(plan.section[seen]).argmax())
        if section != self._section_in_view:
            self._section_in_view = section
            self.section_in_view_changed.emit(section)

    def _on_screen(self, x_cm: float, y_cm: float) -> QPointF:
        x, y = self._view.to_screen(x_cm, y_cm)
        return QPointF(x / self._dpr, y / self._dpr)

    def _seat_point(self, seat: int) -> QPointF:
        assert self._scene is not None
        plan = self._scene.layout.plan
        return self._on_screen(float(plan.x[seat]), float(plan.y[seat]))

    # For screen readers

    def stop_count(self) -> int:
        plan = self.plan
        return plan.seat_count + len(plan.areas) if plan is not None else 0

    def stop_name(self, stop: int) -> str:
        """`Stalls, row F, seat 15, Premium, €86.00, free`; `Standing floor, 3,210 free`."""
        scene = self._scene
        if scene is None:
            return ""
        plan = scene.layout.plan
        if stop >= plan.seat_count:
            area = plan.areas[stop - plan.seat_count]
            return f"{area.name}, {scene.area_counts.get(stop - plan.seat_count, area.capacity):,} free"
        card = self._describe(stop) if self._describe is not None else None
        words = [
            plan.section_name(stop),
            f"row {plan.row_label(stop)}",
            f"seat {plan.seat_labels[stop]}",
            KIND_WORDS.get(SeatKind(int(plan.kind[stop])), ""),
            plan.categories[int(plan.category[stop])],
            card.price if card is not None else "",
            WORDS[SeatState(int(scene.states[stop]))],
        ]
        return ", ".join(word for word in words if word)

    def stop_rect(self, stop: int) -> QRect:
        assert self._scene is not None
        seats = self._scene.layout.plan.seat_count
        over = self._overlays()
        if stop < seats:
            middle, reach = self._seat_point(stop), over.seat_radius
            box = QRectF(middle.x() - reach, middle.y() - reach, 2 * reach, 2 * reach)
        else:
            box = over.area_path(stop - seats).boundingRect()
        return QRect(self.mapToGlobal(box.topLeft()).toPoint(), box.size().toSize())

    def stop_state(self, stop: int) -> StopState:
        assert self._scene is not None
        is_area = stop >= self._scene.layout.plan.seat_count
        return StopState(
            can_act=is_area or self._is_target(stop),
            is_mine=not is_area and bool(self._scene.states[stop] == SeatState.MINE),
            is_focused=stop == self._focus and self.hasFocus(),
            is_in_view=self._view.shows(*self._stop_point(stop)),
        )

    def stop_at(self, x: int, y: int) -> int:
        """On the screen; -1 for none."""
        at = QPointF(self.mapFromGlobal(QPoint(x, y)))
        seat = self._seat_at(at, self._pick_radius()) if self._scene is not None else -1
        area = self._area_at(at) if seat < 0 else None
        return seat if area is None or self.plan is None else self.plan.seat_count + area

    def focused_stop(self) -> int:
        """A seat, or the seat count plus an area; -1 for none."""
        return self._focus

    # Upkeep

    def _states_changed(self, seats: NDArray[np.intp]) -> None:
        if not len(seats):
            return
        if self._surface is not None:
            self._surface.seats_changed(seats)
        if self._minimap.surface is not None:
            self._minimap.surface.seats_changed(seats)
            self._minimap.refresh_soon()
        if self._hover in seats:
            self._show_card()
        self.update()

    def _restyle(self) -> None:
        for surface in (self._surface, self._minimap.surface):
            if surface is not None:
                surface.restyle()
        self._minimap.update()
        self.update()

    def _dress(self) -> None:
        self._legend.set_look(self._palette)
        self._zoom.set_look(self._palette)

    def _arrange(self) -> None:
        """Zoom top right, overview bottom left, legend bottom."""
        width, height = self.width(), self.height()
        self._zoom.move(width - self._zoom.width() - _EDGE + 1, _EDGE)
        self._minimap.move(_EDGE, height - self._minimap.height() - 12)
        self._minimap.setVisible(self._scene is not None and not self._covers_seats(self._minimap.geometry()))
        room = QRect(
            self._minimap.geometry().right() + 12, 0, width - self._minimap.geometry().right() - 12 - _EDGE, height
        )
        self._legend_wanted = self._legend_entries()
        self._legend.set_entries(self._legend.fitting(self._legend_wanted, room.width()))
        size = self._legend.sizeHint()
        centred = (width - size.width()) // 2
        left = centred if centred >= room.left() else room.right() - size.width()
        self._legend.setGeometry(left, height - size.height() - 10, size.width(), size.height())

    def _covers_seats(self, plate: QRect) -> bool:
        """Only with the whole plan in sight: closer, what lies under the plate can be moved from under it."""
        if not self._fitted or self._scene is None:
            return False
        view, dpr = self._view, self._dpr
        left, top = view.to_plan(plate.left() * dpr, plate.top() * dpr)
        right, bottom = view.to_plan((plate.right() + 1) * dpr, (plate.bottom() + 1) * dpr)
        box = Box(left, top, right, bottom).grown(self._scene.layout.radius)
        return len(self._scene.layout.grid.within(box)) > 0

    def _legend_entries(self) -> tuple[Entry, ...]:
        scene = self._scene
        if scene is None:
            return ()
        states = set(np.unique(scene.states).tolist()) | {SeatState.FREE, SeatState.MINE, SeatState.SOLD}
        kinds = set(np.unique(scene.layout.plan.kind).tolist())
        return tuple(entry for entry in ENTRIES if entry.state in states and (entry.kind == 0 or entry.kind in kinds))
