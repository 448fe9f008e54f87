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
from boxoffice.domain.ids import TillNumber
from boxoffice.store import Store
from boxoffice.store.keys import till_key
from tests.program.conftest import Open
from tests.program.counter import KEY, PIN, Key, pair, revoke
from tests.support.central import RunningCentral
from ui.shell.crashes import CrashKeeper
from ui.sign_in.pairing_view import PairingPage
from ui.tasks import Tasks
from ui.tour.network import Cable

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


def test_a_key_file_of_another_till_does_not_open_this_one(
    program: main.Program, qtbot: QtBot, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BOXOFFICE_TILL_KEY")
    monkeypatch.setenv("BOXOFFICE_PASSPHRASE", "four words of this venue")
    till_key(tmp_path / "other")
    Store.open(folder, till_key(folder)).close()
    before = (folder / "journal.db").read_bytes()
    (folder / "till.key").write_bytes((tmp_path / "other" / "till.key").read_bytes())
    start(program, qtbot, "The key of this computer does not open")
    assert (folder / "journal.db").read_bytes() == before


def test_a_folder_that_cannot_be_used_is_named_with_the_reason(
    program: main.Program, qtbot: QtBot, folder: Path
) -> None:
    folder.write_text("a file where the till's folder should be")
    start(program, qtbot, f"The till's folder {folder} cannot be used: File exists.")
    assert "--data" in program.starting.words
    folder.unlink()
    program.starting.again_button.click()
    qtbot.waitUntil(lambda: bool(program.starting.findChildren(PairingPage)), timeout=20_000)


def test_a_till_that_never_had_its_lists_says_what_it_waits_for(
    folder: Path, central: RunningCentral, open_till: Open
) -> None:
    cable = Cable(central.url)
    pair(folder, central, cable.url)
    cable.pull()
    counter = open_till(folder, until_ready=False)
    counter.until(lambda: "Central does not answer" in counter.says)
    cable.plug_in()
    counter.until(lambda: counter.program.window is not None)
    cable.close()


def test_a_till_revoked_before_it_had_its_lists_says_how_to_pair_again(
    paired: Path, central: RunningCentral, open_till: Open
) -> None:
    revoke(central, TillNumber(1))
    counter = open_till(paired, until_ready=False)
    counter.until(lambda: "pair it with a new code" in counter.says)


def test_five_wrong_pins_and_then_a_wait_that_a_restart_does_not_shorten(paired: Path, open_till: Open) -> None:
    counter = open_till(paired)
    for left in ("4 tries", "3 tries", "2 tries", "1 try"):
        counter.rest()
        counter.press("1357", Key.Key_Return)
        counter.until(lambda left=left: f"{left} left" in counter.prompt)  # type: ignore[misc]
    counter.rest()
    counter.press("1357", Key.Key_Return)
    counter.until(lambda: "Five wrong PINs" in counter.prompt)
    counter.close()
    again = open_till(paired)
    again.rest()
    again.press(PIN, Key.Key_Return)
    again.until(lambda: "Five wrong PINs" in again.prompt)
    assert not again.window.shell.is_open


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
