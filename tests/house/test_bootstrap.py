"""Two commands on a fresh machine: what is missing is installed, or said."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def load(name: str) -> ModuleType:
    """A script of packaging/, which is no package: its name belongs to a library."""
    spec = importlib.util.spec_from_file_location(f"{name}_script", ROOT / "packaging" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


bootstrap = load("bootstrap")
start = load("start")


def script(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


def run_bootstrap(path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "packaging" / "bootstrap.py", *arguments],
        env={**os.environ, "PATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_an_old_python_is_told_which_one_is_needed() -> None:
    with pytest.raises(bootstrap.NotReady, match=r"needs Python 3\.11 or later; this is Python 3\.9\.2"):
        bootstrap.check_python((3, 9, 2))
    bootstrap.check_python((3, 12, 0))


def test_a_user_on_debian_gets_the_exact_line_to_type() -> None:
    parts = [part for part in bootstrap.WINDOW if part.debian in ("libegl1", "libxcb-cursor0")]
    with pytest.raises(bootstrap.NotReady) as refused:
        bootstrap.provide(parts, is_debian=True, is_root=False)
    assert str(refused.value).splitlines()[-1] == (
        "  sudo apt-get install --no-install-recommends libegl1 libxcb-cursor0"
    )


def test_another_system_is_told_the_libraries_by_name() -> None:
    with pytest.raises(bootstrap.NotReady, match=r"libEGL\.so\.1 \(library; in Debian: libegl1\)"):
        bootstrap.provide(bootstrap.WINDOW[:1], is_debian=False, is_root=True)


def test_only_what_cannot_be_found_counts_as_missing() -> None:
    nowhere = bootstrap.Part("library", "libnowhere.so.9", "libnowhere9")
    no_program = bootstrap.Part("program", "no-such-program", "no-such-package")
    no_module = bootstrap.Part("module", "no_such_module", "python3-nothing")
    here = bootstrap.Part("library", "libc.so.6", "libc6")
    assert bootstrap.missing([nowhere, here, no_program, no_module]) == [nowhere, no_program, no_module]


def test_each_purpose_needs_more_of_the_system_than_the_last_and_a_mac_needs_nothing(tmp_path: Path) -> None:
    (tmp_path / bootstrap.STAMP).touch()
    tools, run, test = (set(bootstrap.system_parts(purpose, "linux", tmp_path)) for purpose in bootstrap.PURPOSES)
    assert tools < run < test
    assert bootstrap.system_parts("test", "darwin", tmp_path) == []


def test_pip_is_asked_for_only_while_there_is_something_to_install(tmp_path: Path) -> None:
    assert bootstrap.system_parts("tools", "linux", tmp_path) == [bootstrap.PIP]
    (tmp_path / bootstrap.STAMP).touch()
    assert bootstrap.system_parts("tools", "linux", tmp_path) == []


def test_as_root_on_debian_the_missing_packages_are_installed_without_a_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script(tmp_path, "apt-get", f'echo "$DEBIAN_FRONTEND $*" >> {tmp_path}/calls')
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    bootstrap.provide(bootstrap.TESTS[:2], is_debian=True, is_root=True)
    update, install = (tmp_path / "calls").read_text().splitlines()
    assert update.startswith("noninteractive")
    assert update.endswith("update")
    assert install.startswith("noninteractive")
    assert install.endswith("install -y --no-install-recommends xvfb xauth")
    assert capsys.readouterr().out == "Installing from Debian: xvfb xauth\n"


def test_what_a_failing_installer_said_is_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(tmp_path, "apt-get", 'echo "E: the disk is full"; exit 100')
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(bootstrap.NotReady, match="the disk is full"):
        bootstrap.provide(bootstrap.TESTS, is_debian=True, is_root=True)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems bring all of it in wheels")
def test_the_whole_program_stops_with_the_line_and_makes_no_venv(tmp_path: Path) -> None:
    done = run_bootstrap(tmp_path, "test", "--venv", str(tmp_path / "venv"))
    assert done.returncode == 1
    assert "xvfb" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_a_ready_checkout_is_left_alone_without_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("anyio==4.0.0 \\\n    --hash=sha256:00\nuv==1.0 \\\n    --hash=sha256:11\nzipp==1.0 \\\n")
    venv = tmp_path / "venv"
    python = venv / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    installed: list[str] = []
    monkeypatch.setattr(bootstrap, "answers", lambda command, env=None: True)
    monkeypatch.setattr(bootstrap, "install", lambda python, lock, text: installed.append(text))
    bootstrap.make_venv(venv, lock)
    assert len(installed) == 1
    assert "Installing 3 packages" in capsys.readouterr().out
    bootstrap.make_venv(venv, lock)
    assert len(installed) == 1
    assert capsys.readouterr().out == ""
    lock.write_text(lock.read_text() + "    --hash=sha256:22\n")
    bootstrap.make_venv(venv, lock)
    assert len(installed) == 2


def test_an_interrupted_installation_is_taken_up_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("")
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(sys.executable)
    (venv / bootstrap.STAMP).write_text("an older lock")

    def breaks_off(python: Path, lock: Path, text: str) -> None:
        raise bootstrap.NotReady("the network is gone")

    monkeypatch.setattr(bootstrap, "answers", lambda command, env=None: True)
    monkeypatch.setattr(bootstrap, "install", breaks_off)
    with pytest.raises(bootstrap.NotReady):
        bootstrap.make_venv(venv, lock)
    assert not (venv / bootstrap.STAMP).exists()


def test_one_package_is_cut_out_of_the_lock_with_all_its_hashes() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    lines = bootstrap.entry_of("uv", lock).splitlines()
    assert lines[0].startswith("uv==")
    assert len(lines) > 10
    assert all(line.startswith("    --hash=sha256:") for line in lines[1:])
    with pytest.raises(bootstrap.NotReady, match="does not pin nothing-like-it"):
        bootstrap.entry_of("nothing-like-it", lock)


def test_without_a_display_there_is_no_window() -> None:
    assert not start.has_display("linux", {})
    assert not start.has_display("linux", {"DISPLAY": ""})
    assert start.has_display("linux", {"WAYLAND_DISPLAY": "wayland-0"})
    assert start.has_display("darwin", {})


@pytest.mark.skipif(sys.platform != "linux", reason="X is how Linux shows a window")
def test_a_display_counts_as_long_as_its_server_answers() -> None:
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-nolisten", "tcp", "-screen", "0", "640x480x24"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as answer:
            display = f":{answer.readline().strip()}"
        assert start.has_display("linux", {"DISPLAY": display})
    finally:
        server.terminate()
        server.wait(timeout=10)
    assert not start.has_display("linux", {"DISPLAY": display})
