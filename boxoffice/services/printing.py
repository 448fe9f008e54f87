"""Put paper into the queue. What does not come out waits in a list that a person sees."""

from __future__ import annotations

from boxoffice.devices.printers import Media, PrinterState, PrintJob, PrintKind
from boxoffice.devices.queue import PrinterFor, PrintQueue, QueuedJob
from boxoffice.documents.receipt import ReceiptPaper, receipt_pdf, receipt_size
from boxoffice.documents.ticket import Stock, TicketPaper, tickets_pdf
from boxoffice.documents.z_report import z_report_pdf
from boxoffice.domain.facts import RefundBody, SaleBody, ShiftCloseBody
from boxoffice.domain.ids import NewId
from boxoffice.domain.staff import StaffMember
from boxoffice.services.papers import Papers
from boxoffice.services.shifts import ShiftFigures
from boxoffice.store import Store

_A4 = Media(595.28, 841.89)
_LATEST = 5  # sales whose papers may not have been queued yet when the program ended


class Printing:
    """`stock` is what the ticket printer holds."""

    def __init__(
        self, queue: PrintQueue, printer_for: PrinterFor, papers: Papers, store: Store, new_id: NewId, stock: Stock
    ) -> None:
        self._queue, self._printer_for, self._papers = queue, printer_for, papers
        self._store, self._new_id, self._stock = store, new_id, stock

    def print_sale(self, sale: SaleBody) -> None:
        """The tickets and the receipt of a sale that is durable; each once, however often this is asked."""
        stored = self._store.read(lambda tx: tx.sales.get(sale.sale))
        tickets, receipt = _names(sale)
        if not self._is_queued(tickets):
            self.print_tickets(tickets, self._papers.tickets(stored))
        if not self._is_queued(receipt):
            self._print_receipt(receipt, self._papers.receipt(sale))

    def unprinted(self) -> tuple[SaleBody, ...]:
        """The latest sales whose papers never got into the queue: the program ended between the sale and its paper."""
        latest = self._store.read(lambda tx: tx.sales.last(_LATEST))
        return tuple(stored.sale for stored in latest if not all(map(self._is_queued, _names(stored.sale))))

    def print_tickets(self, name: str, papers: tuple[TicketPaper, ...]) -> None:
        width, height = self._stock.size
        self._put(PrintKind.TICKETS, name, Media(width, height), tickets_pdf(papers, self._stock))

    def print_copy(self, sale: SaleBody) -> None:
        self._print_receipt(f"copy-{sale.receipt}", self._papers.receipt(sale, copy=True))

    def print_refund(self, refund: RefundBody, sale: SaleBody) -> None:
        self._print_receipt(f"refund-{refund.receipt}", self._papers.refund_receipt(refund, sale))

    def print_shift(self, figures: ShiftFigures, staff: StaffMember, closed: ShiftCloseBody | None) -> None:
        """The X report of the open shift, or the Z report of a closed one."""
        paper = self._papers.shift_report(figures, staff, closed)
        name = f"{paper.kind.lower()}-report-{figures.shift.number:06d}"
        self._put(PrintKind.REPORT, name, _A4, z_report_pdf(paper))

    def state(self) -> PrinterState:
        """Of the ticket printer; asks the device."""
        return self._printer_for(PrintKind.TICKETS).state()

    def failed(self) -> tuple[QueuedJob, ...]:
        return self._queue.failed()

    def retry(self, job: QueuedJob) -> None:
        self._queue.retry(job.id)

    def give_up(self, job: QueuedJob) -> None:
        """A person says that the paper is not needed any more."""
        self._queue.give_up(job.id)

    def _is_queued(self, name: str) -> bool:
        return self._store.read(lambda tx: tx.print_jobs.has(name))

    def _print_receipt(self, name: str, paper: ReceiptPaper) -> None:
        self._put(PrintKind.RECEIPT, name, Media(*receipt_size(paper)), receipt_pdf(paper))

    def _put(self, kind: PrintKind, name: str, media: Media, content: bytes) -> None:
        self._queue.put(PrintJob(self._new_id(), kind, name, media, content))


def _names(sale: SaleBody) -> tuple[str, str]:
    """Of its tickets, and of its receipt."""
    return f"tickets-{sale.receipt}", f"receipt-{sale.receipt}"
