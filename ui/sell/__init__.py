"""Sell: performances on the left, the house in the middle, the basket on the right.

`SellPresenter` decides and knows no widget; `SellView` draws; `Sell` is the workspace that the shell shows.
"""

from ui.sell.presenter import SellPresenter
from ui.sell.view import SellWidget
from ui.sell.workspace import Sell

__all__ = ["Sell", "SellPresenter", "SellWidget"]
