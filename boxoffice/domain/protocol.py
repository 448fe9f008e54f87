"""The sync protocol's messages, shared by tills and central. docs/rules/seat-leases.md tells how they are used."""

from __future__ import annotations

import base64
from enum import IntEnum, StrEnum
from typing import Annotated, Literal
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import Field, PlainSerializer, PlainValidator

from boxoffice.domain.facts import AreaUnits, Fact, SeatEpoch, canonical_json
from boxoffice.domain.ids import LeaseRequestId, PerformanceId, SaleId, TicketId, TillNumber
from boxoffice.domain.values import Instant, Minor, Name, SeatIndex, Text, Value

PROTOCOL_VERSION = 1
MOST_FACTS_A_PUSH = 100
MOST_BYTES_A_PUSH = 256 * 1024


def _bytes_from_text(value: object) -> bytes:
    return value if isinstance(value, bytes) else base64.b64decode(str(value), validate=True)


Base64 = Annotated[
    bytes,
    PlainValidator(_bytes_from_text),
    PlainSerializer(lambda value: base64.b64encode(value).decode("ascii"), return_type=str),
]


class SeatStatus(IntEnum):
    """What central says of a seat. The till's own leases and unsent sales overlay it on screen."""

    FREE = 0
    HELD = 1  # a web basket, or kept back by the house
    LEASED = 2  # a till's basket or allotment
    SOLD = 3
    BLOCKED = 4
    QUARANTINED = 5
    CONFLICT = 6


class PairRequest(Value):
    """A till introduces itself. `public_key` signs its tickets (Ed25519, 32 bytes)."""

    code: Annotated[str, Field(min_length=4, max_length=40)]
    name: Name
    public_key: Base64
    protocol: int = PROTOCOL_VERSION


class PairReply(Value):
    till: TillNumber
    till_name: Name
    key_id: int
    credential: str
    server_epoch: int
    root_key: Base64  # central's public key: signs key bundles


class Status(Value):
    """`GET /api/tills/status`. `applied_hi` counts the till's facts of `incarnation` that central has."""

    server_epoch: int
    server_time: Instant
    till: TillNumber
    incarnation: int
    applied_hi: int
    durable_hi: int
    catalogue_version: int
    oldest_protocol: int = PROTOCOL_VERSION


class LeaseKind(StrEnum):
    BASKET = "basket"
    ALLOTMENT = "allotment"


class LeaseRequest(Value):
    """Named `seats`, or the `best` n places for an allotment, or `areas`. The same `request` gets the same grant."""

    request: LeaseRequestId
    performance: PerformanceId
    kind: LeaseKind
    seats: Annotated[tuple[SeatIndex, ...], Field(max_length=2000)] = ()
    best: Annotated[int, Field(ge=0, le=2000)] = 0
    areas: Annotated[tuple[AreaUnits, ...], Field(max_length=50)] = ()


class LeaseGrant(Value):
    """What was granted; `taken` are the seats asked for that somebody else has."""

    request: LeaseRequestId
    performance: PerformanceId
    seats: tuple[SeatEpoch, ...] = ()
    areas: tuple[AreaUnits, ...] = ()
    taken: tuple[int, ...] = ()


class PushRequest(Value):
    """One batch, in the order of `seq`, with no gap."""

    till: TillNumber
    incarnation: int
    from_seq: int
    facts: Annotated[tuple[Fact, ...], Field(min_length=1, max_length=MOST_FACTS_A_PUSH)]


class FactOutcome(StrEnum):
    APPLIED = "applied"
    CONFLICT = "conflict"
    PARKED = "parked"


class FactResult(Value):
    """`reason` says in words what a person has to settle."""

    seq: int
    outcome: FactOutcome
    reason: Text = ""


class PushReply(Value):
    """Only these marks count as acknowledgement. `diverged`: central holds another fact at one of these numbers."""

    server_epoch: int
    till: TillNumber
    incarnation: int
    applied_hi: int
    durable_hi: int
    results: tuple[FactResult, ...] = ()
    diverged: bool = False


class TicketRecord(Value):
    """What a door and an order search know of one ticket."""

    ticket: TicketId
    sale: SaleId
    seat: int | None = None
    area: int | None = None
    generation: int
    valid: bool
    price_type: str
    price_type_name: str
    category: int
    gross_minor: Minor = 0
    order_code: str
    holder: str = ""
    will_call: bool = False
    channel: Literal["counter", "web"] = "counter"


class SeatChange(Value):
    seat: SeatIndex
    status: SeatStatus
    till: TillNumber = TillNumber(0)  # who leases it, 0 for nobody or the web


class AreaCount(Value):
    """Places of an area that nobody holds, and those sold."""

    area: int
    free: int
    sold: int


class ScanRecord(Value):
    """The entry that counts: the earliest one not undone."""

    ticket: TicketId
    gate: str
    direction: Literal["entry", "exit", "undo"]
    admitted: bool
    scanned_at: Instant
    staff_name: str = ""


class Reclaimed(Value):
    """Leases of a till that two managers ended, because it seemed lost. If it comes back, it sells none of these."""

    reclaim: UUID
    till: TillNumber
    seats: tuple[SeatEpoch, ...] = ()
    areas: tuple[AreaUnits, ...] = ()


class FeedEntry(Value):
    """One committed change of a performance, numbered without gaps."""

    number: int
    seats: tuple[SeatChange, ...] = ()
    areas: tuple[AreaCount, ...] = ()
    tickets: tuple[TicketRecord, ...] = ()
    scans: tuple[ScanRecord, ...] = ()
    recall: tuple[SeatIndex, ...] = ()  # the till that leases them should RETURN them
    reclaimed: tuple[Reclaimed, ...] = ()


class FeedPage(Value):
    performance: PerformanceId
    server_epoch: int
    entries: tuple[FeedEntry, ...]
    head: int


class Snapshot(Value):
    """A performance as of feed number `head`. `statuses` is one SeatStatus byte a seat."""

    performance: PerformanceId
    server_epoch: int
    head: int
    statuses: Base64
    areas: tuple[AreaCount, ...]
    tickets: tuple[TicketRecord, ...]
    scans: tuple[ScanRecord, ...]
    recall: tuple[SeatIndex, ...] = ()  # as of every entry up to `head`
    reclaimed: tuple[Reclaimed, ...] = ()  # all there ever were


class Heads(Value):
    """`GET /api/tills/heads`: what is new, in one small answer. Asked after every reconnection and now and then."""

    server_epoch: int
    catalogue_version: int
    keys_version: int
    heads: dict[PerformanceId, int]


class Hint(Value):
    """Sent over SSE. A hint only: the pull is the truth. `performance` 0 means the catalogue."""

    performance: PerformanceId
    head: int


class SigningKey(Value):
    """A key that doors accept. Tickets issued by it from `revoked_from` on are not accepted."""

    issuer: TillNumber
    key_id: Annotated[int, Field(ge=0, le=255)]
    public_key: Base64
    valid_from: Instant
    revoked_from: Instant | None = None


class KeyBundle(Value):
    version: int
    keys: tuple[SigningKey, ...]
    signature: Base64 = b""

    def signed_content(self) -> bytes:
        return canonical_json(self.model_dump(mode="json", exclude={"signature"}))

    def signed(self, root: Ed25519PrivateKey) -> KeyBundle:
        return self.model_copy(update={"signature": root.sign(self.signed_content())})

    def is_signed_by(self, root: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(root).verify(self.signature, self.signed_content())
        except InvalidSignature:
            return False
        return True

    def public_key(self, issuer: TillNumber, key_id: int) -> bytes | None:
        """For `tokens.verify`."""
        for key in self.keys:
            if key.issuer == issuer and key.key_id == key_id:
                return key.public_key
        return None


class ProblemFault(Value):
    """One of many: where in what was sent, and what is wrong there."""

    place: str
    message: str


class Problem(Value):
    """RFC 9457 problem details, with a stable `code` and the `field` where there is one. `faults` is every single one
    of what was sent as a file."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    code: str
    field: str = ""
    faults: tuple[ProblemFault, ...] = ()
