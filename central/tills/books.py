"""What facts do to central's books: pure rules over the rows that a batch touches.

`Books` holds those rows as they were locked; `book` applies one fact to them and says how it ended. Nothing here
reads or writes the database, so the rules can be tried as a table. docs/rules/seat-leases.md has it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from pydantic import ValidationError

from boxoffice.domain.facts import (
    Body,
    CardSettledBody,
    CashMovementBody,
    Fact,
    IssueBody,
    LedgerLine,
    RefundBody,
    ReturnBody,
    SaleBody,
    ScanBody,
    ShiftCloseBody,
    ShiftOpenBody,
    TicketLine,
    UnknownFact,
)
from boxoffice.domain.ids import PerformanceId, TicketId, TillNumber
from boxoffice.domain.protocol import FactOutcome, FactResult, SeatStatus, TicketRecord

SeatKey = tuple[PerformanceId, int]
AreaKey = tuple[PerformanceId, int]
NOBODY = TillNumber(0)
_OURS_TO_SELL = (SeatStatus.LEASED, SeatStatus.QUARANTINED)


@dataclass(frozen=True, slots=True)
class SeatRow:
    status: SeatStatus
    epoch: int
    till: TillNumber = NOBODY
    ticket: TicketId | None = None


@dataclass(frozen=True, slots=True)
class AreaRow:
    free: int
    sold: int
    leased: int = 0  # by the till whose facts these are


@dataclass(frozen=True, slots=True)
class TicketRow:
    performance: PerformanceId
    record: TicketRecord
    in_conflict: bool = False


@dataclass(slots=True)
class Books:
    """Rows by key, as locked (`*_before`) and as they are now; and what was added."""

    till: TillNumber
    houses: Mapping[PerformanceId, int]  # known performances and their seat count
    seats: dict[SeatKey, SeatRow] = field(default_factory=dict)
    areas: dict[AreaKey, AreaRow] = field(default_factory=dict)
    tickets: dict[TicketId, TicketRow] = field(default_factory=dict)
    sales: set[UUID] = field(default_factory=set)
    refunds: set[UUID] = field(default_factory=set)
    new_sales: list[SaleBody] = field(default_factory=list)
    new_refunds: list[RefundBody] = field(default_factory=list)
    new_tickets: list[TicketId] = field(default_factory=list)
    new_scans: list[ScanBody] = field(default_factory=list)
    new_ledger: list[tuple[int, tuple[LedgerLine, ...]]] = field(default_factory=list)  # (seq, lines)
    shifts: list[ShiftOpenBody | ShiftCloseBody] = field(default_factory=list)


class _Park(Exception):
    """The fact is kept with its body, applies nothing, and waits for a person."""


def parse(fact: Fact) -> Body | str:
    """The typed body, or why it cannot be booked."""
    try:
        body = fact.parsed()
    except UnknownFact as unknown:
        return str(unknown)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return f"malformed {where}: {first['msg']}" if where else f"malformed: {first['msg']}"
    if _holds_nul(fact.body):
        return "malformed: a text holds a NUL character"
    return body


def _holds_nul(value: object) -> bool:
    """PostgreSQL keeps every text but this."""
    if isinstance(value, Mapping):
        return any(_holds_nul(part) for part in value.values())
    if isinstance(value, list | tuple):
        return any(_holds_nul(part) for part in value)
    return isinstance(value, str) and "\0" in value


def book(fact: Fact, body: Body | str, books: Books) -> FactResult:
    """Apply one authentic fact. It is never refused: at worst it is kept, and a person settles it."""
    if isinstance(body, str):
        return FactResult(seq=fact.seq, outcome=FactOutcome.PARKED, reason=body[:2000])
    try:
        reasons = _RULES[type(body)](fact, body, books)
    except _Park as parked:
        return FactResult(seq=fact.seq, outcome=FactOutcome.PARKED, reason=str(parked)[:2000])
    outcome = FactOutcome.CONFLICT if reasons else FactOutcome.APPLIED
    return FactResult(seq=fact.seq, outcome=outcome, reason="; ".join(reasons)[:2000])


def _sale(fact: Fact, sale: SaleBody, books: Books) -> list[str]:
    if sale.sale in books.sales:
        raise _Park(f"sale {sale.order_code} was booked before, by another fact")
    ids = [line.ticket for line in sale.tickets]
    if len(set(ids)) < len(ids) or any(ticket in books.tickets for ticket in ids):
        raise _Park(f"sale {sale.order_code} repeats a ticket number")
    for line in sale.tickets:
        _check_place(line.performance, line.seat, line.area, books)
    reasons: list[str] = []
    for line in sale.tickets:
        given = _give_seat(line, line.seat, books) if line.seat is not None else _give_place(line, books)
        if given:
            reasons.append(given)
        books.tickets[line.ticket] = TicketRow(line.performance, _record(sale, line, valid=not given), bool(given))
        books.new_tickets.append(line.ticket)
    books.sales.add(sale.sale)
    books.new_sales.append(sale)
    books.new_ledger.append((fact.seq, sale.ledger))
    return reasons


def _give_seat(line: TicketLine, seat: int, books: Books) -> str:
    """Why the seat cannot be given, or nothing."""
    key = (line.performance, seat)
    row = books.seats[key]
    if row.status in _OURS_TO_SELL and row.till == books.till and row.epoch == line.epoch:
        books.seats[key] = SeatRow(SeatStatus.SOLD, row.epoch, ticket=line.ticket)
        return ""
    if row.status is SeatStatus.FREE:  # nobody else has it, and a ticket is out
        books.seats[key] = SeatRow(SeatStatus.SOLD, max(row.epoch, line.epoch), ticket=line.ticket)
        return ""
    if row.status is SeatStatus.QUARANTINED:
        # it may have been sold on paper, and now a ticket is out: it is nobody's until a person has looked
        books.seats[key] = replace(row, status=SeatStatus.CONFLICT, till=NOBODY, ticket=line.ticket)
    held_by = {
        SeatStatus.SOLD: "is sold to another ticket",
        SeatStatus.CONFLICT: "is sold twice already",
        SeatStatus.LEASED: f"is leased to till {row.till}",
    }.get(row.status, "was not leased to this till any more")
    return f"seat {seat} of performance {line.performance} {held_by} (epoch {line.epoch}, now {row.epoch})"


def _give_place(line: TicketLine, books: Books) -> str:
    assert line.area is not None
    key = (line.performance, line.area)
    row = books.areas[key]
    if not row.leased and row.free:
        books.areas[key] = replace(row, free=row.free - 1, sold=row.sold + 1)
        return ""
    if not row.leased:
        return f"area {line.area} of performance {line.performance} has no places left for this till"
    books.areas[key] = replace(row, leased=row.leased - 1, sold=row.sold + 1)
    return ""


def _record(sale: SaleBody, line: TicketLine, *, valid: bool) -> TicketRecord:
    return TicketRecord(
        ticket=line.ticket,
        sale=sale.sale,
        seat=line.seat,
        area=line.area,
        generation=line.generation,
        valid=valid,
        price_type=line.price_type,
        price_type_name=line.price_type_name,
        category=line.category,
        gross_minor=line.gross_minor,
        order_code=sale.order_code,
        holder=sale.customer.name if sale.customer is not None else "",
    )


def _return(_: Fact, body: ReturnBody, books: Books) -> list[str]:
    for seat in body.seats:
        _check_place(body.performance, seat.seat, None, books)
    for place in body.areas:
        _check_place(body.performance, None, place.area, books)
    for seat in body.seats:
        key = (body.performance, seat.seat)
        row = books.seats[key]
        if row.status in _OURS_TO_SELL and row.till == books.till and row.epoch == seat.epoch:
            books.seats[key] = SeatRow(SeatStatus.FREE, row.epoch)
    for place in body.areas:
        area = books.areas[body.performance, place.area]
        units = min(place.units, area.leased)
        books.areas[body.performance, place.area] = replace(area, free=area.free + units, leased=area.leased - units)
    return []


def _refund(fact: Fact, refund: RefundBody, books: Books) -> list[str]:
    if refund.refund in books.refunds:
        raise _Park(f"refund {refund.receipt} was booked before, by another fact")
    reasons: list[str] = []
    for line in refund.tickets:
        ticket = books.tickets.get(line.ticket)
        if ticket is None or ticket.performance != line.performance:
            reasons.append(f"ticket {line.ticket} is not known here, so no place was freed")
        elif not ticket.record.valid and not ticket.in_conflict:
            reasons.append(f"ticket {line.ticket} was refunded before")
        else:
            _take_back(line.ticket, ticket, books)
    books.refunds.add(refund.refund)
    books.new_refunds.append(refund)
    books.new_ledger.append((fact.seq, refund.ledger))
    return reasons


def _take_back(ticket: TicketId, row: TicketRow, books: Books) -> None:
    books.tickets[ticket] = replace(row, record=row.record.model_copy(update={"valid": False}), in_conflict=False)
    if row.record.seat is not None:
        key = (row.performance, row.record.seat)
        seat = books.seats[key]
        if seat.ticket == ticket:
            books.seats[key] = SeatRow(SeatStatus.FREE, seat.epoch + 1)
    elif row.record.area is not None and not row.in_conflict:
        area_key = (row.performance, row.record.area)
        area = books.areas[area_key]
        books.areas[area_key] = replace(area, free=area.free + 1, sold=area.sold - 1)


def _issue(_: Fact, body: IssueBody, books: Books) -> list[str]:
    unknown = [issued.ticket for issued in body.tickets if issued.ticket not in books.tickets]
    if unknown:
        raise _Park(f"ticket {unknown[0]} is not known here")
    for issued in body.tickets:
        row = books.tickets[issued.ticket]
        record = row.record.model_copy(
            update={
                "generation": max(row.record.generation, issued.generation),
                "will_call": row.record.will_call and body.why != "will_call",
            }
        )
        books.tickets[issued.ticket] = replace(row, record=record)
    return []


def _scan(_: Fact, body: ScanBody, books: Books) -> list[str]:
    books.new_scans.append(body)
    return []


def _cash_movement(fact: Fact, body: CashMovementBody, books: Books) -> list[str]:
    books.new_ledger.append((fact.seq, body.ledger))
    return []


def _shift(_: Fact, body: ShiftOpenBody | ShiftCloseBody, books: Books) -> list[str]:
    books.shifts.append(body)
    return []


def _card_settled(_: Fact, _body: CardSettledBody, _books: Books) -> list[str]:
    """Kept as it is: it moves no seat and no money of its own."""
    return []


def _check_place(performance: PerformanceId, seat: int | None, area: int | None, books: Books) -> None:
    if performance not in books.houses:
        raise _Park(f"performance {performance} is not known here")
    if seat is not None and seat >= books.houses[performance]:
        raise _Park(f"performance {performance} has no seat {seat}")
    if area is not None and (performance, area) not in books.areas:
        raise _Park(f"performance {performance} has no area {area}")


_RULES: Mapping[type[Body], Callable[..., list[str]]] = {
    SaleBody: _sale,
    ReturnBody: _return,
    RefundBody: _refund,
    IssueBody: _issue,
    ScanBody: _scan,
    CashMovementBody: _cash_movement,
    ShiftOpenBody: _shift,
    ShiftCloseBody: _shift,
    CardSettledBody: _card_settled,
}
