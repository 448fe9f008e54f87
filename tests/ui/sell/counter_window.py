"""The whole window over a counter in memory: real widgets, real keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from boxoffice.domain.ids import StaffId
from boxoffice.domain.refusals import Refused
from boxoffice.domain.staff import Permission, StaffMember, WrongPin
from boxoffice.services.connection import LinkState, LinkStatus
from tests.ui.sell.counter import FORMATS, NOW, STAFF, Cards, Counters, HandTasks, Printer
from ui.sell import Sell, SellPresenter, SellWidget
from ui.shell import DeviceStatus, KeyHint, Notice, Place, Session, Shell, TillStatus, Workspace
from ui.sign_in import SignIn, SignInPage, SignInPresenter

Key = Qt.Key
Mod = Qt.KeyboardModifier


class Room(Workspace):
    """A workspace that notes what it is asked."""

    def __init__(self, place: Place, *, knows: str = "") -> None:
        self._place, self._knows = place, knows
        self._widget = QWidget()
        self.heard: list[str] = []

    @property
    def place(self) -> Place:
        return self._place

    @property
    def widget(self) -> QWidget:
        return self._widget

    def enter(self) -> None:
        self.heard.append("enter")

    def leave(self) -> None:
        self.heard.append("leave")

    def undo(self) -> None:
        self.heard.append("undo")

    def step_back(self) -> None:
        self.heard.append("step back")

    def primary(self) -> None:
        self.heard.append("primary")

    def find(self) -> None:
        self.heard.append("find")

    def scanned(self, text: str) -> bool:
        if text != self._knows:
            return False
        self.heard.append(text)
        return True

    def shortcuts(self) -> Sequence[KeyHint]:
        return (KeyHint("F9", "Nothing"),)


class Desk:
    """The PINs of the demo, without argon2."""

    def staff(self) -> Sequence[StaffMember]:
        return STAFF

    def sign_in(self, staff_id: StaffId, pin: str) -> StaffMember:
        member = next(member for member in STAFF if member.id == staff_id)
        if pin != member.demo_pin:
            raise WrongPin(f"That is not the PIN of {member.name}.", "Try again: 4 tries left.")
        return member


class Through:
    """Notices of a shell that is made later."""

    def __init__(self, shell: Callable[[], Shell]) -> None:
        self._shell = shell

    def say(self, notice: Notice) -> None:
        self._shell().say(notice)

    def show_refusal(self, error: Refused) -> None:
        self._shell().show_refusal(error)

    def go_to(self, key: str) -> None:
        self._shell().go_to(key)


def link(state: LinkState = LinkState.ONLINE, waiting: int = 0) -> LinkStatus:
    return LinkStatus(state, NOW - timedelta(minutes=16), waiting, NOW)


def status(state: LinkState = LinkState.ONLINE, waiting: int = 0) -> TillStatus:
    return TillStatus(
        link(state, waiting),
        "Till 2 · Foyer",
        DeviceStatus("Printer ready"),
        DeviceStatus("Terminal ready"),
        1184,
        NOW - timedelta(hours=2, minutes=45),
        42,
        60,
    )


@dataclass
class Window:
    shell: Shell
    sell: Sell
    sell_widget: SellWidget
    page: SignInPage
    session: Session
    counters: Counters
    cards: Cards
    printer: Printer
    tasks: HandTasks
    rooms: dict[str, Room]

    def press(self, *keys: Qt.Key | str, modifier: Qt.KeyboardModifier = Mod.NoModifier) -> None:
        """Each at the widget in focus, as a keyboard does; the pause is a person's."""
        for key in keys:
            if isinstance(key, str):
                QTest.keyClicks(self.shell.focusWidget() or self.shell, key, modifier)
            else:
                QTest.keyClick(self.shell.focusWidget() or self.shell, key, modifier)
            self.shell.scanner_keys.settle()

    def type_fast(self, text: str) -> None:
        for letter in text:
            QTest.keyClicks(self.shell.focusWidget() or self.shell, letter)

    def sign_in(self, pin: str = "1184") -> None:
        for digit in pin:
            QTest.keyClicks(self.shell.focusWidget() or self.shell, digit)

    @property
    def lines(self) -> list[str]:
        return [line.accessibleName() for line in self.sell_widget.basket.lines.values()]


def open_window(*, online: bool = True, width: int = 1366, height: int = 768) -> Window:
    counters, cards, printer, tasks, session = Counters(), Cards(), Printer(), HandTasks(), Session()
    counters.online = online
    page = SignInPage()
    sign_in = SignIn(
        page,
        SignInPresenter(page, Desk(), tasks, lambda: NOW, session.sign_in),
        lambda: ("The Alder Theatre", "Till 2 · Foyer", "Saturday 14 November"),
    )
    widget = SellWidget(FORMATS)
    shells: list[Shell] = []
    presenter = SellPresenter(
        widget,
        counters,
        counters,
        printer,
        cards,
        tasks,
        Through(lambda: shells[0]),
        FORMATS,
        staff=lambda: session.staff,
    )
    sell = Sell(widget, presenter)
    door = Room(Place("door", "Door", "scan-line", 2, Permission.ADMIT))
    orders = Room(Place("orders", "Orders", "receipt-text", 3, Permission.SELL), knows="7N2R8C")
    shell = Shell([sell, door, orders], sign_in, session, FORMATS, "Box Office")
    shells.append(shell)
    shell.show_status(status(LinkState.ONLINE if online else LinkState.OFFLINE, 0 if online else 7))
    shell.resize(width, height)
    shell.open()
    shell.show()
    return Window(shell, sell, widget, page, session, counters, cards, printer, tasks, {"door": door, "orders": orders})
