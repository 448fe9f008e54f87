"""Plays the bundled sounds. Import it only where sound is wanted: see `ui.door.sounds`."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtMultimedia import QMediaDevices, QSoundEffect

import resources

_SOUNDS = ("in", "out", "refused", "attention", "beep")


class Speaker:
    def __init__(self) -> None:
        self._effects = {sound: QSoundEffect() for sound in _SOUNDS}
        for sound, effect in self._effects.items():
            effect.setSource(QUrl.fromLocalFile(str(resources.path("sounds", f"{sound}.wav"))))

    def play(self, sound: str) -> None:
        self._effects[sound].play()


def speaker() -> Speaker | None:
    """None where there is nothing to play on."""
    return Speaker() if QMediaDevices.audioOutputs() else None
