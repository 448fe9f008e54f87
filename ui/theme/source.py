"""Which theme is in force, and telling everybody when it changes."""

from __future__ import annotations

from functools import cache
from string import Template

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

import resources
from ui.theme.fonts import font, load_fonts
from ui.theme.tokens import Colors, Theme, load_theme, parse_color


class ThemeSource(QObject):
    """Follows the system unless somebody chose."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._chosen: str | None = None
        self._current = load_theme("light")
        self._hints = QGuiApplication.styleHints()  # kept: with it PySide forgets the accessibility hints it gave
        self._hints.colorSchemeChanged.connect(self.refresh)
        self._hints.accessibility().contrastPreferenceChanged.connect(self.refresh)

    @property
    def current(self) -> Theme:
        return self._current

    @property
    def chosen(self) -> str | None:
        """What somebody chose; None while the system is followed."""
        return self._chosen

    def choose(self, name: str | None) -> None:
        """`light`, `dark`, or None to follow the system."""
        self._chosen = name
        self.refresh()

    def toggle(self) -> None:
        self.choose("light" if self._current.is_dark else "dark")

    def refresh(self) -> None:
        dark = self._hints.colorScheme() is Qt.ColorScheme.Dark
        wanted = load_theme(self._chosen or ("dark" if dark else "light"))
        if self._hints.accessibility().contrastPreference() is Qt.ContrastPreference.HighContrast:
            wanted = wanted.in_high_contrast()
        app = QApplication.instance()
        if not isinstance(app, QApplication) or (wanted == self._current and app.styleSheet()):
            return  # a style sheet set again polishes every widget again
        self._current = wanted
        app.setPalette(_palette(wanted.colors))
        app.setStyleSheet(style_sheet(wanted))
        self.changed.emit()


@cache
def theme_source() -> ThemeSource:
    return ThemeSource()


def theme() -> Theme:
    return theme_source().current


def apply_style(app: QApplication, name: str | None = None) -> None:
    """Inter, Fusion, our palette and style sheet; follows the system's light and dark when `name` is None."""
    load_fonts()
    app.setStyle("Fusion")
    app.setFont(font("body"))
    theme_source().choose(name)


def style_sheet(wanted: Theme) -> str:
    """The one QSS template, filled from the tokens."""
    template = Template(resources.path("style", "boxoffice.qss").read_text("utf-8"))
    values = {name: getattr(wanted.colors, name) for name in Colors.__slots__}
    scrim = parse_color(wanted.colors.scrim)
    values["scrim"] = f"rgba({scrim.red()}, {scrim.green()}, {scrim.blue()}, {scrim.alpha()})"
    return template.substitute(values)


def _palette(colors: Colors) -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: colors.background,
        QPalette.ColorRole.WindowText: colors.ink,
        QPalette.ColorRole.Base: colors.surface,
        QPalette.ColorRole.AlternateBase: colors.surface_sunken,
        QPalette.ColorRole.Text: colors.ink,
        QPalette.ColorRole.PlaceholderText: colors.ink_3,
        QPalette.ColorRole.Button: colors.surface,
        QPalette.ColorRole.ButtonText: colors.ink,
        QPalette.ColorRole.Highlight: colors.accent_soft,
        QPalette.ColorRole.HighlightedText: colors.on_accent_soft,
        QPalette.ColorRole.ToolTipBase: colors.surface_raised,
        QPalette.ColorRole.ToolTipText: colors.ink,
        QPalette.ColorRole.Accent: colors.accent,
        QPalette.ColorRole.Link: colors.accent,
    }
    for role, color in roles.items():
        palette.setColor(role, QColor(color))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colors.ink_3))
    return palette
