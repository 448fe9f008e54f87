"""The desktop program: read the command line, open the till, join store, sync and window, run.

main.py [--data DIR] [--print-to DIR]     the till of this machine
main.py --demo                            a till and a central with invented venues, gone when it ends
main.py tour --out DIR                    drive the real windows through a day and leave pictures and papers
"""

from __future__ import annotations

import argparse
import errno
import logging
import os
import secrets
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from platformdirs import user_data_path
from PySide6.QtCore import QLoggingCategory, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from boxoffice.devices.card_payments import CardDesk
from boxoffice.devices.printers import FilePrinter, Printer, PrintKind, SystemPrinter
from boxoffice.devices.queue import PrintQueue, QueuedJob
from boxoffice.devices.terminals import SimulatedTerminal
from boxoffice.domain.clock import utc_now
from boxoffice.domain.facts import SaleBody
from boxoffice.domain.ids import uuid7
from boxoffice.domain.protocol import PairRequest
from boxoffice.domain.refusals import Refused
from boxoffice.services.card_intents import StoreCardIntents
from boxoffice.services.connection import LinkState, LinkStatus
from boxoffice.services.print_jobs import StorePrintJobs
from boxoffice.services.till import Till, wire_till
from boxoffice.store import DiskFull, Identity, Store
from boxoffice.store.keys import till_key
from sync.client import Client
from sync.core import Change
from sync.local import StoreLocal
from sync.worker import SyncWorker
from ui.compose import TillWindow
from ui.demo.central import DemoCentral
from ui.demo.folder import demo_folder
from ui.endings import EndingSignals
from ui.shell.collector import Collector
from ui.shell.crashes import CrashKeeper
from ui.shell.starting import StartingWindow
from ui.sign_in.pairing import PairingForm, PairingPresenter
from ui.sign_in.pairing_view import PairingPage
from ui.tasks import Tasks
from ui.theme import apply_style, load_fonts
from ui.tour.day import Day
from ui.tour.hands import TourFailed
from ui.tour.network import Cable

# What Qt says of codecs and sound servers that it looked for and did not find is no matter of this program.
_QUIET_LOGS = "qt.multimedia.*=false"
_BACKUP_EVERY_MS = 60 * 60 * 1000
_LISTS_PATIENCE_MS = 2000


def new_id() -> UUID:
    return uuid7(utc_now(), secrets.randbits)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for. Without `queue`, paper goes into the folder `print_to`."""

    data: Path
    print_to: Path
    backups: Path
    queue: str = ""
    demo: bool = False
    tour: Path | None = None
    is_quick: bool = False

    @property
    def messages(self) -> Path:
        """Where a demo keeps what it writes to its customers."""
        return self.print_to.with_name("messages")


def pair(store: Store, form: PairingForm) -> None:
    """Introduce this till to central; durable when it returns. Raises PairingRefused."""
    key = Ed25519PrivateKey.generate()
    client = Client(form.address)
    try:
        reply = client.pair(PairRequest(code=form.code, name=form.name, public_key=key.public_key().public_bytes_raw()))
    finally:
        client.close()
    identity = Identity(
        till=reply.till,
        name=reply.till_name,
        key_id=reply.key_id,
        incarnation=1,
        credential=reply.credential,
        central_url=form.address,
        server_epoch=reply.server_epoch,
        root_key=reply.root_key,
        signing_key=key.private_bytes_raw(),
    )
    store.write(lambda tx: tx.identity.set(identity))


class FolderUnusable(Refused):
    code = "folder_unusable"


def _open_kept(folder: Path) -> Store:
    """The store of a till that is there to stay. Raises FolderUnusable, and what till_key and Store.open refuse."""
    try:
        return Store.open(folder, till_key(folder), new_id=new_id)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(folder) from error
        raise FolderUnusable(
            f"The till's folder {folder} cannot be used: {error.strerror}.",
            "Look at its rights, or give another one with --data.",
        ) from error


def _identity(store: Store) -> Identity | None:
    return store.read(lambda tx: tx.identity.get())


class Program(QObject):
    """From the first window to the last: open, pair if need be, wait for the lists, run. UI thread."""

    opened = Signal()  # the till's window is there
    failed = Signal(object)  # Exception: there will be none unless somebody does what the first window says
    _lists_arrived = Signal()
    _link_failed = Signal(object)  # LinkStatus, before there are lists

    def __init__(self, wanted: Wanted, tasks: Tasks, crashes: CrashKeeper) -> None:
        super().__init__()
        self._wanted, self._tasks, self._crashes = wanted, tasks, crashes
        self._closing = ExitStack()  # undone last first: window, sync, printer, store, demo
        self.starting = StartingWindow()
        self.starting.again.connect(self.start)
        self.starting.closing.connect(self._given_up)
        self.window: TillWindow | None = None
        self.till: Till | None = None
        self.worker: SyncWorker | None = None
        self.cable: Cable | None = None
        self._terminal = SimulatedTerminal()
        self._pairing: PairingPresenter | None = None
        self._central: DemoCentral | None = None
        self._unprinted: tuple[SaleBody, ...] = ()
        self._lists_arrived.connect(self._show_till)
        self._link_failed.connect(self._say_what_lists_wait_for)
        self._backups = QTimer(self)
        self._backups.setInterval(_BACKUP_EVERY_MS)
        self._backups.timeout.connect(self.back_up)

    def start(self) -> None:
        demo = self._wanted.demo
        self.starting.show_progress("Opening the demo venues: a few seconds." if demo else "Opening the till.")
        self.starting.show()
        self._tasks.run(self._open_store, self._store_opened, self._cannot_start)

    def close(self) -> None:
        """Everything in order; nothing that is durable is lost by skipping it."""
        if self.window is not None:
            self.window.close()
        elif self._central is not None:
            self._central.stop()  # it may be waited for
        self._tasks.close()
        self._closing.close()

    def _open_store(self) -> tuple[Store, Identity | None]:
        folder = self._wanted.data
        if not self._wanted.demo:
            store = _open_kept(folder)
            self._closing.callback(store.close)
            return store, _identity(store)
        central = self._central = DemoCentral(folder / "central", self._wanted.messages)
        self._closing.callback(central.stop)
        ready = central.start()
        # The demo's key lives in this process alone: its folder is thrown away with it.
        store = Store.open(folder / "till", secrets.token_bytes(32), new_id=new_id)
        self._closing.callback(store.close)
        address = self._demo_address(ready.url)
        pair(store, PairingForm(address, ready.pairing_code, "Till 1 · Foyer"))
        return store, _identity(store)

    def _demo_address(self, url: str) -> str:
        """Where the demo's till finds its central: in the tour by a cable that can be pulled."""
        if self._wanted.tour is None:
            return url
        self.cable = Cable(url)
        self._closing.callback(self.cable.close)
        return self.cable.url

    def _store_opened(self, opened: tuple[Store, Identity | None]) -> None:
        store, identity = opened
        if identity is not None:
            self._connect(store, identity)
            return
        page = PairingPage()
        presenter = PairingPresenter(page, lambda form: pair(store, form), self._tasks, lambda: self._paired(store))
        page.submitted.connect(presenter.connect)
        self._pairing = presenter
        self.starting.show_page(page)

    def _paired(self, store: Store) -> None:
        self._tasks.run(lambda: (store, _identity(store)), self._store_opened, self._cannot_start)

    def _connect(self, store: Store, identity: Identity) -> None:
        self.starting.show_progress("Loading the programme from central.")
        self._tasks.run(lambda: self._wire(store, identity), self._wired, self._cannot_start)

    def _wire(self, store: Store, identity: Identity) -> bool:
        """Join store, sync, printer and terminal. True when the lists are here from last time."""
        client = Client(identity.central_url, identity.credential)
        worker = SyncWorker(store, client, StoreLocal(store, utc_now, new_id), utc_now, self._changed)
        queue = PrintQueue(StorePrintJobs(store), self._printer, self._printed)
        cards = CardDesk(self._terminal, StoreCardIntents(store, utc_now), lambda: str(new_id()))
        self.till = wire_till(store, worker, queue, self._printer, cards, utc_now, new_id)
        self.till.selling.return_left_over()
        self.worker = worker
        queue.start()
        self._closing.callback(queue.stop)
        worker.start()
        self._closing.callback(worker.stop)
        if store.read_cache(lambda cache: cache.catalogue.get()) is None:
            return False
        self.till.programme.catalogue()
        self._unprinted = self.till.printing.unprinted()
        return True

    def _wired(self, has_lists: bool) -> None:
        if has_lists:
            self._show_till()
        else:
            QTimer.singleShot(_LISTS_PATIENCE_MS, self, self._lists_are_late)

    def _lists_are_late(self) -> None:
        if self.worker is not None:
            self._say_what_lists_wait_for(self.worker.status)

    def back_up(self) -> None:
        """Copy the journal to a second place, off the window's thread. A failure is shown, and tried again."""
        if self.till is not None:
            store, folder = self.till.store, self._wanted.backups
            self._tasks.run(lambda: store.backup(folder), None, None, lane="backup")

    def _show_till(self) -> None:
        if self.window is not None or self.till is None or self.worker is None:
            return
        self.window = TillWindow(self.till, self._terminal, self._tasks, utc_now, self.worker.status, self.back_up)
        self.window.shell.closing.connect(QApplication.quit)
        self.window.shell.try_now_wanted.connect(self.worker.try_now)
        self._crashes.kept.connect(self.window.shell.show_crash)
        self.window.shell.resize(1440, 900)
        self.window.shell.show()
        self._backups.start()
        self.starting.closing.disconnect(self._given_up)
        self.starting.close()
        self._print_left_over(self.till)
        self.opened.emit()

    def _print_left_over(self, till: Till) -> None:
        """What was sold when the program was killed, and had not come to the printer."""
        for sale in self._unprinted:
            self._tasks.run(lambda sale=sale: till.printing.print_sale(sale), lane="sell.print")  # type: ignore[misc]
        self._unprinted = ()

    def _changed(self, change: Change, status: LinkStatus) -> None:
        """On the sync thread."""
        if self.till is not None and change.catalogue:
            self.till.programme.forget()
            self.till.programme.catalogue()  # parsed here, so that the window never waits for it
        if self.window is not None:
            lists = bool(change.houses) or change.catalogue or change.facts
            self.window.link_changed(status, lists)
        elif change.catalogue:
            self._lists_arrived.emit()
        elif not status.is_online:
            self._link_failed.emit(status)

    def _say_what_lists_wait_for(self, status: LinkStatus) -> None:
        """The first lists need central: a till that has none yet cannot sell anything."""
        if self.window is not None or status.is_online:
            return
        if status.state is LinkState.OFFLINE:
            said = status.message or "Central does not answer."
            self.starting.show_progress(f"{said} The programme is loaded as soon as it does.")
            return
        self.starting.show_progress(
            "Central does not know this till any more. Start it with a new folder (--data) and pair it with a new "
            "code; what this folder holds is kept."
        )

    def _printer(self, kind: PrintKind) -> Printer:
        if self._wanted.queue:
            return SystemPrinter(self._wanted.queue)
        return FilePrinter(self._wanted.print_to)

    def _printed(self, _job: QueuedJob) -> None:
        """On the queue's thread."""
        if self.window is not None and self.worker is not None:
            self.window.link_changed(self.worker.status, True)

    def _cannot_start(self, error: Exception) -> None:
        self._closing.close()
        self._closing = ExitStack()
        self.starting.show_error(error)
        self.failed.emit(error)

    def _given_up(self) -> None:
        QApplication.quit()


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="main.py", description="Box Office: sell, print, scan, cash up.")
    parser.add_argument("--demo", action="store_true", help="a till and a central with invented venues")
    parser.add_argument("--data", type=Path, default=user_data_path("boxoffice") / "till", help="the till's folder")
    parser.add_argument("--print-to", type=Path, help="print PDFs into this folder (default: in the till's folder)")
    parser.add_argument("--backup-to", type=Path, help="back the journal up into this folder, best on another disk")
    parser.add_argument("--printer", default="", metavar="QUEUE", help="a printer queue of this system")
    parser.add_argument("--theme", choices=("light", "dark"), help="instead of the system's")
    commands = parser.add_subparsers(dest="command", metavar="tour")
    tour = commands.add_parser("tour", help="drive the real windows through a day")
    tour.add_argument("--out", type=Path, required=True, help="folder for pictures, papers and tour.json")
    tour.add_argument("--quick", action="store_true", help="one picture a step instead of both themes and all sizes")
    return parser.parse_args(arguments)


def _wanted(asked: argparse.Namespace, stack: ExitStack) -> Wanted:
    """What is meant by the command line; a demo's folder is made here and removed with `stack`."""
    is_tour = asked.command == "tour"
    folder: Path = asked.data
    if asked.demo or is_tour:
        folder = stack.enter_context(demo_folder())
    return Wanted(
        data=folder,
        print_to=asked.print_to or (asked.out / "papers" if is_tour else folder / "printed"),
        backups=asked.backup_to or folder / "backups",
        queue=asked.printer,
        demo=asked.demo or is_tour,
        tour=asked.out if is_tour else None,
        is_quick=is_tour and asked.quick,
    )


def main(arguments: Sequence[str]) -> int:
    asked = _parse(arguments)
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
    )
    if asked.command == "tour" and not os.environ.get("QT_QPA_PLATFORM"):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    QLoggingCategory.setFilterRules(_QUIET_LOGS)
    app = QApplication([sys.argv[0]])
    app.setApplicationName("Box Office")
    load_fonts()
    apply_style(app, asked.theme)
    with ExitStack() as stack:
        endings = EndingSignals()
        endings.asked.connect(app.quit)
        stack.callback(endings.close)
        wanted = _wanted(asked, stack)
        crashes = CrashKeeper(wanted.data / "crashes", utc_now)
        collector = Collector()
        stack.callback(collector.stop)
        tasks = Tasks()
        tasks.crashed.connect(crashes.keep)
        crashes.install()
        program = Program(wanted, tasks, crashes)
        stack.callback(crashes.uninstall)
        stack.callback(program.close)
        if wanted.tour is not None:
            program.opened.connect(lambda: _tour(program, wanted, app))
            program.failed.connect(lambda error: _no_tour(error, app))
        program.start()
        return app.exec()


def _tour(program: Program, wanted: Wanted, app: QApplication) -> None:
    """Drive the window that has just opened; the program's exit code says how it went."""
    if program.window is None or program.till is None or program.cable is None or wanted.tour is None:
        raise RuntimeError("there is no till to tour")
    wanted.tour.mkdir(parents=True, exist_ok=True)
    day = Day(program.window, program.till, program.cable, wanted.print_to, wanted.tour, wanted.is_quick)
    try:
        day.run()
    except TourFailed as failed:
        sys.stderr.write(f"The tour ended early. {failed}\n")
        app.exit(1)
    else:
        app.exit(0)


def _no_tour(error: Exception, app: QApplication) -> None:
    """Nobody is there to read the first window."""
    sys.stderr.write(f"The tour cannot begin. {error}\n")
    app.exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
