"""Put the window together: every workspace with its presenter and the services it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from boxoffice.devices.terminals import CardTerminal, TerminalCondition
from boxoffice.domain.clock import Clock
from boxoffice.domain.refusals import Refused
from boxoffice.services.connection import LinkStatus
from boxoffice.services.till import Till
from boxoffice.store import OpenShift
from ui.attention.presenter import AttentionPresenter
from ui.attention.view import AttentionWidget
from ui.attention.workspace import Attention
from ui.door.presenter import DoorPresenter
from ui.door.sounds import sounds
from ui.door.view import DoorWidget
from ui.door.workspace import Door
from ui.formats import Formats
from ui.orders.presenter import OrdersPresenter
from ui.orders.view import OrdersWidget
from ui.orders.workspace import Orders
from ui.planeditor.presenter import PlanEditorPresenter
from ui.planeditor.view import PlanEditorWidget
from ui.planeditor.workspace import PlanEditor
from ui.reports.presenter import ReportsPresenter
from ui.reports.view import ReportsWidget
from ui.reports.workspace import Reports
from ui.sell.presenter import SellPresenter
from ui.sell.view import SellWidget
from ui.sell.workspace import Sell
from ui.shell.session import Session
from ui.shell.status import DeviceStatus, TillStatus
from ui.shell.window import Shell
from ui.shell.workspace import Notice, Notices, Workspace
from ui.shift.presenter import ShiftPresenter
from ui.shift.view import ShiftWidget
from ui.shift.workspace import Shift
from ui.sign_in.presenter import SignInPresenter
from ui.sign_in.view import SignIn, SignInPage
from ui.tasks import Tasks
from ui.theme import theme_source

_LISTS_SETTLE_MS = 200  # many lists arrive at once after a reconnection: look again once
_LOOK_EVERY_MS = 15_000  # printer and terminal say nothing by themselves
_LOOK_AT_BUSY_MS = 1500
_THEME = "ui.theme"  # among the till's settings


class TillWindow(QObject):
    """The shell of one till and what feeds it. Create it on the UI thread, with the catalogue already there."""

    _link_changed = Signal(object, bool)
    _cards_changed = Signal()

    def __init__(
        self,
        till: Till,
        terminal: CardTerminal,
        tasks: Tasks,
        now: Clock,
        link: LinkStatus,
        back_up: Callable[[], None],
    ) -> None:
        """`back_up` copies the journal: after a shift was closed, too."""
        super().__init__()
        self._back_up = back_up
        self._is_closed = False
        self._till, self._terminal, self._tasks, self._now = till, terminal, tasks, now
        catalogue = till.programme.catalogue()
        venue = catalogue.venues[0]
        self._venue_name = venue.name
        self.formats = Formats(zone=ZoneInfo(venue.timezone), now=now)
        self.session = Session(self)
        self._status = TillStatus(link)
        self.shell = self._build(venue.currency)
        self.shell.setWindowTitle(f"Box Office · {catalogue.seller.name}")
        self._link_changed.connect(self._show_link, Qt.ConnectionType.QueuedConnection)
        tasks.refused.connect(self.shell.show_refusal)
        self.shell.theme_chosen.connect(self._keep_theme)
        if theme_source().chosen is None:  # the command line knows best
            tasks.run(lambda: till.store.read(lambda tx: tx.settings.get(_THEME)), self._theme_found, lane="theme")
        self._clock = QTimer(self)
        self._clock.setInterval(_LOOK_EVERY_MS)
        self._clock.timeout.connect(self.look)
        self._clock.start()
        self._lists_timer = QTimer(self)
        self._lists_timer.setSingleShot(True)
        self._lists_timer.setInterval(_LISTS_SETTLE_MS)
        self._lists_timer.timeout.connect(self.shell.changed)
        self._lists_timer.timeout.connect(self._matters.refresh)
        self._cards_changed.connect(self._look_at_cards, Qt.ConnectionType.QueuedConnection)
        till.cards.watch(self._cards_changed.emit)
        self._matters.refresh()
        self.look()
        self.shell.show_status(self._status)
        self.shell.open()

    def link_changed(self, status: LinkStatus, lists: bool) -> None:
        """From the sync thread: the link, or what is on the lists."""
        self._link_changed.emit(status, lists)

    def look(self) -> None:
        """Ask for what the status bar shows of shift, printer, terminal and allotment."""
        self._tasks.run(self._looked_up, self._show_status, lane="status")

    def close(self) -> None:
        """Asks for nothing more: what the sync thread still tells is passed over."""
        self._is_closed = True
        self._till.cards.watch(lambda: None)
        self._clock.stop()
        self._lists_timer.stop()
        self.shell.close()

    def _build(self, currency: str) -> Shell:
        till, tasks, formats = self._till, self._tasks, self.formats
        page = SignInPage()
        presenter = SignInPresenter(page, till.signing_in, tasks, self._now, self.session.sign_in)
        sign_in = SignIn(page, presenter, self._where)
        notices = _LateNotices(lambda: self.shell)
        orders = self._orders(notices)
        workspaces: list[Workspace] = [
            self._sell(notices),
            self._door(notices),
            orders,
            self._shift(notices, currency),
            self._attention(notices, orders),
            self._reports(notices),
            self._plans(notices),
        ]
        return Shell(workspaces, sign_in, self.session, formats, "Box Office")

    def _sell(self, notices: Notices) -> Sell:
        till = self._till
        view = SellWidget(self.formats)
        presenter = SellPresenter(
            view,
            till.programme,
            till.selling,
            till.printing,
            till.cards,
            self._tasks,
            notices,
            self.formats,
            lambda: self.session.staff,
        )
        return Sell(view, presenter)

    def _shift(self, notices: Notices, currency: str) -> Shift:
        presenter = ShiftPresenter(
            self._till.shifts,
            self._till.printing,
            self._tasks,
            lambda: self.session.staff,
            self._shift_changed,
            currency,
        )
        return Shift(ShiftWidget(presenter, self.formats, lambda: notices, currency), presenter)

    def _door(self, notices: Notices) -> Door:
        till = self._till
        presenter = DoorPresenter(
            till.admitting, till.programme, self._tasks, self.formats, self._now, lambda: self.session.staff
        )
        return Door(DoorWidget(presenter, self.formats, lambda: notices, sounds()), presenter)

    def _orders(self, notices: Notices) -> Orders:
        till = self._till
        presenter = OrdersPresenter(
            till.orders,
            till.programme,
            till.refunding,
            till.issuing,
            till.printing,
            till.cards,
            self._tasks,
            lambda: self.session.staff,
        )
        return Orders(OrdersWidget(presenter, till.programme, self.formats, lambda: notices), presenter)

    def _attention(self, notices: Notices, orders: Orders) -> Attention:
        till = self._till
        presenter = AttentionPresenter(
            till.attention,
            till.printing,
            till.settling_cards,
            self._tasks,
            self.formats,
            lambda: self.session.staff,
            _WaysOut(notices, orders.presenter),
            lambda: self.shell.show_badges(),
        )
        self._matters = presenter  # its number stands on the rail wherever one is
        return Attention(AttentionWidget(presenter, self.formats, lambda: notices), presenter)

    def _reports(self, notices: Notices) -> Reports:
        presenter = ReportsPresenter(self._till.reporting, self._tasks, self.formats)
        return Reports(ReportsWidget(presenter, self.formats, lambda: notices), presenter)

    def _plans(self, notices: Notices) -> PlanEditor:
        presenter = PlanEditorPresenter(self._tasks)
        return PlanEditor(PlanEditorWidget(presenter, lambda: notices), presenter)

    def _shift_changed(self) -> None:
        self.look()
        self._back_up()

    def _keep_theme(self, name: str) -> None:
        store = self._till.store
        self._tasks.run(lambda: store.write(lambda tx: tx.settings.set(_THEME, name)), lane="theme")

    @staticmethod
    def _theme_found(name: str | None) -> None:
        if name in ("light", "dark"):
            theme_source().choose(name)

    def _where(self) -> tuple[str, str, str]:
        """Asked every second on the UI thread: it reads nothing."""
        today = self.formats.long_date(self._now())
        return self._venue_name, self._status.till_name, f"{today}, {self.formats.time(self._now())}"

    def _looked_up(self) -> _Looked:
        printer = self._till.printing.state()
        terminal = self._terminal.state()
        shift = self._till.shifts.current()
        identity = self._till.store.read(lambda tx: tx.identity.get())
        return _Looked(
            printer=DeviceStatus(printer.text, printer.is_ready),
            terminal=DeviceStatus(terminal.text, terminal.condition is not TerminalCondition.OFFLINE),
            is_busy=terminal.condition is TerminalCondition.BUSY,
            shift=shift,
            left=self._left_tonight(),
            till_name=identity.name if identity is not None else "",
        )

    def _left_tonight(self) -> int:
        """Places still set aside for this till, of the performances of this evening."""
        today = self.formats.today()
        return sum(
            listing.left
            for listing in self._till.programme.listings()
            if not listing.ended and self.formats.evening(listing.performance.starts_at) == today
        )

    def _show_status(self, looked: _Looked) -> None:
        shift = looked.shift
        # online central tops it up: offline it is what there was when the network went
        set_aside = looked.left if self._status.link.is_online else max(looked.left, self._status.set_aside)
        self._status = replace(
            self._status,
            till_name=looked.till_name,
            printer=looked.printer,
            terminal=looked.terminal,
            shift=shift.number if shift is not None else None,
            shift_since=shift.opened_at if shift is not None else None,
            left=looked.left,
            set_aside=set_aside,
        )
        self.shell.show_status(self._status)
        if looked.is_busy and not self._is_closed:
            QTimer.singleShot(_LOOK_AT_BUSY_MS, self, self.look)

    def _look_at_cards(self) -> None:
        if not self._is_closed:
            self._matters.refresh()

    def _show_link(self, status: LinkStatus, lists: bool) -> None:
        if self._is_closed:
            return
        before = self._status.link
        self._status = replace(self._status, link=status)
        self.shell.show_status(self._status)
        if status.state is not before.state:
            self.shell.changed()
            self.look()
            return
        if status.waiting != before.waiting:
            self.look()  # something was sold: fewer places are left
        if lists and not self._lists_timer.isActive():
            self._lists_timer.start()


@dataclass(frozen=True, slots=True)
class _Looked:
    printer: DeviceStatus
    terminal: DeviceStatus
    is_busy: bool
    shift: OpenShift | None
    left: int
    till_name: str


class _WaysOut:
    """From a matter to where it is settled."""

    def __init__(self, notices: Notices, orders: OrdersPresenter) -> None:
        self._notices, self._orders = notices, orders

    def sell(self) -> None:
        self._notices.go_to("sell")

    def open_order(self, code: str) -> None:
        self._orders.search(code)
        self._notices.go_to("orders")


class _LateNotices(Notices):
    """Workspaces are made before the shell that shows their messages."""

    def __init__(self, shell: Callable[[], Shell]) -> None:
        self._shell = shell

    def say(self, notice: Notice) -> None:
        self._shell().say(notice)

    def show_refusal(self, error: Refused) -> None:
        self._shell().show_refusal(error)

    def go_to(self, key: str) -> None:
        self._shell().go_to(key)
