"""Garbage is collected on the UI thread alone.

Python's collector runs on whichever thread happens to allocate. On a task or sync thread it could delete widgets and
timers that a reference cycle kept, and Qt objects may only be deleted on their own thread.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 1000


class Collector(QObject):
    """Collects in place of Python, by its own thresholds. Create it on the UI thread."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thresholds = gc.get_threshold()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Collect the oldest generation that is due; usually the youngest, well under a millisecond."""
        counts = gc.get_count()
        due = [generation for generation in (2, 1, 0) if counts[generation] > self._thresholds[generation]]
        if due:
            gc.collect(due[0])

    def stop(self) -> None:
        """Back to Python's own way."""
        self._timer.stop()
        gc.enable()
