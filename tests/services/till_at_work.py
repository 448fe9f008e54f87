"""A whole till at work: a real store and real services. Only central is played, by the book of the port."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from boxoffice.devices.card_payments import CardDesk
from boxoffice.devices.printers import Printer, PrinterCondition, PrinterFailed, PrinterState, PrintJob
from boxoffice.devices.queue import PrintQueue
from boxoffice.devices.terminals import CardOutcome, CardResult, SimulatedTerminal
from boxoffice.domain.admission import Door
from boxoffice.domain.baskets import Basket
from boxoffice.domain.catalogue import Catalogue
from boxoffice.domain.facts import AreaUnits, SaleBody, SeatEpoch
from boxoffice.domain.ids import LeaseRequestId, PerformanceId, SaleId, StaffId, TicketId, TillNumber, order_code
from boxoffice.domain.money import Money
from boxoffice.domain.protocol import (
    AreaCount,
    KeyBundle,
    LeaseGrant,
    LeaseKind,
    LeaseRequest,
    ScanRecord,
    SeatStatus,
    SigningKey,
    Snapshot,
    TicketRecord,
)
from boxoffice.domain.refusals import Refused
from boxoffice.domain.staff import Role, StaffMember
from boxoffice.domain.tenders import Tender, TenderKind
from boxoffice.services.card_intents import StoreCardIntents
from boxoffice.services.connection import LinkState, Offline
from boxoffice.services.print_jobs import StorePrintJobs
from boxoffice.services.till import Till, wire_till
from boxoffice.store import DiskFull, Identity, Store
from tests.domain.examples import EUROPEAN
from tests.support import central as house

KEY = bytes(range(32))
TILL = TillNumber(7)
TONIGHT, TOMORROW = house.TONIGHT, house.TOMORROW
FLOOR = house.FLOOR
NOW = house.NOW
SIGNER = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
STRANGER = Ed25519PrivateKey.from_private_bytes(b"x" * 32)
_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PIN = "4711"
MARA = StaffMember(id=StaffId(UUID(int=7)), name="Mara Lindt", role=Role.CASHIER, pin_hash=_HASHER.hash(PIN))
OMAR = StaffMember(id=StaffId(UUID(int=8)), name="Omar Reis", role=Role.DOOR, pin_hash=_HASHER.hash("1234"))
ADULT, FEE = 8600, 150  # a stalls seat of EUROPEAN, and its booking fee


class PlayedCentral:
    """Leases every place to one till, as central does: `elsewhere` are seats that others have."""

    def __init__(self) -> None:
        self.state = LinkState.ONLINE
        self.elsewhere: set[int] = set()
        self.floor_free = house.FLOOR_PLACES
        self.refusal: Refused | None = None  # what the next requests are answered with
        self.requests: list[LeaseRequest] = []
        self.wakes = 0
        self._epochs = itertools.count(1)

    @property
    def is_online(self) -> bool:
        return self.state is LinkState.ONLINE

    def request_lease(self, request: LeaseRequest) -> LeaseGrant:
        if not self.is_online:
            raise Offline
        self.requests.append(request)
        if self.refusal is not None:
            raise self.refusal
        got = [seat for seat in request.seats if seat not in self.elsewhere]
        areas = tuple(AreaUnits(area=a.area, units=min(a.units, self.floor_free)) for a in request.areas)
        self.floor_free -= sum(item.units for item in areas)
        return LeaseGrant(
            request=request.request,
            performance=request.performance,
            seats=tuple(SeatEpoch(seat=seat, epoch=next(self._epochs)) for seat in got),
            areas=tuple(item for item in areas if item.units),
            taken=tuple(seat for seat in request.seats if seat in self.elsewhere),
        )

    def wake(self) -> None:
        self.wakes += 1


@dataclass
class Shelf:
    """A printer that keeps what it prints, or is out of paper."""

    printed: list[PrintJob] = field(default_factory=list)
    out_of_paper: bool = False
    name: str = "Shelf"

    def state(self) -> PrinterState:
        if self.out_of_paper:
            return PrinterState(PrinterCondition.OUT_OF_PAPER, "no paper")
        return PrinterState(PrinterCondition.READY, "ready")

    def print(self, job: PrintJob) -> None:
        if self.out_of_paper:
            raise PrinterFailed("paper_out", "There is no paper left.", "Put paper in.")
        self.printed.append(job)


class Terminal(SimulatedTerminal):
    """`loses_its_answer`: it does what it is asked, then its cable falls out. `set_reachable` puts it back."""

    loses_its_answer = False

    def charge(self, amount: Money, reference: str) -> CardResult:
        return self._heard(super().charge(amount, reference))

    def refund(self, amount: Money, original: str, reference: str) -> CardResult:
        return self._heard(super().refund(amount, original, reference))

    def _heard(self, result: CardResult) -> CardResult:
        if not self.loses_its_answer:
            return result
        self.loses_its_answer = False
        self.set_reachable(False)
        return CardResult(CardOutcome.TIMED_OUT)


class TillAtWork:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = [NOW]
        self.central = PlayedCentral()
        self.shelf = Shelf()
        self.terminal = Terminal(latency_s=0)
        self.tickets = itertools.count(10_000)
        self.open()
        self.store.write(lambda tx: tx.identity.set(identity()))
        self.store.write_cache(lambda cache: cache.catalogue.set(catalogue()))
        self.store.write_cache(lambda cache: cache.keys.set(keys()))
        self.pull(TONIGHT)
        self.pull(TOMORROW)

    def open(self) -> None:
        self.store = Store.open(self.folder, KEY, now=self.now)
        printer: Printer = self.shelf
        self.queue = PrintQueue(StorePrintJobs(self.store), lambda _: printer)
        self.cards = CardDesk(self.terminal, StoreCardIntents(self.store, self.now), lambda: str(uuid4()))
        self.till: Till = wire_till(
            self.store, self.central, self.queue, lambda _: printer, self.cards, self.now, uuid4
        )

    def restart(self) -> None:
        self.close()
        self.open()

    def close(self) -> None:
        self.queue.stop()
        self.store.close()

    def now(self) -> datetime:
        return self.clock[0]

    def later(self, by: timedelta) -> None:
        self.clock[0] += by

    def pull(
        self,
        performance: PerformanceId,
        *,
        tickets: Sequence[TicketRecord] = (),
        scans: Sequence[ScanRecord] = (),
        taken: Sequence[int] = (),
    ) -> None:
        """The house arrives from central, with these tickets in it."""
        statuses = np.full(house.SEATS, SeatStatus.FREE, np.uint8)
        statuses[[*taken, *(ticket.seat for ticket in tickets if ticket.seat is not None)]] = SeatStatus.SOLD
        snapshot = Snapshot(
            performance=performance,
            server_epoch=1,
            head=1,
            statuses=statuses.tobytes(),
            areas=(AreaCount(area=FLOOR, free=house.FLOOR_PLACES, sold=0),),
            tickets=tuple(tickets),
            scans=tuple(scans),
        )
        self.store.write_cache(lambda cache: cache.houses.put_snapshot(snapshot))

    def allot(self, seats: Sequence[int] = (), places: int = 0, performance: PerformanceId = TONIGHT) -> None:
        """Central set these places aside for this till."""
        request = LeaseRequest(request=LeaseRequestId(uuid4()), performance=performance, kind=LeaseKind.ALLOTMENT)
        grant = LeaseGrant(
            request=request.request,
            performance=performance,
            seats=tuple(SeatEpoch(seat=seat, epoch=100) for seat in seats),
            areas=(AreaUnits(area=FLOOR, units=places),) if places else (),
        )
        self.store.write(lambda tx: tx.leases.open_request(request))
        self.store.write(lambda tx: tx.leases.accept(grant, request.kind))

    def open_shift(self, float_minor: int = 20_000) -> None:
        self.till.shifts.open(MARA, Money(float_minor, "EUR"))

    def basket(self, seats: Sequence[int] = (), places: int = 0, performance: PerformanceId = TONIGHT) -> Basket:
        basket = self.till.selling.new_basket()
        if seats:
            basket = self.till.selling.take_seats(basket, performance, seats)
        return self.till.selling.take_places(basket, performance, FLOOR, places) if places else basket

    def pay(self, basket: Basket, kind: TenderKind = TenderKind.CASH) -> Tender:
        total = basket.quote(self.till.programme.price_list).total.minor
        return Tender(kind=kind, minor=total, received_minor=total if kind is TenderKind.CASH else 0)

    def sell(
        self, seats: Sequence[int] = (), places: int = 0, kind: TenderKind = TenderKind.CASH, **about: object
    ) -> SaleBody:
        basket = self.basket(seats, places)
        if about:
            basket = self.till.selling.with_customer(basket, **about)  # type: ignore[arg-type]
        return self.till.selling.sell(basket, [self.pay(basket, kind)], MARA)

    def door(self, gate: str = "", performance: PerformanceId = TONIGHT) -> Door:
        return Door(self.till.programme.catalogue().performance(performance), gate)

    def held(self) -> tuple[dict[int, int], dict[int, int]]:
        """Seats with their epochs, and places of areas, of tonight."""
        return self.store.read(lambda tx: (dict(tx.leases.seats(TONIGHT)), dict(tx.leases.areas(TONIGHT))))

    def facts(self) -> list[str]:
        return [fact.kind for fact in self.store.read(lambda tx: tx.journal.tail(1000))]

    def books(self) -> dict[str, int]:
        assert self.store.read(lambda tx: tx.ledger.balance()) == 0
        return self.store.read(lambda tx: tx.ledger.by_account())

    def fill_disk(self) -> None:
        def full(_min_bytes: int) -> None:
            raise DiskFull(self.folder)

        self.store.check_space = full  # type: ignore[assignment, method-assign]

    def written(self) -> tuple[int, int, dict[str, int]]:
        """All that a refused sale must leave as it was."""
        count = self.store.read(lambda tx: (tx.journal.head()[0], len(tx.sales.last(100))))
        return (*count, self.books())


def identity() -> Identity:
    return Identity(
        till=TILL,
        name="Counter 1",
        key_id=1,
        incarnation=1,
        credential="secret",
        central_url="http://127.0.0.1:1",
        server_epoch=1,
        root_key=b"r" * 32,
        signing_key=SIGNER.private_bytes_raw(),
    )


def catalogue() -> Catalogue:
    given = house.catalogue(NOW)
    prices = EUROPEAN.model_copy(update={"id": "standard"})
    return given.model_copy(update={"price_lists": (prices,), "staff": (MARA, OMAR)})


def keys(*, with_stranger: bool = False) -> KeyBundle:
    signers = {TILL: SIGNER} | ({TillNumber(9): STRANGER} if with_stranger else {})
    return KeyBundle(
        version=1,
        keys=tuple(
            SigningKey(issuer=till, key_id=1, public_key=key.public_key().public_bytes_raw(), valid_from=NOW)
            for till, key in signers.items()
        ),
    )


def booked_online(ticket: int, seat: int, holder: str = "Ada Brook", **changes: object) -> TicketRecord:
    """A ticket that the web shop sold."""
    sale = SaleId(UUID(int=ticket // 10))
    return TicketRecord(
        ticket=TicketId(ticket),
        sale=sale,
        seat=seat,
        generation=1,
        valid=True,
        price_type="A",
        price_type_name="Adult",
        category=0,
        gross_minor=ADULT,
        order_code=order_code(sale),
        holder=holder,
        channel="web",
    ).model_copy(update=changes)
