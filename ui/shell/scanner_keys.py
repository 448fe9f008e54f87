"""Hand scanners that type like a keyboard: their bursts become scans and never reach a field."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from boxoffice.devices.scanners import Heard, WedgeRecogniser, WedgeSettings

_MODIFIER_KEYS = frozenset(
    {Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta, Qt.Key.Key_CapsLock}
)
_WRITES = (
    Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.GroupSwitchModifier
)


def _monotonic_ms() -> float:
    return time.monotonic() * 1000


class ScannerKeys(QObject):
    """Holds a key back for the few milliseconds that tell fingers from a scanner, then types it where typing goes."""

    scanned = Signal(str)
    garbled = Signal(str)

    def __init__(
        self,
        target: Callable[[], QWidget],
        settings: WedgeSettings | None = None,
        now_ms: Callable[[], float] = _monotonic_ms,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._target, self._now_ms = target, now_ms
        self._recogniser = WedgeRecogniser(settings or WedgeSettings())
        self._held: deque[QKeyEvent] = deque()
        self._is_typing = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._silence)

    def takes(self, event: QKeyEvent) -> bool:
        """True: held back, or part of a scan; it comes again by itself if a person typed it."""
        if self._is_typing or Qt.Key(event.key()) in _MODIFIER_KEYS:
            return False
        writes = not event.modifiers() & ~_WRITES
        heard = self._recogniser.key(event.text() if writes else "", self._now_ms(), is_repeat=event.isAutoRepeat())
        if heard.swallowed and event.text() not in "\r\n":
            self._held.append(event.clone())
        self._act(heard)
        self._wait()
        return heard.swallowed

    def settle(self) -> None:
        """Decide now what is held back, as if the silence had passed: for whoever types by program."""
        due = self._recogniser.due_ms
        if due is not None:
            self._act(self._recogniser.silence(due))
        self._wait()

    def _silence(self) -> None:
        self._act(self._recogniser.silence(self._now_ms()))
        self._wait()

    def _wait(self) -> None:
        due = self._recogniser.due_ms
        if due is None:
            self._timer.stop()
        else:
            self._timer.start(max(0, int(due - self._now_ms()) + 1))

    def _act(self, heard: Heard) -> None:
        typed = [self._held.popleft() for _ in heard.released]
        if heard.scans or heard.garbled:
            self._held.clear()
        self._type(typed)
        for code in heard.scans:
            self.scanned.emit(code)
        for text in heard.garbled:
            self.garbled.emit(text)

    def _type(self, keys: list[QKeyEvent]) -> None:
        self._is_typing = True
        try:
            for key in keys:
                target = self._target()
                QApplication.sendEvent(target, key)
                release = QKeyEvent(QEvent.Type.KeyRelease, key.key(), key.modifiers(), key.text())
                QApplication.sendEvent(target, release)
        finally:
            self._is_typing = False
