"""A central in a process of its own, as it is run for real."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

_UP_WITHIN_S = 60


@contextmanager
def serving(database: str, data: Path) -> Iterator[str]:
    """Its URL. Nodes with the same data folder have the same key."""
    ready = data.with_name(f"{uuid4()}.json")
    command = [sys.executable, "-m", "central", "serve", "--database", database, "--data", str(data), "--port", "0"]
    command += ["--ready-file", str(ready), "--limits", "off"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + _UP_WITHIN_S
        while not ready.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("central did not come up")
            time.sleep(0.05)
        yield json.loads(ready.read_text())["url"]
    finally:
        process.terminate()
        process.wait(30)
