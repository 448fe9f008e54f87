"""The window as it is put together, over a real till."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from boxoffice.devices.terminals import SimulatedTerminal
from boxoffice.services.connection import LinkState, LinkStatus
from tests.services.till_at_work import NOW, TillAtWork
from ui.compose import TillWindow
from ui.tasks import Tasks
from ui.theme import apply_style, theme, theme_source


@pytest.fixture
def till(tmp_path: Path) -> Iterator[TillAtWork]:
    at_work = TillAtWork(tmp_path / "at-work")
    yield at_work
    at_work.close()


@pytest.fixture(autouse=True)
def _light_again(qapp: QApplication) -> Iterator[None]:
    yield
    apply_style(qapp, "light")


def start(till: TillAtWork, qtbot: QtBot) -> tuple[TillWindow, Tasks]:
    tasks = Tasks()
    link = LinkStatus(LinkState.ONLINE, NOW, 0)
    window = TillWindow(till.till, SimulatedTerminal(0), tasks, till.now, link, lambda: None)
    qtbot.addWidget(window.shell)
    qtbot.waitUntil(lambda: not tasks.is_busy)
    return window, tasks


def stop(window: TillWindow, tasks: Tasks) -> None:
    tasks.close()
    window.close()


def test_the_chosen_look_is_there_again_after_a_restart(till: TillAtWork, qtbot: QtBot) -> None:
    theme_source().choose(None)
    window, tasks = start(till, qtbot)
    window.shell.help.theme_chosen.emit("dark")
    qtbot.waitUntil(lambda: not tasks.is_busy)
    stop(window, tasks)
    theme_source().choose(None)
    assert not theme().is_dark
    window, tasks = start(till, qtbot)
    assert theme().is_dark
    stop(window, tasks)


def test_the_command_line_is_stronger_than_what_was_chosen_before(till: TillAtWork, qtbot: QtBot) -> None:
    till.store.write(lambda tx: tx.settings.set("ui.theme", "dark"))
    theme_source().choose("light")
    window, tasks = start(till, qtbot)
    assert not theme().is_dark
    stop(window, tasks)
