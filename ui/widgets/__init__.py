"""The controls that every screen is built of. Each has its accessible name, its focus ring and its disabled state.

Button(text, role, icon, key, height)   role: primary, second, soft, accent, tonal, quiet, link, danger, danger_fill;
                                        key: a hint drawn inside; height: 44, 56, 72, 88
IconButton(icon, name)      RailButton(icon, text).set_badge(3)
Chip(text, icon)            Segments().set_items([(key, word, figure)]) -> chosen(key)
CategoryTile(name, seat_colors).show_detail(price, free, suffix)        PriceTypeChip(name, price)
CheckBox(text)              Radio(text)       Choice(name)              Stepper(minimum, maximum, value) -> changed(int)
SearchField(hint, key)      TextField(label, hint) -> .field, .show_error(text)      MoneyField(label, currency).money()
Numpad(layout, key) -> pressed(str)           KeyCap("F5")
Text(text, role, tone)      Elided(text)      MoneyLabel(formats).show_money(amount)
Fit(text, largest, smallest)                  fitting_px(text, width, height, largest, smallest)      rule()
Panel(padding, spacing).body                  Tag(text, tone, icon)     Avatar(name, number, size)
EmptyState(icon, title, text, button, button_icon) -> acted
Table(columns, formats, name).show_rows([TableRow(key, cells)]) -> chosen(key), acted(key)
    Column(name, kind, stretch)   kind: strong, text, quiet, number, money, tag;  a cell: str, int, Money, TagCell
ToastArea(host).show(Toast(tone, title, text, icon, action, key), on_action, stays)     keep_above(host, button)
Dialog(host, title, text, confirm, keep).ask() -> confirmed, dismissed
Banner().open(strong, text, button, icon, tone) -> acted         Steps(names).set_current(index)
BarChart().show_bars(steps, [Bars], description, mark, grouped=...)     Legend().show_entries(chart.legend())
LineChart().show_lines(now, earlier, ticks, description, top)           Line(name, points, figure)
ShareBars().show_rows([ShareRow])
Shadow(thing, level, radius) below a floating sibling; paint_shadow(painter, rect, level, radius) by its parent
Painting of one's own: ui.widgets.painting (frame, box, draw_icon, key_hint, hatch, visual), ui.widgets.tags.paint_tag
Speaking of one's own: ui.widgets.accessible.speak_as(widget, role)
"""

from ui.widgets.avatar import Avatar, initials
from ui.widgets.banner import Banner
from ui.widgets.buttons import Button, IconButton, RailButton
from ui.widgets.charts import BarChart, Bars, Legend, Line, LineChart, ShareBars, ShareRow
from ui.widgets.chips import CategoryTile, Chip, PriceTypeChip, Segments
from ui.widgets.dialog import Dialog
from ui.widgets.empty import EmptyState
from ui.widgets.fields import CheckBox, Choice, MoneyField, Radio, SearchField, Stepper, TextField
from ui.widgets.labels import Elided, Fit, KeyCap, MoneyLabel, Text, fitting_px, rule
from ui.widgets.numpad import Numpad
from ui.widgets.panel import Panel
from ui.widgets.shadow import Shadow, paint_shadow, shadow_margins
from ui.widgets.steps import Steps
from ui.widgets.table import Column, Table, TableRow, TagCell
from ui.widgets.tags import Tag
from ui.widgets.toasts import Toast, ToastArea, keep_above

__all__ = [
    "Avatar",
    "Banner",
    "BarChart",
    "Bars",
    "Button",
    "CategoryTile",
    "CheckBox",
    "Chip",
    "Choice",
    "Column",
    "Dialog",
    "Elided",
    "EmptyState",
    "Fit",
    "IconButton",
    "KeyCap",
    "Legend",
    "Line",
    "LineChart",
    "MoneyField",
    "MoneyLabel",
    "Numpad",
    "Panel",
    "PriceTypeChip",
    "Radio",
    "RailButton",
    "SearchField",
    "Segments",
    "Shadow",
    "ShareBars",
    "ShareRow",
    "Stepper",
    "Steps",
    "Table",
    "TableRow",
    "Tag",
    "TagCell",
    "Text",
    "TextField",
    "Toast",
    "ToastArea",
    "fitting_px",
    "initials",
    "keep_above",
    "paint_shadow",
    "rule",
    "shadow_margins",
]
