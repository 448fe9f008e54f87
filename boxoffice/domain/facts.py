"""Facts: what happened at a till or a door, final when its journal row is durable. Central never refuses one.

A fact's hash covers its whole content and the hash before it, so a journal is a chain: a row that is lost, changed
or repeated is noticed by whoever holds the next one.
"""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field, model_validator

from boxoffice.domain.ids import FactId, PerformanceId, SaleId, ScanId, ShiftId, StaffId, TicketId, TillNumber
from boxoffice.domain.pricing import Charged, FeeLine, TaxLine
from boxoffice.domain.shifts import CashExpected, MovementKind, TenderSum
from boxoffice.domain.tenders import Tender
from boxoffice.domain.values import Currency, Instant, Minor, Name, SeatIndex, Text, Value

GENESIS_HASH = "0" * 64


class FactKind(StrEnum):
    SALE = "SALE"
    RETURN = "RETURN"
    REFUND = "REFUND"
    ISSUE = "ISSUE"
    SCAN = "SCAN"
    CASH_MOVEMENT = "CASH_MOVEMENT"
    SHIFT_OPEN = "SHIFT_OPEN"
    SHIFT_CLOSE = "SHIFT_CLOSE"
    CARD_SETTLED = "CARD_SETTLED"


class UnknownFact(ValueError):
    """A kind or schema version of a later release: the fact is kept as it is, and interpreted by who knows it."""


class LedgerLine(Value):
    """A debit is positive, a credit negative; the lines of a fact sum to zero.

    Accounts: `cash:<till>`, `card`, `revenue:tickets`, `revenue:fees`, `tax:<basis points>`, `drawer:<reason>`.
    """

    account: Annotated[str, Field(pattern=r"^[a-z_]+(:[A-Za-z0-9_]+)?$")]
    minor: Minor


class Customer(Value):
    name: Name
    email: str = ""
    phone: str = ""


class TicketLine(Charged):
    """One admission. `seat` and its lease `epoch`, or `area` for a place without a number; minor units throughout."""

    ticket: TicketId
    performance: PerformanceId
    seat: SeatIndex | None = None
    area: Annotated[int, Field(ge=0)] | None = None
    epoch: Annotated[int, Field(ge=0)] = 0
    category: Annotated[int, Field(ge=0, lt=256)]
    price_type: Annotated[str, Field(pattern=r"^[A-Z]$")]
    price_type_name: Name
    generation: Annotated[int, Field(ge=1, lt=256)] = 1

    @model_validator(mode="after")
    def _seat_or_area(self) -> TicketLine:
        if (self.seat is None) == (self.area is None):
            raise ValueError("a ticket is for a seat or for an area")
        return self


class Balanced(Value):
    """A body whose ledger lines sum to zero; anything else is malformed."""

    ledger: tuple[LedgerLine, ...]

    @model_validator(mode="after")
    def _balances(self) -> Balanced:
        if sum(line.minor for line in self.ledger):
            raise ValueError("the ledger lines do not sum to zero")
        return self


class SaleBody(Balanced):
    kind: ClassVar = FactKind.SALE
    sale: SaleId
    receipt: Name
    order_code: Name
    shift: ShiftId
    staff: StaffId
    started_at: Instant
    sold_at: Instant
    currency: Currency
    tickets: Annotated[tuple[TicketLine, ...], Field(min_length=1, max_length=500)]
    fees: tuple[FeeLine, ...] = ()
    taxes: tuple[TaxLine, ...] = ()
    total_minor: Minor
    tenders: tuple[Tender, ...]
    customer: Customer | None = None
    note: Text = ""
    reason: Text = ""


class SeatEpoch(Value):
    seat: SeatIndex
    epoch: Annotated[int, Field(ge=0)]


class AreaUnits(Value):
    area: Annotated[int, Field(ge=0)]
    units: Annotated[int, Field(ge=0, le=200_000)]


class ReturnBody(Value):
    """The till gives leased places back. It rides in the queue of the sales, so its arrival proves theirs."""

    kind: ClassVar = FactKind.RETURN
    performance: PerformanceId
    seats: tuple[SeatEpoch, ...] = ()
    areas: tuple[AreaUnits, ...] = ()


class RefundedTicket(Charged):
    """What is given back of one ticket: its charges are negative."""

    ticket: TicketId
    performance: PerformanceId
    seat: SeatIndex | None = None
    area: Annotated[int, Field(ge=0)] | None = None


class RefundBody(Balanced):
    kind: ClassVar = FactKind.REFUND
    refund: SaleId
    sale: SaleId
    receipt: Name
    shift: ShiftId
    staff: StaffId
    refunded_at: Instant
    currency: Currency
    tickets: Annotated[tuple[RefundedTicket, ...], Field(min_length=1)]
    taxes: tuple[TaxLine, ...] = ()
    total_minor: Minor
    tenders: tuple[Tender, ...]
    reason: Text


class IssuedTicket(Value):
    ticket: TicketId
    performance: PerformanceId
    generation: Annotated[int, Field(ge=1, lt=256)]


class IssueBody(Value):
    """Paper was handed out again or for the first time: a higher generation ends every earlier code."""

    kind: ClassVar = FactKind.ISSUE
    tickets: tuple[IssuedTicket, ...]
    why: Literal["will_call", "reprint"]
    staff: StaffId
    issued_at: Instant


class ScanBody(Value):
    """Appended, never judged again. `shown` is the verdict that the steward saw."""

    kind: ClassVar = FactKind.SCAN
    scan: ScanId
    ticket: TicketId
    performance: PerformanceId
    generation: int
    gate: Name
    direction: Literal["entry", "exit", "undo"]
    shown: Name
    admitted: bool
    online: bool
    list_head: int
    staff: StaffId
    scanned_at: Instant


class CashMovementBody(Balanced):
    kind: ClassVar = FactKind.CASH_MOVEMENT
    shift: ShiftId
    staff: StaffId
    movement: MovementKind
    minor: Minor
    currency: Currency
    reason: Name
    moved_at: Instant


class ShiftOpenBody(Value):
    kind: ClassVar = FactKind.SHIFT_OPEN
    shift: ShiftId
    number: int
    staff: StaffId
    float_minor: Minor
    currency: Currency
    opened_at: Instant


class ShiftCloseBody(Value):
    """`counts` by denomination in minor units. `leave_minor` stays as the next float, the rest is deposited."""

    kind: ClassVar = FactKind.SHIFT_CLOSE
    shift: ShiftId
    number: int
    staff: StaffId
    currency: Currency
    counts: dict[int, int]
    counted_minor: Minor
    expected: CashExpected
    difference_minor: Minor
    remark: Text
    leave_minor: Minor
    deposit_minor: Minor
    tenders: tuple[TenderSum, ...]
    tickets_sold: int
    tickets_refunded: int
    facts_of_shift: int
    closed_at: Instant


class CardSettledBody(Value):
    """What a person read at the terminal of a card payment that it would not tell about: `moved` or not.

    For the audit alone. The money itself is in the sale or refund that uses it. `original` is set for a refund.
    """

    kind: ClassVar = FactKind.CARD_SETTLED
    reference: Name
    original: str = ""
    minor: Minor
    currency: Currency
    moved: bool
    staff: StaffId
    settled_at: Instant


Body = (
    SaleBody
    | ReturnBody
    | RefundBody
    | IssueBody
    | ScanBody
    | CashMovementBody
    | ShiftOpenBody
    | ShiftCloseBody
    | CardSettledBody
)
SCHEMA_VERSION = 1
_BODIES: dict[tuple[str, int], type[Body]] = {(body.kind, SCHEMA_VERSION): body for body in get_args(Body)}


AnyKind = Annotated[str, Field(pattern=r"^[A-Z][A-Z_]{0,39}$")]


class Fact(Value):
    """The envelope, as it stands in the journal and on the wire. `wall_time` is evidence, never an argument."""

    till: TillNumber
    incarnation: Annotated[int, Field(ge=1)]
    seq: Annotated[int, Field(ge=1)]
    id: FactId
    kind: Annotated[FactKind | AnyKind, Field(union_mode="left_to_right")]
    schema_version: int
    body: dict[str, Any]
    prev_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    hlc: str
    wall_time: Instant

    @classmethod
    def next(
        cls,
        body: Body,
        *,
        till: TillNumber,
        incarnation: int,
        seq: int,
        fact_id: FactId,
        prev_hash: str,
        hlc: str,
        wall_time: Instant,
    ) -> Fact:
        """The fact that continues a chain."""
        draft = cls(
            till=till,
            incarnation=incarnation,
            seq=seq,
            id=fact_id,
            kind=body.kind,
            schema_version=SCHEMA_VERSION,
            body=body.model_dump(mode="json"),
            prev_hash=prev_hash,
            hash=GENESIS_HASH,
            hlc=hlc,
            wall_time=wall_time,
        )
        return draft.model_copy(update={"hash": draft.computed_hash()})

    def computed_hash(self) -> str:
        """SHA-256 over the canonical JSON of everything but the hash itself."""
        content = self.model_dump(mode="json", exclude={"hash"})
        return hashlib.sha256(canonical_json(content)).hexdigest()

    @property
    def is_authentic(self) -> bool:
        return self.hash == self.computed_hash()

    def parsed(self) -> Body:
        """The typed body. Raises UnknownFact, or pydantic.ValidationError for one that is not well-formed."""
        kind = _BODIES.get((self.kind, self.schema_version))
        if kind is None:
            raise UnknownFact(f"version {self.schema_version} of {self.kind} is of a later release")
        return kind.model_validate(self.body)


def canonical_json(content: Any) -> bytes:
    """One spelling for one value: sorted keys, no spaces, UTF-8, no floats."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
