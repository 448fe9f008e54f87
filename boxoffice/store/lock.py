"""One program per folder: a lock that the system drops when the program ends, however it ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from boxoffice.store.refusals import AlreadyRunning

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class FolderLock:
    """Holds a file of a folder until `release`. Raises AlreadyRunning."""

    def __init__(self, folder: Path, name: str = "till.lock") -> None:
        self._descriptor: int | None = os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _take(self._descriptor)
        except OSError:
            self.release()
            raise AlreadyRunning(folder) from None

    def release(self) -> None:
        """The file stays: deleting it would let two programs lock two files of the same name."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
