"""The till's store as the sync core sees it. Every method is one durable step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from boxoffice.domain.catalogue import Catalogue, Performance, PerformanceStatus
from boxoffice.domain.clock import Clock
from boxoffice.domain.facts import AreaUnits, Fact, FactKind, SaleBody
from boxoffice.domain.ids import LeaseRequestId, NewId, PerformanceId, TillNumber
from boxoffice.domain.protocol import (
    MOST_BYTES_A_PUSH,
    MOST_FACTS_A_PUSH,
    FactOutcome,
    FeedPage,
    KeyBundle,
    LeaseGrant,
    LeaseKind,
    LeaseRequest,
    PushReply,
    Reclaimed,
    SeatStatus,
    Snapshot,
    TicketRecord,
)
from boxoffice.store import FeedGap, Store, Tx
from sync.core import Marks, Stopped

KEEP_BEHIND = timedelta(hours=12)
KEEP_AHEAD = timedelta(days=30)
ALLOT_AHEAD = timedelta(hours=48)
TOP_UP_EVERY = timedelta(minutes=2)
MOST_AREA_UNITS = 100
_STOPPED = "sync.stopped"
_RECLAIMED = "sync.reclaimed"


class StoreLocal:
    """`late` are basket requests that no cashier waits for any more: what they are granted goes straight back."""

    def __init__(self, store: Store, now: Clock, new_id: NewId) -> None:
        self._store, self._now, self._new_id = store, now, new_id
        self._known: Catalogue | None = None  # parsed once: it is asked for at every step
        self._topped_up: dict[PerformanceId, datetime] = {}
        self.late: set[LeaseRequestId] = {request.request for request in store.read(_open_requests)}

    def marks(self) -> Marks:
        def read(tx: Tx) -> Marks:
            identity = tx.identity.get()
            if identity is None:
                raise LookupError("an unpaired till does not sync")
            return Marks(
                till=TillNumber(identity.till),
                incarnation=identity.incarnation,
                server_epoch=identity.server_epoch,
                applied_hi=tx.journal.applied_hi(),
                last_seq=tx.journal.head()[0],
                root_key=identity.root_key,
            )

        return self._store.read(read)

    def unsent(self) -> Sequence[Fact]:
        return self._store.read(lambda tx: tx.journal.unsent(MOST_FACTS_A_PUSH, MOST_BYTES_A_PUSH))

    def acknowledge(self, reply: PushReply) -> None:
        self._store.write(lambda tx: tx.journal.acknowledge(reply.applied_hi, reply.durable_hi, reply.results))

    def rewind(self, applied_hi: int, server_epoch: int) -> None:
        def back(tx: Tx) -> None:
            identity = tx.identity.get()
            if identity is not None:
                tx.identity.set(replace(identity, server_epoch=server_epoch))
            tx.journal.rewind(applied_hi)

        self._store.write(back)
        for performance in self._store.read_cache(lambda cache: cache.houses.known()):
            self.forget_house(performance)

    def start_incarnation(self, incarnation: int) -> None:
        def start(tx: Tx) -> None:
            identity = tx.identity.get()
            while identity is not None and identity.incarnation < incarnation:
                tx.identity.raise_incarnation()
                identity = tx.identity.get()
            _forget_leases(tx)

        self._store.write(start)

    def catalogue_version(self) -> int:
        catalogue = self._catalogue()
        return catalogue.version if catalogue is not None else 0

    def save_catalogue(self, catalogue: Catalogue) -> None:
        self._store.write_cache(lambda cache: cache.catalogue.set(catalogue))
        self._known = catalogue

    def keys_version(self) -> int:
        keys = self._store.read_cache(lambda cache: cache.keys.get())
        return keys.version if keys is not None else 0

    def save_keys(self, keys: KeyBundle) -> None:
        self._store.write_cache(lambda cache: cache.keys.set(keys))

    def heads(self) -> Mapping[PerformanceId, int]:
        return self._store.read_cache(lambda cache: cache.houses.heads())

    def save_snapshot(self, snapshot: Snapshot) -> None:
        if snapshot.recall:
            self._give_up(snapshot.performance, set(snapshot.recall))
        self._lose(snapshot.performance, snapshot.reclaimed)
        self._put_right(snapshot.tickets)
        self._store.write_cache(lambda cache: cache.houses.put_snapshot(snapshot))

    def apply_feed(self, page: FeedPage) -> bool:
        recalled = {seat for entry in page.entries for seat in entry.recall}
        if recalled:
            self._give_up(page.performance, recalled)
        self._lose(page.performance, [ended for entry in page.entries for ended in entry.reclaimed])
        self._put_right([record for entry in page.entries for record in entry.tickets])
        try:
            self._store.write_cache(lambda cache: cache.houses.apply(page))
        except FeedGap:
            return False
        return True

    def forget_house(self, performance: PerformanceId) -> None:
        self._store.write_cache(lambda cache: cache.houses.drop(performance))

    def open_leases(self) -> Sequence[LeaseRequest]:
        waiting = [
            request
            for request in self._store.read(_open_requests)
            if request.kind is LeaseKind.ALLOTMENT or request.request in self.late
        ]
        return waiting or self._top_ups()

    def accept(self, grant: LeaseGrant, request: LeaseRequest) -> None:
        """An allotment is kept. A basket's late grant goes straight back: its customer has gone.

        Only what this grant brought goes back: the customer may have taken the same place again meanwhile.
        """

        def take(tx: Tx) -> None:
            if request not in tx.leases.open_requests():
                return  # it was answered before
            fresh = [item.seat for item in tx.leases.accept(grant, request.kind)]
            if request.kind is LeaseKind.BASKET:
                body = tx.leases.release(grant.performance, fresh, {item.area: item.units for item in grant.areas})
                if body is not None:
                    tx.journal.append(body)

        self._store.write(take)
        self.late.discard(request.request)

    def close_lease(self, request: LeaseRequest) -> None:
        self._store.write(lambda tx: tx.leases.close_request(request.request))

    def wanted(self) -> Sequence[PerformanceId]:
        now = self._now()
        catalogue = self._catalogue()
        if catalogue is None:
            return []
        kept = [p for p in catalogue.performances if p.ends_at > now - KEEP_BEHIND and p.starts_at < now + KEEP_AHEAD]
        return [p.id for p in sorted(kept, key=lambda p: (p.ends_at < now, p.starts_at))]

    def stopped(self) -> Stopped:
        why, _, pairing = self._store.read(lambda tx: tx.settings.get(_STOPPED) or "").partition(" ")
        return Stopped(why) if why and pairing == self._store.read(_pairing) else Stopped.NO

    def remember_stopped(self, stopped: Stopped) -> None:
        """Kept with a mark of the credential, so that a new pairing starts afresh."""
        self._store.write(lambda tx: tx.settings.set(_STOPPED, f"{stopped} {_pairing(tx)}" if stopped else ""))

    def _top_ups(self) -> Sequence[LeaseRequest]:
        """A request for the first performance whose allotment ran low, durable before it is sent."""
        now = self._now()
        catalogue = self._catalogue()
        for performance in catalogue.performances if catalogue is not None else ():
            soon = performance.ends_at > now and performance.starts_at < now + ALLOT_AHEAD
            asked = self._topped_up.get(performance.id)
            if (
                not soon
                or performance.status is not PerformanceStatus.ON_SALE
                or (asked is not None and abs(now - asked) < TOP_UP_EVERY)
            ):
                continue
            request = self._top_up(performance)
            if request is not None:
                self._topped_up[performance.id] = now
                self._store.write(lambda tx, request=request: tx.leases.open_request(request))  # type: ignore[misc]
                return [request]
        return []

    def _top_up(self, performance: Performance) -> LeaseRequest | None:
        seats, units = self._store.read(
            lambda tx: (len(tx.leases.seats(performance.id)), tx.leases.areas(performance.id))
        )
        counts = self._store.read_cache(lambda cache: cache.houses.areas(performance.id))
        statuses = self._store.read_cache(lambda cache: cache.houses.statuses(performance.id))
        if statuses is None:
            return None  # the house is not known yet: its snapshot comes first
        free = int((statuses == SeatStatus.FREE).sum())
        wanted_seats = performance.allotment - seats if free > 1 else 0
        target = min(performance.allotment, MOST_AREA_UNITS)
        areas = tuple(
            AreaUnits(area=count.area, units=min(target - units.get(count.area, 0), _fair(count.free)))
            for count in counts
            if units.get(count.area, 0) <= target // 2 and _fair(count.free) > 0
        )
        if wanted_seats <= performance.allotment // 2 and not areas:
            return None
        return LeaseRequest(
            request=LeaseRequestId(self._new_id()),
            performance=performance.id,
            kind=LeaseKind.ALLOTMENT,
            best=min(wanted_seats, _fair(free)) if wanted_seats > performance.allotment // 2 else 0,
            areas=areas,
        )

    def _give_up(self, performance: PerformanceId, seats: set[int]) -> None:
        """Central recalls seats: durably stop selling those that no basket has, and say so in the same queue."""

        def give(tx: Tx) -> None:
            spare = sorted(seats & set(tx.leases.seats(performance)) - set(tx.leases.basket_seats(performance)))
            body = tx.leases.release(performance, spare, {})
            if body is not None:
                tx.journal.append(body)

        self._store.write(give)

    def _lose(self, performance: PerformanceId, ended: Sequence[Reclaimed]) -> None:
        """Two managers took leases away while this till was lost: durably stop selling them, a basket's as well. No
        RETURN tells of them: somebody else may have them by now."""

        def lose(tx: Tx) -> None:
            identity = tx.identity.get()
            for one in ended:
                is_known = f"{_RECLAIMED}.{one.reclaim}.{performance}"
                if identity is None or one.till != identity.till or tx.settings.get(is_known):
                    continue  # places have no epoch: they are taken off once
                tx.leases.lose(performance, one.seats, one.areas)
                tx.settings.set(is_known, "1")

        if ended:
            self._store.write(lose)

    def _put_right(self, records: Sequence[TicketRecord]) -> None:
        """An own sale that was in a conflict, and of which every ticket admits by now, waits for nobody any more."""
        admits = {record.ticket for record in records if record.valid}
        if not admits:
            return
        settled = []
        for item in self._store.read(lambda tx: tx.journal.needs_attention()):
            if item.outcome is FactOutcome.CONFLICT and item.fact.kind == FactKind.SALE:
                sale = item.fact.parsed()
                if isinstance(sale, SaleBody) and {line.ticket for line in sale.tickets} <= admits:
                    settled.append(item.fact)
        for fact in settled:
            self._store.write(lambda tx, fact=fact: tx.journal.put_right(fact))  # type: ignore[misc]

    def _catalogue(self) -> Catalogue | None:
        if self._known is None:
            self._known = self._store.read_cache(lambda cache: cache.catalogue.get())
        return self._known


def _pairing(tx: Tx) -> str:
    identity = tx.identity.get()
    return sha256(identity.credential.encode()).hexdigest()[:16] if identity is not None else ""


def _open_requests(tx: Tx) -> Sequence[LeaseRequest]:
    return tx.leases.open_requests()


def _forget_leases(tx: Tx) -> None:
    """An old copy may hold seats that were sold after it was made; central has put them all aside. No RETURN tells of
    them: that would set them free."""
    for performance in tx.leases.all_performances():
        tx.leases.release(performance, tx.leases.seats(performance), tx.leases.areas(performance))
    for request in tx.leases.open_requests():
        tx.leases.close_request(request.request)


def _fair(free: int) -> int:
    """One till never sets aside more than half of what is left: there are other tills, and the web."""
    return free // 2
