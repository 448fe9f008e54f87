"""The chart's colours. They come from the design tokens, never from a style sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class SeatColours:
    """Of one price category, as `#RRGGBB`. `number` is read on `fill`; `edge` stands out from the section."""

    fill: str
    edge: str
    number: str


@dataclass(frozen=True, slots=True)
class ChartPalette:
    """Every colour as `#RRGGBB`. Plans with more categories than colours start again from the first."""

    dark: bool
    categories: tuple[SeatColours, ...]
    background: str
    section: str
    stage: str
    sold_dot: str
    surface: str  # zoom buttons, mini-map, hover card, legend
    line: str
    ink: str
    ink_2: str
    ink_3: str
    accent: str

    def category(self, index: int) -> SeatColours:
        return self.categories[index % len(self.categories)]


def palette_from_tokens(tokens: Mapping[str, Any], *, dark: bool) -> ChartPalette:
    """Raises KeyError for a token that is missing."""
    theme = "dark" if dark else "light"
    color = tokens["color"][theme]
    seats = tokens["seat"][f"categories_{theme}"]
    return ChartPalette(
        dark=dark,
        categories=tuple(SeatColours(c["fill"], c["edge"], c["number"]) for _, c in sorted(seats.items())),
        background=color["chart_background"],
        section=color["chart_section"],
        stage=color["chart_stage"],
        sold_dot=color["seat_sold_dot"],
        surface=color["surface_raised"],
        line=color["line"],
        ink=color["ink"],
        ink_2=color["ink_2"],
        ink_3=color["ink_3"],
        accent=color["accent"],
    )
