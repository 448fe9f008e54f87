"""What central said of each performance's house: pulled, disposable, never the truth about this till's own sales."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter
from sqlalchemy import BindParameter, ColumnElement, Connection, bindparam, delete, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from boxoffice.domain.clock import Clock
from boxoffice.domain.ids import PerformanceId, SaleId, TicketId, ticket_code
from boxoffice.domain.protocol import AreaCount, FeedPage, ScanRecord, Snapshot, TicketRecord
from boxoffice.store import schema
from boxoffice.store.folding import bare_code, folded, like_prefix
from boxoffice.store.prepared import Prepared
from boxoffice.store.refusals import FeedGap

V = TypeVar("V", TicketRecord, ScanRecord)

_h, _a, _t, _s = schema.house, schema.house_area, schema.house_ticket, schema.house_scan
_ITS: BindParameter[int] = bindparam("performance")
_HOUSE = select(_h.c.head, _h.c.server_epoch, _h.c.statuses).where(_h.c.performance == _ITS)
_HEAD = select(_h.c.head).where(_h.c.performance == _ITS)
_HEADS = select(_h.c.performance, _h.c.head)
_STATUSES = select(_h.c.statuses).where(_h.c.performance == _ITS)
_PULLED_AT = select(_h.c.pulled_at).where(_h.c.performance == _ITS)
_KNOWN = select(_h.c.performance).order_by(_h.c.performance)
_AREAS = select(_a.c.area, _a.c.free, _a.c.sold).where(_a.c.performance == _ITS).order_by(_a.c.area)
_TICKETS = select(_t.c.body).where(_t.c.performance == _ITS).order_by(_t.c.ticket)
_TICKET = select(_t.c.performance, _t.c.body).where(_t.c.ticket == bindparam("ticket"))
_OF_SALE = select(_t.c.performance, _t.c.body).where(_t.c.sale == bindparam("sale")).order_by(_t.c.ticket)
_SCAN = select(_s.c.body).where(_s.c.ticket == bindparam("ticket"))
_SCANS = select(_s.c.body).where(_s.c.performance == _ITS).order_by(_s.c.ticket)
_MOVE = (
    update(_h)
    .where(_h.c.performance == bindparam("its"))
    .values(head=bindparam("new_head"), statuses=bindparam("new_statuses"), pulled_at=bindparam("at"))
)
_NEW_AREA, _NEW_TICKET, _NEW_SCAN = upsert(_a), upsert(_t), upsert(_s)
_PUT_AREA = _NEW_AREA.on_conflict_do_update(
    index_elements=["performance", "area"], set_={"free": _NEW_AREA.excluded.free, "sold": _NEW_AREA.excluded.sold}
)
_PUT_TICKET = Prepared(
    _NEW_TICKET.on_conflict_do_update(
        index_elements=["ticket"],
        set_={name: _NEW_TICKET.excluded[name] for name in _t.c.keys() if name != "ticket"},  # noqa: SIM118
    ),
    _t.c.keys(),
)
_PUT_SCAN = _NEW_SCAN.on_conflict_do_update(
    index_elements=["ticket"],
    set_={"performance": _NEW_SCAN.excluded.performance, "body": _NEW_SCAN.excluded.body},
)

_TICKET_RECORDS: TypeAdapter[tuple[TicketRecord, ...]] = TypeAdapter(tuple[TicketRecord, ...])
_SCAN_RECORDS: TypeAdapter[tuple[ScanRecord, ...]] = TypeAdapter(tuple[ScanRecord, ...])


class Houses:
    def __init__(self, connection: Connection, now: Clock) -> None:
        self._connection, self._now = connection, now

    def put_snapshot(self, snapshot: Snapshot) -> None:
        """Replace all that is known of a performance. Readers see the old house until the commit, then the new."""
        self.drop(snapshot.performance)
        self._connection.execute(
            upsert(_h),
            {
                "performance": snapshot.performance,
                "server_epoch": snapshot.server_epoch,
                "head": snapshot.head,
                "statuses": snapshot.statuses,
                "pulled_at": self._now(),
            },
        )
        self._put_areas(snapshot.performance, snapshot.areas)
        self._put_tickets(snapshot.performance, snapshot.tickets)
        self._put_scans(snapshot.performance, snapshot.scans)

    def apply(self, page: FeedPage) -> None:
        """Take the entries that follow the head, in order; those it has are passed over.

        Raises FeedGap for an unknown performance, a missing entry or another server epoch: pull a snapshot then.
        """
        row = self._connection.execute(_HOUSE, {"performance": page.performance}).one_or_none()
        if row is None or row.server_epoch != page.server_epoch or page.head < row.head:
            raise FeedGap
        head: int = row.head
        statuses = bytearray(row.statuses)
        areas: dict[int, AreaCount] = {}
        tickets: dict[TicketId, TicketRecord] = {}
        scans: dict[TicketId, ScanRecord] = {}
        for entry in page.entries:
            if entry.number <= head:
                continue
            if entry.number != head + 1:
                raise FeedGap
            head = entry.number
            for change in entry.seats:
                if change.seat >= len(statuses):
                    raise FeedGap  # another plan than the snapshot's
                statuses[change.seat] = change.status
            areas |= {count.area: count for count in entry.areas}
            tickets |= {record.ticket: record for record in entry.tickets}
            scans |= {record.ticket: record for record in entry.scans}
        self._connection.execute(
            _MOVE,
            {"its": page.performance, "new_head": head, "new_statuses": bytes(statuses), "at": self._now()},
        )
        self._put_areas(page.performance, areas.values())
        self._put_tickets(page.performance, tickets.values())
        self._put_scans(page.performance, scans.values())

    def head(self, performance: PerformanceId) -> int | None:
        """The last feed number that is in, None for a house that was never pulled."""
        return self._connection.execute(_HEAD, {"performance": performance}).scalar_one_or_none()

    def heads(self) -> dict[PerformanceId, int]:
        """Of every house that was pulled."""
        return {PerformanceId(row.performance): row.head for row in self._connection.execute(_HEADS)}

    def statuses(self, performance: PerformanceId) -> NDArray[np.uint8] | None:
        """One SeatStatus a seat, in an array of the caller's own."""
        found = self._connection.execute(_STATUSES, {"performance": performance}).scalar_one_or_none()
        return None if found is None else np.frombuffer(found, np.uint8).copy()

    def areas(self, performance: PerformanceId) -> tuple[AreaCount, ...]:
        rows = self._connection.execute(_AREAS, {"performance": performance})
        return tuple(AreaCount(area=row.area, free=row.free, sold=row.sold) for row in rows)

    def tickets(self, performance: PerformanceId) -> tuple[TicketRecord, ...]:
        rows = self._connection.scalars(_TICKETS, {"performance": performance})
        return _parsed(_TICKET_RECORDS, rows)

    def ticket(self, ticket: TicketId) -> tuple[PerformanceId, TicketRecord] | None:
        row = self._connection.execute(_TICKET, {"ticket": ticket}).one_or_none()
        return None if row is None else (PerformanceId(row.performance), TicketRecord.model_validate_json(row.body))

    def of_sale(self, sale: SaleId) -> tuple[tuple[PerformanceId, TicketRecord], ...]:
        """The tickets of one order, over all performances."""
        return tuple(
            (PerformanceId(row.performance), TicketRecord.model_validate_json(row.body))
            for row in self._connection.execute(_OF_SALE, {"sale": sale})
        )

    def search(self, text: str, performance: PerformanceId | None = None, limit: int = 50) -> tuple[TicketRecord, ...]:
        """By the beginning of any of the holder's names, by order code or by ticket code."""
        words, code = folded(text), bare_code(text)
        conditions: list[ColumnElement[bool]] = []
        if words:
            prefix = like_prefix(words)
            conditions += [_t.c.holder.like(prefix, escape="\\"), _t.c.holder.like("% " + prefix, escape="\\")]
        if code:
            conditions += [_t.c.order_code.like(like_prefix(code), escape="\\"), _t.c.code == code]
        if not conditions:
            return ()
        query = select(_t.c.body).where(or_(*conditions))
        if performance is not None:
            query = query.where(_t.c.performance == performance)
        query = query.order_by(_t.c.holder, _t.c.order_code, _t.c.ticket).limit(limit)
        return _parsed(_TICKET_RECORDS, self._connection.scalars(query))

    def scan(self, ticket: TicketId) -> ScanRecord | None:
        body = self._connection.execute(_SCAN, {"ticket": ticket}).scalar_one_or_none()
        return None if body is None else ScanRecord.model_validate_json(body)

    def scans(self, performance: PerformanceId) -> tuple[ScanRecord, ...]:
        rows = self._connection.scalars(_SCANS, {"performance": performance})
        return _parsed(_SCAN_RECORDS, rows)

    def pulled_at(self, performance: PerformanceId) -> datetime | None:
        """When central last said anything of this house, also that nothing changed."""
        return self._connection.execute(_PULLED_AT, {"performance": performance}).scalar_one_or_none()

    def known(self) -> tuple[PerformanceId, ...]:
        return tuple(map(PerformanceId, self._connection.scalars(_KNOWN)))

    def drop(self, performance: PerformanceId) -> None:
        """Forget a performance."""
        for table in (_h, _a, _t, _s):
            self._connection.execute(delete(table).where(table.c.performance == performance))

    def _put_areas(self, performance: PerformanceId, counts: Iterable[AreaCount]) -> None:
        rows = [
            {"performance": performance, "area": count.area, "free": count.free, "sold": count.sold} for count in counts
        ]
        if rows:
            self._connection.execute(_PUT_AREA, rows)

    def _put_tickets(self, performance: PerformanceId, records: Iterable[TicketRecord]) -> None:
        rows = [
            {
                "ticket": record.ticket,
                "performance": performance,
                "sale": record.sale,
                "holder": folded(record.holder),
                "order_code": bare_code(record.order_code),
                "code": ticket_code(record.ticket, record.generation),
                "body": record.model_dump_json(),
            }
            for record in records
        ]
        if rows:
            _PUT_TICKET.run_each(self._connection, rows)

    def _put_scans(self, performance: PerformanceId, records: Iterable[ScanRecord]) -> None:
        rows = [
            {"ticket": record.ticket, "performance": performance, "body": record.model_dump_json()}
            for record in records
        ]
        if rows:
            self._connection.execute(_PUT_SCAN, rows)


def _parsed(records: TypeAdapter[tuple[V, ...]], bodies: Iterable[str]) -> tuple[V, ...]:
    """All at once: a big house has thousands."""
    return records.validate_json(f"[{','.join(bodies)}]")
