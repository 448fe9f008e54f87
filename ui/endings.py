"""Ctrl-C, a friendly kill and a terminal that is closed end the program in order, as closing its window does."""

from __future__ import annotations

import contextlib
import signal
import socket

from PySide6.QtCore import QObject, QSocketNotifier, Signal

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class EndingSignals(QObject):
    """Emits `asked` on the UI thread. Asked once more, the program ends at once."""

    asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._ear, self._mouth = socket.socketpair()  # Qt's loop sleeps in the kernel: only a socket wakes it
        self._ear.setblocking(False)
        self._mouth.setblocking(False)
        self._notifier = QSocketNotifier(self._ear.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._heard)
        self._before = {number: signal.signal(number, lambda *_: None) for number in _SIGNALS}
        signal.set_wakeup_fd(self._mouth.fileno(), warn_on_full_buffer=False)

    def close(self) -> None:
        """Signals mean again what they meant."""
        signal.set_wakeup_fd(-1)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._notifier.setEnabled(False)
        self._ear.close()
        self._mouth.close()

    def _heard(self) -> None:
        with contextlib.suppress(BlockingIOError):
            heard = self._ear.recv(64)
            if any(number in heard for number in _SIGNALS):
                for number in _SIGNALS:
                    signal.signal(number, signal.SIG_DFL)
                self.asked.emit()
