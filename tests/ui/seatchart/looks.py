"""The two themes as the chart sees them."""

from ui.seatchart import ChartPalette
from ui.theme import load_theme

LIGHT = ChartPalette.of(load_theme("light"))
DARK = ChartPalette.of(load_theme("dark"))
