"""Give money back to the tender that paid, and the seats back on sale."""

from __future__ import annotations

from collections.abc import Collection

from boxoffice.domain.clock import Clock
from boxoffice.domain.facts import RefundBody
from boxoffice.domain.ids import NewId, SaleId, TicketId, TillNumber
from boxoffice.domain.money import Money
from boxoffice.domain.refusals import Malformed
from boxoffice.domain.sales import Seller, receipt_number, refund_of
from boxoffice.domain.shifts import ShiftClosed
from boxoffice.domain.staff import Permission, StaffMember
from boxoffice.services.connection import Connection
from boxoffice.store import Store, StoredSale, Tx


class Refunding:
    def __init__(self, store: Store, connection: Connection, now: Clock, new_id: NewId) -> None:
        self._store, self._connection, self._now, self._new_id = store, connection, now, new_id

    def amount(self, stored: StoredSale, tickets: Collection[TicketId]) -> Money:
        """What a refund of these tickets gives back, as a positive amount."""
        refunded = stored.refunded
        lines = [line for line in stored.sale.tickets if line.ticket in tickets and line.ticket not in refunded]
        return Money(sum(line.gross_minor + line.fee_minor for line in lines), stored.sale.currency)

    def check(self, sale_id: SaleId, tickets: Collection[TicketId], staff: StaffMember, reason: str) -> None:
        """Raises what `refund` would: ask before a card is given its money back."""
        _check_asked(staff, reason)
        self._store.read(lambda tx: self._body(tx, sale_id, tickets, staff, reason, receipt="not taken"))

    def refund(self, sale_id: SaleId, tickets: Collection[TicketId], staff: StaffMember, reason: str) -> RefundBody:
        """Durable when it returns. Raises NothingToRefund, ShiftClosed, NotAllowed, Malformed or DiskFull."""
        _check_asked(staff, reason)

        def commit(tx: Tx) -> RefundBody:
            body = self._body(tx, sale_id, tickets, staff, reason)
            tx.sales.add_refund(body)
            tx.journal.append(body)
            return body

        refunded = self._store.write(commit)
        self._connection.wake()
        return refunded

    def _body(
        self,
        tx: Tx,
        sale_id: SaleId,
        tickets: Collection[TicketId],
        staff: StaffMember,
        reason: str,
        receipt: str | None = None,
    ) -> RefundBody:
        shift, identity = tx.shifts.current(), tx.identity.get()
        if shift is None or identity is None:
            raise ShiftClosed
        stored = tx.sales.get(sale_id)
        till = TillNumber(identity.till)
        if receipt is None:
            receipt = receipt_number(till, identity.incarnation, tx.sales.next_receipt())
        return refund_of(
            stored.sale,
            stored.refunded,
            frozenset(tickets),
            refund=SaleId(self._new_id()),
            receipt=receipt,
            seller=Seller(till, shift.shift, staff.id),
            at=self._now(),
            reason=reason.strip(),
        )


def _check_asked(staff: StaffMember, reason: str) -> None:
    staff.require(Permission.REFUND)
    if not reason.strip():
        raise Malformed("reason", "is empty.", "Say in a word why the money goes back.")
