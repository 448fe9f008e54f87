"""The chart's colours. They come from the design tokens, never from a style sheet."""

from __future__ import annotations

from dataclasses import dataclass

from ui.theme import SeatColors, Theme


@dataclass(frozen=True, slots=True)
class ChartPalette:
    """Every colour as `#RRGGBB`. Plans with more categories than colours start again from the first."""

    dark: bool
    categories: tuple[SeatColors, ...]
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

    @classmethod
    def of(cls, theme: Theme) -> ChartPalette:
        colors = theme.colors
        return cls(
            dark=theme.is_dark,
            categories=theme.seats,
            background=colors.chart_background,
            section=colors.chart_section,
            stage=colors.chart_stage,
            sold_dot=colors.seat_sold_dot,
            surface=colors.surface_raised,
            line=colors.line,
            ink=colors.ink,
            ink_2=colors.ink_2,
            ink_3=colors.ink_3,
            accent=colors.accent,
        )

    def category(self, index: int) -> SeatColors:
        return self.categories[index % len(self.categories)]
