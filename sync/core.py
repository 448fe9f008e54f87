"""What to ask central next, and what an answer means. No network, no thread, no clock of its own.

A driver calls `next`, carries the request out, and gives the answer to `succeeded` or `failed`. The same code runs in
the till's sync thread and in a simulator; all that it knows of the till is the `Local` port.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum, auto
from typing import Protocol

from boxoffice.domain.catalogue import Catalogue
from boxoffice.domain.facts import Fact
from boxoffice.domain.ids import PerformanceId, TillNumber
from boxoffice.domain.protocol import (
    FeedPage,
    Heads,
    Hint,
    KeyBundle,
    LeaseGrant,
    LeaseRequest,
    PushReply,
    PushRequest,
    Snapshot,
    Status,
)

POLL_EVERY_S = 20.0  # hints make it faster; this makes it certain
BACKOFF_FIRST_S = 1.0
BACKOFF_MOST_S = 60.0
RETRY_AFTER_MOST_S = 600.0  # a proxy that names a year is not obeyed
NO_PERFORMANCE = PerformanceId(0)


class Ask(StrEnum):
    """Kinds of request, in the order of their urgency."""

    STATUS = "status"
    INCARNATION = "incarnation"
    PUSH = "push"
    HEADS = "heads"
    CATALOGUE = "catalogue"
    KEYS = "keys"
    LEASE = "lease"
    SNAPSHOT = "snapshot"
    FEED = "feed"


@dataclass(frozen=True, slots=True)
class Request:
    ask: Ask
    performance: PerformanceId = NO_PERFORMANCE
    after: int = 0
    push: PushRequest | None = None
    lease: LeaseRequest | None = None


Reply = Status | PushReply | Heads | Catalogue | KeyBundle | LeaseGrant | Snapshot | FeedPage


class Failure(Enum):
    """What went wrong with a request. Nothing is ever given up because of one."""

    TRANSPORT = auto()  # no answer
    BUSY = auto()  # 5xx or 429
    NOT_THE_PROTOCOL = auto()  # somebody else answers in central's place: a captive portal
    UNAUTHORISED = auto()  # central does not know this till any more
    RESYNC = auto()  # 410: the feed's cursor is gone
    REFUSED = auto()  # a request that central understood and declines


class Stopped(StrEnum):
    """Why the till may not go on by itself. Outlives a restart: what central stopped does not sell offline either."""

    NO = ""
    REVOKED = "revoked"
    DIVERGED = "diverged"


@dataclass(frozen=True, slots=True)
class Marks:
    """Where the till stands."""

    till: TillNumber
    incarnation: int
    server_epoch: int
    applied_hi: int
    last_seq: int
    root_key: bytes


class Local(Protocol):
    """The till's store, as the protocol needs it. Each call is one transaction."""

    def marks(self) -> Marks: ...
    def unsent(self) -> Sequence[Fact]: ...
    def acknowledge(self, reply: PushReply) -> None: ...
    def rewind(self, applied_hi: int, server_epoch: int) -> None:
        """Central was restored to an earlier state: send again from there, and forget the pulled houses."""

    def start_incarnation(self, incarnation: int) -> None: ...
    def catalogue_version(self) -> int: ...
    def save_catalogue(self, catalogue: Catalogue) -> None: ...
    def keys_version(self) -> int: ...
    def save_keys(self, keys: KeyBundle) -> None: ...
    def heads(self) -> Mapping[PerformanceId, int]: ...
    def save_snapshot(self, snapshot: Snapshot) -> None: ...
    def apply_feed(self, page: FeedPage) -> bool:
        """False when the page does not continue what is here: a snapshot is needed."""

    def forget_house(self, performance: PerformanceId) -> None: ...
    def open_leases(self) -> Sequence[LeaseRequest]:
        """Requests whose grant has not arrived, and allotments to top up: durable before they are sent."""

    def accept(self, grant: LeaseGrant, request: LeaseRequest) -> None: ...
    def close_lease(self, request: LeaseRequest) -> None: ...
    def wanted(self) -> Sequence[PerformanceId]:
        """Performances whose houses this till keeps, soonest first."""

    def stopped(self) -> Stopped:
        """Why central stopped this till under its present pairing, as it was last remembered."""

    def remember_stopped(self, stopped: Stopped) -> None: ...


@dataclass(slots=True)
class Change:
    """What became different, for those who show it."""

    catalogue: bool = False
    keys: bool = False
    houses: set[PerformanceId] = field(default_factory=set)
    facts: bool = False  # acknowledged, or a result arrived
    rolled_back: bool = False  # this till was restored from an old copy
    restored: bool = False  # central was


class Core:
    """One till's conversation with one central."""

    def __init__(self, local: Local, random: Callable[[], float]) -> None:
        self._local, self._random = local, random
        self.online = False
        self.stopped = local.stopped()
        self._asks_once_more = self.stopped is not Stopped.NO  # started again: central may have changed its mind
        self.clock_skew_s = 0.0
        self.lists_at: float | None = None  # driver's clock: when every list was last known to be current
        self.wake_at = 0.0
        self._tries = 0
        self._greeted = False
        self._asked_heads_at = -POLL_EVERY_S
        self._central: Heads | None = None
        self._declined: set[object] = set()  # lease requests that central declined in this conversation
        self._needs_incarnation = False

    def hint(self, hint: Hint) -> None:
        """A hint makes the next poll due; it is never trusted by itself."""
        known = self._central.heads.get(hint.performance, -1) if self._central is not None else -1
        if hint.performance and hint.head > known >= 0:
            self._seen(hint.performance, hint.head)
        elif not hint.performance or hint.head != known:  # an echo of what was just pulled asks for nothing
            self.ask_heads_soon()

    def ask_heads_soon(self) -> None:
        self._asked_heads_at = -POLL_EVERY_S

    def next(self, now: float) -> Request | None:
        """The most urgent request, or None until `wake_at` (or until something wakes the driver). `now` in seconds."""
        if self.stopped is not Stopped.NO and not self._asks_once_more:
            self.wake_at = now + BACKOFF_MOST_S
            return None
        if now < self.wake_at and not self.online:
            return None
        request = self._next(now)
        if request is None:
            self.wake_at = self._asked_heads_at + POLL_EVERY_S
            self.lists_at = now
            self._tries = 0
        return request

    def _next(self, now: float) -> Request | None:
        if not self._greeted:
            return Request(Ask.STATUS)
        if self._needs_incarnation:
            return Request(Ask.INCARNATION)
        facts = self._local.unsent()
        if facts:
            first = facts[0]
            batch = PushRequest(till=first.till, incarnation=first.incarnation, from_seq=first.seq, facts=tuple(facts))
            return Request(Ask.PUSH, push=batch)
        if self._central is None or now - self._asked_heads_at >= POLL_EVERY_S:
            return Request(Ask.HEADS)
        if self._central.catalogue_version != self._local.catalogue_version():
            return Request(Ask.CATALOGUE)
        if self._central.keys_version != self._local.keys_version():
            return Request(Ask.KEYS)
        heads = self._local.heads()
        wanted = [performance for performance in self._local.wanted() if performance in self._central.heads]
        for performance in wanted:
            if performance in heads and heads[performance] < self._central.heads[performance]:
                return Request(Ask.FEED, performance, after=heads[performance])
        for lease in self._local.open_leases():
            if lease.request not in self._declined:
                return Request(Ask.LEASE, lease.performance, lease=lease)
        for performance in wanted:
            if performance not in heads:
                return Request(Ask.SNAPSHOT, performance)
        return None

    def succeeded(self, request: Request, reply: Reply, now: float, wall: datetime) -> Change:
        """Take an answer in. `wall` is the till's own clock, compared with central's only to warn."""
        self.online = True
        change = Change()
        if self.stopped is Stopped.REVOKED:  # an answer shows that central knows this till again
            self._stop(Stopped.NO)
        match request.ask, reply:
            case ((Ask.STATUS | Ask.INCARNATION), Status()):
                self._take_status(request, reply, wall, change)
            case Ask.PUSH, PushReply():
                self._take_push(request, reply, change)
            case Ask.HEADS, Heads():
                self._asked_heads_at = now
                if reply.server_epoch != self._local.marks().server_epoch:
                    self._greeted = False  # central was restored: greet it again
                self._central = reply
                self._stop(Stopped.NO)  # nothing waits that central takes offence at
            case Ask.CATALOGUE, Catalogue():
                self._local.save_catalogue(reply)
                change.catalogue = True
            case Ask.KEYS, KeyBundle():
                if not reply.is_signed_by(self._local.marks().root_key):
                    return self.failed(request, Failure.NOT_THE_PROTOCOL, now)
                self._local.save_keys(reply)
                change.keys = True
            case Ask.LEASE, LeaseGrant():
                if request.lease is not None:
                    self._local.accept(reply, request.lease)
                    change.houses.add(request.performance)
            case Ask.SNAPSHOT, Snapshot():
                self._local.save_snapshot(reply)
                self._seen(request.performance, reply.head)
                change.houses.add(request.performance)
            case Ask.FEED, FeedPage():
                if not self._local.apply_feed(reply):
                    self._local.forget_house(request.performance)
                self._seen(request.performance, reply.head)
                change.houses.add(request.performance)
            case _:
                raise TypeError(f"{type(reply).__name__} does not answer {request.ask}")
        return change

    def failed(self, request: Request, failure: Failure, now: float, retry_after_s: float = 0.0) -> Change:
        """Keep everything and try again later: full jitter, never sooner than central asks for."""
        change = Change()
        match failure:
            case Failure.UNAUTHORISED:
                self._stop(Stopped.REVOKED)
            case Failure.RESYNC if request.ask is Ask.FEED:
                self._local.forget_house(request.performance)
                change.houses.add(request.performance)
            case Failure.REFUSED | Failure.RESYNC:
                self._decline(request, now)
            case Failure.TRANSPORT | Failure.BUSY | Failure.NOT_THE_PROTOCOL:
                self.online = False
                self._greeted = False
                self.ask_heads_soon()
                ceiling = min(BACKOFF_MOST_S, BACKOFF_FIRST_S * 2.0**self._tries)
                self._tries = min(self._tries + 1, 10)
                self.wake_at = now + max(min(retry_after_s, RETRY_AFTER_MOST_S), self._random() * ceiling)
        return change

    def try_now(self) -> None:
        """The network may be back: do not wait for the back-off, and ask something that shows it."""
        self.wake_at = 0.0
        self.ask_heads_soon()

    def _stop(self, why: Stopped) -> None:
        self._asks_once_more = False
        if why is not Stopped.NO:
            self.online = False
        if why is not self.stopped:
            self.stopped = why
            self._local.remember_stopped(why)

    def _decline(self, request: Request, now: float) -> None:
        if request.lease is not None:
            self._local.close_lease(request.lease)
            self._declined.add(request.lease.request)
        elif request.performance and self._central is not None:  # one house must not keep the others waiting
            heads = {key: head for key, head in self._central.heads.items() if key != request.performance}
            self._central = self._central.model_copy(update={"heads": heads})
        else:
            self.wake_at = now + BACKOFF_MOST_S  # a disagreement about the protocol: never a reason to drop a fact
            self.online = False

    def _take_status(self, request: Request, status: Status, wall: datetime, change: Change) -> None:
        marks = self._local.marks()
        self.clock_skew_s = (wall - status.server_time).total_seconds()
        self._greeted = True
        if request.ask is Ask.INCARNATION:
            self._local.start_incarnation(status.incarnation)
            self._needs_incarnation = False
            change.rolled_back = True
            return
        if status.incarnation != marks.incarnation or status.applied_hi > marks.last_seq:
            # Central has facts of ours that we no longer have: this till was restored from an old copy.
            self._needs_incarnation = True
            return
        if status.server_epoch != marks.server_epoch or status.applied_hi < marks.applied_hi:
            self._local.rewind(status.applied_hi, status.server_epoch)
            self._central = None
            change.restored = True
            change.facts = True

    def _take_push(self, request: Request, reply: PushReply, change: Change) -> None:
        if reply.diverged:
            self._stop(Stopped.DIVERGED)
        elif request.push is not None and reply.applied_hi < request.push.from_seq:
            self._greeted = False  # it took nothing: central was restored to before these, and says so in its status
        else:
            self._tries = 0
            self._local.acknowledge(reply)
            self.ask_heads_soon()
        change.facts = True

    def _seen(self, performance: PerformanceId, head: int) -> None:
        if self._central is not None and head > self._central.heads.get(performance, -1):
            self._central = self._central.model_copy(update={"heads": {**self._central.heads, performance: head}})
