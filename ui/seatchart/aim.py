"""What is meant: the seat or area at a point, beside another, inside of a lasso. Plan centimetres, no events."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF

from boxoffice.domain.plan import Point
from ui.seatchart.grid import Allowed, Direction, Grid
from ui.seatchart.ground import Ground
from ui.seatchart.scene import Scene
from ui.seatchart.states import TARGETS, SeatState
from ui.seatchart.viewport import Box


class Aim:
    """A stop is a seat's index, or the seat count plus an area's; -1 is none. A target is a seat that a click
    acts upon: in one of the states in `targets`, and not filtered out."""

    def __init__(self, scene: Scene, ground: Ground) -> None:
        self.targets: frozenset[SeatState] = TARGETS
        self._scene = scene
        self._ground = ground
        layout = scene.layout
        self._plan = layout.plan
        centres = np.array(layout.area_centres, np.float32).reshape(-1, 2)
        self._stops = Grid(
            np.concatenate([self._plan.x, centres[:, 0]]),
            np.concatenate([self._plan.y, centres[:, 1]]),
            4 * layout.pitch,
        )

    @property
    def seats(self) -> int:
        return self._plan.seat_count

    @property
    def stops(self) -> int:
        return self._plan.seat_count + len(self._plan.areas)

    def is_target(self, seat: int) -> bool:
        return int(self._scene.states[seat]) in self.targets and not bool(self._scene.dimmed[seat])

    def targets_of(self, seats: NDArray[np.integer] | slice) -> NDArray[np.bool_]:
        """Which of these are targets."""
        wanted = np.zeros(256, np.bool_)
        wanted[[int(state) for state in self.targets]] = True
        mask: NDArray[np.bool_] = wanted[self._scene.states[seats]] & ~self._scene.dimmed[seats]
        return mask

    def can_act(self, stop: int) -> bool:
        if stop >= self.seats:
            return not self._scene.is_area_dimmed(stop - self.seats)
        return stop >= 0 and self.is_target(stop)

    def point(self, stop: int) -> Point:
        if stop < self.seats:
            return float(self._plan.x[stop]), float(self._plan.y[stop])
        return self._scene.layout.area_centres[stop - self.seats]

    def seat_near(self, at: Point, reach: float, *, only_targets: bool = False) -> int:
        allowed: Allowed | None = self.targets_of if only_targets else None
        if allowed is None and self._scene.shown_categories is not None:
            allowed = self._is_shown
        seat = self._scene.layout.grid.nearest(*at, reach, allowed)
        return -1 if seat is None else seat

    def _is_shown(self, seats: NDArray[np.int64]) -> NDArray[np.bool_]:
        return ~self._scene.dimmed[seats]

    def stop_at(self, at: Point, reach: float) -> int:
        """The nearest seat within `reach`, else the area that the point lies in."""
        seat = self.seat_near(at, reach)
        if seat >= 0:
            return seat
        point = QPointF(*at)
        for area in range(len(self._plan.areas)):
            if not self._scene.is_area_dimmed(area) and self._ground.area_path(area).contains(point):
                return self.seats + area
        return -1

    def section_near(self, at: Point, reach: float) -> int:
        """-1: none."""
        seat = self.seat_near(at, reach)
        return -1 if seat < 0 else int(self._plan.section[seat])

    def free_in(self, section: int) -> int:
        """Seats to take there."""
        return len(self._to_take(np.arange(*self._plan.section_slices[section].indices(self.seats))))

    def first(self, seen: Box) -> int:
        """Where the keyboard begins: the best seat in sight by its place, else an area."""
        seats = self._scene.layout.grid.within(seen)
        seats = seats[self.targets_of(seats)]
        if len(seats):
            return int(seats[self._plan.focal_distance[seats].argmin()])
        return self.seats if self._plan.areas else -1

    def next(self, stop: int, direction: Direction) -> int:
        """Where an arrow key leads; stays when there is nothing that way."""
        areas = np.array([self.can_act(self.seats + i) for i in range(len(self._plan.areas))], np.bool_)
        allowed = np.concatenate([self.targets_of(slice(None)), areas])
        start, found = self.point(stop), None
        if stop < self.seats and direction in (Direction.LEFT, Direction.RIGHT):
            row = self._plan.rows[int(self._plan.row[stop])]  # along the row first, over aisles and sold seats
            in_row = np.zeros_like(allowed)
            in_row[row.start : row.stop] = allowed[row.start : row.stop]
            found = self._stops.toward(start, direction, in_row)
        if found is None:
            found = self._stops.toward(start, direction, allowed)
        return stop if found is None else found

    def along_row(self, anchor: int, seat: int) -> list[int]:
        """Seats to take from the anchor up to here; without an anchor in this row, the seat and its neighbour."""
        plan = self._plan
        if anchor >= 0 and anchor != seat and plan.row[anchor] == plan.row[seat]:
            return self._to_take(np.arange(min(anchor, seat), max(anchor, seat) + 1))
        beside = [n for n in (int(plan.right[seat]), int(plan.left[seat])) if n >= 0]
        return self._to_take(np.array(sorted([seat, *self._to_take(np.array(beside, np.int64))[:1]])))

    def in_box(self, one: Point, other: Point) -> list[int]:
        """Seats to take between two corners."""
        (x0, y0), (x1, y1) = one, other
        inside = self._scene.layout.grid.within(Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
        return self._to_take(inside)

    def in_lasso(self, points: Sequence[Point]) -> list[int]:
        return self._to_take(self._scene.layout.grid.in_polygon(points))

    def _to_take(self, seats: NDArray[np.int64]) -> list[int]:
        can_be_taken = self.targets_of(seats) & (self._scene.states[seats] != SeatState.MINE)
        taken: list[int] = seats[can_be_taken].tolist()
        return taken
