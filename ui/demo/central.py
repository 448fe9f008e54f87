"""Start the demo's central, and end it with the program."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from boxoffice.domain.refusals import Refused

_PATIENCE_S = 90.0


class DemoFailed(Refused):
    code = "demo_failed"


@dataclass(frozen=True, slots=True)
class Ready:
    url: str
    pairing_code: str


class DemoCentral:
    """A real central with a real PostgreSQL in `folder`. It ends when this process does: its stdin is our pipe."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        """`port` 0: any free one."""
        self._folder, self._port = folder, port
        self._process: subprocess.Popen[bytes] | None = None
        self._is_over = False

    @property
    def pid(self) -> int:
        return self._process.pid if self._process is not None else 0

    def start(self) -> Ready:
        """Blocks until it answers, or until `stop` is called elsewhere. Raises DemoFailed with what it said."""
        self._folder.mkdir(parents=True, exist_ok=True)
        ready = self._folder / "ready.json"
        ready.unlink(missing_ok=True)
        log = self._folder / "central.log"
        central = ["central"] if getattr(sys, "frozen", False) else ["-m", "central"]  # see packaging/packaged.py
        command = [sys.executable, *central, "serve", "--demo", "--port", str(self._port), "--stop-with-stdin"]
        command += ["--data", str(self._folder / "data"), "--ready-file", str(ready)]
        with log.open("wb") as output:
            process = self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                cwd=Path(__file__).resolve().parents[2],
                start_new_session=True,  # Ctrl-C is for the till: central ends after it
            )
        end = time.monotonic() + _PATIENCE_S
        while time.monotonic() < end and not self._is_over:
            if process.poll() is not None:
                break
            if ready.exists():
                said = json.loads(ready.read_text("utf-8"))
                return Ready(said["url"], said["pairing_code"])
            time.sleep(0.05)
        self.stop()
        last = log.read_text("utf-8", "replace").strip().splitlines()[-1:] or ["no reason given"]
        raise DemoFailed("The demo's central did not start.", f"It said: {last[0][:400]}")

    def stop(self) -> None:
        """Blocks until central and its database have ended. From any thread; repeating is harmless."""
        self._is_over = True
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
