"""Turn what was sold into what is printed: the views that documents render."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from boxoffice.documents.receipt import Issuer, ReceiptGroup, ReceiptLine, ReceiptPaper, tax_letters
from boxoffice.documents.ticket import TicketPaper, seat_dots
from boxoffice.documents.z_report import ZReportPaper
from boxoffice.domain.catalogue import Performance
from boxoffice.domain.clock import Clock
from boxoffice.domain.facts import RefundBody, SaleBody, ShiftCloseBody, canonical_json
from boxoffice.domain.ids import PerformanceId, TicketId, TillNumber, ticket_code
from boxoffice.domain.money import Money
from boxoffice.domain.pricing import Charge
from boxoffice.domain.protocol import TicketRecord
from boxoffice.domain.staff import StaffMember
from boxoffice.domain.tokens import TicketToken, issue
from boxoffice.services.own_tickets import own_records
from boxoffice.services.programme import Programme
from boxoffice.services.shifts import ShiftFigures
from boxoffice.store import Identity, Store, StoredSale


class Papers:
    """Signs the codes with the till's own key, so that paper needs no network."""

    def __init__(self, store: Store, programme: Programme, now: Clock) -> None:
        self._store, self._programme, self._now = store, programme, now

    def tickets(self, stored: StoredSale, only: frozenset[TicketId] | None = None) -> tuple[TicketPaper, ...]:
        """The valid tickets of an own sale, each in its current generation."""
        sale = stored.sale
        lines = [line for line in sale.tickets if line.ticket not in stored.refunded]
        records = own_records(self._store, stored)
        papers = []
        for index, line in enumerate(lines, 1):
            if only is not None and line.ticket not in only:
                continue
            papers.append(
                self._ticket(
                    *(line.performance, records[line.ticket], index, len(lines)),
                    *(sale.sold_at, line.charges, sale.currency),
                )
            )
        return tuple(papers)

    def pulled_tickets(
        self, performance: PerformanceId, records: Sequence[TicketRecord], generations: Mapping[TicketId, int]
    ) -> tuple[TicketPaper, ...]:
        """Tickets that were booked elsewhere and are printed here: will-call."""
        currency = self._programme.price_list(performance).currency
        return tuple(
            self._ticket(
                performance,
                record.model_copy(update={"generation": generations.get(record.ticket, record.generation)}),
                index,
                len(records),
                self._now(),
                (),
                currency,
            )
            for index, record in enumerate(records, 1)
        )

    def token(self, performance: Performance, record: TicketRecord) -> str:
        """The QR code's text."""
        identity = self._identity()
        price_list = self._programme.price_list(performance.id)
        token = TicketToken(
            key_id=identity.key_id,
            performance=performance.id,
            ticket=record.ticket,
            seat=record.seat,
            price_class=price_list.type_index(record.price_type),
            generation=record.generation,
            not_before=performance.admits_from,
            duration=performance.admits_until - performance.admits_from,
            issuer=TillNumber(identity.till),
        )
        return issue(token, Ed25519PrivateKey.from_private_bytes(identity.signing_key))

    def receipt(self, sale: SaleBody, *, copy: bool = False) -> ReceiptPaper:
        groups = self._groups(sale)
        return ReceiptPaper(
            kind="Copy" if copy else "Receipt",
            number=sale.receipt,
            at=self._local(sale.sold_at),
            started_at=self._local(sale.started_at),
            groups=groups,
            total=Money(sale.total_minor, sale.currency),
            tenders=tuple(
                (tender.kind.value.capitalize(), Money(tender.received_minor or tender.minor, sale.currency))
                for tender in sale.tenders
            ),
            change=Money(sum(tender.change_minor for tender in sale.tenders), sale.currency),
            taxes=sale.taxes,
            order_code=sale.order_code,
            issuer=self._issuer(sale),
            check=_check(sale),
        )

    def refund_receipt(self, refund: RefundBody, sale: SaleBody) -> ReceiptPaper:
        letters = tax_letters(refund.taxes)
        name_of = {line.ticket: line.price_type_name for line in sale.tickets}
        groups = []
        for performance in dict.fromkeys(ticket.performance for ticket in refund.tickets):
            lines = [
                ReceiptLine(
                    f"{self._place(performance, ticket.seat, ticket.area)}  {name_of.get(ticket.ticket, '')}",
                    Money(charge.gross_minor, refund.currency),
                    letters[charge.rate_bp],
                )
                for ticket in refund.tickets
                if ticket.performance == performance
                for charge in ticket.charges
            ]
            groups.append(ReceiptGroup(self._heading(performance), tuple(lines)))
        return ReceiptPaper(
            kind="Refund",
            number=refund.receipt,
            at=self._local(refund.refunded_at),
            started_at=self._local(refund.refunded_at),
            groups=tuple(groups),
            total=Money(refund.total_minor, refund.currency),
            tenders=tuple(
                (tender.kind.value.capitalize(), Money(tender.minor, refund.currency)) for tender in refund.tenders
            ),
            change=Money.zero(refund.currency),
            taxes=refund.taxes,
            order_code=sale.order_code,
            issuer=self._issuer(refund),
            check=_check(refund),
        )

    def shift_report(
        self, figures: ShiftFigures, staff: StaffMember, closed: ShiftCloseBody | None = None
    ) -> ZReportPaper:
        """A Z report of a closed shift, or an X report of the open one."""
        expected = figures.expected
        lines = [
            ("Float", expected.float_minor),
            (f"Cash sales, {expected.sales_count}", expected.sales_minor),
            (f"Cash refunds, {expected.refunds_count}", expected.refunds_minor),
            ("Paid in", expected.paid_in_minor),
            ("Paid out", expected.paid_out_minor),
        ]
        identity = self._identity()
        return ZReportPaper(
            kind="X" if closed is None else "Z",
            seller=self._programme.catalogue().seller.name,
            till_name=identity.name,
            shift_number=figures.shift.number,
            cashier=staff.name,
            opened_at=self._local(figures.shift.opened_at),
            closed_at=self._local(closed.closed_at if closed is not None else self._now()),
            currency=figures.shift.currency,
            expected_lines=tuple(line for line in lines if line[1] or line[0] == "Float"),
            expected_minor=expected.total_minor,
            counts=tuple(sorted(closed.counts.items(), reverse=True)) if closed is not None else (),
            counted_minor=closed.counted_minor if closed is not None else 0,
            difference_minor=closed.difference_minor if closed is not None else 0,
            remark=closed.remark if closed is not None else "",
            leave_minor=closed.leave_minor if closed is not None else 0,
            deposit_minor=closed.deposit_minor if closed is not None else 0,
            tenders=tuple((tender.kind.capitalize(), tender.count, tender.minor) for tender in figures.tenders),
            movements=tuple(
                (self._local(movement.moved_at), movement.reason, movement.minor) for movement in figures.movements
            ),
            taxes=figures.taxes,
            tickets_sold=figures.tickets_sold,
            tickets_refunded=figures.tickets_refunded,
            first_receipt=figures.first_receipt,
            last_receipt=figures.last_receipt,
            facts=figures.facts,
            chain_head=figures.chain_head,
        )

    def _ticket(
        self,
        performance_id: PerformanceId,
        record: TicketRecord,
        index: int,
        count: int,
        issued_at: datetime,
        charges: Sequence[Charge],
        currency: str,
    ) -> TicketPaper:
        catalogue = self._programme.catalogue()
        performance = catalogue.performance(performance_id)
        plan = self._programme.plan(performance.plan_id)
        venue = catalogue.venue(performance.venue_id)
        zone = ZoneInfo(venue.timezone)
        area = plan.areas[record.area] if record.area is not None else None
        return TicketPaper(
            title=catalogue.production(performance.production_id).title,
            seller=catalogue.seller.name,
            venue=venue.name,
            hall=performance.hall,
            starts_at=performance.starts_at.astimezone(zone),
            doors_at=performance.doors_at.astimezone(zone),
            section=plan.section_name(record.seat) if record.seat is not None else area.name if area else "",
            row=plan.row_label(record.seat) if record.seat is not None else "",
            seat=plan.seat_labels[record.seat] if record.seat is not None else "",
            door=plan.gate(record.seat) if record.seat is not None else area.gate if area else "",
            price_type=record.price_type_name,
            category=plan.categories[record.category],
            price=Money(record.gross_minor, currency),
            fee=Money(sum(charge.gross_minor for charge in charges if charge.is_fee), currency),
            tax_rate_bp=self._programme.price_list(performance_id).tax_bp,
            order_code=record.order_code,
            index=index,
            count=count,
            till_name=self._identity().name,
            issued_at=issued_at.astimezone(zone),
            token=self.token(performance, record),
            code=ticket_code(record.ticket, record.generation),
            holder=record.holder,
            duplicate=0 if record.will_call else record.generation - 1,
            seat_dots=seat_dots(plan, record.seat) if record.seat is not None else (),
        )

    def _groups(self, sale: SaleBody) -> tuple[ReceiptGroup, ...]:
        letters = tax_letters(sale.taxes)
        groups = []
        for performance in dict.fromkeys(line.performance for line in sale.tickets):
            lines = [
                ReceiptLine(
                    f"{self._place(performance, line.seat, line.area)}  {line.price_type_name}",
                    Money(charge.gross_minor, sale.currency),
                    letters[charge.rate_bp],
                )
                for line in sale.tickets
                if line.performance == performance
                for charge in line.charges
                if not charge.is_fee
            ]
            groups.append(ReceiptGroup(self._heading(performance), tuple(lines)))
        fees = tuple(
            ReceiptLine(
                f"{fee.name}  {fee.count} x {Money(fee.unit_minor, sale.currency).decimal}",
                Money(fee.minor, sale.currency),
                letters[fee.tax_bp],
            )
            for fee in sale.fees
        )
        return (*groups, ReceiptGroup((), fees)) if fees else tuple(groups)

    def _heading(self, performance_id: PerformanceId) -> tuple[str, ...]:
        catalogue = self._programme.catalogue()
        performance = catalogue.performance(performance_id)
        starts_at = performance.starts_at.astimezone(ZoneInfo(catalogue.venue(performance.venue_id).timezone))
        title = catalogue.production(performance.production_id).title
        return title, f"{starts_at:%a %d.%m.%Y %H:%M}, {performance.hall}"

    def _place(self, performance_id: PerformanceId, seat: int | None, area: int | None) -> str:
        plan = self._programme.plan(self._programme.catalogue().performance(performance_id).plan_id)
        if seat is not None:
            return plan.seat_name(seat)
        return plan.areas[area].name if area is not None else ""

    def _issuer(self, body: SaleBody | RefundBody) -> Issuer:
        seller = self._programme.catalogue().seller
        names = {member.id: member.name for member in self._programme.catalogue().staff}
        return Issuer(
            seller=seller.name,
            seller_lines=tuple(line for line in (seller.address, seller.tax_id) if line),
            till_name=self._identity().name,
            shift_number=self._store.read(lambda tx: tx.shifts.number_of(body.shift)),
            cashier=names.get(body.staff, ""),
            footer=seller.footer or "Thank you.",
        )

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(ZoneInfo(self._programme.catalogue().venues[0].timezone))

    def _identity(self) -> Identity:
        identity = self._store.read(lambda tx: tx.identity.get())
        if identity is None:
            raise LookupError("an unpaired till prints nothing")
        return identity


def _check(body: SaleBody | RefundBody) -> str:
    """A hash of the journal's own content, so that a receipt and the journal can be compared."""
    return hashlib.sha256(canonical_json(body.model_dump(mode="json"))).hexdigest()
