"""The program as whoever stands at the counter has it: its window, its keys, what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from uuid import UUID

import asyncpg
from argon2 import PasswordHasher
from PySide6.QtCore import QEvent, QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

import main
from boxoffice.domain.catalogue import Catalogue
from boxoffice.domain.clock import utc_now
from boxoffice.domain.facts import SaleBody
from boxoffice.domain.ids import StaffId, TillNumber
from boxoffice.domain.money import Money
from boxoffice.domain.staff import Role, StaffMember
from boxoffice.services.till import Till
from boxoffice.store import Identity, Store
from central.tills import standing
from central.tills.hints import CATALOGUE, notify_all
from tests.support.central import TONIGHT, RunningCentral, catalogue, run
from ui.compose import TillWindow
from ui.sell import Sell
from ui.shell.crashes import CrashKeeper
from ui.sign_in.pairing import PairingForm
from ui.sign_in.view import SignInPage
from ui.tasks import Tasks

Key = Qt.Key
KEY = bytes(range(32))
ALLOTMENT = 10
PIN = "2468"
PATIENCE_S = 70.0  # longer than the longest pause between two tries of the sync thread
_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PIN)
IDA = StaffMember(id=StaffId(UUID(int=9)), name="Ida Roth", role=Role.MANAGER, pin_hash=_HASH)


def programme(now: datetime) -> Catalogue:
    """Tonight starts in half an hour, at whatever time the tests run."""
    made = catalogue(now)
    tonight, tomorrow = (
        performance.model_copy(
            update={
                "starts_at": starts_at,
                "doors_at": starts_at - timedelta(hours=1),
                "ends_at": starts_at + timedelta(hours=2),
                "allotment": ALLOTMENT,
            }
        )
        for performance, starts_at in zip(
            made.performances, (now + timedelta(minutes=30), now + timedelta(hours=25)), strict=True
        )
    )
    return made.model_copy(update={"performances": (tonight, tomorrow), "staff": (IDA,)})


def pair(folder: Path, central: RunningCentral, url: str = "") -> None:
    """A till in `folder` that knows its central, by `url` when it takes another way there."""
    store = Store.open(folder, KEY)
    try:
        main.pair(store, PairingForm(central.url, central.code(), "Foyer"))
        if url:
            identity = replace(identity_of(store), central_url=url)
            store.write(lambda tx: tx.identity.set(identity))
    finally:
        store.close()


def identity_of(store: Store) -> Identity:
    identity = store.read(lambda tx: tx.identity.get())
    assert identity is not None
    return identity


def revoke(central: RunningCentral, number: TillNumber) -> None:
    """As `python -m central revoke-till` does."""

    async def work(connection: asyncpg.Connection) -> None:
        async with connection.transaction():
            heads = await standing.revoke(connection, number, utc_now())
            await notify_all(connection, {CATALOGUE: 0, **heads})

    run(central.database, work)


class Counter:
    """One run of the program over `folder`. `queue` names a printer queue of the system."""

    def __init__(self, folder: Path, queue: str = "") -> None:
        self.papers = folder / "printed"
        self.tasks = Tasks()
        wanted = main.Wanted(folder, self.papers, folder / "backups", queue)
        self.crashes = CrashKeeper(folder / "crashes", utc_now)
        self.tasks.crashed.connect(self.crashes.keep)
        self.program = main.Program(wanted, self.tasks, self.crashes)
        self._is_closed = False

    def open(self, until_ready: bool = True) -> Counter:
        self.program.start()
        if until_ready:
            self.until(lambda: self.program.window is not None)
        return self

    def close(self) -> None:
        """As closing the window ends the program."""
        if self._is_closed:
            return
        self._is_closed = True
        window = self.program.window
        if window is not None:
            window.shell.closing.disconnect()
            window.close()
        else:
            self.program.starting.closing.disconnect()
            self.program.starting.close()
        self.program.close()
        owned = [self.program, self.program.starting, self.tasks, self.crashes]
        for part in (*owned, *((window, window.shell) if window is not None else ())):
            part.deleteLater()  # here and now: left to the collector they would die on any thread
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    @property
    def window(self) -> TillWindow:
        assert self.program.window is not None
        return self.program.window

    @property
    def till(self) -> Till:
        assert self.program.till is not None
        return self.program.till

    @property
    def store(self) -> Store:
        return self.till.store

    @property
    def sell(self) -> Sell:
        return next(place for place in self.window.shell.workspaces if isinstance(place, Sell))

    # what it says

    @property
    def banner(self) -> str:
        banner = self.window.shell.banner
        return banner.accessibleName() if banner.is_open else ""

    @property
    def status(self) -> str:
        return " · ".join(self.window.shell.status_bar.words)

    @property
    def toast(self) -> str:
        toasts = self.window.shell.toasts
        return toasts[-1].accessibleName() if toasts else ""

    @property
    def prompt(self) -> str:
        """What stands over the PIN."""
        [page] = self.window.shell.findChildren(SignInPage)
        return page.prompt

    @property
    def says(self) -> str:
        """All of it, for whoever waits in vain."""
        if self.program.window is None:
            return self.program.starting.words
        return f"{self.banner} | {self.toast} | {self.status}"

    # what is done at it

    def until(self, holds: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
        """Let the program run until it is so."""
        end = monotonic() + patience_s
        while not holds():
            assert monotonic() < end, f"waited {patience_s} s; it says: {self.says}"
            loop = QEventLoop()
            QTimer.singleShot(5, loop.quit)
            loop.exec()

    def press(self, *keys: Key | str, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        shell = self.window.shell
        for key in keys:
            target = shell.focusWidget() or shell
            if isinstance(key, str):
                QTest.keyClicks(target, key)
            else:
                QTest.keyClick(target, key, modifier)
            shell.scanner_keys.settle()

    def rest(self) -> None:
        """Until nothing that was asked for is still under way."""
        self.until(lambda: not self.tasks.is_busy and not self.sell.presenter.is_busy)

    def sign_in(self) -> Counter:
        self.rest()
        self.press(PIN, Key.Key_Return)
        self.until(lambda: self.window.shell.is_open)
        self.rest()
        return self

    def ready(self) -> Counter:
        """Signed in, a shift open, and tonight's allotment here."""
        if self.till.shifts.current() is None:
            self.till.shifts.open(IDA, Money(10_000, "EUR"))
        self.until(lambda: self.allotment > 0)
        self.sign_in()
        self.until(lambda: self.sell.presenter.house is not None and self.sell.presenter.house.free > 0)
        return self

    def take_two(self) -> None:
        self.press("2", Key.Key_Return)
        self.rest()

    def sell_two(self) -> SaleBody:
        """By the keys of the reference sale: best available, cash, exact."""
        before = len(self.sales)
        self.press("2", Key.Key_Return, Key.Key_F5, Key.Key_Return)
        self.until(lambda: len(self.sales) > before)
        self.rest()
        return self.sales[-1]

    # what is kept

    @property
    def allotment(self) -> int:
        return len(self.store.read(lambda tx: tx.leases.seats(TONIGHT)))

    @property
    def sales(self) -> list[SaleBody]:
        day = timedelta(days=1)
        return list(self.store.read(lambda tx: tx.sales.between(utc_now() - day, utc_now() + day)))

    @property
    def waiting(self) -> int:
        return self.store.read(lambda tx: tx.journal.waiting())

    @property
    def waiting_kinds(self) -> list[str]:
        return [fact.kind for fact in self.store.read(lambda tx: tx.journal.unsent())]

    @property
    def printed(self) -> list[str]:
        return sorted(path.name for path in self.papers.glob("*.pdf"))


def words_of(widget: QWidget) -> str:
    return " ".join(label.text() for label in widget.findChildren(QLabel) if label.text())
