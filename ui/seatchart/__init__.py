"""The seat chart: one widget that draws a seating plan of any size and says what was pointed at."""

from ui.seatchart.chart import SeatChart
from ui.seatchart.heat import HeatScale
from ui.seatchart.hovercard import SeatCard
from ui.seatchart.lettering import Words
from ui.seatchart.overlays import Move
from ui.seatchart.palette import ChartPalette
from ui.seatchart.states import SeatState

__all__ = ["ChartPalette", "HeatScale", "Move", "SeatCard", "SeatChart", "SeatState", "Words"]
