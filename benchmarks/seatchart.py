"""What the seat chart costs, against a full-frame blit and an item per seat; and what choosing seats costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Protocol

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QGraphicsEllipseItem, QGraphicsScene, QGraphicsView, QWidget

from benchmarks.figures import Figure
from boxoffice.domain.allocation import Wish, best_available
from boxoffice.domain.plan import SeatingPlan
from tests.ui.seatchart.plans import arena, evening
from ui.seatchart import ChartPalette, SeatChart, SeatState
from ui.seatchart.aim import Aim
from ui.seatchart.ground import Ground
from ui.seatchart.scene import Layout, Scene
from ui.theme import load_theme

SIZES = (1_000, 10_000, 100_000)
RUNS = 15
CHANGED = 1_000
TOGETHER = 8
LASSOED = 5_000
_WINDOW = (1920, 1080)
_SCRIPT = (("overview", 40), ("closer", 50), ("close", 60), ("farther", 50))
_STEP = 2 ** (1 / 12)
_FIRST_STEPS = 4  # so that there is something to pan
_PAN = (9, 6)
# Goals of the stadium, as ratios: of a blit, and of an item per seat.
_PAN_GOAL, _P99_GOAL, _CHANGE_GOAL, _FIRST_GOAL = 6.0, 40.0, 4.0, 1 / 40
# Smaller houses cost next to nothing either way: with a thousand seats a frame is mostly the blit, and items win.
_SMALL_CHANGE_GOAL = 16.0
_BESIDE_ITEMS = {1_000: 10.0, 10_000: 1.0}
_CLICK_US, _LASSO_MS, _BEST_MS = 10.0, 2.0, 3.0


@dataclass(frozen=True, slots=True)
class Course:
    """What one contender took, in a process of its own. `frames` is the script, one time a frame."""

    blit_ms: float
    first_ms: float
    pans_ms: list[float]
    frames_ms: list[float]
    change_ms: float
    memory_mb: float

    @property
    def p99_ms(self) -> float:
        return sorted(self.frames_ms)[int(len(self.frames_ms) * 0.99) - 1]


def measure(runs: int = RUNS, sizes: tuple[int, ...] = SIZES) -> list[Figure]:
    """Every frame as the toolkit paints it into its own picture; no window manager, no compositor."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    figures: list[Figure] = []
    for seats in sizes:
        ours, items = (_in_its_own_process(name, seats) for name in _CONTENDERS)
        figures += _figures(seats, ours, items)
    return figures + list(_choices(sizes[-1], runs))


def _figures(seats: int, ours: Course, items: Course) -> Iterator[Figure]:
    def figure(what: str, value: float, against: float, goal: float, unit: str = "ms") -> Figure:
        return Figure(f"{seats:,} seats, {what}", round(value, 3), unit, round(against, 3), goal, len(ours.frames_ms))

    blit, is_stadium = ours.blit_ms, seats >= SIZES[-1]
    beside, changed = _BESIDE_ITEMS.get(seats, 1.0), min(CHANGED, seats)
    yield figure("first paint, items", ours.first_ms, items.first_ms, _FIRST_GOAL if is_stadium else beside)
    yield figure("a pan, blits", median(ours.pans_ms), blit, _PAN_GOAL)
    yield figure("a pan, items", median(ours.pans_ms), median(items.pans_ms), beside)
    yield figure("p99 of the script, blits", ours.p99_ms, blit, _P99_GOAL)
    yield figure("p99 of the script, items", ours.p99_ms, items.p99_ms, beside)
    yield figure(f"{changed:,} change, blits", ours.change_ms, blit, _CHANGE_GOAL if is_stadium else _SMALL_CHANGE_GOAL)
    yield figure(f"{changed:,} change, items", ours.change_ms, items.change_ms, beside)
    yield figure("memory, items", ours.memory_mb, items.memory_mb, 1.0 if is_stadium else 12.0, "MB")


# The contenders


class Contender(Protocol):
    def show(self) -> QWidget:
        """The widget that is painted, shown."""
        ...

    def begin_pan(self) -> None: ...
    def pan(self, x: int, y: int) -> None: ...
    def end_pan(self) -> None: ...
    def zoom(self, steps: int) -> None: ...
    def change(self, seats: np.ndarray) -> None: ...


class _Ours:
    """Driven by what hands do: wheel and drag."""

    def __init__(self, plan: SeatingPlan, states: np.ndarray) -> None:
        self._chart = SeatChart(ChartPalette.of(load_theme("light")))
        self._chart.resize(*_WINDOW)
        self._chart.set_plan(plan)
        self._chart.set_states(states)
        self._states = states.copy()
        self._at = QPoint()

    def show(self) -> QWidget:
        self._chart.show()
        return self._chart

    def begin_pan(self) -> None:
        self._at = self._chart.rect().center()
        self._mouse(QEvent.Type.MouseButtonPress)

    def pan(self, x: int, y: int) -> None:
        self._at += QPoint(x, y)
        self._mouse(QEvent.Type.MouseMove)

    def end_pan(self) -> None:
        self._mouse(QEvent.Type.MouseButtonRelease)

    def zoom(self, steps: int) -> None:
        at = QPointF(self._chart.rect().center())
        turned = QWheelEvent(
            at, at, QPoint(), QPoint(0, 30 * steps), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(self._chart, turned)

    def change(self, seats: np.ndarray) -> None:
        self._states[seats] = (self._states[seats] + 1) % len(SeatState)
        self._chart.update_states(seats, self._states[seats])

    def _mouse(self, what: QEvent.Type) -> None:
        left, at = Qt.MouseButton.LeftButton, QPointF(self._at)
        QApplication.sendEvent(self._chart, QMouseEvent(what, at, at, left, left, Qt.KeyboardModifier.NoModifier))


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
        self._view.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorViewCenter)
        self._view.resize(*_WINDOW)
        self._view.fitInView(self._scene.sceneRect(), Qt.AspectRatioMode.KeepAspectRatio)

    def show(self) -> QWidget:
        self._view.show()
        return self._view.viewport()

    def begin_pan(self) -> None:
        """Scroll bars need no button."""

    def pan(self, x: int, y: int) -> None:
        for bar, step in ((self._view.horizontalScrollBar(), x), (self._view.verticalScrollBar(), y)):
            bar.setValue(bar.value() - step)

    def end_pan(self) -> None:
        """Nothing is held."""

    def zoom(self, steps: int) -> None:
        self._view.scale(_STEP**steps, _STEP**steps)

    def change(self, seats: np.ndarray) -> None:
        for seat in seats.tolist():
            self._seats[seat].setBrush(self._brushes[seat % 5])


class _Blit(QWidget):
    """The least a frame can cost: a picture that is there already."""

    def __init__(self) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.resize(*_WINDOW)
        self._picture = QImage(*_WINDOW, QImage.Format.Format_RGB32)
        self._picture.fill(QColor("#808080"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawImage(QPoint(0, 0), self._picture)
        painter.end()


_CONTENDERS: dict[str, Callable[[SeatingPlan, np.ndarray], Contender]] = {"ours": _Ours, "items": _Items}


def _in_its_own_process(name: str, seats: int) -> Course:
    """So that neither finds memory or caches that the other left."""
    command = [sys.executable, "-m", "benchmarks.seatchart", name, str(seats)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Course(**json.loads(done.stdout))


def _run(name: str, seats: int) -> Course:
    app = QApplication([])
    plan = arena(seats)
    states = evening(plan)
    QFontMetricsF(QFont("Inter", 12)).horizontalAdvance("0")  # a program that runs has its fonts
    blit = _Blit()
    blit.show()
    app.processEvents()
    blit_ms = median(_timed(blit.repaint) for _ in range(40))
    blit.close()
    before = _memory_mb()
    begun = time.perf_counter()
    contender = _CONTENDERS[name](plan, states)
    canvas = contender.show()
    app.processEvents()
    canvas.repaint()
    first_ms = (time.perf_counter() - begun) * 1000
    app.processEvents()
    frames = _frames(contender, canvas)
    changes = np.random.default_rng(1).integers(0, plan.seat_count, (9, min(CHANGED, plan.seat_count)))
    changing = [_timed(canvas.repaint, partial(contender.change, some)) for some in changes]
    return Course(
        blit_ms=blit_ms,
        first_ms=first_ms,
        pans_ms=frames["overview"] + frames["close"],
        frames_ms=[frame for part in frames.values() for frame in part],
        change_ms=median(changing),
        memory_mb=_memory_mb() - before,
    )


def _frames(contender: Contender, canvas: QWidget) -> dict[str, list[float]]:
    contender.zoom(_FIRST_STEPS)
    canvas.repaint()
    took = {}
    for part, count in _SCRIPT:
        if part in ("closer", "farther"):
            steps = [1 if part == "closer" else -1] * count
            took[part] = [_timed(canvas.repaint, partial(contender.zoom, step)) for step in steps]
        else:
            contender.begin_pan()
            contender.pan(*_PAN)
            canvas.repaint()
            ways = [-1 if n < count // 2 else 1 for n in range(count)]
            took[part] = [_timed(canvas.repaint, partial(contender.pan, way * _PAN[0], way * _PAN[1])) for way in ways]
            contender.end_pan()
    return took


# Choosing


def _choices(seats: int, runs: int) -> Iterator[Figure]:
    plan = arena(seats)
    states = evening(plan)
    layout = Layout(plan)
    scene = Scene(layout, ChartPalette.of(load_theme("light")))
    scene.states[:] = states
    aim = Aim(scene, Ground(layout, "Inter"))
    random = np.random.default_rng(2)
    chosen = random.integers(0, plan.seat_count, 500)
    points = [(float(plan.x[seat]) + 9.0, float(plan.y[seat]) - 7.0) for seat in chosen]
    reach = layout.pitch / 2
    per_click_us = median(_timed(partial(aim.stop_at, at, reach)) for at in points) * 1000
    yield Figure("click to seat", round(per_click_us, 2), "µs", _CLICK_US, 1.0, len(points))
    scene.states[:] = SeatState.FREE
    loop = _loop_around(plan, min(LASSOED, seats))
    lasso_ms = median(_timed(lambda: aim.in_lasso(loop)) for _ in range(runs))
    yield Figure(f"lasso of {len(aim.in_lasso(loop)):,} seats", round(lasso_ms, 3), "ms", _LASSO_MS, 1.0, runs)
    free, wish = states == SeatState.FREE, Wish(TOGETHER)
    best_available(plan, free, wish)
    best_ms = median(_timed(lambda: best_available(plan, free, wish)) for _ in range(runs))
    yield Figure(f"best {TOGETHER} of {plan.seat_count:,}", round(best_ms, 3), "ms", _BEST_MS, 1.0, runs)


def _loop_around(plan: SeatingPlan, seats: int) -> list[tuple[float, float]]:
    """As a hand draws it: a wobbling circle of 240 points around so many seats."""
    middle = np.array([plan.x.mean(), plan.y.mean()])
    away = np.sort(np.hypot(plan.x - middle[0], plan.y - middle[1]))
    radius = float(away[seats - 1])
    turn = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    wobble = radius * (1 + 0.01 * np.sin(9 * turn))
    return list(zip(middle[0] + wobble * np.cos(turn), middle[1] + wobble * np.sin(turn), strict=True))


def _timed(work: Callable[[], object], first: Callable[[], object] | None = None) -> float:
    """Milliseconds for `first` and `work`."""
    begun = time.perf_counter()
    if first is not None:
        first()
    work()
    return (time.perf_counter() - begun) * 1000


def _memory_mb() -> float:
    """Resident, as Linux tells it."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    print(json.dumps(asdict(_run(sys.argv[1], int(sys.argv[2])))))
