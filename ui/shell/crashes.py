"""What to do about a bug of ours: keep its trace, tell the clerk in plain words, go on."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Signal

from boxoffice.domain.clock import Clock
from boxoffice.domain.refusals import Refused

MOST_KEPT = 50


class CrashKeeper(QObject):
    """Writes each trace to a file of its own. Traces hold code and types, never a basket or a name.

    Writing on the UI thread is meant here: the program may be on its way out.
    """

    kept = Signal(object)  # the exception, on the UI thread
    refused = Signal(object)  # a Refused that was raised where nobody caught it

    def __init__(self, folder: Path, now: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder, self._now = folder, now
        self._restore: Callable[[], None] = lambda: None

    def keep(self, error: BaseException) -> None:
        """From any thread."""
        if isinstance(error, Refused):
            self.refused.emit(error)
            return
        text = "".join(traceback.format_exception(error))
        self._write(text)
        self.kept.emit(error)

    def install(self) -> None:
        """Catch what nobody caught, on every thread. `uninstall` puts the former handlers back."""
        hook, thread_hook = sys.excepthook, threading.excepthook

        def restore() -> None:
            sys.excepthook, threading.excepthook = hook, thread_hook

        self._restore = restore
        sys.excepthook = self._uncaught
        threading.excepthook = self._uncaught_in_thread

    def uninstall(self) -> None:
        self._restore()

    def _uncaught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        self.keep(error)

    def _uncaught_in_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not issubclass(args.exc_type, SystemExit):
            self.keep(args.exc_value)

    def _write(self, text: str) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / f"{self._now():%Y%m%d-%H%M%S-%f}.txt").write_text(text, encoding="utf-8")
            for old in sorted(self._folder.glob("*.txt"))[:-MOST_KEPT]:
                old.unlink(missing_ok=True)
        except OSError:
            sys.stderr.write(text)  # a full disk must not hide the trace
