"""A till with its real store, services and sync thread, beside a real central."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from threading import Condition
from uuid import uuid4

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from boxoffice.domain.facts import SaleBody
from boxoffice.domain.money import Money
from boxoffice.domain.protocol import PairRequest
from boxoffice.domain.staff import StaffMember
from boxoffice.domain.tenders import Tender, TenderKind
from boxoffice.services.connection import LinkState, LinkStatus
from boxoffice.services.programme import Programme
from boxoffice.services.selling import Selling
from boxoffice.services.shifts import Shifts
from boxoffice.store import Identity, Store
from sync.client import Client
from sync.core import Change
from sync.local import StoreLocal
from sync.worker import SyncWorker
from tests.support.central import CASHIER, NOW, TONIGHT

KEY = bytes(range(32))
PATIENCE_S = 20.0


def pair(folder: Path, url: str, code: str) -> None:
    """Introduce a till to central and keep who it is."""
    key = Ed25519PrivateKey.generate()
    client = Client(url)
    reply = client.pair(PairRequest(code=code, name="Till", public_key=key.public_key().public_bytes_raw()))
    client.close()
    identity = Identity(
        till=reply.till,
        name=reply.till_name,
        key_id=reply.key_id,
        incarnation=1,
        credential=reply.credential,
        central_url=url,
        server_epoch=reply.server_epoch,
        root_key=reply.root_key,
        signing_key=key.private_bytes_raw(),
    )
    store = Store.open(folder, KEY)
    store.write(lambda tx: tx.identity.set(identity))
    store.close()


class OnlineTill:
    """A program's run over a paired folder. `url` when the way to central is another than at pairing."""

    def __init__(
        self,
        folder: Path,
        url: str = "",
        *,
        now: Callable[[], datetime] = lambda: NOW,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.store = Store.open(folder, KEY, now=now)
        identity = self.store.read(lambda tx: tx.identity.get())
        assert identity is not None
        self.number = identity.till
        self._is_started = False
        self._news = Condition()
        self.shown: list[LinkStatus] = []
        self.local = StoreLocal(self.store, now, uuid4)
        client = Client(url or identity.central_url, identity.credential, transport)
        self.worker = SyncWorker(self.store, client, self.local, now, self._changed)
        self.programme = Programme(self.store, self.worker, now)
        self.selling = Selling(self.store, self.programme, self.worker, now, uuid4)
        self.shifts = Shifts(self.store, self.worker, now, uuid4)
        self.selling.return_left_over()

    def start(self) -> OnlineTill:
        self.worker.start()
        self._is_started = True
        return self

    def ready(self) -> OnlineTill:
        """On line, with tonight's house, an allotment and an open shift."""
        self.start().until(lambda: bool(self.allotment) and self.status.waiting == 0)
        if self.shifts.current() is None:
            self.shifts.open(self.cashier, Money(20_000, "EUR"))
        return self

    def close(self) -> None:
        if self._is_started:
            self.worker.stop()
        self.store.close()

    @property
    def cashier(self) -> StaffMember:
        return next(member for member in self.programme.catalogue().staff if member.id == CASHIER)

    @property
    def status(self) -> LinkStatus:
        return self.worker.status

    @property
    def allotment(self) -> list[int]:
        return sorted(self.store.read(lambda tx: tx.leases.seats(TONIGHT)))

    @property
    def waiting(self) -> int:
        return self.store.read(lambda tx: tx.journal.waiting())

    def sell(self, seats: Sequence[int]) -> SaleBody:
        basket = self.selling.take_seats(self.selling.new_basket(), TONIGHT, seats)
        total = basket.quote(self.programme.price_list).total.minor
        return self.selling.sell(
            basket, [Tender(kind=TenderKind.CASH, minor=total, received_minor=total)], self.cashier
        )

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait for news from the sync thread until `holds`."""
        with self._news:
            assert self._news.wait_for(holds, PATIENCE_S), self.status

    def drained(self) -> None:
        self.until(lambda: self.status.state is LinkState.ONLINE and self.waiting == 0)

    def _changed(self, change: Change, status: LinkStatus) -> None:
        if change.catalogue:
            self.programme.forget()
        with self._news:
            self.shown.append(status)
            self._news.notify_all()
