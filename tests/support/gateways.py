"""The gateways' other ends, for tests: localstripe in a process, and our own fakes on loopback."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

LOCALSTRIPE_KEY = "sk_test_local"
_ROOT = Path(__file__).parents[2]


@contextmanager
def localstripe() -> Iterator[str]:
    """Its URL."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.localstripe_server"],
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            url = f"http://127.0.0.1:{int(process.stdout.readline())}"
            _wait(url)
            yield url
        finally:
            process.terminate()


def _wait(url: str) -> None:
    deadline = time.monotonic() + 15
    while True:
        try:
            httpx.get(f"{url}/v1/charges", timeout=1)
            return
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
