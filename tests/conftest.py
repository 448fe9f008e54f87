"""What every test stands on: nobody's screen, keyring, home or data, and the same examples each time."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

_HOMES = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR")

if sys.dont_write_bytecode:  # then every process of the tests would compile anew whatever it imports
    sys.dont_write_bytecode = False
    sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(Path(sys.prefix, "bytecode-of-tests"))
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("search", derandomize=False, deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_configure(config: pytest.Config) -> None:
    """Before any test module, and so before Qt or a keyring, looks at the environment."""
    private = Path(tempfile.mkdtemp(prefix="boxoffice-tests-"))
    config.add_cleanup(lambda: shutil.rmtree(private, ignore_errors=True))
    for name in _HOMES:
        folder = private / name.lower()
        folder.mkdir(mode=0o700)
        os.environ[name] = str(folder)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.pop("DBUS_SESSION_BUS_ADDRESS", None)  # the way to the keyring on Linux
    if sys.platform in ("darwin", "win32"):
        os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
