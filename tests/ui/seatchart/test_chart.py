"""The chart as a cashier uses it: mouse, wheel, finger, keys; and as a screen reader hears it."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QAccessible, QColor, QInputDevice, QPointingDevice, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.seatchart.looks import DARK, LIGHT
from tests.ui.seatchart.plans import arena, club, evening, theatre
from ui.seatchart import Move, SeatCard, SeatChart, SeatState, Words
from ui.seatchart.ground import Ground
from ui.seatchart.hovercard import HoverCard
from ui.seatchart.legend import Legend
from ui.seatchart.minimap import MiniMap
from ui.seatchart.near import Near
from ui.seatchart.tag import Tag
from ui.seatchart.zoombuttons import ZoomButtons

THEATRE = theatre()
NO_MODIFIER = Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton


def at(section: str, row: str, seat: str) -> int:
    return next(i for i in range(THEATRE.seat_count) if THEATRE.seat_name(i) == f"{section} {row} {seat}")


F10 = at("Stalls", "F", "10")


@pytest.fixture
def chart(qtbot: QtBot) -> SeatChart:
    shown = SeatChart(LIGHT)
    qtbot.addWidget(shown)
    shown.resize(1000, 760)
    shown.set_plan(THEATRE)
    shown.set_describe(lambda seat: SeatCard(THEATRE.seat_name(seat), "€68.00"))
    shown.show()
    shown.activateWindow()
    qtbot.waitExposed(shown)
    return shown


W = TypeVar("W", bound=QWidget)


def part(chart: SeatChart, kind: type[W]) -> W:
    found = chart.findChild(kind)
    assert found is not None
    return found


def states_of(**seats: int) -> np.ndarray:
    states = np.full(THEATRE.seat_count, SeatState.FREE, np.uint8)
    for name, state in seats.items():
        states[int(name.removeprefix("seat_"))] = state
    return states


def click(chart: SeatChart, seat: int, modifier: Qt.KeyboardModifier = NO_MODIFIER) -> None:
    QTest.mouseClick(chart, LEFT, modifier, chart.position_of(seat))


def wheel(chart: SeatChart, where: QPoint, notches: int) -> None:
    event = QWheelEvent(
        QPointF(where), QPointF(chart.mapToGlobal(where)), QPoint(), QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, NO_MODIFIER, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(chart, event)


def shows_all_of(chart: SeatChart, section: int) -> bool:
    part_ = THEATRE.section_slices[section]
    return all(chart.rect().contains(chart.position_of(seat)) for seat in range(part_.start, part_.stop))


def test_a_section_that_was_asked_for_still_fits_when_the_window_has_changed(chart: SeatChart) -> None:
    chart.zoom_to_section(0)
    for size in (QSize(560, 420), QSize(1400, 900), QSize(760, 500)):
        chart.resize(size)
        QApplication.processEvents()
        assert shows_all_of(chart, 0)
        fits = chart.scale
        chart.zoom_to_section(0)
        assert chart.scale == fits


def test_who_moved_the_chart_is_not_moved_by_the_window(chart: SeatChart) -> None:
    chart.zoom_to_section(0)
    chart.zoom_in()
    scale = chart.scale
    chart.resize(800, 500)
    QApplication.processEvents()
    assert chart.scale == scale


def test_the_card_says_what_the_seat_is_now(chart: SeatChart) -> None:
    QTest.mouseMove(chart, chart.position_of(F10 + 1))
    card = part(chart, HoverCard)
    chart.set_describe(lambda seat: SeatCard(THEATRE.seat_name(seat), "€68.00", hint="Click to give back"))
    assert card.card is not None
    assert card.card.hint == "Click to give back"


def test_a_slow_wheel_adds_up(chart: SeatChart) -> None:
    """A touchpad turns by fractions of a notch; each alone is less than a scale."""
    before = chart.scale
    for _ in range(16):
        event = QWheelEvent(
            QPointF(500, 400), QPointF(chart.mapToGlobal(QPoint(500, 400))), QPoint(), QPoint(0, 12),
            Qt.MouseButton.NoButton, NO_MODIFIER, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(chart, event)
    assert chart.scale == pytest.approx(before * 2 ** (16 * 0.1 / 3), rel=0.06)


def test_zooming_back_finds_the_ground_that_was_painted(chart: SeatChart, monkeypatch: pytest.MonkeyPatch) -> None:
    painted: list[object] = []
    paint = Ground.paint

    def count(ground: Ground, *args: Any, **options: Any) -> None:
        painted.append(args)
        paint(ground, *args, **options)

    chart.zoom_in()
    chart.grab()
    chart.zoom_out()
    chart.grab()
    monkeypatch.setattr(Ground, "paint", count)
    chart.zoom_in()
    chart.grab()
    assert painted == []
    chart.set_section_counts({0: 7})
    chart.grab()
    assert painted


def test_a_click_takes_the_seat_under_the_pointer(chart: SeatChart, qtbot: QtBot) -> None:
    with qtbot.waitSignal(chart.seat_activated) as activated:
        click(chart, F10)
    assert activated.args == [F10]


@pytest.mark.parametrize(
    "state", [SeatState.SOLD, SeatState.HELD, SeatState.OTHER_BASKET, SeatState.BLOCKED, SeatState.NOT_OURS]
)
def test_what_cannot_be_sold_is_no_target(chart: SeatChart, qtbot: QtBot, state: SeatState) -> None:
    chart.update_states([F10], [state])
    with qtbot.assertNotEmitted(chart.seat_activated):
        click(chart, F10)


def test_my_own_seat_can_be_given_back(chart: SeatChart, qtbot: QtBot) -> None:
    chart.update_states([F10], [SeatState.MINE])
    with qtbot.waitSignal(chart.seat_activated):
        click(chart, F10)


def test_an_exchange_may_point_at_sold_seats(chart: SeatChart, qtbot: QtBot) -> None:
    chart.update_states([F10], [SeatState.SOLD])
    chart.set_targets(frozenset({SeatState.SOLD}))
    with qtbot.waitSignal(chart.seat_activated):
        click(chart, F10)


def test_a_filtered_seat_is_no_target_and_has_no_card(chart: SeatChart, qtbot: QtBot) -> None:
    chart.set_filter(frozenset({4}))
    with qtbot.assertNotEmitted(chart.seat_activated):
        click(chart, F10)
    assert part(chart, HoverCard).card is None


def test_shift_click_takes_the_row_up_to_here_and_leaves_out_what_is_sold(chart: SeatChart, qtbot: QtBot) -> None:
    chart.update_states([F10 + 2], [SeatState.SOLD])
    click(chart, F10)
    with qtbot.waitSignal(chart.seats_activated) as activated:
        click(chart, F10 + 4, Qt.KeyboardModifier.ShiftModifier)
    assert activated.args == [[F10, F10 + 1, F10 + 3, F10 + 4]]


def test_shift_click_alone_takes_the_pair(chart: SeatChart, qtbot: QtBot) -> None:
    with qtbot.waitSignal(chart.seats_activated) as activated:
        click(chart, F10, Qt.KeyboardModifier.ShiftModifier)
    assert activated.args == [[F10, F10 + 1]]


def drag(chart: SeatChart, points: list[QPoint], modifier: Qt.KeyboardModifier = NO_MODIFIER) -> None:
    QTest.mousePress(chart, LEFT, modifier, points[0])
    for point in points[1:]:
        QTest.mouseEvent(QTest.MouseAction.MouseMove, chart, LEFT, modifier, point, 1)
    QTest.mouseRelease(chart, LEFT, modifier, points[-1])


def test_a_rubber_band_takes_what_is_inside(chart: SeatChart, qtbot: QtBot) -> None:
    first, last = chart.position_of(F10) - QPoint(8, 8), chart.position_of(F10 + 2) + QPoint(8, 8)
    with qtbot.waitSignal(chart.seats_activated) as activated:
        drag(chart, [first, first + QPoint(10, 4), last], Qt.KeyboardModifier.ShiftModifier)
    assert activated.args == [[F10, F10 + 1, F10 + 2]]


def test_a_lasso_takes_what_it_goes_round(chart: SeatChart, qtbot: QtBot) -> None:
    left, right = chart.position_of(F10), chart.position_of(F10 + 1)
    loop = [left + QPoint(-8, -9), right + QPoint(8, -9), right + QPoint(8, 9), left + QPoint(-8, 9)]
    with qtbot.waitSignal(chart.seats_activated) as activated:
        drag(chart, loop, Qt.KeyboardModifier.ControlModifier)
    assert activated.args == [[F10, F10 + 1]]


def test_a_drag_moves_the_plan_with_the_pointer_and_takes_nothing(chart: SeatChart, qtbot: QtBot) -> None:
    wheel(chart, QPoint(500, 380), 3)
    before = chart.position_of(F10)
    with qtbot.assertNotEmitted(chart.seat_activated), qtbot.assertNotEmitted(chart.seats_activated):
        drag(chart, [QPoint(500, 300), QPoint(480, 310), QPoint(460, 330)])
    moved = chart.position_of(F10) - before
    assert abs(moved.x() + 40) <= 1
    assert abs(moved.y() - 30) <= 1


def test_the_wheel_keeps_the_seat_under_the_pointer(chart: SeatChart) -> None:
    where = chart.position_of(F10)
    wheel(chart, where, 2)
    assert (chart.position_of(F10) - where).manhattanLength() <= 2
    assert chart.scale > 1


def test_zooming_out_ends_with_the_whole_plan_and_in_with_large_seats(chart: SeatChart) -> None:
    fitted = chart.scale
    wheel(chart, QPoint(500, 380), 40)
    assert chart.scale == pytest.approx(4.0)
    wheel(chart, QPoint(500, 380), -80)
    assert chart.scale == pytest.approx(fitted)


def test_the_plan_cannot_be_lost(chart: SeatChart) -> None:
    wheel(chart, QPoint(500, 380), 4)
    drag(chart, [QPoint(100, 100), QPoint(300, 300), QPoint(9000, 9000)])
    inside = [s for s in range(THEATRE.seat_count) if chart.rect().contains(chart.position_of(s))]
    assert inside


def test_a_section_fills_the_window_and_is_told(chart: SeatChart, qtbot: QtBot) -> None:
    with qtbot.waitSignal(chart.section_in_view_changed) as told:
        chart.zoom_to_section(1)
    assert told.args == [1]
    seats = THEATRE.section_slices[1]
    assert all(chart.rect().contains(chart.position_of(seat)) for seat in (seats.start, seats.stop - 1))
    with qtbot.waitSignal(chart.section_in_view_changed) as told:
        chart.zoom_to_section(None)
    assert told.args == [-1]


def test_seats_that_were_found_come_into_view_clear_of_what_floats(chart: SeatChart) -> None:
    chart.zoom_to_section(2)
    chart.zoom_in()
    chart.ensure_visible([F10, F10 + 1])
    for seat in (F10, F10 + 1):
        assert chart.rect().adjusted(40, 20, -70, -60).contains(chart.position_of(seat))


def test_arrows_go_from_free_seat_to_free_seat_and_space_takes(chart: SeatChart, qtbot: QtBot) -> None:
    chart.setFocus()
    chart.update_states([F10 + 1], [SeatState.SOLD])
    chart.focus_seat(F10)
    QTest.keyClick(chart, Qt.Key.Key_Right)
    assert chart.focused_seat == F10 + 2
    QTest.keyClick(chart, Qt.Key.Key_Left)
    assert chart.focused_seat == F10
    QTest.keyClick(chart, Qt.Key.Key_Down)
    assert THEATRE.row_label(chart.focused_seat) == "G"
    QTest.keyClick(chart, Qt.Key.Key_Up)
    assert THEATRE.row_label(chart.focused_seat) == "F"
    with qtbot.waitSignal(chart.seat_activated) as activated:
        QTest.keyClick(chart, Qt.Key.Key_Space)
    assert activated.args == [chart.focused_seat]


def test_arrows_reach_every_free_seat(chart: SeatChart) -> None:
    chart.setFocus()
    reached, edge = {F10}, [F10]
    while edge:
        here = edge.pop()
        for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down):
            chart.focus_seat(here)
            QTest.keyClick(chart, key)
            if chart.focused_seat not in reached:
                reached.add(chart.focused_seat)
                edge.append(chart.focused_seat)
    assert len(reached) >= THEATRE.seat_count * 0.99


def test_plus_minus_and_nought_zoom_and_other_digits_are_for_others(chart: SeatChart, qtbot: QtBot) -> None:
    chart.setFocus()
    fitted = chart.scale
    QTest.keyClick(chart, Qt.Key.Key_Plus)
    assert chart.scale > fitted
    QTest.keyClick(chart, Qt.Key.Key_0)
    assert chart.scale == pytest.approx(fitted)
    with qtbot.assertNotEmitted(chart.seat_activated):
        QTest.keyClick(chart, Qt.Key.Key_Return)


def test_a_finger_on_small_seats_comes_closer_first_and_then_takes_the_nearest(chart: SeatChart, qtbot: QtBot) -> None:
    device = QTest.createTouchDevice(QInputDevice.DeviceType.TouchScreen)
    assert isinstance(device, QPointingDevice)

    def tap(where: QPoint) -> None:
        QTest.touchEvent(chart, device).press(0, where, chart).commit()
        QTest.touchEvent(chart, device).release(0, where, chart).commit()

    with qtbot.assertNotEmitted(chart.seat_activated):
        tap(chart.position_of(F10))
    assert chart.scale * 22 == pytest.approx(44, rel=0.05)
    with qtbot.waitSignal(chart.seat_activated) as activated:
        tap(chart.position_of(F10) + QPoint(9, -9))
    assert activated.args == [F10]


def test_two_fingers_zoom(chart: SeatChart) -> None:
    device = QTest.createTouchDevice(QInputDevice.DeviceType.TouchScreen)
    before = chart.scale
    QTest.touchEvent(chart, device).press(0, QPoint(480, 400), chart).press(1, QPoint(520, 400), chart).commit()
    for spread in (40, 60, 80):
        left, right = QPoint(500 - spread, 400), QPoint(500 + spread, 400)
        QTest.touchEvent(chart, device).move(0, left, chart).move(1, right, chart).commit()
    ends = QPoint(420, 400), QPoint(580, 400)
    QTest.touchEvent(chart, device).release(0, ends[0], chart).release(1, ends[1], chart).commit()
    assert chart.scale > 2 * before


def test_the_card_stands_beside_its_seat_and_goes_with_the_pointer(chart: SeatChart, qtbot: QtBot) -> None:
    card = part(chart, HoverCard)
    with qtbot.waitSignal(chart.hovered) as told:
        QTest.mouseMove(chart, chart.position_of(F10))
    assert told.args == [F10]
    assert card.card == SeatCard("Stalls F 10", "€68.00")
    assert not card.geometry().adjusted(20, 20, -20, -20).contains(chart.position_of(F10))
    assert chart.rect().contains(card.geometry().adjusted(20, 20, -20, -20))
    with qtbot.waitSignal(chart.hovered) as told:
        QTest.mouseMove(chart, QPoint(3, chart.height() // 2))
    assert told.args == [-1]
    assert card.card is None


def test_the_overview_moves_the_window(chart: SeatChart) -> None:
    chart.zoom_to_section(2)
    chart.zoom_in()
    overview = part(chart, MiniMap)
    QTest.mouseClick(overview, LEFT, NO_MODIFIER, QPoint(overview.width() // 2, 30))
    assert chart.rect().contains(chart.position_of(at("Stalls", "B", "14")))


def test_the_legend_tells_only_what_there_is(chart: SeatChart) -> None:
    words = {entry.word for entry in part(chart, Legend).entries}
    assert "Free" in words
    assert "Not ours offline" not in words
    chart.set_states(states_of(seat_3=SeatState.NOT_OURS))
    assert "Not ours offline" in {entry.word for entry in part(chart, Legend).entries}


def test_states_of_another_plan_are_refused(chart: SeatChart) -> None:
    with pytest.raises(ValueError, match="3 states"):
        chart.set_states(np.zeros(3, np.uint8))


def test_many_updates_between_two_frames_are_applied_at_once_and_all_count(
    chart: SeatChart, monkeypatch: pytest.MonkeyPatch
) -> None:
    applied: list[int] = []
    change = Near.change

    def count(near: Near, seats: NDArray[np.intp]) -> None:
        applied.append(len(seats))
        change(near, seats)

    monkeypatch.setattr(Near, "change", count)
    part(chart, MiniMap).hide()  # it follows a little later
    chart.grab()
    for seat in range(40):
        chart.update_states([seat], [SeatState.SOLD])
    chart.update_states(np.arange(10), np.full(10, SeatState.FREE, np.uint8))
    assert applied == []
    incremental = chart.grab().toImage()
    assert applied == [40]
    chart.set_palette(DARK)
    chart.set_palette(LIGHT)
    assert chart.grab().toImage() == incremental


def test_an_area_is_clicked_by_mouse_and_by_key(qtbot: QtBot) -> None:
    chart = SeatChart(LIGHT)
    qtbot.addWidget(chart)
    chart.resize(900, 600)
    plan = club()
    chart.set_plan(plan)
    chart.set_area_counts({0: 3210})
    chart.show()
    qtbot.waitExposed(chart)
    floor = chart.stop_rect(plan.seat_count).center()
    with qtbot.waitSignal(chart.area_activated) as activated:
        QTest.mouseClick(chart, LEFT, NO_MODIFIER, chart.mapFromGlobal(floor))
    assert activated.args == [0]
    chart.setFocus()
    with qtbot.waitSignal(chart.area_activated) as activated:
        QTest.keyClick(chart, Qt.Key.Key_Space)
    assert activated.args == [0]
    QTest.keyClick(chart, Qt.Key.Key_Left)
    with qtbot.waitSignal(chart.area_activated) as activated:
        QTest.keyClick(chart, Qt.Key.Key_Space)
    assert activated.args == [1]
    assert chart.stop_name(plan.seat_count) == "Standing floor, 3,210 free"


def test_a_screen_reader_hears_every_seat(chart: SeatChart) -> None:
    chart.update_states([F10], [SeatState.HELD])
    interface = QAccessible.queryAccessibleInterface(chart)
    assert interface.role() == QAccessible.Role.List
    assert interface.childCount() == THEATRE.seat_count
    seat = interface.child(F10)
    assert seat.text(QAccessible.Text.Name) == "Stalls, row F, seat 10, Premium, €68.00, held"
    assert seat.rect().contains(chart.mapToGlobal(chart.position_of(F10)))
    assert interface.indexOfChild(seat) == F10
    where = chart.mapToGlobal(chart.position_of(F10))
    assert interface.childAt(where.x(), where.y()).text(QAccessible.Text.Name).startswith("Stalls, row F, seat 10")
    wheelchair = interface.child(at("Stalls", "N", "1"))
    assert "wheelchair place" in wheelchair.text(QAccessible.Text.Name)


def test_a_screen_reader_follows_the_focus(chart: SeatChart, qtbot: QtBot) -> None:
    chart.setFocus()
    qtbot.waitUntil(chart.hasFocus)
    chart.focus_seat(F10)
    focused = QAccessible.queryAccessibleInterface(chart).focusChild()
    assert focused.text(QAccessible.Text.Name).startswith("Stalls, row F, seat 10")
    assert focused.state().focused


def test_the_smallest_window_and_no_plan_are_fine(qtbot: QtBot) -> None:
    chart = SeatChart(DARK)
    qtbot.addWidget(chart)
    chart.resize(520, 300)
    chart.show()
    assert not chart.grab().isNull()
    chart.set_plan(THEATRE)
    chart.set_states(evening(THEATRE))
    assert not chart.grab().isNull()
    chart.resize(700, 300)
    assert not chart.grab().isNull()


def test_a_heat_map_tells_shares_by_hue_and_in_words_and_is_no_target(chart: SeatChart, qtbot: QtBot) -> None:
    shares = np.zeros(THEATRE.seat_count)
    shares[F10] = 1.0
    before = chart.grab().toImage()
    chart.set_heat(shares)
    dark, pale = (QColor(chart.grab().toImage().pixel(chart.position_of(seat))) for seat in (F10, F10 + 4))
    assert dark.lightness() < pale.lightness()
    assert chart.stop_name(F10) == "Stalls, row F, seat 10, Premium, €68.00, 100%"
    with qtbot.assertNotEmitted(chart.seat_activated):
        click(chart, F10)
    chart.set_plan(THEATRE)
    assert chart.grab().toImage() == before


def test_a_plain_chart_shows_all_of_the_plan_and_leaves_the_wheel_to_its_page(qtbot: QtBot) -> None:
    chart = SeatChart(LIGHT, is_plain=True)
    qtbot.addWidget(chart)
    chart.resize(420, 300)
    chart.set_plan(THEATRE)
    chart.show()
    before = chart.scale
    wheel(chart, QPoint(200, 150), 3)
    assert chart.scale == before
    assert not any(part(chart, kind).isVisible() for kind in (Legend, MiniMap, ZoomButtons))
    assert all(chart.rect().contains(chart.position_of(seat)) for seat in range(THEATRE.seat_count))


def test_an_exchange_shows_where_the_seat_goes_and_what_happens_to_it(chart: SeatChart) -> None:
    before = chart.grab().toImage()
    new = at("Circle", "C", "20")
    chart.show_move(Move(F10, new, Words("Stalls F 10", "goes back on sale"), Words("Circle C 20", "Band A €68.00")))
    tags = [tag for tag in chart.findChildren(Tag) if tag.isVisible()]
    assert [tag.accessibleName() for tag in tags] == ["Stalls F 10 goes back on sale", "Circle C 20 Band A €68.00"]
    assert not any(tag.geometry().adjusted(8, 8, -8, -8).contains(chart.position_of(F10)) for tag in tags)
    assert chart.grab().toImage() != before
    chart.show_move(Move(F10, F10, Words("Stalls F 10", "choose its new seat"), Words("")))
    assert sum(tag.isVisible() for tag in tags) == 1
    chart.show_move(None)
    assert chart.grab().toImage() == before


def test_the_tags_of_an_exchange_go_with_their_seats(chart: SeatChart) -> None:
    chart.show_move(Move(F10, F10, Words("Stalls F 10", "leaves"), Words("")))
    tag = next(tag for tag in chart.findChildren(Tag) if tag.isVisible())
    chart.zoom_to_section(2)
    chart.zoom_in()
    chart.zoom_in()
    assert not tag.isVisible()


@pytest.fixture
def stadium(qtbot: QtBot) -> SeatChart:
    shown = SeatChart(LIGHT)
    qtbot.addWidget(shown)
    shown.resize(900, 640)
    shown.set_plan(arena(30_000))
    shown.show()
    qtbot.waitExposed(shown)
    return shown


def test_where_seats_are_too_small_to_point_at_the_sections_are_chosen(stadium: SeatChart, qtbot: QtBot) -> None:
    seat = 30 * 480 + 250
    assert stadium.plan is not None
    section = int(stadium.plan.section[seat])
    QTest.mouseMove(stadium, stadium.position_of(seat))
    card = part(stadium, HoverCard).card
    assert card is not None
    assert (card.title, card.note) == (stadium.plan.sections[section].name, "480 free")
    with (
        qtbot.assertNotEmitted(stadium.seat_activated),
        qtbot.waitSignal(stadium.section_in_view_changed) as told,
    ):
        QTest.mouseClick(stadium, LEFT, NO_MODIFIER, stadium.position_of(seat))
    assert told.args == [section]
    with qtbot.waitSignal(stadium.seat_activated) as activated:
        QTest.mouseClick(stadium, LEFT, NO_MODIFIER, stadium.position_of(seat))
    assert activated.args == [seat]


def test_a_box_and_a_table_are_called_what_they_are(chart: SeatChart, qtbot: QtBot) -> None:
    assert chart.stop_name(at("Boxes", "3", "2")) == "Boxes, box 3, seat 2, Boxes, €68.00, free"
    tables = SeatChart(LIGHT)
    qtbot.addWidget(tables)
    tables.set_plan(club())
    assert tables.stop_name(0) == "Tables, table 1, seat 1, Table, free"


def test_counts_on_the_plates_follow_what_is_sold(stadium: SeatChart) -> None:
    for _ in range(3):
        stadium.zoom_in()
    part(stadium, MiniMap).hide()
    stadium.set_section_counts(dict.fromkeys(range(60), 480))
    full = stadium.grab().toImage()
    stadium.set_section_counts({section: 479 if section == 31 else 480 for section in range(60)})
    assert stadium.grab().toImage() != full
    stadium.set_section_counts(dict.fromkeys(range(60), 480))
    assert stadium.grab().toImage() == full
