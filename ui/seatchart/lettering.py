"""Words as pictures: painted once for a size and a colour, then put on whole pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPixmap

SMALLEST_TEXT = 11.0


@dataclass(frozen=True, slots=True)
class Words:
    """A strong part and a plain part, side by side."""

    strong: str
    plain: str = ""


def chart_font(family: str, pixels: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Tabular figures; `pixels` are device pixels."""
    font = QFont(family)
    font.setPixelSize(max(1, round(pixels)))
    font.setWeight(weight)
    font.setFeature(QFont.Tag("tnum"), 1)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def shortened(text: str, family: str, pixels: float, room: float) -> str:
    """Elided in the middle: names of sections differ at their ends."""
    return QFontMetricsF(chart_font(family, pixels, QFont.Weight.DemiBold)).elidedText(
        text, Qt.TextElideMode.ElideMiddle, room
    )


def words_picture(
    words: Words, family: str, pixels: float, strong: str, plain: str, weight: QFont.Weight = QFont.Weight.DemiBold
) -> QPixmap:
    """One line on a transparent ground. Sizes in device pixels, colours `#RRGGBB` or `#AARRGGBB`."""
    return _picture(words, family, round(pixels), strong, plain, weight)


def letter_picture(text: str, family: str, pixels: float, colour: str) -> QPixmap:
    return _picture(Words(text), family, round(pixels), colour, colour, QFont.Weight.Medium)


def faded(colour: str, opacity: float) -> str:
    faint = QColor(colour)
    faint.setAlphaF(opacity)
    return faint.name(QColor.NameFormat.HexArgb)


@lru_cache(maxsize=2048)
def _picture(words: Words, family: str, pixels: int, strong: str, plain: str, weight: QFont.Weight) -> QPixmap:
    strong_font, plain_font = chart_font(family, pixels, weight), chart_font(family, pixels)
    first, second = QFontMetricsF(strong_font), QFontMetricsF(plain_font)
    first_width = first.horizontalAdvance(words.strong)
    gap = pixels * 0.45 if words.plain and words.strong else 0.0
    width = first_width + gap + second.horizontalAdvance(words.plain)
    picture = QPixmap(math.ceil(width) + 2, math.ceil(first.height()) + 2)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    baseline = 1 + first.ascent()
    painter.setFont(strong_font)
    painter.setPen(QColor(strong))
    painter.drawText(QPointF(1, baseline), words.strong)
    painter.setFont(plain_font)
    painter.setPen(QColor(plain))
    painter.drawText(QPointF(1 + first_width + gap, baseline), words.plain)
    painter.end()
    return picture
