"""How everything looks, in one place: colours, type, space, icons and the style sheet.

theme()                      the Theme in force; painted widgets read it in paintEvent
apply_style(app, name=None)  fonts, Fusion, palette, style sheet; follows the system's light, dark and contrast
theme_source().changed       emitted after light and dark changed: update() what is painted
font("strong")               caption, body, strong, title, page, total; tabular figures always
display_font(128, 700)       any size
icon_pixmap("ticket", color, size, ratio)     icon() for what Qt draws
duration_ms("normal")        0 where the system wants no motion
"""

from ui.theme.fonts import display_font, font, line_height, load_fonts
from ui.theme.icons import icon, icon_pixmap
from ui.theme.motion import duration_ms
from ui.theme.source import ThemeSource, apply_style, theme, theme_source
from ui.theme.tokens import Colors, SeatColors, Theme, load_theme

__all__ = [
    "Colors",
    "SeatColors",
    "Theme",
    "ThemeSource",
    "apply_style",
    "display_font",
    "duration_ms",
    "font",
    "icon",
    "icon_pixmap",
    "line_height",
    "load_fonts",
    "load_theme",
    "theme",
    "theme_source",
]
