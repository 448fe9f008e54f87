"""Where the plan stands, what is where, and where the card goes: arithmetic without a window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRect, QSize
from PySide6.QtWidgets import QApplication

from tests.ui.seatchart.looks import LIGHT
from tests.ui.seatchart.plans import club, theatre
from ui.seatchart.grid import Direction, Grid
from ui.seatchart.ground import Ground
from ui.seatchart.hovercard import placed
from ui.seatchart.scene import Layout, Scene
from ui.seatchart.viewport import Box, Insets, Viewport

lengths = st.floats(1, 5000)
places = st.floats(-3000, 3000)
scales = st.floats(0.02, 8)
views = st.builds(
    Viewport, st.integers(100, 3000), st.integers(100, 2000), scales, st.integers(-9999, 9999), st.integers(-9999, 9999)
)
boxes = st.builds(lambda x, y, w, h: Box(x, y, x + w, y + h), places, places, lengths, lengths)


@given(views, places, places)
def test_to_the_screen_and_back_is_the_same_place(view: Viewport, x: float, y: float) -> None:
    back = view.to_plan(*view.to_screen(x, y))
    assert np.allclose(back, (x, y), atol=1e-5)


@given(views, scales, st.integers(0, 500), st.integers(0, 500))
def test_a_zoom_keeps_the_place_under_the_pointer_to_the_pixel(view: Viewport, scale: float, x: int, y: int) -> None:
    place = view.to_plan(x, y)
    after = view.zoomed(scale, x, y).to_screen(*place)
    assert abs(after[0] - x) <= 0.51
    assert abs(after[1] - y) <= 0.51


@given(views, boxes)
def test_what_is_to_be_shown_is_inside_of_the_insets(view: Viewport, box: Box) -> None:
    insets = Insets(10, 20, 30, 40)
    shown = view.showing(box, insets)
    left, top = shown.to_screen(box.left, box.top)
    right, bottom = shown.to_screen(box.right, box.bottom)
    assert left >= 9
    assert top >= 19
    assert right <= view.width - 29
    assert bottom <= view.height - 39


@given(views, boxes)
def test_bringing_into_view_twice_moves_once_and_never_zooms_in(view: Viewport, box: Box) -> None:
    once = view.brought_to(box, Insets(10, 10, 10, 10))
    assert once.px_per_cm <= view.px_per_cm
    left, top = once.to_screen(box.left, box.top)
    right, bottom = once.to_screen(box.right, box.bottom)
    assert left >= 8
    assert top >= 8
    assert right <= view.width - 8
    assert bottom <= view.height - 8


@given(views, boxes)
def test_clamping_twice_is_clamping_once_and_leaves_no_gap_on_both_sides(view: Viewport, content: Box) -> None:
    clamped = view.clamped(content)
    assert clamped.clamped(content) == clamped
    left, right = clamped.to_screen(content.left, 0)[0], clamped.to_screen(content.right, 0)[0]
    fills = content.width * view.px_per_cm >= view.width
    assert (left <= 1 and right >= view.width - 1) if fills else (left >= -1 and right <= view.width + 1)


points = st.lists(st.tuples(places, places), min_size=1, max_size=60)


def grid_of(spots: list[tuple[float, float]]) -> tuple[Grid, np.ndarray, np.ndarray]:
    x, y = np.array([p[0] for p in spots]), np.array([p[1] for p in spots])
    return Grid(x, y, 220.0), x, y


@given(points, boxes)
def test_the_grid_finds_in_a_box_what_looking_at_all_finds(spots: list[tuple[float, float]], box: Box) -> None:
    grid, x, y = grid_of(spots)
    inside = (x >= box.left) & (x <= box.right) & (y >= box.top) & (y <= box.bottom)
    assert grid.within(box).tolist() == np.flatnonzero(inside).tolist()


@given(points, places, places, lengths)
def test_the_grid_finds_the_nearest_that_is_allowed(
    spots: list[tuple[float, float]], at_x: float, at_y: float, reach: float
) -> None:
    grid, x, y = grid_of(spots)
    allowed = np.arange(len(x)) % 3 != 0
    distance = np.where(allowed, np.hypot(x - at_x, y - at_y), np.inf)
    found = grid.nearest(at_x, at_y, reach, lambda spots: allowed[spots])
    assert (found is None) == (distance.min() > reach)
    if found is not None:
        assert distance[found] == distance.min()


@given(points)
def test_a_lasso_round_a_box_takes_what_the_box_takes(spots: list[tuple[float, float]]) -> None:
    grid, _, _ = grid_of(spots)
    corners = [(-500.25, -400.25), (800.25, -400.25), (800.25, 900.25), (-500.25, 900.25)]
    assert grid.in_polygon(corners).tolist() == grid.within(Box(-500.25, -400.25, 800.25, 900.25)).tolist()
    assert grid.in_polygon(corners[:2]).tolist() == []


@given(points, st.sampled_from(list(Direction)))
def test_an_arrow_goes_its_own_way_or_nowhere(spots: list[tuple[float, float]], direction: Direction) -> None:
    grid, x, y = grid_of(spots)
    found = grid.toward(spots[0], direction, np.ones(len(x), np.bool_))
    if found is not None:
        step = (x[found] - spots[0][0]) * direction.value[0] + (y[found] - spots[0][1]) * direction.value[1]
        assert step > 0


@given(st.integers(0, 1000), st.integers(0, 700), st.floats(4, 40))
def test_the_card_is_inside_of_the_chart_and_never_on_its_seat(x: int, y: int, radius: float) -> None:
    room, card = QSize(1000, 700), QSize(240, 160)
    place = placed(card, QPointF(x, y), radius + 16, room)
    assert QRect(0, 0, 1000, 700).contains(place)
    assert not place.contains(QPointF(x, y).toPoint())


def test_row_letters_stand_at_both_ends_and_not_on_seats() -> None:
    layout = Layout(theatre())
    letters = layout.row_letters
    stalls = [text for text, row in zip(letters.texts, letters.rows.tolist(), strict=True) if row < 13]
    assert sorted(stalls) == sorted("ABCDEFGHJKLMN" * 2)
    for x, y in zip(letters.x, letters.y, strict=True):
        assert layout.grid.nearest(float(x), float(y), 0.6 * layout.pitch) is None


def test_tables_have_no_row_letters_and_the_name_keeps_off_the_floor() -> None:
    layout = Layout(club())
    assert layout.row_letters.texts == ()
    assert [label.above for label in layout.section_labels] == [None]


def test_the_pitch_is_the_plans_own() -> None:
    assert abs(Layout(theatre()).pitch - 55.0) < 2.0


def test_long_names_of_sections_are_shortened_in_the_middle(qapp: QApplication) -> None:
    plan = theatre()
    names = [f"The Royal Circle of Her Late Majesty, {side} side" for side in ("left", "right", "far", "near")]
    renamed = [replace(section, name=name) for section, name in zip(plan.sections, names, strict=True)]
    layout = Layout(replace(plan, sections=tuple(renamed)))
    words = [Ground(layout, "Inter").section_words(Scene(layout, LIGHT), section).strong for section in range(4)]
    assert all("…" in name and len(name) < 40 for name in words)
    assert len(set(words)) == 4
