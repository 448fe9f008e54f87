"""The window over a real till: its encrypted store, its services, its threads. Only central is played."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from boxoffice.devices.card_payments import CardDesk, MemoryCardIntents
from boxoffice.devices.terminals import SimulatedTerminal
from boxoffice.domain.catalogue import Catalogue, Seller
from boxoffice.domain.facts import FactKind, SaleBody, SeatEpoch
from boxoffice.domain.house import SeatState
from boxoffice.domain.ids import LeaseRequestId, PerformanceId, TillNumber
from boxoffice.domain.money import Money
from boxoffice.domain.plan import plan_to_json
from boxoffice.domain.protocol import AreaCount, LeaseGrant, LeaseKind, LeaseRequest, SeatStatus, Snapshot
from boxoffice.domain.tenders import TenderKind
from boxoffice.services.connection import LinkState
from boxoffice.services.programme import Programme
from boxoffice.services.selling import Selling
from boxoffice.services.shifts import Shifts
from boxoffice.services.signing_in import SigningIn
from boxoffice.store import Identity, Store
from tests.ui.sell.counter import FORMATS, LENA, NOW, VENUE, Printer, productions, rooms
from tests.ui.sell.counter_window import Key, Mod, Through, status
from ui.sell import Sell, SellPresenter, SellWidget
from ui.shell import Session, Shell
from ui.sign_in import SignIn, SignInPage, SignInPresenter
from ui.tasks import Tasks

TONIGHT = PerformanceId(2)
_STATUSES = np.array(
    [
        SeatStatus.FREE,
        SeatStatus.LEASED,
        SeatStatus.LEASED,
        SeatStatus.HELD,
        SeatStatus.SOLD,
        SeatStatus.BLOCKED,
        SeatStatus.FREE,
    ],
    np.uint8,
)


class Central:
    """Grants what it is asked for, while the line holds."""

    state = LinkState.ONLINE

    def __init__(self) -> None:
        self.is_online = True
        self._epochs = itertools.count(1)

    def request_lease(self, request: LeaseRequest) -> LeaseGrant:
        seats = tuple(SeatEpoch(seat=seat, epoch=next(self._epochs)) for seat in request.seats)
        return LeaseGrant(request=request.request, performance=request.performance, seats=seats, areas=request.areas)

    def wake(self) -> None:
        pass


class RealTill:
    def __init__(self, folder: Path) -> None:
        self.store = Store.open(folder, bytes(32), now=lambda: NOW)
        self.central = Central()
        self.tasks = Tasks()
        self.session = Session()
        self.printer = Printer()
        self._fill()
        programme = Programme(self.store, self.central, lambda: NOW)
        selling = Selling(self.store, programme, self.central, lambda: NOW, uuid4)
        cards = CardDesk(SimulatedTerminal(latency_s=0.01), MemoryCardIntents(), lambda: str(uuid4()))
        self.shifts = Shifts(self.store, self.central, lambda: NOW, uuid4)
        self.page = page = SignInPage()
        signing_in = SigningIn(self.store, programme, lambda: NOW)
        sign_in = SignIn(
            page,
            SignInPresenter(page, signing_in, self.tasks, lambda: NOW, self.session.sign_in),
            lambda: ("The Alder Theatre", "Till 2", ""),
        )
        self.widget = SellWidget(FORMATS)
        presenter = SellPresenter(
            self.widget,
            programme,
            selling,
            self.printer,
            cards,
            self.tasks,
            Through(lambda: self.shell),
            FORMATS,
            lambda: self.session.staff,
        )
        self.sell = Sell(self.widget, presenter)
        self.shell = Shell([self.sell], sign_in, self.session, FORMATS, "Box Office")
        self.shell.show_status(status())
        self.shell.resize(1366, 768)
        self.shell.open()
        self.shell.show()

    def _fill(self) -> None:
        key = Ed25519PrivateKey.generate()
        identity = Identity(TillNumber(2), "Foyer", 1, 1, "secret", "", 1, bytes(32), key.private_bytes_raw())
        self.store.write(lambda tx: tx.identity.set(identity))
        hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        lena = LENA.model_copy(update={"pin_hash": hasher.hash("1184"), "demo_pin": ""})
        made = rooms()
        catalogue = Catalogue(
            version=1,
            seller=Seller(name="The Alder Theatre", address="", tax_id=""),
            venues=(VENUE,),
            plans=tuple({room.plan.id: plan_to_json(room.plan) for room in made.values()}.values()),
            productions=productions(),
            price_lists=tuple({room.prices.id: room.prices for room in made.values()}.values()),
            performances=tuple(room.performance for room in made.values()),
            staff=(lena,),
        )
        self.store.write_cache(lambda cache: cache.catalogue.set(catalogue))
        for number, room in made.items():
            snapshot = Snapshot(
                performance=number,
                server_epoch=1,
                head=1,
                statuses=_STATUSES[room.states].tobytes(),
                areas=tuple(
                    AreaCount(area=index, free=area.capacity - room.places[index], sold=room.places[index])
                    for index, area in enumerate(room.plan.areas)
                ),
                tickets=(),
                scans=(),
            )
            self.store.write_cache(lambda cache, snapshot=snapshot: cache.houses.put_snapshot(snapshot))  # type: ignore[misc]
        allotment = LeaseRequest(
            request=LeaseRequestId(UUID(int=7)),
            performance=TONIGHT,
            kind=LeaseKind.ALLOTMENT,
            seats=tuple(sorted(made[TONIGHT].allotment)),
        )
        grant = self.central.request_lease(allotment)
        self.store.write(lambda tx: tx.leases.open_request(allotment))
        self.store.write(lambda tx: tx.leases.accept(grant, LeaseKind.ALLOTMENT))

    def close(self) -> None:
        self.shell.close()
        self.shell.deleteLater()
        self.tasks.close()
        self.store.close()


class Clerk:
    """Fingers at a keyboard who do not wait for the program."""

    def __init__(self, qtbot: QtBot, till: RealTill) -> None:
        self._qtbot, self._till = qtbot, till

    def press(self, *keys: Key | str, modifier: Mod = Mod.NoModifier) -> None:
        shell = self._till.shell
        for key in keys:
            target = shell.focusWidget() or shell
            if isinstance(key, str):
                QTest.keyClicks(target, key)
            else:
                QTest.keyClick(target, key, modifier)
            shell.scanner_keys.settle()

    def wait_for_places(self, free: int) -> None:
        def are_shown() -> bool:
            house = self._till.sell.presenter.house
            return house is not None and house.free == free

        self._qtbot.waitUntil(are_shown, timeout=10_000)

    def wait(self) -> None:
        self._qtbot.waitUntil(lambda: not self._till.tasks.is_busy, timeout=10_000)


@pytest.fixture
def till(qtbot: QtBot, tmp_path: Path) -> Iterator[RealTill]:
    opened = RealTill(tmp_path / "till")
    yield opened
    opened.close()


@pytest.fixture
def clerk(qtbot: QtBot, till: RealTill) -> Clerk:
    fingers = Clerk(qtbot, till)
    fingers.wait()
    fingers.press("1184", Key.Key_Return)
    fingers.wait()
    assert till.session.is_open
    return fingers


def sales(till: RealTill) -> tuple[SaleBody, ...]:
    day = timedelta(days=1)
    return till.store.read(lambda tx: tx.sales.between(NOW - day, NOW + day))


def test_four_keys_without_waiting_make_one_durable_sale(till: RealTill, clerk: Clerk) -> None:
    till.shifts.open(LENA, Money(20000, "EUR"))
    clerk.press("2", Key.Key_Return, Key.Key_F5, Key.Key_Return)
    clerk.wait()
    [sale] = sales(till)
    assert len(sale.tickets) == 2
    assert [tender.kind for tender in sale.tenders] == [TenderKind.CASH]
    assert till.store.read(lambda tx: tx.ledger.balance()) == 0
    assert [printed.sale for printed in till.printer.printed] == [sale.sale]
    house = till.sell.presenter.house
    assert house is not None
    assert {int(house.states[ticket.seat]) for ticket in sale.tickets if ticket.seat is not None} == {SeatState.SOLD}


def test_without_a_shift_the_sale_is_refused_with_the_way_out_and_the_basket_waits(
    till: RealTill, clerk: Clerk
) -> None:
    clerk.press("2", Key.Key_Return, Key.Key_F5, Key.Key_Return)
    clerk.wait()
    assert sales(till) == ()
    assert "Ctrl+4" in till.shell.toasts[-1].accessibleName()
    assert not till.widget.is_paying  # nobody is asked for money that cannot be taken
    till.shifts.open(LENA, Money(0, "EUR"))
    clerk.press(Key.Key_F5, Key.Key_Return)
    clerk.wait()
    assert len(sales(till)) == 1


def test_offline_the_allotment_is_sold_by_the_same_keys(till: RealTill, clerk: Clerk) -> None:
    till.shifts.open(LENA, Money(0, "EUR"))
    till.central.is_online = False
    till.shell.changed()
    clerk.wait_for_places(60)
    clerk.press("2", Key.Key_Return, Key.Key_F5, Key.Key_Return)
    clerk.wait()
    assert len(sales(till)) == 1
    clerk.press("9", "9", Key.Key_Return)
    clerk.wait()
    assert not till.sell.presenter.basket.lines
    assert till.shell.toasts[-1].accessibleName().startswith("No 99 seats")


def test_undo_gives_the_leases_back_to_central(till: RealTill, clerk: Clerk) -> None:
    clerk.press("2", Key.Key_Return)
    clerk.wait()
    assert till.widget.basket.total_text != "€0.00"
    clerk.press(Key.Key_Z, modifier=Mod.ControlModifier)
    clerk.wait()
    assert not till.sell.presenter.basket.lines
    facts = till.store.read(lambda tx: tx.journal.unsent())
    assert all(fact.kind is FactKind.RETURN for fact in facts)
    assert not till.store.read(lambda tx: tx.leases.basket_seats(TONIGHT))


def test_a_card_is_charged_once_and_its_reference_stands_in_the_journal(till: RealTill, clerk: Clerk) -> None:
    till.shifts.open(LENA, Money(0, "EUR"))
    clerk.press("2", Key.Key_Return, Key.Key_F6)
    clerk.wait()
    [sale] = sales(till)
    assert sale.tenders[0].kind is TenderKind.CARD
    assert sale.tenders[0].reference


def test_a_wrong_pin_is_refused_in_words(qtbot: QtBot, till: RealTill) -> None:
    fingers = Clerk(qtbot, till)
    fingers.wait()
    fingers.press("9999", Key.Key_Return)
    fingers.wait()
    assert not till.session.is_open
    assert "4 tries left" in till.page.prompt
