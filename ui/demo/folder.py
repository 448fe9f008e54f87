"""The folder of a demo: made when it starts, gone when it ends, however it ended."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from boxoffice.store import AlreadyRunning
from boxoffice.store.lock import FolderLock

_PREFIX = "boxoffice-demo-"
_CENTRAL = "central/data"
_YOUNG_S = 60


@contextmanager
def demo_folder() -> Iterator[Path]:
    """Left-over folders of demos that were killed go at the same time."""
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    folder.chmod(0o711)  # started by root, the demo's database runs as somebody else
    lock = FolderLock(folder)
    try:
        yield folder
    finally:
        lock.release()
        shutil.rmtree(folder, ignore_errors=True)


def _sweep() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            young = time.time() - folder.stat().st_mtime < _YOUNG_S  # it may be just about to take its lock
            if young or not (folder / "till.lock").exists():
                continue
            FolderLock(folder).release()
            if (folder / _CENTRAL).exists():  # killed or not, the demo's central may be on its way out
                FolderLock(folder / _CENTRAL, "central.lock").release()
        except (OSError, AlreadyRunning):  # somebody else's, or still running
            continue
        shutil.rmtree(folder, ignore_errors=True)
