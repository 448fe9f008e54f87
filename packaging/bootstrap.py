"""Make a checkout ready to run: the system libraries Qt needs, `.venv`, and every package of `requirements.lock`.

Runs on the system's Python with its standard library alone, so nothing here may need Python 3.11 before
`check_python` has spoken. A checkout that is ready is left alone, without a word, in well under a second.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)
STAMP = "ready-for"


class NotReady(Exception):
    """Something that the person at the keyboard has to do first; the text says what."""


class Part(NamedTuple):
    """A piece of the system: a shared library by its soname, a program by its name, or a Python module."""

    kind: str
    name: str
    debian: str


WINDOW = (
    Part("library", "libEGL.so.1", "libegl1"),
    Part("library", "libGL.so.1", "libgl1"),
    Part("library", "libxkbcommon.so.0", "libxkbcommon0"),
    Part("library", "libdbus-1.so.3", "libdbus-1-3"),
    Part("library", "libfontconfig.so.1", "libfontconfig1"),
    Part("library", "libglib-2.0.so.0", "libglib2.0-0"),
    Part("library", "libxcb-cursor.so.0", "libxcb-cursor0"),
    Part("library", "libxcb-icccm.so.4", "libxcb-icccm4"),
    Part("library", "libxcb-image.so.0", "libxcb-image0"),
    Part("library", "libxcb-keysyms.so.1", "libxcb-keysyms1"),
    Part("library", "libxcb-render-util.so.0", "libxcb-render-util0"),
    Part("library", "libxcb-shape.so.0", "libxcb-shape0"),
    Part("library", "libxcb-xkb.so.1", "libxcb-xkb1"),
    Part("library", "libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
    Part("library", "libpulse.so.0", "libpulse0"),
    Part("library", "libXrandr.so.2", "libxrandr2"),
    Part("library", "libcups.so.2", "libcups2"),
)
TESTS = (
    Part("program", "Xvfb", "xvfb"),
    Part("program", "xauth", "xauth"),
    Part("program", "dbus-run-session", "dbus"),
    Part("program", "gnome-keyring-daemon", "gnome-keyring"),
    Part("program", "redis-server", "redis-server"),
)
PURPOSES = {"tools": (), "run": WINDOW, "test": WINDOW + TESTS}
PIP = Part("module", "ensurepip", "python3-venv")


def say(step: str) -> None:
    print(step, flush=True)


def check_python(version: Sequence[int]) -> None:
    """Raises NotReady."""
    if tuple(version[:2]) < OLDEST_PYTHON:
        found = ".".join(str(number) for number in version)
        raise NotReady(
            f"Box Office needs Python 3.11 or later; this is Python {found} ({sys.executable}).\n"
            "Install a newer one, or name it:  make run PYTHON3=/path/to/python3.11"
        )


def is_there(part: Part) -> bool:
    if part.kind == "program":
        return shutil.which(part.name) is not None
    if part.kind == "module":
        found = importlib.util.find_spec(part.name)
        return found is not None and found.origin is not None
    try:
        ctypes.CDLL(part.name)
    except OSError:
        return False
    return True


def missing(parts: Iterable[Part], there: Callable[[Part], bool] = is_there) -> list[Part]:
    return [part for part in parts if not there(part)]


def system_parts(purpose: str, platform: str, venv: Path) -> list[Part]:
    """What the system must have. Wheels carry everything on macOS and Windows."""
    parts = [] if (venv / STAMP).exists() else [PIP]
    if platform == "linux":
        parts += PURPOSES[purpose]
    return parts


def provide(parts: Sequence[Part], *, is_debian: bool, is_root: bool) -> None:
    """Install what is missing on Debian as root, otherwise say what it is. Raises NotReady."""
    if not parts:
        return
    packages = [part.debian for part in parts]
    if is_debian and is_root:
        say(f"Installing from Debian: {' '.join(packages)}")
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        wait = ["-o", "DPkg::Lock::Timeout=300"]
        run(["apt-get", "-qq", *wait, "update"], env=quiet)
        run(["apt-get", "-qq", *wait, "install", "-y", "--no-install-recommends", *packages], env=quiet)
        return
    if is_debian:
        raise NotReady(
            "This system lacks what Box Office needs. Install it and run the same command again:\n"
            f"  sudo apt-get install --no-install-recommends {' '.join(packages)}"
        )
    wanted = "\n".join(f"  {part.name} ({part.kind}; in Debian: {part.debian})" for part in parts)
    raise NotReady(f"This system lacks what Box Office needs. Install it and run the same command again:\n{wanted}")


def digest_of(lock: Path) -> str:
    """Changes with the lock and with the Python that the packages were installed for."""
    whole = hashlib.sha256(lock.read_bytes())
    whole.update(f"{sys.version_info[:3]}".encode())
    return whole.hexdigest()


def make_venv(venv: Path, lock: Path) -> None:
    """Create or renew `venv` until it holds exactly the lock. An interrupted run is taken up by the next one."""
    digest = digest_of(lock)
    stamp = venv / STAMP
    python = venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if stamp.exists() and stamp.read_text() == digest and python.exists():
        return
    if not runs_this_python(python):
        say(f"Creating {venv.name} with Python {'.'.join(str(number) for number in sys.version_info[:3])}")
        run([sys.executable, "-m", "venv", "--clear", str(venv)])
    stamp.unlink(missing_ok=True)
    if not answers([str(python), "-m", "pip", "--version"]):
        run([str(python), "-m", "ensurepip"])
    requirements = lock.read_text(encoding="utf-8")
    count = len(re.findall(r"^\w", requirements, re.MULTILINE))
    say(f"Installing {count} packages from {lock.name}, each checked against its hash (about 600 MB; half a minute)")
    install(python, lock, requirements)
    stamp.write_text(digest)


def install(python: Path, lock: Path, requirements: str) -> None:
    """With uv, itself from the lock. Where uv cannot fetch, pip can: it knows this machine's mirrors and proxies."""
    pip = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes"]
    with tempfile.TemporaryDirectory() as folder:
        only_uv = Path(folder, "uv.txt")
        only_uv.write_text(entry_of("uv", requirements), encoding="utf-8")
        run([*pip, "-r", str(only_uv)])
    uv = [str(python), "-m", "uv", "pip", "sync", "-q", "--python", str(python), "--require-hashes", str(lock)]
    if not answers(uv, env={**os.environ, "UV_PYTHON_DOWNLOADS": "never"}):
        say("Installing with pip, as uv could not fetch them (slower: about two minutes)")
        run([*pip, "-r", str(lock)])


def entry_of(package: str, requirements: str) -> str:
    """The lines that pin one package in a lock with hashes."""
    found = re.search(rf"^{re.escape(package)}==.*\n(?:    .*\n)*", requirements, re.MULTILINE)
    if found is None:
        raise NotReady(f"requirements.lock does not pin {package}; run `make lock` in a working checkout.")
    return found.group()


def runs_this_python(python: Path) -> bool:
    """False also when the folder was moved or the Python under it has been upgraded away."""
    ask = f"import sys; sys.exit(sys.version_info[:3] != {tuple(sys.version_info[:3])})"
    return python.exists() and answers([str(python), "-c", ask])


def answers(command: Sequence[str], env: Mapping[str, str] | None = None) -> bool:
    try:
        run(command, env=env)
    except NotReady:
        return False
    return True


def run(command: Sequence[str], env: Mapping[str, str] | None = None) -> None:
    """Quiet when it works. Raises NotReady with the command and what it said."""
    try:
        done = subprocess.run(
            command,
            env=env,
            cwd=str(ROOT),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    except OSError as error:
        raise NotReady(f"{command[0]} could not be started: {error}") from error
    if done.returncode:
        said = done.stdout.decode(errors="replace").strip()
        raise NotReady(f"This failed:\n  {shlex.join(command)}\n{said}")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Make this checkout ready to run.")
    parser.add_argument("purpose", choices=PURPOSES, help="what it is to be ready for: each needs more than the last")
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv")
    options = parser.parse_args(arguments)
    try:
        check_python(sys.version_info[:3])
        needed = system_parts(options.purpose, sys.platform, options.venv)
        provide(
            missing(needed),
            is_debian=shutil.which("apt-get") is not None,
            is_root=hasattr(os, "geteuid") and os.geteuid() == 0,
        )
        make_venv(options.venv, ROOT / "requirements.lock")
    except NotReady as reason:
        print(reason, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
