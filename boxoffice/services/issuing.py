"""Hand out paper again, or for the first time: a new generation ends every earlier code."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

from boxoffice.documents.ticket import TicketPaper
from boxoffice.domain.clock import Clock
from boxoffice.domain.facts import IssueBody, IssuedTicket
from boxoffice.domain.ids import PerformanceId, SaleId, TicketId
from boxoffice.domain.protocol import TicketRecord
from boxoffice.domain.refusals import Refused
from boxoffice.domain.staff import Permission, StaffMember
from boxoffice.services.connection import Connection
from boxoffice.services.own_tickets import own_records
from boxoffice.services.papers import Papers
from boxoffice.store import Store, Tx

_LAST_GENERATION = 255


class CannotIssue(Refused):
    code = "cannot_issue"


class Issuing:
    def __init__(self, store: Store, papers: Papers, connection: Connection, now: Clock) -> None:
        self._store, self._papers, self._connection, self._now = store, papers, connection, now

    def reprint(self, sale: SaleId, tickets: Collection[TicketId], staff: StaffMember) -> tuple[TicketPaper, ...]:
        """New codes for tickets of an own sale; the earlier ones end. Raises CannotIssue, NotAllowed or DiskFull."""
        staff.require(Permission.REPRINT)
        stored = self._store.read(lambda tx: tx.sales.get(sale))
        lines = [line for line in stored.sale.tickets if line.ticket in tickets and line.ticket not in stored.refunded]
        if not lines:
            raise CannotIssue("These tickets were refunded.", "Choose tickets that are still valid.")
        records = own_records(self._store, stored)
        issued = [
            IssuedTicket(
                ticket=line.ticket,
                performance=line.performance,
                generation=_next(records[line.ticket].generation),
            )
            for line in lines
        ]
        self._commit(issued, "reprint", staff)
        return self._papers.tickets(
            self._store.read(lambda tx: tx.sales.get(sale)), frozenset(line.ticket for line in lines)
        )

    def collect(
        self, performance: PerformanceId, records: Sequence[TicketRecord], staff: StaffMember
    ) -> tuple[TicketPaper, ...]:
        """Print an order that was booked elsewhere. What was sent to the customer before ends. Raises CannotIssue."""
        staff.require(Permission.REPRINT)
        valid = [record for record in records if record.valid]
        if not valid:
            raise CannotIssue("No ticket of this order is valid.", "Look at the order's history.")
        known = self._store.read(lambda tx: {record.ticket: tx.sales.generation(record.ticket) for record in valid})
        issued = [
            IssuedTicket(
                ticket=record.ticket,
                performance=performance,
                generation=_next(max(record.generation, known[record.ticket] or 0)),
            )
            for record in valid
        ]
        self._commit(issued, "will_call", staff)
        return self._papers.pulled_tickets(performance, valid, {item.ticket: item.generation for item in issued})

    def _commit(
        self, tickets: Sequence[IssuedTicket], why: Literal["will_call", "reprint"], staff: StaffMember
    ) -> None:
        def commit(tx: Tx) -> None:
            body = IssueBody(tickets=tuple(tickets), why=why, staff=staff.id, issued_at=self._now())
            tx.sales.set_generation(body)
            tx.journal.append(body)

        self._store.write(commit)
        self._connection.wake()


def _next(generation: int) -> int:
    if generation >= _LAST_GENERATION:
        raise CannotIssue("This ticket was printed 255 times.", "Refund it and sell it again.")
    return generation + 1
