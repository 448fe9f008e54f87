"""What the seat chart and best available cost in a stadium, against an item per seat and against a plain loop."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from statistics import median

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPen
from PySide6.QtWidgets import QApplication, QGraphicsEllipseItem, QGraphicsScene, QGraphicsView

from benchmarks.figures import Figure
from boxoffice.domain.allocation import Wish, best_available
from boxoffice.domain.plan import SeatingPlan
from tests.ui.seatchart.plans import arena, evening
from ui.seatchart import ChartPalette, SeatState
from ui.seatchart.ground import Ground
from ui.seatchart.scene import Layout, Scene
from ui.seatchart.surface import Surface
from ui.seatchart.viewport import Viewport
from ui.theme import load_theme

SEATS = 100_000
CHANGED = 1_000
TOGETHER = 8
RUNS = 15
_SIZE = (1084, 818)


def measure(runs: int = RUNS, seats: int = SEATS) -> list[Figure]:
    """Medians, in milliseconds, of the picture alone: no window manager, no compositor."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication([])
    plan = arena(seats)
    states = evening(plan)
    ours, items = _Ours(plan, states), _Items(plan, states)
    random = np.random.default_rng(1)
    some = random.integers(0, plan.seat_count, (runs + 1, CHANGED))
    figures = [
        _figure(f"{seats:,} seats, first picture", ours.start_afresh, items.start_afresh, 0.3, runs),
        _figure(f"{seats:,} seats, a pan", lambda: ours.pan(7, 5), lambda: items.pan(7, 5), 0.2, runs),
        _figure(
            f"{seats:,} seats, {CHANGED:,} of them change",
            _each(some, lambda changed: ours.change(changed)),
            _each(some, lambda changed: items.change(changed)),
            0.2,
            runs,
        ),
        _best_available(plan, states == SeatState.FREE, runs),
    ]
    app.processEvents()
    return figures


def _best_available(plan: SeatingPlan, free: np.ndarray, runs: int) -> Figure:
    wish = Wish(TOGETHER)
    return _figure(
        f"best {TOGETHER} of {plan.seat_count:,} seats",
        lambda: best_available(plan, free, wish),
        lambda: _nearest_row_by_looping(plan, free.tolist(), TOGETHER),
        0.2,
        runs,
    )


def _nearest_row_by_looping(plan: SeatingPlan, free: list[bool], count: int) -> int:
    """The first step of the ladder only, without orphans: every seat, one after the other."""
    distance, right = plan.focal_distance.tolist(), plan.right.tolist()
    best, best_cost, run, cost = -1, float("inf"), 0, 0.0
    for seat, is_free in enumerate(free):
        if not is_free or (run and right[seat - 1] < 0):
            run, cost = 0, 0.0
        if is_free:
            run, cost = run + 1, cost + distance[seat]
            if run > count:
                cost -= distance[seat - count]
            if run >= count and cost < best_cost:
                best, best_cost = seat - count + 1, cost
    return best


class _Ours:
    def __init__(self, plan: SeatingPlan, states: np.ndarray) -> None:
        layout = Layout(plan)
        self._scene = Scene(layout, ChartPalette.of(load_theme("light")))
        self._scene.states[:] = states
        self._surface = Surface(self._scene, Ground(layout, "Inter"))
        self._view = Viewport(*_SIZE).showing(layout.content)

    def start_afresh(self) -> None:
        self._surface.restyle()
        self._surface.show(self._view, 1.0)

    def pan(self, dx: int, dy: int) -> None:
        self._view = self._view.panned(dx, dy)
        self._surface.show(self._view, 1.0)

    def change(self, seats: np.ndarray) -> None:
        self._scene.states[seats] = (self._scene.states[seats] + 1) % len(SeatState)
        self._surface.seats_changed(seats)
        self._surface.show(self._view, 1.0)


class _Items:
    """A graphics item per seat, as the toolkit's examples do it."""

    def __init__(self, plan: SeatingPlan, states: np.ndarray) -> None:
        look = load_theme("light")
        self._brushes = [QBrush(QColor(seat.fill)) for seat in look.seats]
        self._scene = QGraphicsScene()
        self._seats = []
        for x, y, category in zip(plan.x.tolist(), plan.y.tolist(), plan.category.tolist(), strict=True):
            seat = QGraphicsEllipseItem(QRectF(x - 22.5, y - 22.5, 45, 45))
            seat.setBrush(self._brushes[category % len(self._brushes)])
            seat.setPen(QPen(Qt.PenStyle.NoPen))
            self._scene.addItem(seat)
            self._seats.append(seat)
        self._view = QGraphicsView(self._scene)
        self._view.resize(*_SIZE)
        self._view.fitInView(self._scene.sceneRect(), Qt.AspectRatioMode.KeepAspectRatio)
        self._view.show()

    def start_afresh(self) -> None:
        self._view.resetCachedContent()
        self._view.grab()

    def pan(self, dx: int, dy: int) -> None:
        self._view.translate(dx, dy)
        self._view.grab()

    def change(self, seats: np.ndarray) -> None:
        for seat in seats.tolist():
            self._seats[seat].setBrush(self._brushes[seat % 5])
        self._view.grab()


def _each(batches: np.ndarray, work: Callable[[np.ndarray], None]) -> Callable[[], None]:
    following = iter(np.concatenate([batches, batches, batches]))
    return lambda: work(next(following))


def _figure(name: str, ours: Callable[[], object], plain: Callable[[], object], goal: float, runs: int) -> Figure:
    slow_runs = max(3, runs // 4)
    return Figure(name, round(_median_ms(ours, runs), 3), "ms", round(_median_ms(plain, slow_runs), 3), goal, runs)


def _median_ms(work: Callable[[], object], runs: int) -> float:
    work()
    times = []
    for _ in range(runs):
        begun = time.perf_counter()
        work()
        times.append((time.perf_counter() - begun) * 1000)
    return median(times)
