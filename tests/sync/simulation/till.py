"""A till of the simulation: its real store, services, core and client, driven a request at a time."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from random import Random
from typing import TypeVar
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from boxoffice.domain.baskets import Basket
from boxoffice.domain.facts import Fact
from boxoffice.domain.ids import PerformanceId, uuid7
from boxoffice.domain.money import Money
from boxoffice.domain.protocol import LeaseGrant, LeaseRequest, PairRequest
from boxoffice.domain.staff import StaffMember
from boxoffice.domain.tenders import Tender, TenderKind
from boxoffice.services.connection import LinkState, Offline
from boxoffice.services.programme import Programme
from boxoffice.services.selling import Selling
from boxoffice.services.shifts import Shifts
from boxoffice.store import Identity, Store, Tx
from sync.client import Client, Failed
from sync.core import Core, Failure, Stopped
from sync.local import StoreLocal
from sync.worker import LeaseRefused
from tests.support.central import CASHIER
from tests.sync.simulation.line import Fate, Line, PowerCut

T = TypeVar("T")
KEY = bytes(range(32))
URL = "http://central"
_A_DEATH_AT_A_COMMIT = 0.003
_LEFT_BEHIND = ("*-shm", "till.lock")


class Till:
    """Implements boxoffice.services.connection.Connection as the sync thread does, without a thread."""

    def __init__(self, folder: Path, line: Line, chance: Random, clock: Callable[[], datetime]) -> None:
        self._root, self.line, self._chance, self._clock = folder, line, chance, clock
        self._runs = 0
        self.seconds = 0.0  # the clock of the core
        self.is_careful = True  # its program does not die at a commit
        self.copies: list[Path] = []
        self.basket: Basket

    def pair(self, blank: Path, code: str) -> None:
        """`blank` is the folder of an empty store."""
        key = Ed25519PrivateKey.generate()
        with_key = PairRequest(code=code, name="Till", public_key=key.public_key().public_bytes_raw())
        client = Client(URL, transport=self.line)
        reply = client.pair(with_key)
        identity = Identity(
            till=reply.till,
            name=reply.till_name,
            key_id=reply.key_id,
            incarnation=1,
            credential=reply.credential,
            central_url=URL,
            server_epoch=reply.server_epoch,
            root_key=reply.root_key,
            signing_key=key.private_bytes_raw(),
        )
        self.number, self._credential = reply.till, reply.credential
        self._run_on(blank)
        self.store.write(lambda tx: tx.identity.set(identity))
        self._start()

    def reboot(self) -> None:
        """After a power cut: only what the disk has is left."""
        old = self.store
        self._run_on(self.store.folder)
        old.close()
        self._start()

    def keep_copy(self) -> None:
        self.copies.append(self._copy_of(self.store.folder))

    def restore(self, copy: Path) -> None:
        """The disk was replaced, and an old copy put back. What the network still had of the old one is gone."""
        self.line.late.clear()
        self.store.close()
        self._run_on(copy)
        self._start()

    def close(self) -> None:
        self.store.close()

    @property
    def state(self) -> LinkState:
        match self.core.stopped:
            case Stopped.REVOKED:
                return LinkState.REVOKED
            case Stopped.DIVERGED:
                return LinkState.STOPPED
            case Stopped.NO:
                return LinkState.ONLINE if self.core.online else LinkState.OFFLINE

    @property
    def is_online(self) -> bool:
        return self.state is LinkState.ONLINE

    def request_lease(self, request: LeaseRequest) -> LeaseGrant:
        if not self.is_online:
            self.local.late.add(request.request)
            raise Offline
        try:
            return self.client.lease(request)
        except Failed as failed:
            self.local.late.add(request.request)
            self.core.ask_heads_soon()
            if failed.failure is Failure.REFUSED and failed.problem is not None:
                raise LeaseRefused(failed.problem.title, failed.problem.detail) from failed
            raise Offline from failed

    def wake(self) -> None:
        """There is no thread to wake: the world steps it."""

    def one_request(self) -> str:
        """Carry out what the core asks for; what it was, or nothing when nothing is due. Raises PowerCut."""
        request = self.core.next(self.seconds)
        if request is None:
            return ""
        try:
            reply = self.client.ask(request, self.local.marks().incarnation)
        except Failed as failed:
            self.core.failed(request, failed.failure, self.seconds, failed.retry_after_s)
            return f"{request.ask} {failed.failure.name.lower()}, {self.line.fate}"
        change = self.core.succeeded(request, reply, self.seconds, self._clock())
        if self.line.fate is Fate.REPEATED:
            self.core.succeeded(request, reply, self.seconds, self._clock())
        if change.catalogue:
            self.programme.forget()
        return f"{request.ask} {self.line.fate}"

    @property
    def cashier(self) -> StaffMember:
        return next(member for member in self.programme.catalogue().staff if member.id == CASHIER)

    def open_shift(self) -> None:
        self.shifts.open(self.cashier, Money(0, "EUR"))

    def take(self, performance: PerformanceId, seats: list[int], places: int, floor: int) -> None:
        """Into the basket. Raises Refused, PowerCut."""
        if seats:
            self.basket = self.selling.take_seats(self.basket, performance, seats)
        else:
            self.basket = self.selling.take_places(self.basket, performance, floor, places)

    def sell(self) -> None:
        """What is in the basket, for cash. Raises Refused, PowerCut."""
        total = self.basket.quote(self.programme.price_list).total.minor
        tender = Tender(kind=TenderKind.CASH, minor=total, received_minor=total)
        try:
            self.selling.sell(self.basket, [tender], self.cashier)
        finally:
            self.basket = self.selling.new_basket()

    def abandon(self) -> None:
        self.basket = self.selling.abandon(self.basket)

    def unsent(self) -> tuple[Fact, ...]:
        return self.store.read(lambda tx: tx.journal.unsent(10_000, 1 << 30))

    def _run_on(self, folder: Path) -> None:
        """Open a copy of a folder as the disk has it now."""
        self.store = Store.open(self._copy_of(folder), KEY, now=self._clock, new_id=self._new_id)
        self._write = self.store.write
        self.store.write = self._fragile  # type: ignore[method-assign]

    def _copy_of(self, folder: Path) -> Path:
        self._runs += 1
        copy = self._root / str(self._runs)
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(*_LEFT_BEHIND))
        return copy

    def _start(self) -> None:
        was_careful, self.is_careful = self.is_careful, True
        self.local = StoreLocal(self.store, self._clock, self._new_id)
        self.core = Core(self.local, self._chance.random)
        self.client = Client(URL, self._credential, self.line)
        self.programme = Programme(self.store, self, self._clock)
        self.selling = Selling(self.store, self.programme, self, self._clock, self._new_id)
        self.shifts = Shifts(self.store, self, self._clock, self._new_id)
        self.selling.return_left_over()
        self.basket = self.selling.new_basket()
        self.is_careful = was_careful

    def _fragile(self, work: Callable[[Tx], T]) -> T:
        """A commit, before or after which the power may fail."""
        luck = 1.0 if self.is_careful else self._chance.random()
        if luck < _A_DEATH_AT_A_COMMIT:
            raise PowerCut
        done = self._write(work)
        if luck < 2 * _A_DEATH_AT_A_COMMIT:
            raise PowerCut
        return done

    def _new_id(self) -> UUID:
        return uuid7(self._clock(), self._chance.getrandbits)
