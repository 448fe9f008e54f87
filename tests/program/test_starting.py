"""The first seconds of the program: what can be wrong then, and what it says."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import main
from boxoffice.domain.clock import utc_now
from boxoffice.store import Store
from tests.program.counter import KEY
from ui.shell.crashes import CrashKeeper
from ui.sign_in.pairing_view import PairingPage
from ui.tasks import Tasks

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def program(qapp: QApplication, folder: Path) -> Iterator[main.Program]:
    tasks = Tasks()
    wanted = main.Wanted(folder, folder / "printed", folder / "backups")
    made = main.Program(wanted, tasks, CrashKeeper(folder / "crashes", utc_now))
    yield made
    made.close()
    made.starting.closing.disconnect()
    made.starting.close()


def start(program: main.Program, qtbot: QtBot, says: str) -> None:
    program.start()
    qtbot.waitUntil(lambda: says in program.starting.words, timeout=20_000)


def test_a_new_till_asks_for_its_central(program: main.Program, qtbot: QtBot) -> None:
    program.start()
    qtbot.waitUntil(lambda: bool(program.starting.findChildren(PairingPage)), timeout=20_000)


def test_a_second_copy_of_the_program_says_so_and_touches_nothing(
    program: main.Program, qtbot: QtBot, folder: Path
) -> None:
    first = Store.open(folder, KEY)
    try:
        start(program, qtbot, "already")
    finally:
        first.close()
    assert program.starting.again_button.isVisible()


def test_after_the_first_copy_has_gone_trying_again_opens(program: main.Program, qtbot: QtBot, folder: Path) -> None:
    first = Store.open(folder, KEY)
    start(program, qtbot, "already")
    first.close()
    program.starting.again_button.click()
    qtbot.waitUntil(lambda: bool(program.starting.findChildren(PairingPage)), timeout=20_000)


def test_a_corrupt_journal_stops_the_start_and_is_kept_as_it_is(
    program: main.Program, qtbot: QtBot, folder: Path
) -> None:
    Store.open(folder, KEY).close()
    journal = folder / "journal.db"
    broken = bytearray(journal.read_bytes())
    broken[5000:5200] = secrets.token_bytes(200)
    journal.write_bytes(broken)
    start(program, qtbot, "journal")
    assert journal.read_bytes() == bytes(broken)


def test_another_key_is_no_reason_to_throw_sales_away(
    program: main.Program, qtbot: QtBot, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store.open(folder, KEY).close()
    before = (folder / "journal.db").read_bytes()
    monkeypatch.setenv("BOXOFFICE_TILL_KEY", secrets.token_hex(32))
    start(program, qtbot, "key")
    assert (folder / "journal.db").read_bytes() == before


def test_without_a_keyring_it_says_what_to_do(
    program: main.Program, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BOXOFFICE_TILL_KEY")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    start(program, qtbot, "BOXOFFICE_PASSPHRASE")


def test_the_command_line_explains_itself() -> None:
    said = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert "--demo" in said.stdout
    assert "tour" in said.stdout
