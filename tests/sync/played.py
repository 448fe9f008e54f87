"""A till's memory and a central by the book, both without disk and network, for the protocol's core."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from boxoffice.domain.catalogue import Catalogue
from boxoffice.domain.facts import GENESIS_HASH, Fact, ReturnBody, SeatEpoch
from boxoffice.domain.ids import FactId, LeaseRequestId, PerformanceId, TillNumber
from boxoffice.domain.protocol import (
    FeedEntry,
    FeedPage,
    Heads,
    KeyBundle,
    LeaseGrant,
    LeaseKind,
    LeaseRequest,
    PushReply,
    Snapshot,
    Status,
)
from sync.core import Ask, Core, Failure, Marks, Reply, Request, Stopped
from tests.support.central import catalogue

ROOT = Ed25519PrivateKey.from_private_bytes(b"r" * 32)
TILL = TillNumber(7)
TONIGHT, TOMORROW = PerformanceId(1001), PerformanceId(1002)
WALL = datetime(2026, 11, 14, 12, 0, tzinfo=UTC)


def fact_after(last: Fact | None, incarnation: int = 1, fact_id: UUID | None = None) -> Fact:
    """The next fact of a chain: a seat that goes back."""
    seq = last.seq + 1 if last is not None else 1
    return Fact.next(
        ReturnBody(performance=TONIGHT, seats=(SeatEpoch(seat=seq, epoch=1),)),
        till=TILL,
        incarnation=incarnation,
        seq=seq,
        fact_id=FactId(fact_id or uuid4()),
        prev_hash=last.hash if last is not None else GENESIS_HASH,
        hlc=f"{seq}.0",
        wall_time=WALL,
    )


@dataclass
class MemoryLocal:
    """The `Local` port over lists."""

    incarnation: int = 1
    server_epoch: int = 1
    applied_hi: int = 0
    facts: list[Fact] = field(default_factory=list)
    catalogue: int = 0
    keys: int = 0
    houses: dict[PerformanceId, int] = field(default_factory=dict)
    leases: list[LeaseRequest] = field(default_factory=list)
    granted: list[LeaseGrant] = field(default_factory=list)
    keeps: tuple[PerformanceId, ...] = ()
    stop: Stopped = Stopped.NO

    def act(self) -> Fact:
        self.facts.append(fact_after(self.facts[-1] if self.facts else None, self.incarnation))
        return self.facts[-1]

    def marks(self) -> Marks:
        root = ROOT.public_key().public_bytes_raw()
        return Marks(TILL, self.incarnation, self.server_epoch, self.applied_hi, len(self.facts), root)

    def unsent(self) -> Sequence[Fact]:
        return self.facts[self.applied_hi : self.applied_hi + 5]

    def acknowledge(self, reply: PushReply) -> None:
        assert reply.applied_hi <= len(self.facts)
        self.applied_hi = max(self.applied_hi, reply.applied_hi)

    def rewind(self, applied_hi: int, server_epoch: int) -> None:
        self.applied_hi, self.server_epoch = min(self.applied_hi, applied_hi), server_epoch
        self.houses.clear()

    def start_incarnation(self, incarnation: int) -> None:
        waiting = self.facts[self.applied_hi :]
        self.incarnation, self.applied_hi, self.facts = incarnation, 0, []
        for old in waiting:
            last = self.facts[-1] if self.facts else None
            self.facts.append(fact_after(last, incarnation, old.id))

    def catalogue_version(self) -> int:
        return self.catalogue

    def save_catalogue(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue.version

    def keys_version(self) -> int:
        return self.keys

    def save_keys(self, keys: KeyBundle) -> None:
        self.keys = keys.version

    def heads(self) -> Mapping[PerformanceId, int]:
        return dict(self.houses)

    def save_snapshot(self, snapshot: Snapshot) -> None:
        self.houses[snapshot.performance] = snapshot.head

    def apply_feed(self, page: FeedPage) -> bool:
        for entry in page.entries:
            if entry.number > self.houses[page.performance] + 1:
                return False
            self.houses[page.performance] = max(self.houses[page.performance], entry.number)
        return True

    def forget_house(self, performance: PerformanceId) -> None:
        self.houses.pop(performance, None)

    def open_leases(self) -> Sequence[LeaseRequest]:
        return tuple(self.leases)

    def accept(self, grant: LeaseGrant, request: LeaseRequest) -> None:
        self.granted.append(grant)
        self.close_lease(request)

    def close_lease(self, request: LeaseRequest) -> None:
        self.leases.remove(request)

    def wanted(self) -> Sequence[PerformanceId]:
        return self.keeps

    def stopped(self) -> Stopped:
        return self.stop

    def remember_stopped(self, stopped: Stopped) -> None:
        self.stop = stopped


@dataclass
class ModelCentral:
    """What PROTOCOL says of central: facts by incarnation and number, each applied once by its id."""

    epoch: int = 1
    incarnation: int = 1
    facts: dict[int, list[Fact]] = field(default_factory=dict)
    applied: list[FactId] = field(default_factory=list)
    heads: dict[PerformanceId, int] = field(default_factory=lambda: {TONIGHT: 3, TOMORROW: 1})
    keys: KeyBundle = field(default_factory=lambda: KeyBundle(version=1, keys=()).signed(ROOT))

    def hi(self, incarnation: int) -> int:
        return len(self.facts.get(incarnation, []))

    def answer(self, request: Request, incarnation: int) -> Reply:
        match request.ask:
            case Ask.STATUS:
                return self.status(incarnation)
            case Ask.INCARNATION:
                self.incarnation += 1
                return self.status(self.incarnation)
            case Ask.PUSH:
                return self.push(request)
            case Ask.HEADS:
                return Heads(server_epoch=self.epoch, catalogue_version=1, keys_version=1, heads=self.heads)
            case Ask.CATALOGUE:
                return catalogue()
            case Ask.KEYS:
                return self.keys
            case Ask.LEASE:
                assert request.lease is not None
                return LeaseGrant(request=request.lease.request, performance=request.performance)
            case Ask.SNAPSHOT:
                return Snapshot(
                    performance=request.performance,
                    server_epoch=self.epoch,
                    head=self.heads[request.performance],
                    statuses=b"",
                    areas=(),
                    tickets=(),
                    scans=(),
                )
            case Ask.FEED:
                numbers = range(request.after + 1, self.heads[request.performance] + 1)
                return FeedPage(
                    performance=request.performance,
                    server_epoch=self.epoch,
                    entries=tuple(FeedEntry(number=number) for number in numbers),
                    head=self.heads[request.performance],
                )

    def status(self, incarnation: int) -> Status:
        return Status(
            server_epoch=self.epoch,
            server_time=WALL,
            till=TILL,
            incarnation=incarnation,
            applied_hi=self.hi(incarnation),
            durable_hi=0,
            catalogue_version=1,
        )

    def push(self, request: Request) -> PushReply:
        assert request.push is not None
        kept = self.facts.setdefault(request.push.incarnation, [])
        known = {fact.seq: fact.hash for fact in kept}
        diverged = any(known.get(fact.seq, fact.hash) != fact.hash for fact in request.push.facts)
        for fact in request.push.facts:
            if fact.seq == len(kept) + 1 and not diverged:
                kept.append(fact)
                if fact.id not in self.applied:
                    self.applied.append(fact.id)
        return PushReply(
            server_epoch=self.epoch,
            till=TILL,
            incarnation=request.push.incarnation,
            applied_hi=len(kept),
            durable_hi=0,
            diverged=diverged,
        )


class Talk:
    """One core, its memory and its central; time stands still unless it is told to go on."""

    def __init__(self, random: float = 0.5) -> None:
        self.local, self.central = MemoryLocal(), ModelCentral()
        self.core = Core(self.local, lambda: random)
        self.now = 1000.0
        self.asked: list[Ask] = []

    def again(self) -> Talk:
        """The program starts again over the same memory."""
        talk = Talk()
        talk.local, talk.central, talk.now = self.local, self.central, self.now
        talk.core = Core(talk.local, lambda: 0.5)
        return talk

    def next(self) -> Request | None:
        return self.core.next(self.now)

    def step(self) -> Request | None:
        """Ask one thing and take the answer in."""
        request = self.next()
        if request is not None:
            self.asked.append(request.ask)
            reply = self.central.answer(request, self.local.incarnation)
            self.core.succeeded(request, reply, self.now, WALL)
        return request

    def rest(self, most: int = 100) -> list[Ask]:
        """Until there is nothing to ask; what was asked."""
        self.asked.clear()
        for _ in range(most):
            if self.step() is None:
                return self.asked
        raise AssertionError(f"the core never rests: {self.asked}")

    def fail(self, failure: Failure, retry_after_s: float = 0.0) -> Request:
        request = self.next()
        assert request is not None
        self.core.failed(request, failure, self.now, retry_after_s)
        return request

    def wait(self, seconds: float) -> None:
        self.now += seconds


def lease_request(performance: PerformanceId = TONIGHT) -> LeaseRequest:
    return LeaseRequest(request=LeaseRequestId(uuid4()), performance=performance, kind=LeaseKind.ALLOTMENT, best=4)
