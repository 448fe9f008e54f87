"""The look in figures: contrast is measured here, not remembered in a file."""

from __future__ import annotations

import ast
import wave
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF, QImage
from PySide6.QtWidgets import QApplication, QLabel, QProxyStyle, QStyle, QWidget
from pytestqt.qtbot import QtBot

import resources
import ui
from ui.theme import (
    Theme,
    display_font,
    duration_ms,
    font,
    icon_pixmap,
    line_height,
    load_theme,
    theme,
    theme_source,
)
from ui.theme.source import style_sheet
from ui.theme.tokens import contrast, parse_color, raw_tokens
from ui.widgets.banner import banner_look

THEMES = ("light", "dark")
TEXT_AT_LEAST = 4.5
SHAPE_AT_LEAST = 3.0
_SURFACES = ("background", "surface", "surface_sunken", "surface_raised")
_TONES = ("success", "caution", "danger", "info")

TEXT_ON_FILL = [
    *((ink, fill) for ink in ("ink", "ink_2", "ink_3") for fill in _SURFACES),
    *((tone, fill) for tone in (*_TONES, "accent") for fill in ("background", "surface", "surface_raised")),
    *((tone, f"{tone}_soft") for tone in _TONES),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    ("on_accent_soft", "accent_soft"),
    ("ink", "accent_soft"),
    ("ink_2", "accent_soft"),
    ("on_danger_fill", "danger"),
    ("ink", "chart_background"),
    ("ink_2", "chart_section"),
]
SHAPE_ON_FILL = [
    *(("control_edge", fill) for fill in ("surface", "surface_sunken", "background")),
    *(("accent", fill) for fill in (*_SURFACES, "chart_section")),
]


@pytest.fixture(autouse=True)
def _as_before(qapp: QApplication) -> object:
    theme_source().choose("light")
    yield
    theme_source().choose("light")


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize(("text", "fill"), TEXT_ON_FILL)
def test_text_can_be_read_on_its_fill(name: str, text: str, fill: str) -> None:
    colors = load_theme(name).colors
    assert contrast(getattr(colors, text), getattr(colors, fill)) >= TEXT_AT_LEAST


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize(("shape", "fill"), SHAPE_ON_FILL)
def test_edges_and_the_focus_ring_can_be_seen(name: str, shape: str, fill: str) -> None:
    colors = load_theme(name).colors
    assert contrast(getattr(colors, shape), getattr(colors, fill)) >= SHAPE_AT_LEAST


@pytest.mark.parametrize("name", THEMES)
def test_a_seat_stands_out_from_its_section_and_its_number_can_be_read(name: str) -> None:
    look = load_theme(name)
    assert len(look.seats) == 6
    for seat in look.seats:
        assert contrast(seat.edge, look.colors.chart_section) >= SHAPE_AT_LEAST
        assert contrast(seat.number, seat.fill) >= TEXT_AT_LEAST


def test_every_verdict_at_the_door_can_be_read_in_the_dark() -> None:
    for verdict in raw_tokens()["door"].values():
        assert contrast(verdict["text"], verdict["fill"]) >= TEXT_AT_LEAST


@pytest.mark.parametrize("tone", ["caution", "danger"])
@pytest.mark.parametrize("name", THEMES)
def test_the_banner_can_be_read(name: str, tone: str) -> None:
    theme_source().choose(name)
    look = banner_look(tone)
    for ink in (look["text"], look.get("strong", look["text"])):
        assert contrast(ink, look["fill"]) >= TEXT_AT_LEAST


def test_contrast_is_measured_as_wcag_defines_it() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#FFFFFF", "#FFFFFF") == pytest.approx(1.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


def test_high_contrast_turns_lines_to_ink_and_lets_soft_fills_vanish() -> None:
    for name in THEMES:
        plain = load_theme(name)
        colors = plain.in_high_contrast().colors
        assert colors.line == colors.control_edge == colors.ink_3 == plain.colors.ink
        assert colors.accent_soft == colors.danger_soft == plain.colors.surface
        assert contrast(colors.on_accent_soft, colors.accent_soft) >= 7
        assert colors.on_accent == plain.colors.on_accent


def test_a_category_beyond_the_palette_repeats_it() -> None:
    look = load_theme("light")
    assert look.seat(6) == look.seat(0)


def test_half_transparent_tokens_keep_their_alpha() -> None:
    scrim = parse_color(load_theme("dark").colors.scrim)
    assert (scrim.red(), scrim.green(), scrim.blue()) == (4, 6, 10)
    assert scrim.alphaF() == pytest.approx(0.62, abs=0.01)


@pytest.mark.parametrize("name", THEMES)
def test_the_style_sheet_has_every_value_filled_in(name: str) -> None:
    sheet = style_sheet(load_theme(name))
    assert "$" not in sheet
    assert load_theme(name).colors.control_edge in sheet


def test_choosing_a_theme_repaints_what_is_painted_and_what_qt_paints(qtbot: QtBot, qapp: QApplication) -> None:
    label = QLabel("Total")
    label.setProperty("tone", "danger")
    qtbot.addWidget(label)
    label.show()
    seen: list[Theme] = []
    told = theme_source().changed.connect(lambda: seen.append(theme()))
    with qtbot.waitSignal(theme_source().changed):
        theme_source().choose("dark")
    theme_source().changed.disconnect(told)
    assert [look.name for look in seen] == ["dark"]
    assert qapp.palette().window().color() == QColor(load_theme("dark").colors.background)
    assert load_theme("dark").colors.danger.lower() in _colors_of(label)


def test_choosing_the_theme_in_force_polishes_nothing_again(qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(theme_source().changed):
        theme_source().choose("light")


def test_a_widget_that_is_gone_does_not_mind_a_new_theme(qtbot: QtBot) -> None:
    gone = QWidget()
    theme_source().changed.connect(gone.update)
    gone.deleteLater()
    del gone
    QApplication.processEvents()
    theme_source().choose("dark")


def test_motion_stops_where_the_system_wants_none(qapp: QApplication) -> None:
    class Still(QProxyStyle):
        def styleHint(self, hint: QStyle.StyleHint, *rest: object) -> int:
            if hint == QStyle.StyleHint.SH_Widget_Animation_Duration:
                return 0
            return super().styleHint(hint, *rest)  # type: ignore[arg-type]

    assert 0 < duration_ms("fast") < duration_ms("normal") < duration_ms("slow") < 150
    qapp.setStyle(Still("Fusion"))
    try:
        assert duration_ms("slow") == 0
    finally:
        qapp.setStyle("Fusion")


ROLES = ("caption", "body", "strong", "title", "page", "total")


def test_the_bundled_font_is_used_in_every_weight(qapp: QApplication) -> None:
    widths = set()
    for weight in (400, 500, 600, 700):
        info = QFontInfo(font("title", weight))
        assert info.family() == "Inter"
        assert info.weight() == weight
        widths.add(QFontMetricsF(font("title", weight)).horizontalAdvance("Saturday night"))
    assert len(widths) == 4, "a weight is missing and another one stands in for it"


@pytest.mark.parametrize("role", ROLES)
def test_figures_stand_below_each_other(role: str) -> None:
    metrics = QFontMetricsF(font(role))
    widths = {metrics.horizontalAdvance(digit * 8) for digit in "0123456789"}
    rounding = font(role).pixelSize() * 0.02  # over eight digits; figures of their own widths differ by a whole one
    assert max(widths) - min(widths) < rounding


def test_no_text_is_smaller_than_twelve_and_each_role_is_larger_than_the_one_before() -> None:
    sizes = [font(role).pixelSize() for role in ROLES]
    assert sizes[0] >= 12
    assert all(small < large for small, large in pairwise(sizes))
    assert all(font(role).pixelSize() < line_height(role) for role in ROLES)


def test_a_font_handed_out_can_be_changed_without_changing_the_next_one() -> None:
    display_font(64).setPixelSize(10)
    assert display_font(64).pixelSize() == 64


BUNDLED = sorted(path.stem for path in resources.path("icons").glob("*.svg"))


def test_every_bundled_icon_can_be_drawn(qapp: QApplication) -> None:
    assert len(BUNDLED) >= 90
    blank = [name for name in BUNDLED if not _inked(icon_pixmap(name, "#000000", 24).toImage())]
    assert blank == []


def test_an_icon_has_the_colour_asked_for_and_the_pixels_of_its_screen(qapp: QApplication) -> None:
    pixmap = icon_pixmap("ticket", "#B81F30", 20, 2.0)
    assert pixmap.width() == 40
    assert pixmap.deviceIndependentSize().width() == 20
    image = pixmap.toImage()
    solid = [
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() > 250
    ]
    assert solid
    assert set(solid) == {"#b81f30"}


def test_an_icon_that_is_not_bundled_is_a_bug(qapp: QApplication) -> None:
    with pytest.raises(FileNotFoundError):
        icon_pixmap("no-such-icon", "#000000")


def test_every_icon_that_the_program_names_is_bundled() -> None:
    named = {name for path in Path(ui.__file__).parent.rglob("*.py") for name in _icons_named_in(path)}
    assert {"ticket", "triangle-alert"} & named
    assert sorted(named - set(BUNDLED)) == []


_NAMES_ITS_ICON_FIRST = {"icon_pixmap", "icon", "IconButton", "RailButton", "EmptyState"}


def _icons_named_in(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        values = [keyword.value for keyword in node.keywords if keyword.arg == "icon"]
        values += node.args[:1] if called in _NAMES_ITS_ICON_FIRST else []
        values += node.args[1:2] if called == "draw_icon" else []
        found |= {value.value for value in values if isinstance(value, ast.Constant) and isinstance(value.value, str)}
    return found - {""}


def test_licences_come_with_the_fonts_and_icons() -> None:
    assert "SIL OPEN FONT LICENSE" in resources.path("fonts", "OFL.txt").read_text("utf-8").upper()
    assert "ISC" in resources.path("icons", "LICENSE").read_text("utf-8")


SOUNDS = ("in", "out", "refused", "attention", "beep")


@pytest.mark.parametrize("name", SOUNDS)
def test_a_sound_is_short_clear_and_ends_quietly(name: str) -> None:
    samples, rate = _sound(name)
    assert len(samples) / rate < 0.5
    assert 0.2 < np.abs(samples).max() < 0.9
    assert np.abs(samples[-rate // 200 :]).max() < 0.02, "it would click"


def test_in_rises_out_falls_and_refused_is_low() -> None:
    first, last = _pitch("in", 0.0, 0.08), _pitch("in", 0.2, 0.4)
    assert first < last
    assert _pitch("out", 0.0, 0.08) > _pitch("out", 0.2, 0.4)
    assert _pitch("refused", 0.0, 0.2) < 300 < first


def _sound(name: str) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], int]:
    with wave.open(str(resources.path("sounds", f"{name}.wav")), "rb") as file:
        assert file.getnchannels() == 1
        assert file.getsampwidth() == 2
        frames = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return frames.astype(np.float64) / 32768, file.getframerate()


def _pitch(name: str, start_s: float, end_s: float) -> float:
    samples, rate = _sound(name)
    part = samples[int(start_s * rate) : int(end_s * rate)]
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part))))
    return float(np.fft.rfftfreq(len(part), 1 / rate)[spectrum.argmax()])


def _colors_of(widget: QWidget) -> set[str]:
    image = widget.grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


def _inked(image: QImage) -> bool:
    return any(image.pixelColor(x, y).alpha() > 100 for x in range(image.width()) for y in range(image.height()))
