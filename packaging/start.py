"""What `make run` starts: the window with demo venues, or, where there is no display, the tour of them."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURES = Path("build", "tour")
PAPERS = Path("build", "printed")


def has_display(platform: str, environment: Mapping[str, str]) -> bool:
    """DISPLAY often outlives its X server (a closed ssh session, a dead terminal): it counts only if it answers."""
    if platform in ("darwin", "win32") or environment.get("WAYLAND_DISPLAY"):
        return True
    return x_server_answers(environment.get("DISPLAY", ""))


def x_server_answers(display: str) -> bool:
    if not display:
        return False
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return False
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(display.encode(), None)
    try:
        return not xcb.xcb_connection_has_error(connection)
    finally:
        xcb.xcb_disconnect(connection)


def main() -> int:
    program = [sys.executable, str(ROOT / "main.py")]
    if has_display(sys.platform, os.environ):
        print(
            f"Starting Box Office with its demo venues; what it prints goes to {PAPERS}, what it writes to customers to"
            f" {PAPERS.with_name('messages')}",
            flush=True,
        )
        return subprocess.call([*program, "--demo", "--print-to", str(PAPERS)], cwd=ROOT)
    print(f"There is no display here, so Box Office takes its tour; the pictures go to {PICTURES}", flush=True)
    shutil.rmtree(ROOT / PICTURES, ignore_errors=True)  # no picture of an earlier tour among those of this one
    code = subprocess.call([*program, "tour", "--out", str(PICTURES)], cwd=ROOT)
    if code == 0:
        print(f"The tour is over. Look at the pictures, the tickets and the reports in {ROOT / PICTURES}", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
