"""The seat chart as a widget: shows a plan, moves over it, says which seat was meant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
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

from boxoffice.domain.plan import SeatingPlan
from ui.seatchart.accessible import StopState, announce_focus, install, stop_name
from ui.seatchart.aim import Aim
from ui.seatchart.camera import ZOOM_STEP, Camera
from ui.seatchart.gestures import Drag, Gestures
from ui.seatchart.grid import Direction
from ui.seatchart.ground import Ground
from ui.seatchart.heat import heat_steps, heated
from ui.seatchart.hovercard import HoverCard, SeatCard
from ui.seatchart.legend import Entry, Legend, entries_of
from ui.seatchart.lettering import Words
from ui.seatchart.minimap import MiniMap
from ui.seatchart.names import SectionNames
from ui.seatchart.overlays import Move, Overlays
from ui.seatchart.palette import ChartPalette
from ui.seatchart.scene import Layout, Scene
from ui.seatchart.states import SeatState
from ui.seatchart.surface import Surface
from ui.seatchart.tag import Tag
from ui.seatchart.viewport import Box, Insets
from ui.seatchart.zoombuttons import ZoomButtons
from ui.theme import theme, theme_source

_PLAIN_INSETS = Insets(left=8, top=8, right=8, bottom=8)
_FIT_INSETS = Insets(left=28, top=16, right=28, bottom=58)
_NOTCHES_PER_STEP = 1.5
_TOUCH_SEAT_PX = 44.0
_TOUCH_REACH_PX = 22.0
_LEAST_REACH_PX = 4.0
_AIMED_FROM_PX = 6.0  # of a seat's pitch: below, nobody can point at a seat, and the sections are what is chosen
_EDGE = 16

_ARROWS = {
    Qt.Key.Key_Left: Direction.LEFT,
    Qt.Key.Key_Right: Direction.RIGHT,
    Qt.Key.Key_Up: Direction.UP,
    Qt.Key.Key_Down: Direction.DOWN,
}


@dataclass(frozen=True, slots=True)
class _Shown:
    """Everything that belongs to the plan on show."""

    scene: Scene
    ground: Ground
    surface: Surface
    names: SectionNames
    aim: Aim

    @classmethod
    def of(cls, plan: SeatingPlan, palette: ChartPalette, family: str) -> _Shown:
        scene = Scene(Layout(plan), palette)
        return cls.lettered(scene, family)

    @classmethod
    def lettered(cls, scene: Scene, family: str) -> _Shown:
        """In another font, or the first."""
        ground = Ground(scene.layout, family)
        return cls(scene, ground, Surface(scene, ground), SectionNames(scene, ground), Aim(scene, ground))


class SeatChart(QWidget):
    """One opaque widget; seats are drawn, not made. UI thread only, no I/O.

    A seat is its index in the plan. Only seats in the target states (free and mine, unless `set_targets` says
    otherwise) that the filter leaves are activated; every seat that the filter leaves can be hovered. Without a
    palette of its own it follows the theme. A plain chart is a picture on a page: all of the plan, nothing floats
    over it but the card, and the wheel is the page's.
    """

    seat_activated = Signal(int)
    seats_activated = Signal(list)  # of int: shift-click along a row, rubber band, lasso
    area_activated = Signal(int)
    section_in_view_changed = Signal(int)  # -1: no single one
    hovered = Signal(int)  # -1: none
    view_changed = Signal()

    def __init__(
        self, palette: ChartPalette | None = None, parent: QWidget | None = None, *, is_plain: bool = False
    ) -> None:
        super().__init__(parent)
        self._is_plain = is_plain
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setMinimumSize(*((240, 180) if is_plain else (520, 300)))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Seat chart")
        self._palette = palette or self._themed()
        if palette is None:
            theme_source().changed.connect(self._follow_theme)
        self._shown: _Shown | None = None
        self._heat: NDArray[np.floating] | None = None
        self._describe: Callable[[int], SeatCard | None] | None = None
        self._section_in_view = -1
        self._camera = Camera(_PLAIN_INSETS if is_plain else _FIT_INSETS, self._moved)
        self._hover = -1  # a seat
        self._hovered_section = -1  # where seats are too small to be pointed at
        self._exchange: Move | None = None
        self._focus = -1  # a stop of Aim
        self._anchor = -1  # the seat that a shift-click begins at
        self._card = HoverCard(self)
        self._legend = Legend(self)
        self._legend_wanted: tuple[Entry, ...] = ()
        self._minimap = MiniMap(self)
        self._zoom = ZoomButtons(self)
        self._tags = (Tag(self), Tag(self))
        self._gestures = Gestures(self)
        for part in (self._legend, self._zoom):
            part.setHidden(is_plain)
        self._connect()
        self._dress()
        install()

    def _connect(self) -> None:
        self._minimap.moved_to.connect(self._camera.centre_on)
        self._zoom.zoom_in_requested.connect(self.zoom_in)
        self._zoom.zoom_out_requested.connect(self.zoom_out)
        self._zoom.fit_requested.connect(self.fit)
        hand = self._gestures
        hand.clicked.connect(self._click)
        hand.tapped.connect(self._tap)
        hand.pointed.connect(self._point)
        hand.drag_began.connect(self._begin_drag)
        hand.panned.connect(self._camera.pan)
        hand.zoomed.connect(self._camera.zoom_by)
        hand.trail_grew.connect(self.update)
        hand.band_drawn.connect(self._take_band)
        hand.lasso_drawn.connect(self._take_lasso)
        hand.ended.connect(self._end_gesture)

    # What is shown

    def set_plan(self, plan: SeatingPlan) -> None:
        """Shows all of it, every seat free, no filter. Another performance in the same house is quick."""
        if self.plan is None or (self.plan.id, self.plan.version) != (plan.id, plan.version):
            self._shown = _Shown.of(plan, self._palette, self.font().family())
            self._minimap.set_scene(self._shown.scene, self._shown.ground)
        assert self._shown is not None
        self._shown.scene.clear()
        self._shown.scene.palette, self._heat = self._palette, None
        self._legend.setHidden(self._is_plain)
        self._hover = self._hovered_section = self._focus = self._anchor = -1
        self.show_move(None)
        self._card.hide()
        self._restyle()
        self._camera.show(self._shown.scene.layout)
        self._arrange()

    @property
    def plan(self) -> SeatingPlan | None:
        return self._shown.scene.layout.plan if self._shown else None

    def set_states(self, states: NDArray[np.uint8]) -> None:
        """One SeatState per seat. Raises ValueError for another length."""
        if self._shown is None or len(states) != self._shown.aim.seats:
            raise ValueError(f"{len(states)} states do not fit the plan")
        own = self._shown.scene.states
        changed = np.flatnonzero(own != states)
        own[:] = states
        self._states_changed(changed)
        self._arrange()

    def update_states(
        self, seats: Iterable[int] | NDArray[np.integer], states: Iterable[int] | NDArray[np.integer]
    ) -> None:
        """Many calls between two frames cost one repaint."""
        if self._shown is None:
            return
        indices = np.asarray(seats if isinstance(seats, np.ndarray) else list(seats), np.intp)
        values = np.asarray(states if isinstance(states, np.ndarray) else list(states), np.uint8)
        self._shown.scene.states[indices] = values
        self._states_changed(indices)
        if not set(np.unique(values).tolist()) <= {entry.state for entry in self._legend_wanted}:
            self._arrange()

    def set_filter(self, categories: frozenset[int] | None) -> None:
        """Seats of other categories fade and are no targets; None shows all."""
        if self._shown is not None and categories != self._shown.scene.shown_categories:
            self._shown.scene.filter(categories)
            self._restyle()

    def set_targets(self, states: frozenset[SeatState]) -> None:
        """Which seats a click acts upon, of the plan on show; an exchange points at sold ones."""
        if self._shown is not None:
            self._shown.aim.targets = states

    def show_move(self, move: Move | None) -> None:
        """An exchange: which seat is left, and which one is moved to."""
        self._exchange = move
        self._place_tags()
        self.update()

    def set_area_counts(self, free: Mapping[int, int]) -> None:
        """Free places by index of the plan's areas."""
        if self._shown is not None and dict(free) != self._shown.scene.area_counts:
            self._shown.scene.area_counts = dict(free)
            self._restyle()

    def set_section_counts(self, free: Mapping[int, int]) -> None:
        """Free seats by index of the plan's sections, shown beside their names."""
        if self._shown is None:
            return
        before = self._shown.scene.section_counts
        changed = [section for section in {*before, *free} if before.get(section) != free.get(section)]
        if changed:
            self._shown.scene.section_counts = dict(free)
            self._shown.surface.counts_changed(changed)
            self.update()

    def set_heat(self, seats: NDArray[np.floating], areas: Sequence[float] = ()) -> None:
        """Shares from 0 to 1 in one hue instead of states and categories, until the next plan; nothing is a target."""
        if self._shown is None:
            return
        scene = self._shown.scene
        scene.states[:] = SeatState.FREE
        shares = list(areas) or [0.0] * len(scene.layout.plan.areas)
        scene.colour_by(heat_steps(seats), heat_steps(np.array(shares)).tolist(), shares)
        scene.palette, self._heat = heated(self._palette), seats
        self.set_targets(frozenset())
        self._legend.hide()  # its signs mean nothing here
        self._restyle()

    def set_describe(self, describe: Callable[[int], SeatCard | None]) -> None:
        """Words for the hover card of a seat; None: no card."""
        self._describe = describe
        self._show_card()

    def set_palette(self, palette: ChartPalette) -> None:
        self._palette = palette
        if self._shown is not None:
            self._shown.scene.palette = palette if self._heat is None else heated(palette)
        self._dress()
        self._restyle()

    # Where we look

    def zoom_in(self) -> None:
        self._camera.zoom_by(ZOOM_STEP, QPointF(self.rect().center()))

    def zoom_out(self) -> None:
        self._camera.zoom_by(1 / ZOOM_STEP, QPointF(self.rect().center()))

    def fit(self) -> None:
        """Shows the whole plan."""
        self._camera.fit()

    def zoom_to_section(self, section: int | None) -> None:
        """None, or a section without seats, shows all."""
        self._camera.zoom_to_section(section)

    def ensure_visible(self, seats: Iterable[int]) -> None:
        """Moves as little as possible; zooms out only when the seats do not fit."""
        self._camera.ensure_visible(seats)

    @property
    def scale(self) -> float:
        """Logical pixels per unit of the design; seat numbers show from 1.35."""
        return self._camera.scale

    @property
    def focused_seat(self) -> int:
        """-1: none, or an area."""
        return self._focus if self._shown is not None and self._focus < self._shown.aim.seats else -1

    def focus_seat(self, seat: int) -> None:
        self._set_focus(seat)

    def position_of(self, seat: int) -> QPoint:
        """The seat's middle in the widget, also when it lies outside. Raises IndexError for a seat not there."""
        plan = self.plan
        if plan is None:
            raise IndexError(seat)
        return self._camera.on_screen((float(plan.x[seat]), float(plan.y[seat]))).toPoint()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        shown = self._shown
        if shown is None:
            painter.fillRect(self.rect(), QColor(self._palette.background))
            painter.end()
            return
        shown.surface.show(self._camera.view, self._camera.dpr)
        painter.drawImage(QPoint(0, 0), shown.surface.image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        over = Overlays(shown.scene, shown.ground, self._camera.view, self._camera.dpr)
        if not self._is_plain:
            shown.names.paint(painter, self._camera.view, self._camera.dpr)
        if not self._camera.is_fitted:
            over.paint_edge_letters(painter, QRectF(self._minimap.geometry()))
            shown.names.paint_place(painter, self._camera.view, self._camera.dpr, self._section_in_view)
        if self._hovered_section >= 0:
            over.paint_section_ring(painter, self._hovered_section)
        if self._exchange is not None:
            over.paint_move(painter, self._exchange)
        if self._hover >= 0 and shown.scene.states[self._hover] != SeatState.NOT_OURS:
            over.paint_seat_ring(painter, self._hover)
        if self._focus >= 0 and self.hasFocus():
            if self._focus < shown.aim.seats:
                over.paint_seat_ring(painter, self._focus)
            else:
                over.paint_area_ring(painter, self._focus - shown.aim.seats)
        if self._gestures.drag in (Drag.BAND, Drag.LASSO):
            over.paint_trail(painter, self._gestures.trail, is_band=self._gestures.drag is Drag.BAND)
        painter.end()

    # Hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._gestures.press(event)
        else:
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._gestures.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._gestures.release(event)
        self._point(event.position())

    def leaveEvent(self, event: QEvent) -> None:
        self._set_hover(-1)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._is_plain:
            event.ignore()
            return
        notches = event.angleDelta().y() / 120
        if notches:
            self._camera.zoom_by(ZOOM_STEP ** (notches / _NOTCHES_PER_STEP), event.position())
        event.accept()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._camera.resize(self.width(), self.height(), self.devicePixelRatioF())
        if isinstance(event, QTouchEvent):
            self._gestures.touch(event)
            event.accept()
            return True
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self._camera.zoom_by(1 + event.value(), event.position())
            return True
        return super().event(event)

    def _click(self, at: QPointF, along_row: bool) -> None:
        if self._shown is None:
            return
        aim = self._shown.aim
        stop = aim.stop_at(self._camera.in_plan(at), self._reach(self._shown))
        if stop < aim.seats and self._is_overview:
            if (section := self._section_at(at)) >= 0:
                self.zoom_to_section(section)
            return
        if not aim.can_act(stop):
            return
        if along_row and stop < aim.seats:
            chosen = aim.along_row(self._anchor, stop)
            self._anchor = stop
            self._set_focus(stop, follow=False)
            if chosen:
                self.seats_activated.emit(chosen)
        else:
            self._activate(stop)

    def _tap(self, at: QPointF) -> None:
        """Small seats: come closer first. Large ones: the nearest within a finger's reach."""
        if self._shown is None:
            return
        aim, point, pitch_px = self._shown.aim, self._camera.in_plan(at), self._camera.pitch_px
        reach = _TOUCH_REACH_PX * self._camera.dpr / self._camera.view.px_per_cm
        stop = aim.stop_at(point, reach)
        if stop < aim.seats and pitch_px < _TOUCH_SEAT_PX - 1:
            self._camera.zoom_by(_TOUCH_SEAT_PX / pitch_px, at)
            return
        if stop < aim.seats:
            stop = aim.seat_near(point, reach, only_targets=True)
        if stop >= 0:
            self._activate(stop)

    def _point(self, at: QPointF) -> None:
        if self._shown is None:
            return
        aim, stop = self._shown.aim, -1
        if self.rect().contains(at.toPoint()):
            stop = aim.stop_at(self._camera.in_plan(at), self._reach(self._shown))
        section = self._section_at(at) if stop < aim.seats and self._is_overview else -1
        self._set_hover(stop if stop < aim.seats and not self._is_overview else -1, section)
        can_act = section >= 0 or (aim.can_act(stop) and not self._is_overview)
        self.setCursor(Qt.CursorShape.PointingHandCursor if can_act else Qt.CursorShape.ArrowCursor)

    def _begin_drag(self) -> None:
        self._set_hover(-1)
        self.setCursor(
            Qt.CursorShape.ClosedHandCursor if self._gestures.drag is Drag.PAN else Qt.CursorShape.CrossCursor
        )

    def _end_gesture(self) -> None:
        self.unsetCursor()
        self.update()

    def _take_band(self, one: QPointF, other: QPointF) -> None:
        if self._shown is not None:
            self._take(self._shown.aim.in_box(self._camera.in_plan(one), self._camera.in_plan(other)))

    def _take_lasso(self, trail: list[QPointF]) -> None:
        if self._shown is not None:
            self._take(self._shown.aim.in_lasso([self._camera.in_plan(point) for point in trail]))

    def _take(self, seats: list[int]) -> None:
        if seats:
            self.seats_activated.emit(seats)

    def _activate(self, stop: int) -> None:
        assert self._shown is not None
        self._set_focus(stop, follow=False)
        if stop < self._shown.aim.seats:
            self._anchor = stop
            self.seat_activated.emit(stop)
        else:
            self.area_activated.emit(stop - self._shown.aim.seats)

    def _set_hover(self, seat: int, section: int = -1) -> None:
        if (seat, section) == (self._hover, self._hovered_section):
            return
        is_new = seat != self._hover
        self._hover, self._hovered_section = seat, section
        self._show_card()
        self.update()
        if is_new:
            self.hovered.emit(seat)

    @property
    def _is_overview(self) -> bool:
        return not self._is_plain and self._camera.pitch_px < _AIMED_FROM_PX

    def _section_at(self, at: QPointF) -> int:
        assert self._shown is not None
        return self._shown.aim.section_near(self._camera.in_plan(at), 2 * self._shown.scene.layout.pitch)

    def _show_card(self) -> None:
        seat, shown = self._hover, self._shown
        if shown is not None and self._hovered_section >= 0:
            self._show_section_card(shown, self._hovered_section)
            return
        card = self._describe(seat) if self._describe is not None and seat >= 0 else None
        if card is None or shown is None:
            self._card.hide()
            return
        colours = shown.scene.palette.category(int(shown.scene.colours[seat]))
        radius = shown.scene.layout.radius * self._camera.view.px_per_cm / self._camera.dpr
        spot = self._camera.on_screen(shown.aim.point(seat))
        if self.rect().contains(spot.toPoint()):
            self._card.show_card(card, self._palette, colours, spot, radius)
        else:
            self._card.hide()

    def _place_tags(self) -> None:
        """Beside the seats of an exchange, while they are in sight."""
        move, shown = self._exchange, self._shown
        for tag, seat, words in zip(
            self._tags,
            (move.old, move.new) if move else (-1, -1),
            (move.old_words, move.new_words) if move else (Words(""), Words("")),
            strict=True,
        ):
            if move is None or shown is None or (tag is self._tags[1] and move.new == move.old):
                tag.hide()
                continue
            at = self._camera.on_screen(shown.aim.point(seat))
            radius = shown.scene.layout.radius * self._camera.view.px_per_cm / self._camera.dpr
            tag.show_words(words, self._palette, at, radius + 8, above=tag is self._tags[1])

    def _show_section_card(self, shown: _Shown, section: int) -> None:
        layout, free = shown.scene.layout, shown.aim.free_in(section)
        box = layout.section_boxes[section]
        assert box is not None
        name = layout.plan.sections[section].name
        card = SeatCard(name, note=f"{free:,} free" if free else "sold out", hint="Click to come closer")
        beside = self._camera.on_screen((box.right, box.centre[1]))
        self._card.show_card(card, self._palette, None, beside, 0)

    def _reach(self, shown: _Shown) -> float:
        """Of the mouse, in centimetres: half a pitch, and a little more where seats are tiny."""
        return max(shown.scene.layout.pitch / 2, _LEAST_REACH_PX * self._camera.dpr / self._camera.view.px_per_cm)

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _ARROWS:
            self._step(_ARROWS[key])
        elif key == Qt.Key.Key_Space:
            if self._shown is not None and self._shown.aim.can_act(self._focus):
                self._activate(self._focus)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._zoom_at_focus(ZOOM_STEP)
        elif key == Qt.Key.Key_Minus:
            self._zoom_at_focus(1 / ZOOM_STEP)
        elif key == Qt.Key.Key_0:
            self.fit()
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        by_tab = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if self._focus < 0 and by_tab and self._shown is not None:
            self._set_focus(self._shown.aim.first(self._camera.view.visible))
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def _step(self, direction: Direction) -> None:
        if self._shown is not None:
            aim = self._shown.aim
            self._set_focus(
                aim.first(self._camera.view.visible) if self._focus < 0 else aim.next(self._focus, direction)
            )

    def _set_focus(self, stop: int, *, follow: bool = True) -> None:
        self._focus = stop
        if follow and self.focused_seat >= 0:
            self.ensure_visible([stop])
        if stop >= 0 and self.hasFocus():
            announce_focus(self, stop)
        self.update()

    def _zoom_at_focus(self, factor: float) -> None:
        at = QPointF(self.rect().center())
        if self._focus >= 0 and self._shown is not None:
            focus = self._camera.on_screen(self._shown.aim.point(self._focus))
            at = focus if self.rect().contains(focus.toPoint()) else at
        self._camera.zoom_by(factor, at)

    # View

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._camera.resize(self.width(), self.height(), self.devicePixelRatioF())
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange) and self._shown is not None:
            scene, targets = self._shown.scene, self._shown.aim.targets
            if self._shown.ground.family != self.font().family():
                self._shown = _Shown.lettered(scene, self.font().family())
                self._shown.aim.targets = targets
                self._minimap.set_scene(scene, self._shown.ground)
                self._arrange()
        super().changeEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(360, 240) if self._is_plain else QSize(900, 640)

    def _moved(self) -> None:
        """Whatever hangs on where we look."""
        if self._shown is None:
            return
        view, is_fitted = self._camera.view, self._camera.is_fitted
        self._legend.set_raised(not is_fitted)
        self._minimap.set_seen(view.visible)
        self._minimap.setVisible(self._has_room_for_overview())
        self._zoom.set_room(closer=self._camera.can_come_closer, farther=not is_fitted)
        self._show_card()
        self._place_tags()
        self.update()
        section = -1 if is_fitted else self._shown.scene.layout.main_section(view.heart)
        if section != self._section_in_view:
            self._section_in_view = section
            self.section_in_view_changed.emit(section)
        self.view_changed.emit()

    # For screen readers: see accessible.Stops

    def stop_count(self) -> int:
        return self._shown.aim.stops if self._shown is not None else 0

    def stop_name(self, stop: int) -> str:
        if self._shown is None:
            return ""
        card = self._describe(stop) if self._describe is not None and stop < self._shown.aim.seats else None
        share = self._heat[stop] if self._heat is not None and stop < self._shown.aim.seats else None
        state = "" if share is None else f"{share:.0%}"
        return stop_name(self._shown.scene, stop, card.price if card is not None else "", state)

    def stop_rect(self, stop: int) -> QRect:
        assert self._shown is not None
        over = Overlays(self._shown.scene, self._shown.ground, self._camera.view, self._camera.dpr)
        box = over.stop_box(stop)
        return QRect(self.mapToGlobal(box.topLeft()).toPoint(), box.size().toSize())

    def stop_state(self, stop: int) -> StopState:
        assert self._shown is not None
        aim, states = self._shown.aim, self._shown.scene.states
        return StopState(
            can_act=aim.can_act(stop),
            is_mine=stop < aim.seats and bool(states[stop] == SeatState.MINE),
            is_focused=stop == self._focus and self.hasFocus(),
            is_in_view=self._camera.view.shows(*aim.point(stop)),
        )

    def stop_at(self, x: int, y: int) -> int:
        """On the screen; -1 for none."""
        if self._shown is None:
            return -1
        at = QPointF(self.mapFromGlobal(QPoint(x, y)))
        return self._shown.aim.stop_at(self._camera.in_plan(at), self._reach(self._shown))

    def focused_stop(self) -> int:
        return self._focus

    # Upkeep

    def _states_changed(self, seats: NDArray[np.intp]) -> None:
        if self._shown is None or not len(seats):
            return
        self._shown.surface.seats_changed(seats)
        self._minimap.seats_changed(seats)
        if self._hover in seats:
            self._show_card()
        self.update()

    def _restyle(self) -> None:
        if self._shown is not None:
            self._shown.surface.restyle()
        self._minimap.restyle()
        self.update()

    def _follow_theme(self) -> None:
        self.set_palette(self._themed())

    def _themed(self) -> ChartPalette:
        look = ChartPalette.of(theme())
        return replace(look, background=theme().colors.surface) if self._is_plain else look

    def _dress(self) -> None:
        self._legend.set_look(self._palette)
        self._zoom.set_look(self._palette)

    def _arrange(self) -> None:
        """Zoom top right, overview bottom left, legend bottom."""
        width, height = self.width(), self.height()
        self._zoom.move(width - self._zoom.width() - _EDGE + 1, _EDGE)
        self._minimap.move(_EDGE, height - self._minimap.height() - 12)
        self._minimap.setVisible(self._has_room_for_overview())
        first = self._minimap.geometry().right() + 12
        self._legend_wanted = entries_of(self._shown.scene) if self._shown is not None else ()
        self._legend.set_entries(self._legend.fitting(self._legend_wanted, width - first - _EDGE))
        size = self._legend.sizeHint()
        left = max((width - size.width()) // 2, first)
        if left + size.width() > width - _EDGE or left == first:
            left = width - _EDGE - size.width()
        self._legend.setGeometry(left, height - size.height() - 10, size.width(), size.height())

    def _has_room_for_overview(self) -> bool:
        """Of the whole plan it must not cover a seat; closer, what lies under the plate can be moved from under it."""
        if self._shown is None or self._is_plain:
            return False
        if not self._camera.is_fitted:
            return True
        layout, plate = self._shown.scene.layout, self._minimap.geometry()
        left, top = self._camera.in_plan(QPointF(plate.topLeft()))
        right, bottom = self._camera.in_plan(QPointF(plate.bottomRight()))
        return not len(layout.grid.within(Box(left, top, right, bottom).grown(layout.radius)))
