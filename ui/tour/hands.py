"""Hands and eyes of the tour: press keys, click, wait until something is so, take a picture."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from ui.shell.window import Shell
from ui.theme import theme_source

T = TypeVar("T")
SIZES = {"1366": (1366, 768), "1920": (1920, 1080), "960": (960, 540)}
_PATIENCE_S = 60.0


class TourFailed(Exception):
    """The day did not go as it should; the message says where."""


class Hands:
    """`presses` counts keys since the last `start_counting`."""

    def __init__(self, shell: Shell, out: Path, is_quick: bool) -> None:
        self._shell, self._out, self._is_quick = shell, out, is_quick
        self._number = 0
        self.presses = 0
        self.pictures: list[str] = []

    def start_counting(self) -> None:
        self.presses = 0

    def press(self, *keys: Qt.Key | str, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """One key press each, sent to whatever has the focus, as a keyboard does."""
        for key in keys:
            target = self._shell.focusWidget() or self._shell
            if isinstance(key, Qt.Key):
                QTest.keyClick(target, key, modifiers)
            elif modifiers:
                QTest.keyClick(target, Qt.Key(ord(key.upper())), modifiers)
            else:
                QTest.keyClicks(target, key)
            self.presses += 1
            self._shell.scanner_keys.settle()
            self.breathe()

    def type(self, text: str) -> None:
        self.press(*text)

    def scan(self, code: str) -> None:
        """A hand scanner: a burst of keys and Enter, all at once."""
        target = self._shell.focusWidget() or self._shell
        QTest.keyClicks(target, code)
        QTest.keyClick(target, Qt.Key.Key_Return)
        self.breathe()

    def click(self, button: QAbstractButton) -> None:
        self.until(lambda: button.isVisible() and button.isEnabled(), f"the button “{button.text()}”")
        QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=button.rect().center())
        self.breathe()

    def click_at(self, widget: QWidget, point: QPoint) -> None:
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=point)
        self.breathe()

    def until(self, holds: Callable[[], T | None], what: str, patience_s: float = _PATIENCE_S) -> T:
        """Let the program run until `holds` is true. Raises TourFailed naming `what`."""
        end = time.monotonic() + patience_s
        while True:
            found = holds()
            if found:
                return found
            if time.monotonic() > end:
                raise TourFailed(f"Waited {patience_s:.0f} s for {what}.")
            self.breathe()

    def breathe(self) -> None:
        """One turn of the event loop, waking at once for anything that happens."""
        loop = QEventLoop()
        QTimer.singleShot(5, loop.quit)
        if loop.exec() < 0:  # the program was asked to end: no loop runs any more
            raise TourFailed("It was asked to end.")

    def picture(self, name: str, *, everywhere: bool = False) -> None:
        """The window as it is now; `everywhere` in both themes and all sizes."""
        self._number += 1
        if not everywhere or self._is_quick:
            self._grab(f"{self._number:02d}-{name}")
            return
        size = self._shell.size()
        chosen = "dark" if theme_source().current.is_dark else "light"
        for look in ("light", "dark"):
            theme_source().choose(look)
            for label, (width, height) in SIZES.items():
                self._shell.resize(width, height)
                self.rest()
                self._grab(f"{self._number:02d}-{name}-{look}-{label}")
        theme_source().choose(chosen)
        self._shell.resize(size)
        self.rest()

    def rest(self, seconds: float = 0.35) -> None:
        """Let animations end, as eyes would."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.breathe()

    def _grab(self, name: str) -> None:
        QApplication.processEvents()
        path = self._out / f"{name}.png"
        self._shell.grab().save(str(path))
        self.pictures.append(path.name)
