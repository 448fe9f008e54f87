"""The seat chart: one widget that draws a seating plan of any size and says what was pointed at."""

import numpy.ma  # noqa: F401 (np.unique loads it when it is first called: a tenth of a second, in the middle of a sale)

from ui.seatchart.chart import SeatChart
from ui.seatchart.heat import HeatScale
from ui.seatchart.hovercard import SeatCard
from ui.seatchart.lettering import Words
from ui.seatchart.overlays import Move
from ui.seatchart.palette import ChartPalette
from ui.seatchart.states import SeatState

__all__ = ["ChartPalette", "HeatScale", "Move", "SeatCard", "SeatChart", "SeatState", "Words"]
