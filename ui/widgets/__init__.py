"""The controls that every screen is built of.

Button(text, role, icon, key, height)   role: primary, second, tonal, quiet, danger; key: a hint drawn inside
IconButton(icon, name)      RailButton(icon, text)
Chip(text, icon)            Segments().set_items([(key, text)]) -> chosen(key)
CategoryTile(swatch, name, detail)   PriceTypeChip(name, price)
SearchField(hint, key)      TextField(label)  -> .field, .show_error(text)      MoneyField(currency)
Stepper(minimum, maximum)   Choice()          Numpad() -> pressed(str)
Text(text, role, tone)      Elided(text)      Fit(text, largest, smallest)      rule()
Panel()                     Tag(text, tone)   Avatar(name, color)   EmptyState(icon, title, text, button)
ToastArea(host)             Dialog(host)      Banner()              Steps([...])
BarChart  LineChart  ShareBars
"""

from ui.widgets.avatar import Avatar, initials
from ui.widgets.banner import Banner
from ui.widgets.buttons import Button, IconButton, RailButton
from ui.widgets.charts import BarChart, Bars, ShareBars, ShareRow
from ui.widgets.chips import CategoryTile, Chip, PriceTypeChip, Segments
from ui.widgets.dialog import Dialog
from ui.widgets.empty import EmptyState
from ui.widgets.fields import Choice, MoneyField, SearchField, Stepper, TextField
from ui.widgets.labels import Elided, Fit, Text, rule
from ui.widgets.numpad import Numpad
from ui.widgets.panel import Panel
from ui.widgets.steps import Steps
from ui.widgets.tags import Tag
from ui.widgets.toasts import Toast, ToastArea

__all__ = [
    "Avatar",
    "Banner",
    "BarChart",
    "Bars",
    "Button",
    "CategoryTile",
    "Chip",
    "Choice",
    "Dialog",
    "Elided",
    "EmptyState",
    "Fit",
    "IconButton",
    "MoneyField",
    "Numpad",
    "Panel",
    "PriceTypeChip",
    "RailButton",
    "SearchField",
    "Segments",
    "ShareBars",
    "ShareRow",
    "Stepper",
    "Steps",
    "Tag",
    "Text",
    "TextField",
    "Toast",
    "ToastArea",
    "initials",
    "rule",
]
