"""Inter, bundled, with tabular figures everywhere. Sizes are logical pixels."""

from __future__ import annotations

from functools import cache, lru_cache

from PySide6.QtGui import QFont, QFontDatabase

import resources
from ui.theme.tokens import raw_tokens

FAMILY = "Inter"


@cache
def load_fonts() -> None:
    """After the application object exists; again is free. Raises RuntimeError when a bundled font cannot be loaded."""
    for path in sorted(resources.path("fonts").glob("Inter-*.ttf")):
        if QFontDatabase.addApplicationFont(str(path)) < 0:
            raise RuntimeError(f"{path.name} cannot be loaded")


@cache
def _scale() -> dict[str, dict[str, float]]:
    return {entry["name"]: entry for entry in raw_tokens()["type"]["scale"]}


def font(role: str, weight: int | None = None) -> QFont:
    """`role` is caption, body, strong, title, page or total."""
    entry = _scale()[role]
    return display_font(int(entry["size"]), weight or int(entry["weight"]), float(entry["tracking_em"]))


def line_height(role: str) -> int:
    """What one line of that role takes on the page."""
    return int(_scale()[role]["line"])


def display_font(size_px: int, weight: int = 700, tracking_em: float = 0.0) -> QFont:
    """Any size, for figures that are read from afar."""
    return QFont(_made(size_px, weight, tracking_em))


@lru_cache(maxsize=256)
def _made(size_px: int, weight: int, tracking_em: float) -> QFont:
    made = QFont(FAMILY)
    made.setPixelSize(size_px)
    made.setWeight(QFont.Weight(weight))
    made.setFeature(QFont.Tag("tnum"), 1)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)  # the same widths at every scale
    if tracking_em:
        made.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, tracking_em * size_px)
    return made
