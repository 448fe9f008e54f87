"""Five sounds, so that a steward need not look. A machine without a sound device stays silent."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QUrl
from PySide6.QtGui import QGuiApplication

import resources

try:
    from PySide6.QtMultimedia import QMediaDevices, QSoundEffect
except ImportError:  # the system lacks a library of the sound server
    QMediaDevices = QSoundEffect = None  # type: ignore[assignment,misc]


class Sounds(Protocol):
    def play(self, sound: str) -> None:
        """`in`, `out`, `refused`, `attention` or `beep`."""


class Silence:
    def play(self, sound: str) -> None:
        return


class Speaker:
    def __init__(self) -> None:
        self._effects = {}
        for sound in ("in", "out", "refused", "attention", "beep"):
            effect = QSoundEffect()
            effect.setSource(QUrl.fromLocalFile(str(resources.path("sounds", f"{sound}.wav"))))
            self._effects[sound] = effect

    def play(self, sound: str) -> None:
        self._effects[sound].play()


def sounds() -> Sounds:
    """What this machine can play on. Create it on the UI thread."""
    if QSoundEffect is None or QMediaDevices is None or QGuiApplication.platformName() in ("offscreen", "minimal"):
        return Silence()
    if not QMediaDevices.audioOutputs():
        return Silence()
    return Speaker()
