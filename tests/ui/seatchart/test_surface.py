"""A picture that was only brought up to date is the picture that is drawn afresh, pixel by pixel."""

from __future__ import annotations

import os

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from boxoffice.domain.plan import SeatingPlan
from tests.ui.seatchart.looks import DARK, LIGHT
from tests.ui.seatchart.plans import arena, club, evening, theatre
from ui.seatchart import ChartPalette, SeatState
from ui.seatchart.ground import Ground
from ui.seatchart.scene import Layout, Scene
from ui.seatchart.surface import Surface
from ui.seatchart.viewport import PITCH_UNITS, Insets, Viewport

SIZE = (420, 330)
STEPS = int(os.environ.get("CHART_STEPS", "40"))  # a plan, a resolution and a theme; `make chart` takes 10,000


def scene_of(plan: SeatingPlan, look: ChartPalette) -> Scene:
    scene = Scene(Layout(plan), look)
    scene.states[:] = evening(plan)
    scene.section_counts = {0: 141}
    scene.area_counts = {0: 3210}
    return scene


def fresh(scene: Scene, view: Viewport, dpr: float) -> np.ndarray:
    surface = Surface(scene, Ground(scene.layout, "Inter"))
    surface.show(view, dpr)
    return surface.pixels


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("dpr", [1.0, 2.0])
@pytest.mark.parametrize(
    ("plan", "largest"), [(theatre(), 0.75), (club(), 1.5), (arena(3000), 0.3)], ids=["theatre", "club", "arena"]
)
def test_a_random_evening_leaves_the_picture_of_a_fresh_start(
    qtbot: QtBot, plan: SeatingPlan, largest: float, dpr: float, look: ChartPalette
) -> None:
    random = np.random.default_rng(int(dpr) + plan.seat_count)
    scene = scene_of(plan, look)
    surface = Surface(scene, Ground(scene.layout, "Inter"))
    view = Viewport(*SIZE).showing(scene.layout.content, Insets(20, 20, 20, 20))
    for step in range(STEPS):
        match random.integers(0, 8):
            case 0:
                scale = float(random.uniform(0.04, largest)) * dpr
                view = view.zoomed(scale, float(random.uniform(0, 420)), float(random.uniform(0, 330)))
                view = view.clamped(scene.layout.content)
            case 1 | 2 | 3:
                view = view.panned(int(random.integers(-90, 91)), int(random.integers(-90, 91)))
            case 4 | 5 if plan.seat_count:
                seats = random.integers(0, plan.seat_count, int(random.choice([1, 3, 30, 400])))
                scene.states[seats] = random.integers(0, len(SeatState), len(seats))
                surface.seats_changed(seats)
            case 6:
                scene.filter(None if random.random() < 0.5 else frozenset({0, 2}))
                surface.restyle()
            case 7:
                section = int(random.integers(0, max(1, len(plan.sections))))
                scene.section_counts = {**scene.section_counts, section: int(random.choice([7, 88, 412, 1234]))}
                surface.counts_changed([section])
        if random.random() < 0.7:  # several things between two frames are the rule
            surface.show(view, dpr)
            different = np.argwhere(surface.pixels != fresh(scene, view, dpr))
            assert not len(different), f"step {step}: {len(different)} pixels, the first at {different[0]}"


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
def test_at_every_zoom_level_a_pan_and_a_change_leave_the_picture_of_a_fresh_start(
    qtbot: QtBot, look: ChartPalette
) -> None:
    random = np.random.default_rng(3)
    scene = scene_of(theatre(), look)
    surface = Surface(scene, Ground(scene.layout, "Inter"))
    view = Viewport(*SIZE).showing(scene.layout.content)
    largest = 4.0 * PITCH_UNITS / scene.layout.pitch
    while view.px_per_cm < largest:
        surface.show(view, 1.0)
        view = view.panned(int(random.integers(-60, 61)), int(random.integers(-60, 61)))
        seats = random.integers(0, scene.layout.plan.seat_count, 40)
        scene.states[seats] = random.integers(0, len(SeatState), len(seats))
        surface.seats_changed(seats)
        surface.show(view, 1.0)
        assert (surface.pixels == fresh(scene, view, 1.0)).all(), f"{view.px_per_cm:.3f} pixels a centimetre"
        view = view.zoomed(view.px_per_cm * 2 ** (1 / 12), SIZE[0] / 2, SIZE[1] / 2)


def test_the_comparison_sees_a_count_that_was_not_told(qtbot: QtBot) -> None:
    scene = scene_of(theatre(), LIGHT)
    view = Viewport(*SIZE).showing(scene.layout.section_boxes[0] or scene.layout.content)
    surface = Surface(scene, Ground(scene.layout, "Inter"))
    surface.show(view, 1.0)
    scene.section_counts = {0: 88}
    surface.show(view, 1.0)
    assert (surface.pixels != fresh(scene, view, 1.0)).any()
    surface.counts_changed([0])
    surface.show(view, 1.0)
    assert (surface.pixels == fresh(scene, view, 1.0)).all()


def test_the_comparison_sees_a_seat_that_was_not_told(qtbot: QtBot) -> None:
    scene = scene_of(theatre(), LIGHT)
    view = Viewport(*SIZE).showing(scene.layout.content)
    surface = Surface(scene, Ground(scene.layout, "Inter"))
    surface.show(view, 1.0)
    free = np.flatnonzero(scene.states == SeatState.FREE)[:1]
    scene.states[free] = SeatState.SOLD
    surface.show(view, 1.0)
    assert (surface.pixels != fresh(scene, view, 1.0)).any()
    surface.seats_changed(free)
    surface.show(view, 1.0)
    assert (surface.pixels == fresh(scene, view, 1.0)).all()
