"""The design tokens of resources/tokens.json as typed values."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any

from PySide6.QtGui import QColor

import resources


@dataclass(frozen=True, slots=True)
class Colors:
    """Named by their job. Text on `accent` is `on_accent`; `*_soft` are fills for text in the colour of that name."""

    background: str
    surface: str
    surface_sunken: str
    surface_raised: str
    line: str
    control_edge: str
    ink: str
    ink_2: str
    ink_3: str
    accent: str
    accent_hover: str
    on_accent: str
    accent_soft: str
    on_accent_soft: str
    success: str
    success_soft: str
    caution: str
    caution_soft: str
    caution_fill: str
    danger: str
    danger_soft: str
    info: str
    info_soft: str
    on_danger_fill: str
    chart_background: str
    chart_section: str
    chart_stage: str
    seat_sold_dot: str
    scrim: str

    def q(self, name: str) -> QColor:
        """A QColor by name; understands the tokens' `rgba()`."""
        return parse_color(getattr(self, name))


@dataclass(frozen=True, slots=True)
class SeatColors:
    """One price category: fill is the same in both themes, the edge is not."""

    fill: str
    edge: str
    number: str


@dataclass(frozen=True, slots=True)
class Theme:
    name: str  # light or dark
    colors: Colors
    seats: tuple[SeatColors, ...]

    @property
    def is_dark(self) -> bool:
        return self.name == "dark"

    def in_high_contrast(self) -> Theme:
        """Lines become ink and soft fills vanish; what they said is said by shape, icon or word anyway."""
        colors = self.colors
        soft = {name: colors.surface for name in Colors.__slots__ if name.endswith("_soft") and name[:3] != "on_"}
        inked = dict.fromkeys(("line", "control_edge", "ink_2", "ink_3", "on_accent_soft"), colors.ink)
        return replace(self, colors=replace(colors, **soft, **inked))

    def seat(self, category: int) -> SeatColors:
        """Categories beyond the palette repeat it."""
        return self.seats[category % len(self.seats)]


def parse_color(text: str) -> QColor:
    if text.startswith("rgba("):
        red, green, blue, alpha = (part.strip() for part in text[5:-1].split(","))
        color = QColor(int(red), int(green), int(blue))
        color.setAlphaF(float(alpha))
        return color
    return QColor(text)


def contrast(text: str, fill: str) -> float:
    """WCAG 2.2's contrast ratio of two opaque colours, from 1 to 21."""
    light, dark = sorted((_luminance(text), _luminance(fill)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    parts = parse_color(color)
    linear = [
        part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
        for part in (parts.redF(), parts.greenF(), parts.blueF())
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@cache
def raw_tokens() -> dict[str, Any]:
    tokens: dict[str, Any] = json.loads(resources.path("tokens.json").read_text("utf-8"))
    return tokens


@cache
def load_theme(name: str) -> Theme:
    tokens = raw_tokens()
    names = [field.name for field in fields(Colors)]
    categories = tokens["seat"][f"categories_{name}"]
    return Theme(
        name=name,
        colors=Colors(**{key: tokens["color"][name][key] for key in names}),
        seats=tuple(
            SeatColors(category["fill"], category["edge"], category["number"]) for category in categories.values()
        ),
    )
