"""Every part in its states, as a clerk sees, presses and hears it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QColor, QEnterEvent, QFontMetricsF, QImage, QPainter, QPixmap, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from boxoffice.domain.money import Money
from ui.formats import Formats
from ui.theme import display_font, line_height, theme, theme_source
from ui.widgets import (
    Avatar,
    Banner,
    BarChart,
    Bars,
    Button,
    CategoryTile,
    CheckBox,
    Chip,
    Choice,
    Column,
    Dialog,
    Elided,
    EmptyState,
    Fit,
    IconButton,
    KeyCap,
    Legend,
    Line,
    LineChart,
    MoneyField,
    MoneyLabel,
    Numpad,
    PriceTypeChip,
    Radio,
    RailButton,
    SearchField,
    Segments,
    Shadow,
    ShareBars,
    ShareRow,
    Stepper,
    Steps,
    Table,
    TableRow,
    Tag,
    TagCell,
    Text,
    TextField,
    Toast,
    ToastArea,
    fitting_px,
    initials,
    keep_above,
    paint_shadow,
    shadow_margins,
)
from ui.widgets.buttons import PaintedButton
from ui.widgets.charts import nice_top
from ui.widgets.gallery import Gallery

HAND_PX = 44


@pytest.fixture(autouse=True)
def _light(qapp: QApplication) -> Iterator[None]:
    theme_source().choose("light")
    yield
    theme_source().choose("light")


@pytest.fixture
def host(qtbot: QtBot) -> QWidget:
    """A window of 800 x 600 that is shown and has the focus."""
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(800, 600)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def shown(host: QWidget, part: QWidget, width: int = 0, height: int = 0) -> QWidget:
    part.setParent(host)
    hint = part.sizeHint()
    part.setGeometry(40, 40, width or hint.width(), height or hint.height())
    part.show()
    return part


def picture(part: QWidget) -> QImage:
    return on_surface(part.grab().toImage())


def on_surface(image: QImage) -> QImage:
    """A part grabbed alone has nothing behind it, and nothing is black."""
    sheet = QImage(image.size(), QImage.Format.Format_RGB32)
    sheet.fill(QColor(theme().colors.surface))
    painter = QPainter(sheet)
    painter.drawImage(sheet.rect(), image)
    painter.end()
    return sheet


def count(image: QImage, color: str) -> int:
    wanted = QColor(color).rgb()
    return sum(image.pixel(x, y) == wanted for x in range(image.width()) for y in range(image.height()))


# The gallery


@pytest.fixture(scope="module")
def gallery(qapp: QApplication) -> Iterator[Gallery]:
    window = QScrollArea()
    made = Gallery()
    window.setWidget(made)
    window.resize(1920, 1080)
    window.show()
    made.dialog.ask()
    while made.banner.height() < made.banner.maximumHeight() or made.banner.maximumHeight() < 52:
        QTest.qWait(20)
        made.adjustSize()
    yield made
    window.close()
    window.deleteLater()


@pytest.mark.parametrize("name", ["light", "dark"])
def test_no_part_is_smaller_than_its_words(gallery: Gallery, name: str) -> None:
    theme_source().choose(name)
    QApplication.processEvents()
    clipped = [
        repr(part)
        for kind in (Text, PaintedButton)
        for part in gallery.findChildren(kind)
        if part.isVisible() and not isinstance(part, Elided) and not _has_room(part)
    ]
    assert clipped == []


def _has_room(part: QWidget) -> bool:
    least = part.minimumSizeHint()
    if isinstance(part, Text) and part.wordWrap():
        return part.height() >= part.heightForWidth(part.width())
    return part.width() >= least.width() and part.height() >= least.height()


def test_no_two_parts_lie_over_each_other(gallery: Gallery) -> None:
    over = []
    for parent in gallery.findChildren(QWidget):
        layout = parent.layout()
        if layout is None or not parent.isVisible():
            continue
        items = [layout.itemAt(number) for number in range(layout.count())]
        parts = [part for item in items if item and (part := item.widget()) and part.isVisible()]
        for number, one in enumerate(parts):
            over += [(one, two) for two in parts[number + 1 :] if one.geometry().intersects(two.geometry())]
    assert over == []


def test_every_target_is_large_enough_for_a_finger(gallery: Gallery) -> None:
    small = [
        f"{type(part).__name__} {part.accessibleName()!r} {part.width()} x {part.height()}"
        for part in gallery.findChildren(PaintedButton)
        if part.isVisible() and (part.height() < HAND_PX or part.width() < HAND_PX)
    ]
    assert small == []


def test_every_control_says_its_name_and_what_it_is(gallery: Gallery) -> None:
    for part in gallery.findChildren(PaintedButton):
        spoken = QAccessible.queryAccessibleInterface(part)
        assert spoken.text(QAccessible.Text.Name), part
        assert spoken.role() in (QAccessible.Role.Button, QAccessible.Role.CheckBox, QAccessible.Role.RadioButton)
    roles = {
        Tag: QAccessible.Role.StaticText,
        Fit: QAccessible.Role.StaticText,
        KeyCap: QAccessible.Role.StaticText,
        Steps: QAccessible.Role.StaticText,
        Stepper: QAccessible.Role.SpinBox,
        Toast: QAccessible.Role.AlertMessage,
        Banner: QAccessible.Role.AlertMessage,
        Dialog: QAccessible.Role.Dialog,
        BarChart: QAccessible.Role.Chart,
        LineChart: QAccessible.Role.Chart,
        ShareBars: QAccessible.Role.Chart,
        Table: QAccessible.Role.Table,
    }
    for kind, role in roles.items():
        of_kind: list[QWidget] = gallery.findChildren(kind)
        assert of_kind, kind
        for widget in of_kind:
            spoken = QAccessible.queryAccessibleInterface(widget)
            assert spoken.role() == role
            assert spoken.text(QAccessible.Text.Name), kind


def test_both_themes_paint_the_same_parts_in_other_colours(gallery: Gallery) -> None:
    theme_source().choose("light")
    light = picture(gallery)
    theme_source().choose("dark")
    QApplication.processEvents()
    dark = picture(gallery)
    assert light.size() == dark.size()
    assert light.pixelColor(5, 200) == QColor("#EFF1F4")
    assert dark.pixelColor(5, 200) == QColor("#0D1016")
    step = 19
    for y in range(60, dark.height(), step):
        row = [dark.pixelColor(x, y).lightnessF() for x in range(0, 1920, step)]
        assert sum(level > 0.9 for level in row) < len(row) * 0.35, f"something stayed light at {y}"


_AT_TWICE_THE_SIZE = """
import sys
from PySide6.QtWidgets import QApplication
from ui.theme import apply_style
from ui.widgets import IconButton
app = QApplication([])
apply_style(app, "light")
button = IconButton("banknote", "Cash")
button.grab().save(sys.argv[1])
"""


def test_at_two_hundred_per_cent_everything_is_drawn_anew_and_not_enlarged(qtbot: QtBot, tmp_path: Path) -> None:
    root, target = Path(__file__).parents[2], tmp_path / "twice.png"
    environment = os.environ | {"QT_SCALE_FACTOR": "2", "PYTHONPATH": str(root)}
    command = [sys.executable, "-c", _AT_TWICE_THE_SIZE, str(target)]
    subprocess.run(command, env=environment, check=True, capture_output=True, cwd=root)
    button = IconButton("banknote", "Cash")
    qtbot.addWidget(button)
    one, two = picture(button), on_surface(QImage(str(target)))
    assert two.size() == one.size() * 2
    enlarged = one.scaled(two.size(), Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
    assert _edges(two) > _edges(enlarged) * 1.2, "lines are as soft as if they had been enlarged"
    assert _finer_than_logical_pixels(two) > 40, "each logical pixel became four alike"


def _finer_than_logical_pixels(image: QImage) -> int:
    """Logical pixels whose four device pixels are not all alike."""
    return sum(
        len({image.pixel(x + i, y + j) for i in (0, 1) for j in (0, 1)}) > 1
        for x in range(0, image.width(), 2)
        for y in range(0, image.height(), 2)
    )


def _edges(image: QImage) -> int:
    """Steep steps from one pixel to the next."""
    levels = [[image.pixelColor(x, y).lightnessF() for x in range(image.width())] for y in range(image.height())]
    return sum(abs(row[x] - row[x + 1]) > 0.25 for row in levels for x in range(len(row) - 1))


# Buttons, chips, fields


FOCUSABLE = [
    lambda: Button("Find seats", "primary", key="⏎"),
    lambda: Button("Export"),
    lambda: Button("Hold", "quiet", "pause"),
    lambda: IconButton("x", "Remove"),
    lambda: RailButton("ticket", "Sell"),
    lambda: Chip("Together"),
    lambda: CheckBox("Together"),
    lambda: Radio("Print"),
    lambda: PriceTypeChip("Adult", "€86.00"),
    lambda: Stepper(),
    lambda: Choice("Price"),
    lambda: SearchField("Find a performance"),
]


@pytest.mark.parametrize("make", FOCUSABLE)
def test_the_focus_is_drawn_as_a_ring_in_the_accent(host: QWidget, make: object) -> None:
    part = shown(host, make())  # type: ignore[operator]
    host.setFocus()
    before = picture(part)
    part.setFocus()
    after = picture(part)
    accent = QColor(theme().colors.accent)
    middle = after.height() // 2
    ring = [after.pixelColor(x, middle) for x in range(2)]
    assert all(abs(pixel.lightnessF() - accent.lightnessF()) < 0.1 for pixel in ring)
    assert count(after, theme().colors.accent) - count(before, theme().colors.accent) != 0


def test_enter_and_space_and_a_click_press_a_button_and_a_disabled_one_stays_silent(
    qtbot: QtBot, host: QWidget
) -> None:
    button = shown(host, Button("Cash", "primary"))
    assert isinstance(button, Button)
    pressed: list[bool] = []
    button.clicked.connect(lambda: pressed.append(True))
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Return)
    QTest.keyClick(button, Qt.Key.Key_Space)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert len(pressed) == 3
    button.setEnabled(False)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert len(pressed) == 3


def test_a_button_under_the_pointer_answers_and_a_disabled_one_does_not(host: QWidget) -> None:
    button = shown(host, Button("Cash", "primary"))
    hover = theme().colors.accent_hover
    assert count(picture(button), hover) == 0
    where = QPointF(5, 5)
    QApplication.sendEvent(button, QEnterEvent(where, where, where))
    assert count(picture(button), hover) > 500
    button.setEnabled(False)
    button.setEnabled(True)
    assert count(picture(button), hover) == 0
    QApplication.sendEvent(button, QEvent(QEvent.Type.Leave))


def test_where_room_is_short_the_key_hint_goes_before_the_words(host: QWidget) -> None:
    button = Button("Voucher", icon="gift", key="F7", height=56)
    wide = button.sizeHint().width()
    plain = Button("Voucher", icon="gift", height=56)
    narrow = plain.minimumSizeHint().width()
    assert narrow < wide
    assert picture(shown(host, button, narrow)) == picture(shown(host, plain, narrow))


@pytest.mark.parametrize(
    "make",
    [lambda: Button("Hold", "quiet", "pause"), lambda: Chip("Wheelchair", "accessibility"), lambda: CheckBox("A")],
)
def test_from_right_to_left_the_icon_stands_right_of_the_words(host: QWidget, make: object) -> None:
    part = shown(host, make(), 200)  # type: ignore[operator]
    left_to_right = _weight_left(picture(part))
    part.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    assert _weight_left(picture(part)) != pytest.approx(left_to_right, abs=1.0)


def _weight_left(image: QImage) -> float:
    """The middle of the ink, in pixels from the left."""
    paper = image.pixelColor(image.width() // 2, 3).lightnessF()
    weights = [
        (x, abs(image.pixelColor(x, y).lightnessF() - paper))
        for x in range(6, image.width() - 6)
        for y in range(8, image.height() - 8)
    ]
    return sum(x * weight for x, weight in weights) / sum(weight for _, weight in weights)


def test_a_chip_that_is_on_shows_a_tick_and_not_only_a_colour(host: QWidget) -> None:
    chip = Chip("Together")
    off = chip.sizeHint().width()
    chip.setChecked(True)
    assert chip.sizeHint().width() == off + 24


def test_segments_tell_what_was_chosen_and_keep_it_when_only_figures_change(qtbot: QtBot, host: QWidget) -> None:
    segments = Segments()
    segments.set_items([("all", "All", "352"), ("stalls", "Stalls", "141")])
    shown(host, segments)
    buttons = segments.findChildren(PaintedButton)
    with qtbot.waitSignal(segments.chosen) as chosen:
        QTest.mouseClick(buttons[1], Qt.MouseButton.LeftButton)
    assert chosen.args == ["stalls"]
    segments.set_items([("all", "All", "350"), ("stalls", "Stalls", "139")])
    assert segments.current == "stalls"
    assert segments.findChildren(PaintedButton) == buttons
    assert buttons[1].accessibleName() == "Stalls 139"


def test_a_category_tile_says_its_price_and_how_many_are_free() -> None:
    tile = CategoryTile("Band A", theme().seat(1))
    tile.show_detail("€68", "37", "free")
    assert tile.accessibleName() == "Band A, €68, 37 free"


def test_radios_of_one_parent_exclude_each_other(qtbot: QtBot, host: QWidget) -> None:
    row = QHBoxLayout(host)
    one, two = Radio("Print"), Radio("Send")
    row.addWidget(one)
    row.addWidget(two)
    one.setChecked(True)
    QTest.mouseClick(two, Qt.MouseButton.LeftButton)
    assert (one.isChecked(), two.isChecked()) == (False, True)


def test_digits_typed_into_a_stepper_make_a_number_and_a_pause_starts_a_new_one(qtbot: QtBot, host: QWidget) -> None:
    stepper = shown(host, Stepper(1, 99))
    assert isinstance(stepper, Stepper)
    stepper.setFocus()
    QTest.keyClicks(stepper, "12")
    assert stepper.value == 12
    stepper.end_typing()
    QTest.keyClicks(stepper, "7")
    assert stepper.value == 7
    QTest.keyClick(stepper, Qt.Key.Key_Plus)
    QTest.keyClick(stepper, Qt.Key.Key_Up)
    QTest.keyClick(stepper, Qt.Key.Key_Minus)
    assert stepper.value == 8
    assert QAccessible.queryAccessibleInterface(stepper).text(QAccessible.Text.Value) == "8"


@given(keys=st.lists(st.sampled_from("0123456789+-"), max_size=12))
def test_a_stepper_never_leaves_its_bounds(qapp: QApplication, keys: list[str]) -> None:
    stepper = Stepper(1, 30)
    for key in keys:
        if key.isdigit():
            stepper.type_digit(int(key))
        else:
            stepper.set_value(stepper.value + (1 if key == "+" else -1))
        assert 1 <= stepper.value <= 30


def test_a_wheel_over_a_choice_scrolls_the_page_and_leaves_the_choice(host: QWidget) -> None:
    choice = shown(host, Choice("Price"))
    assert isinstance(choice, Choice)
    choice.addItems(["Any price", "Band A"])
    turn = QWheelEvent(
        QPointF(5, 5),
        QPointF(5, 5),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(choice, turn)
    assert choice.currentIndex() == 0


def test_what_is_wrong_stands_below_the_field_until_it_is_edited(qtbot: QtBot, host: QWidget) -> None:
    field = TextField("Promo code")
    shown(host, field, 300)
    field.show_error("No such code.")
    words = [text for text in field.findChildren(Text) if text.text() == "No such code."]
    assert words[0].isVisible()
    assert field.field.accessibleDescription() == "No such code."
    assert count(picture(field), theme().colors.danger) > 100
    QTest.keyClicks(field.field, "S")
    assert not words[0].isVisible()
    assert field.field.accessibleDescription() == ""


def test_a_field_is_as_high_with_the_focus_or_an_error_as_without(host: QWidget) -> None:
    field = TextField("Promo code")
    shown(host, field, 300)
    QApplication.processEvents()
    heights = [field.field.height()]
    field.field.setFocus()
    QApplication.processEvents()
    heights.append(field.field.height())
    field.show_error("No such code.")
    QApplication.processEvents()
    heights.append(field.field.height())
    assert heights == [44, 44, 44]


@pytest.mark.parametrize(("typed", "minor"), [("", 0), ("200", 20000), ("12.50", 1250), ("abc", None)])
def test_a_money_field_reads_amounts_and_explains_what_is_none(qtbot: QtBot, typed: str, minor: int | None) -> None:
    field = MoneyField("Float", "EUR")
    qtbot.addWidget(field)
    field.field.setText(typed)
    assert field.money() == (None if minor is None else Money(minor, "EUR"))
    assert bool(field.field.property("invalid")) is (minor is None)


def test_the_search_field_goes_down_to_its_results(qtbot: QtBot, host: QWidget) -> None:
    field = shown(host, SearchField("Find a performance"), 240)
    assert isinstance(field, SearchField)
    with qtbot.waitSignal(field.down_pressed):
        QTest.keyClick(field, Qt.Key.Key_Down)


def test_the_numpad_presses_digits_and_leaves_the_focus_in_the_field(qtbot: QtBot, host: QWidget) -> None:
    field = shown(host, QLineEdit())
    field.setFocus()
    pad = Numpad("amount")
    shown(host, pad)
    pressed: list[str] = []
    pad.pressed.connect(pressed.append)
    for key in pad.findChildren(PaintedButton):
        QTest.mouseClick(key, Qt.MouseButton.LeftButton)
    assert pressed == ["7", "8", "9", "4", "5", "6", "1", "2", "3", "0", "00", "back"]
    assert field.hasFocus()


def test_a_numpad_stays_as_fingers_know_it_from_right_to_left(host: QWidget) -> None:
    host.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    pad = shown(host, Numpad("pin", QSize(88, 64)))
    keys = {key.text(): key.x() for key in pad.findChildren(PaintedButton)}
    assert keys["1"] < keys["2"] < keys["3"]


# Labels


def test_a_long_name_is_shortened_in_its_middle_and_told_in_full(host: QWidget) -> None:
    name = "The Glass Orchard with the Northern Sinfonia"
    label = Elided(name, "strong")
    shown(host, label, 160)
    assert "…" in super(Elided, label).text() or label.toolTip() == name
    assert label.toolTip() == name
    assert label.text() == name
    assert label.accessibleName() == name
    label.resize(800, 24)
    QApplication.processEvents()
    assert label.toolTip() == ""


def test_a_name_is_never_markup(host: QWidget) -> None:
    for wrap in (False, True):
        label = Text("<b>Ada</b> & <img src=x>", wrap=wrap)
        assert label.text() == "<b>Ada</b> & <img src=x>"
        assert QAccessible.queryAccessibleInterface(label).text(QAccessible.Text.Name) == "<b>Ada</b> & <img src=x>"


def test_sentences_keep_the_line_height_of_their_role(host: QWidget) -> None:
    label = Text("One line and another line and a third one, as it happens", wrap=True)
    shown(host, label, 120)
    lines = label.heightForWidth(120) / line_height("body")
    assert lines == pytest.approx(round(lines), abs=0.15)
    assert round(lines) >= 3


@given(
    text=st.text("€0123456789.−", min_size=1, max_size=12),
    width=st.integers(60, 900),
    height=st.integers(20, 300),
)
def test_the_largest_size_that_fits_fits_and_the_next_one_does_not(
    qapp: QApplication, text: str, width: int, height: int
) -> None:
    size = fitting_px(text, width, height, 248, 12)

    def fits(px: int) -> bool:
        metrics = QFontMetricsF(display_font(px, 700, -0.04))
        return metrics.horizontalAdvance(text) <= width and px * 1.08 <= height + 2

    assert fits(size) or size == 12
    assert size == 248 or not fits(size + 1)


def test_amounts_stand_at_the_end_with_their_sign(qtbot: QtBot) -> None:
    label = MoneyLabel(Formats())
    qtbot.addWidget(label)
    label.show_money(Money(-5200, "EUR"))
    assert label.text() == "−€52.00"
    assert label.alignment() & Qt.AlignmentFlag.AlignTrailing


def test_initials_are_of_the_first_and_the_last_name() -> None:
    assert [initials(name) for name in ("Ada Lovelace", "Ada", "Ada de la Cruz", "")] == ["AL", "A", "AC", ""]


def test_white_initials_can_be_read_on_every_disc(host: QWidget) -> None:
    for number in range(9):
        image = picture(shown(host, Avatar("", number, 56)))
        assert image.pixelColor(28, 28).lightnessF() < 0.5


# What floats


def test_at_most_two_toasts_and_the_oldest_goes_first(host: QWidget) -> None:
    area = ToastArea(host)
    made = [Toast("danger", f"Message {number}") for number in range(3)]
    for toast in made:
        area.show(toast, stays=True)
    assert area.toasts == tuple(made[1:])
    assert all(not one.geometry().intersects(two.geometry()) for one, two in [area.toasts])
    assert all(host.rect().contains(toast.geometry()) for toast in area.toasts)


@pytest.mark.parametrize(
    ("former", "newer", "left"),
    [
        ("info", "info", ["newer"]),  # `Basket emptied` twice is one thing to undo
        ("danger", "success", ["newer"]),  # declined, then sold after all
        ("danger", "info", ["former", "newer"]),  # an error is not wiped away by small talk
        ("caution", "danger", ["former", "newer"]),
    ],
)
def test_a_message_makes_room_when_a_newer_one_has_overtaken_it(
    host: QWidget, former: str, newer: str, left: list[str]
) -> None:
    area = ToastArea(host)
    area.show(Toast(former, "former"))
    area.show(Toast(newer, "newer"))
    assert [toast.accessibleName() for toast in area.toasts] == left


def test_what_is_about_money_outlasts_any_number_of_passing_messages(host: QWidget) -> None:
    area = ToastArea(host)
    money = Toast("danger", "The card was charged")
    area.show(money, stays=True)
    for tone in ("info", "caution", "danger", "success"):
        area.show(Toast(tone, tone))
    assert area.toasts[0] is money
    assert len(area.toasts) == 2


def test_toasts_keep_what_must_be_pressed_next_free(host: QWidget) -> None:
    button = QPushButton("Complete sale", host)
    button.setGeometry(40, host.height() - 120, 200, 60)
    button.show()
    keep_above(host, button)
    area = ToastArea(host)
    toast = Toast("danger", "That is less than the total")
    area.show(toast)
    assert toast.geometry().bottom() < button.y()
    keep_above(host, None)
    host.resize(host.width() + 1, host.height())
    QApplication.processEvents()
    assert toast.geometry().bottom() > button.y()


def test_a_toast_goes_by_itself_unless_it_is_about_money(
    qtbot: QtBot, host: QWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.widgets.toasts.SHOWN_MS", 30)
    area = ToastArea(host)
    passing, staying = Toast("success", "Sold"), Toast("danger", "The card was not charged")
    area.show(passing)
    area.show(staying, stays=True)
    qtbot.waitUntil(lambda: area.toasts == (staying,))
    assert staying.dismiss.isVisible()
    QTest.mouseClick(staying.dismiss, Qt.MouseButton.LeftButton)
    assert area.toasts == ()


def test_the_key_shown_in_a_toast_presses_its_action(host: QWidget) -> None:
    area, done = ToastArea(host), []
    area.show(Toast("info", "Stalls F 17 removed", action="Undo", key="Ctrl Z"), lambda: done.append("undone"))
    assert not area.press("F5")
    assert area.press("Ctrl Z")
    assert done == ["undone"]
    assert area.toasts == ()
    assert not area.press("Ctrl Z")


def test_toasts_stay_at_the_bottom_when_the_window_changes(host: QWidget) -> None:
    area = ToastArea(host)
    toast = Toast("info", "Stalls F 17 removed", "The seat is free again.")
    area.show(toast)
    for size in (QSize(400, 300), QSize(1200, 800)):
        host.resize(size)
        QApplication.processEvents()
        assert toast.geometry().bottom() == pytest.approx(size.height() - 20, abs=10)
        assert toast.geometry().center().x() == pytest.approx(size.width() / 2, abs=1)


def test_from_right_to_left_a_toast_keeps_room_for_its_icon(host: QWidget) -> None:
    room = []
    for direction in (Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft):
        host.setLayoutDirection(direction)
        area = ToastArea(host)
        toast = Toast("info", "Stalls F 17 removed", "The seat is free again.", action="Undo")
        area.show(toast)
        QApplication.processEvents()
        words = toast.findChildren(Text)[0].geometry()
        before = direction is Qt.LayoutDirection.LeftToRight
        room.append(words.left() if before else toast.width() - words.right() - 1)
        area.clear()
    assert room == [56, 56]


def test_a_shadow_follows_its_thing_and_lets_the_pointer_through(qtbot: QtBot, host: QWidget) -> None:
    thing = QWidget(host)
    thing.setGeometry(100, 100, 200, 60)
    shadow = Shadow(thing)
    thing.show()
    thing.move(300, 200)
    assert shadow.geometry() == thing.geometry().marginsAdded(shadow_margins("e2"))
    assert host.childAt(295, 230) is None
    thing.hide()
    assert not shadow.isVisible()
    with qtbot.waitSignal(shadow.destroyed):
        thing.deleteLater()


@pytest.mark.parametrize("level", ["e1", "e2", "e3"])
def test_a_shadow_drawn_out_from_its_nine_patch_fades_to_nothing_on_every_side(qapp: QApplication, level: str) -> None:
    around = shadow_margins(level)
    width, height = 300 + around.left() + around.right(), 200 + around.top() + around.bottom()
    sheet = QPixmap(width, height)
    sheet.fill(Qt.GlobalColor.transparent)
    painter = QPainter(sheet)
    paint_shadow(painter, QRectF(around.left(), around.top(), 300, 200), level, 10)
    painter.end()
    image = sheet.toImage()
    alphas = [[image.pixelColor(x, y).alpha() for x in range(width)] for y in range(height)]
    edge = max(*alphas[0], *alphas[-1], *(row[0] for row in alphas), *(row[-1] for row in alphas))
    assert edge <= 5
    middle = alphas[height // 2]
    assert middle[width // 2] > edge
    assert middle[: width // 2] == sorted(middle[: width // 2]), "it grows darker towards the middle"
    assert all(abs(one - two) <= 1 for one, two in zip(middle, reversed(middle), strict=True))


def make_dialog(host: QWidget) -> tuple[Dialog, list[str]]:
    dialog = Dialog(host, "Refund €104.00 in cash?", "This cannot be undone.", "Refund", "Keep the order")
    said: list[str] = []
    dialog.confirmed.connect(lambda: said.append("confirmed"))
    dialog.dismissed.connect(lambda: said.append("dismissed"))
    return dialog, said


@pytest.mark.parametrize(
    ("key", "said"),
    [(Qt.Key.Key_Escape, "dismissed"), (Qt.Key.Key_Return, "confirmed"), (Qt.Key.Key_Enter, "confirmed")],
)
def test_enter_confirms_and_escape_keeps_and_the_focus_goes_back(
    qtbot: QtBot, host: QWidget, key: Qt.Key, said: str
) -> None:
    before = shown(host, Button("Refund", "danger"))
    before.setFocus()
    dialog, heard = make_dialog(host)
    dialog.ask()
    QTest.keyClick(host.focusWidget(), key)
    assert heard == [said]
    assert before.hasFocus()


def test_tab_stays_inside_a_dialog(qtbot: QtBot, host: QWidget) -> None:
    shown(host, Button("Refund", "danger"))
    dialog, _ = make_dialog(host)
    dialog.ask()
    for _ in range(5):
        QTest.keyClick(host.focusWidget(), Qt.Key.Key_Tab)
        assert dialog.isAncestorOf(host.focusWidget())
    QTest.keyClick(host.focusWidget(), Qt.Key.Key_Backtab)
    assert dialog.isAncestorOf(host.focusWidget())


def test_a_dialog_covers_its_window_at_every_size_and_stops_the_pointer(qtbot: QtBot, host: QWidget) -> None:
    below = shown(host, Button("Cash", "primary"))
    assert isinstance(below, Button)
    dialog, _ = make_dialog(host)
    dialog.ask()
    host.resize(1000, 700)
    QApplication.processEvents()
    assert dialog.geometry() == host.rect()
    assert host.childAt(below.geometry().center()) is not below


def test_a_dialog_survives_that_what_had_the_focus_is_gone(qtbot: QtBot, host: QWidget) -> None:
    before = shown(host, Button("Refund", "danger"))
    before.setFocus()
    dialog, heard = make_dialog(host)
    dialog.ask()
    before.deleteLater()
    QApplication.sendPostedEvents(before, QEvent.Type.DeferredDelete)
    dialog.dismiss()
    assert heard == ["dismissed"]


def test_the_banner_slides_open_and_its_button_can_only_be_reached_while_it_is(qtbot: QtBot, host: QWidget) -> None:
    page = QVBoxLayout(host)
    banner = Banner(host)
    page.addWidget(banner)
    page.addStretch(1)
    assert not banner.isVisible()
    banner.open("Offline since 18:31.", "Keep selling.", "What still works")
    qtbot.waitUntil(lambda: banner.height() == 52)
    assert banner.is_open
    with qtbot.waitSignal(banner.acted):
        QTest.mouseClick(banner.findChildren(Button)[0], Qt.MouseButton.LeftButton)
    banner.close_banner()
    qtbot.waitUntil(lambda: not banner.isVisible())
    assert not banner.is_open


def test_an_empty_place_shows_its_whole_sentence_and_its_button(qtbot: QtBot, host: QWidget) -> None:
    empty = EmptyState(
        "triangle-alert",
        "Nothing needs you",
        "Conflicts, failed prints and doubtful payments appear here, each with its money and its ways out.",
        "Test the printer",
    )
    for width in (300, 800):
        shown(host, empty, width, 420)
        QApplication.processEvents()
        for words in empty.findChildren(Text):
            assert words.height() >= words.heightForWidth(words.width())
            assert empty.rect().contains(words.geometry())
    with qtbot.waitSignal(empty.acted):
        QTest.mouseClick(empty.findChildren(Button)[0], Qt.MouseButton.LeftButton)


def test_steps_say_where_one_is(qtbot: QtBot) -> None:
    steps = Steps(["Count", "Difference", "Close"])
    qtbot.addWidget(steps)
    steps.set_current(1)
    assert steps.accessibleName() == "Step 2 of 3: Difference"


# Tables


def make_table() -> Table:
    columns = [
        Column("Receipt", "strong"),
        Column("Customer", stretch=True),
        Column("Total", "money"),
        Column("", "tag"),
    ]
    table = Table(columns, Formats(), "Sales")
    table.show_rows(
        [
            TableRow("a", ("T2-1", "Counter", Money(25130, "EUR"), TagCell("Paid", "success"))),
            TableRow("b", ("T2-2", "A customer", Money(-500, "EUR"), TagCell("Refund", "danger"))),
        ]
    )
    return table


def test_a_table_writes_money_in_full_and_tells_it_to_screen_readers(host: QWidget) -> None:
    table = make_table()
    shown(host, table, 600, 200)
    assert table.model().index(1, 2).data() == "−€5.00"
    assert QAccessible.queryAccessibleInterface(table).text(QAccessible.Text.Name) == "Sales"


def test_figures_end_where_their_column_ends(host: QWidget) -> None:
    table = make_table()
    shown(host, table, 600, 200)
    ink, right = QColor(theme().colors.ink).lightnessF(), []
    image = picture(table.viewport())
    start, width = table.columnViewportPosition(2), table.columnWidth(2)
    for row in range(2):
        top = table.rowViewportPosition(row)
        dark = [
            x
            for x in range(start, start + width)
            for y in range(top + 8, top + 36)
            if image.pixelColor(x, y).lightnessF() < ink + 0.25
        ]
        right.append(max(dark))
    assert abs(right[0] - right[1]) <= 1


def test_arrows_choose_a_row_and_enter_acts_on_it(qtbot: QtBot, host: QWidget) -> None:
    table = make_table()
    shown(host, table, 600, 200)
    table.setFocus()
    table.choose("a")
    with qtbot.waitSignal(table.chosen) as chosen:
        QTest.keyClick(table, Qt.Key.Key_Down)
    assert chosen.args == ["b"]
    with qtbot.waitSignal(table.acted) as acted:
        QTest.keyClick(table, Qt.Key.Key_Return)
    assert acted.args == ["b"]


def test_new_rows_keep_the_chosen_one_without_telling_it_again(qtbot: QtBot, host: QWidget) -> None:
    table = make_table()
    shown(host, table, 600, 200)
    table.choose("b")
    with qtbot.assertNotEmitted(table.chosen):
        table.show_rows([TableRow(key, (key, "", 1, "")) for key in ("z", "b", "c")])
    assert table.chosen_key == "b"
    table.show_rows([])
    assert table.chosen_key is None


# Charts


@given(st.integers(0, 10**7))
def test_an_axis_has_round_steps_and_at_most_five_lines(value: int) -> None:
    top, step = nice_top(value)
    assert top >= value
    assert top % step == 0
    assert 1 <= top // step <= 4
    assert str(step).rstrip("0") in {"", "1", "2", "3", "5", "25"}


def test_the_highest_bar_reaches_its_figure_on_the_axis(host: QWidget) -> None:
    chart = BarChart()
    chart.show_bars(["18:30", "18:45"], [Bars("Gate A", (100, 50), "#0072B2")], "Admissions")
    shown(host, chart, 400, 252)
    image = picture(chart)
    blue = QColor("#0072B2").rgb()
    high, low = (sum(image.pixel(x, y) == blue for y in range(252)) for x in (120, 310))
    assert high == pytest.approx(2 * low, abs=4)


def test_bars_side_by_side_and_stacked_have_the_same_words(host: QWidget) -> None:
    chart = BarChart()
    bars = [Bars("Gate A", (18, 44)), Bars("Gate B", (19, 41))]
    pictures = []
    for grouped in (False, True):
        chart.show_bars(["18:30", "18:45"], bars, "Admissions", grouped=grouped)
        shown(host, chart, 400, 240)
        pictures.append(picture(chart))
        assert chart.accessibleDescription() == "18:30: Gate A 18, Gate B 19; 18:45: Gate A 44, Gate B 41"
    assert pictures[0] != pictures[1]


def test_a_line_ends_where_today_is(host: QWidget) -> None:
    chart = LineChart()
    past = Line("Sat 7", tuple((day, 20.0 * (day + 28)) for day in range(-28, 1)), "560")
    now = Line("Tonight", tuple((day, 18.0 * (day + 28)) for day in range(-28, -13)), "252")
    chart.show_lines(now, [past], [(-28, "28 days"), (0, "On the day")], "Tickets sold")
    shown(host, chart, 600, 240)
    image, accent = picture(chart), QColor(theme().colors.accent).rgb()
    reached = [x for x in range(600) for y in range(240) if image.pixel(x, y) == accent]
    assert max(reached) < 340, "nothing is drawn into the future"
    assert "Sat 7 560" in chart.accessibleDescription()


@pytest.mark.parametrize("points", [(), ((0.0, 0.0),), ((0.0, 0.0), (1.0, 0.0))])
def test_charts_with_nothing_yet_stay_calm(host: QWidget, points: tuple[tuple[float, float], ...]) -> None:
    line, bars, shares = LineChart(), BarChart(), ShareBars()
    line.show_lines(Line("Tonight", points), [Line("Earlier", points)] * 2, [(0, "a"), (1, "b")], "Nothing yet")
    bars.show_bars(["18:30"], [Bars("Gate A", (0,))], "Nothing yet")
    shares.show_rows([])
    for chart in (line, bars, shares):
        picture(shown(host, chart, 400, 200))


def test_a_house_sold_by_half_fills_half_of_its_bar(host: QWidget) -> None:
    shares = ShareBars()
    shares.show_rows([ShareRow("Tonight", "Show", 1.0, "9 of 9", now=True), ShareRow("Sun", "Show", 0.5, "9 of 18")])
    shown(host, shares, 700, 90)
    image = picture(shares)
    full = sum(image.pixel(x, 22) == QColor(theme().colors.accent).rgb() for x in range(700))
    half = sum(image.pixel(x, 67) == QColor("#7F87D6").rgb() for x in range(700))
    assert full > 200
    assert half == pytest.approx(full / 2, abs=3)


def test_a_legend_names_all_its_entries(qtbot: QtBot) -> None:
    legend = Legend()
    qtbot.addWidget(legend)
    legend.show_entries([("Sold", "accent", False), ("Held", "", True)])
    assert legend.accessibleName() == "Sold, Held"
    assert legend.sizeHint().width() > 60
