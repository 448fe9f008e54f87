"""Five sounds, so that a steward need not look. A machine without a sound device stays silent."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol

from PySide6.QtGui import QGuiApplication

_WITHOUT_A_DESK = ("offscreen", "minimal")


class Sounds(Protocol):
    def play(self, sound: str) -> None:
        """`in`, `out`, `refused`, `attention` or `beep`."""


class Silence:
    def play(self, sound: str) -> None:
        return


def sounds() -> Sounds:
    """What this machine can play on. Create it on the UI thread.

    Qt's sound part is loaded only here: it looks for sound servers and codecs while it loads, and a system without
    them has no such part at all.
    """
    if QGuiApplication.platformName() in _WITHOUT_A_DESK:
        return Silence()
    try:
        speaker: Sounds | None = import_module("ui.door.speaker").speaker()
    except ImportError:
        return Silence()
    return speaker or Silence()
