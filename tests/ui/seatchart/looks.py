"""The two themes, as far as the chart needs them."""

from ui.seatchart import ChartPalette, SeatColours

_FILLS = ("#CC79A7", "#0072B2", "#009E73", "#E69F00", "#56B4E9", "#D55E00")
_NUMBERS = ("#14171F", "#FFFFFF", "#0C0F14", "#14171F", "#14171F", "#0C0F14")
_DARKER = ("#9C4C7B", "#004F7C", "#006B4E", "#946600", "#1D76A8", "#943F00")
_LIGHTER = ("#E8ACCC", "#4FA9DE", "#4CCBA6", "#FFCB5C", "#9AD6F8", "#FF9A52")

LIGHT = ChartPalette(
    dark=False,
    categories=tuple(SeatColours(*colours) for colours in zip(_FILLS, _DARKER, _NUMBERS, strict=True)),
    background="#FAFBFC",
    section="#EFF1F5",
    stage="#DDE1E8",
    sold_dot="#A3ABB9",
    surface="#FFFFFF",
    line="#DFE3E9",
    ink="#14171F",
    ink_2="#464D5D",
    ink_3="#5F6778",
    accent="#3A44C2",
)
DARK = ChartPalette(
    dark=True,
    categories=tuple(SeatColours(*colours) for colours in zip(_FILLS, _LIGHTER, _NUMBERS, strict=True)),
    background="#11151C",
    section="#191E27",
    stage="#2A303C",
    sold_dot="#5C6575",
    surface="#202632",
    line="#2A313D",
    ink="#F1F3F7",
    ink_2="#B9C1CF",
    ink_3="#96A0B2",
    accent="#A6B1FF",
)
