"""Start the demo's central, and end it with the program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from boxoffice.domain.refusals import Refused

_PATIENCE_S = 90.0
_DRAIN_S = 5
_SENDER = "tickets@lindmoor.example"


class DemoFailed(Refused):
    code = "demo_failed"


@dataclass(frozen=True, slots=True)
class Ready:
    url: str
    pairing_code: str


class DemoCentral:
    """A real central with a real PostgreSQL in `folder`, and a worker beside it. They end when this process does: their
    stdin is our pipe. What they write to people goes to `messages` and reaches nobody."""

    def __init__(self, folder: Path, messages: Path, port: int = 0) -> None:
        """`port` 0: any free one."""
        self._folder, self._messages, self._port = folder, messages, port
        self._started: list[subprocess.Popen[bytes]] = []
        self._is_over = False

    @property
    def pid(self) -> int:
        return self._started[0].pid if self._started else 0

    def start(self) -> Ready:
        """Blocks until it answers, or until `stop` is called elsewhere. Raises DemoFailed with what it said."""
        self._folder.mkdir(parents=True, exist_ok=True)
        ready = self._folder / "ready.json"
        ready.unlink(missing_ok=True)
        process = self._process("serve", "--demo", "--port", str(self._port), "--ready-file", str(ready))
        end = time.monotonic() + _PATIENCE_S
        while time.monotonic() < end and not self._is_over:
            if process.poll() is not None:
                break
            if ready.exists():
                said = json.loads(ready.read_text("utf-8"))
                self._process("worker", "--drain", str(_DRAIN_S), BOXOFFICE_PUBLIC_URL=said["url"])
                if not self._is_over:
                    return Ready(said["url"], said["pairing_code"])
            time.sleep(0.05)
        self.stop()
        last = (self._folder / "serve.log").read_text("utf-8", "replace").strip().splitlines()[-1:]
        raise DemoFailed("The demo's central did not start.", f"It said: {(last or ['nothing'])[0][:400]}")

    def stop(self) -> None:
        """Blocks until all have ended, the database last. From any thread; repeating is harmless."""
        self._is_over = True
        while self._started:
            _end(self._started.pop())

    def _process(self, command: str, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        central = ["central"] if getattr(sys, "frozen", False) else ["-m", "central"]  # see packaging/packaged.py
        where = ("--data", str(self._folder / "data"), "--stop-with-stdin")
        with (self._folder / f"{command}.log").open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, *central, command, *where, *arguments],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                env={**self._environment(), **environment},
                cwd=Path(__file__).resolve().parents[2],
                start_new_session=True,  # Ctrl-C is for the till: central ends after it
            )
        self._started.append(process)
        return process

    def _environment(self) -> dict[str, str]:
        """Nothing of a real central's: neither its database, nor its mail server, nor its payments."""
        ours = {name: value for name, value in os.environ.items() if not name.startswith("BOXOFFICE_")}
        return {**ours, "BOXOFFICE_MESSAGES_FOLDER": str(self._messages.absolute()), "BOXOFFICE_MAIL_FROM": _SENDER}


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
