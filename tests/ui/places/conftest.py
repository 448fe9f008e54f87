"""The composed window over a real till; only central and the printer are played."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from boxoffice.devices.terminals import SimulatedTerminal
from boxoffice.domain.facts import SaleBody
from boxoffice.domain.ids import StaffId
from boxoffice.domain.staff import Role, StaffMember
from boxoffice.services.connection import LinkState, LinkStatus
from tests.services.till_at_work import NOW, TillAtWork
from ui.compose import TillWindow
from ui.tasks import Tasks
from ui.theme import apply_style

RUTH = StaffMember(id=StaffId(UUID(int=9)), name="Ruth Sand", role=Role.MANAGER, pin_hash="x")


class Counter:
    """A manager in front of the window, with fingers and eyes."""

    def __init__(self, at_work: TillAtWork, qtbot: QtBot) -> None:
        self.at_work, self._qtbot = at_work, qtbot
        self.tasks = Tasks()
        self.crashes: list[object] = []
        self.tasks.crashed.connect(self.crashes.append)
        link = LinkStatus(LinkState.ONLINE, NOW, 0)
        self.window = TillWindow(at_work.till, SimulatedTerminal(0), self.tasks, at_work.now, link, lambda: None)
        self.shell = self.window.shell
        qtbot.addWidget(self.shell)
        self.shell.resize(1366, 768)
        self.shell.show()
        self.window.session.sign_in(RUTH)

    def go_to(self, number: str) -> None:
        self.press(Qt.Key(ord(number)), Qt.KeyboardModifier.ControlModifier)
        self.settle()

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.shell.focusWidget() or self.shell, key, modifiers)
        self.shell.scanner_keys.settle()

    def type(self, text: str) -> None:
        for char in text:
            QTest.keyClicks(self.shell.focusWidget() or self.shell, char)
            self.shell.scanner_keys.settle()

    def scan(self, code: str) -> None:
        target = self.shell.focusWidget() or self.shell
        QTest.keyClicks(target, code)
        QTest.keyClick(target, Qt.Key.Key_Return)
        self.settle()

    def settle(self) -> None:
        """Everything asked for is done and shown."""
        self._qtbot.waitUntil(lambda: not self.tasks.is_busy)

    def until(self, holds: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(holds)
        self.settle()

    def words(self) -> str:
        """All text a person can see now."""
        labels = self.shell.findChildren(QLabel)
        return " | ".join(label.text() for label in labels if label.isVisible())

    def toasts(self) -> str:
        return " | ".join(toast.accessibleName() for toast in self.shell.toasts)

    def token(self, sale: SaleBody, index: int = 0) -> str:
        stored = self.at_work.store.read(lambda tx: tx.sales.get(sale.sale))
        return self.at_work.till.papers.tickets(stored)[index].token


@pytest.fixture
def till(tmp_path: Path) -> Iterator[TillAtWork]:
    at_work = TillAtWork(tmp_path / "at-work")
    at_work.open_shift()
    at_work.allot(range(8))
    yield at_work
    at_work.close()


@pytest.fixture
def counter(till: TillAtWork, qtbot: QtBot, qapp: object) -> Iterator[Counter]:
    apply_style(qapp, "light")  # type: ignore[arg-type]
    made = Counter(till, qtbot)
    yield made
    made.tasks.close()
    made.window.close()
    assert not made.crashes
