"""Sales and refunds of this till, their payments and tickets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, false, func, insert, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from boxoffice.domain.facts import IssueBody, RefundBody, SaleBody, TicketLine
from boxoffice.domain.ids import PerformanceId, SaleId, ShiftId, TicketId, ticket_code
from boxoffice.domain.protocol import TicketRecord
from boxoffice.store import schema
from boxoffice.store.folding import bare_code, folded, like_prefix
from boxoffice.store.prepared import Prepared
from boxoffice.store.refusals import UnknownSale

_s, _r, _t, _i, _j = schema.sale, schema.refund, schema.ticket, schema.issued_ticket, schema.journal
_ADD_SALE = Prepared(
    insert(_s).values(position=schema.NEXT_POSITION).returning(_s.c.position),
    [name for name in _s.c.keys() if name != "position"],  # noqa: SIM118
)
_ADD_REFUND = insert(_r).values(position=schema.NEXT_POSITION)
_ADD_TICKET = Prepared(insert(_t), [name for name in _t.c.keys() if name != "refund"])  # noqa: SIM118
_SALES = select(_j.c.body).join(_s, _s.c.position == _j.c.position)
_REFUNDS = select(_j.c.body).join(_r, _r.c.position == _j.c.position)
_REFUND_TICKET = (
    update(_t)
    .where(
        _t.c.ticket == bindparam("its_ticket"),
        _t.c.sale == select(_s.c.position).where(_s.c.sale == bindparam("its_sale")).scalar_subquery(),
        _t.c.refund.is_(None),
    )
    .values(refund=bindparam("its_refund", type_=_t.c.refund.type))
)
_SALE = _SALES.where(_s.c.sale == bindparam("sale"))
_REFUNDS_OF = _REFUNDS.where(_r.c.sale.in_(bindparam("sales", expanding=True))).order_by(_r.c.position)
_GENERATIONS = (
    select(_i.c.ticket, func.max(_i.c.generation))
    .where(_i.c.ticket.in_(bindparam("tickets", expanding=True)))
    .group_by(_i.c.ticket)
)
_ISSUES = (
    select(schema.issue.c.body)
    .where(schema.issue.c.number.in_(select(_i.c.issue).where(_i.c.ticket.in_(bindparam("tickets", expanding=True)))))
    .order_by(schema.issue.c.number)
)
_GENERATION = select(func.max(_i.c.generation)).where(_i.c.ticket == bindparam("ticket"))
_SALE_OF = _SALES.join(_t, _t.c.sale == _s.c.position).where(_t.c.ticket == bindparam("ticket"))
_OF_PERFORMANCE = select(_t.c.sale).where(_t.c.performance == bindparam("performance")).distinct()
_OF_SHIFT = _SALES.where(_s.c.shift == bindparam("shift")).order_by(_s.c.position)
_REFUNDS_OF_SHIFT = _REFUNDS.where(_r.c.shift == bindparam("shift")).order_by(_r.c.position)
_BETWEEN = _SALES.where(_s.c.sold_at >= bindparam("start"), _s.c.sold_at < bindparam("end")).order_by(
    _s.c.sold_at, _s.c.position
)
_REFUNDS_BETWEEN = _REFUNDS.where(_r.c.refunded_at >= bindparam("start"), _r.c.refunded_at < bindparam("end")).order_by(
    _r.c.refunded_at, _r.c.position
)
_COUNT = Prepared(
    upsert(schema.counter)
    .values(name="receipt", value=1)
    .on_conflict_do_update(index_elements=["name"], set_={"value": schema.counter.c.value + 1})
    .returning(schema.counter.c.value)
)

_TICKET_CODE_LENGTH = 10


@dataclass(frozen=True, slots=True)
class StoredSale:
    """A sale and what became of it. `generations` has the newest one of every ticket that was issued again."""

    sale: SaleBody
    refunds: tuple[RefundBody, ...]
    generations: Mapping[TicketId, int]
    issues: tuple[IssueBody, ...] = ()

    @property
    def refunded(self) -> frozenset[TicketId]:
        return frozenset(line.ticket for refund in self.refunds for line in refund.tickets)

    def record(self, line: TicketLine) -> TicketRecord:
        """The ticket as a door and an order search know it."""
        return TicketRecord(
            ticket=line.ticket,
            sale=self.sale.sale,
            seat=line.seat,
            area=line.area,
            generation=max(line.generation, self.generations.get(line.ticket, 0)),
            valid=line.ticket not in self.refunded,
            price_type=line.price_type,
            price_type_name=line.price_type_name,
            category=line.category,
            gross_minor=line.gross_minor,
            order_code=self.sale.order_code,
            holder=self.sale.customer.name if self.sale.customer is not None else "",
        )


class Sales:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, body: SaleBody) -> None:
        """Append the same body in the same transaction: without its fact the commit fails."""
        customer = body.customer
        (position,) = _ADD_SALE.run(
            self._connection,
            {
                "sale": body.sale,
                "receipt": body.receipt,
                "order_code": bare_code(body.order_code),
                "shift": body.shift,
                "sold_at": body.sold_at,
                "customer": folded(customer.name) if customer is not None else None,
                "email": folded(customer.email) if customer is not None and customer.email else None,
            },
        ).fetchone()
        _ADD_TICKET.run_each(
            self._connection,
            [
                {
                    "ticket": line.ticket,
                    "sale": position,
                    "performance": line.performance,
                    "code": ticket_code(line.ticket, line.generation),
                    "seat": line.seat,
                    "area": line.area,
                }
                for line in body.tickets
            ],
        )

    def add_refund(self, body: RefundBody) -> None:
        """Append the same body in the same transaction.

        Raises UnknownSale if a ticket is not of that sale, or was refunded before.
        """
        self._connection.execute(
            _ADD_REFUND,
            {
                "refund": body.refund,
                "sale": body.sale,
                "receipt": body.receipt,
                "shift": body.shift,
                "refunded_at": body.refunded_at,
            },
        )
        for line in body.tickets:
            done = self._connection.execute(
                _REFUND_TICKET, {"its_ticket": line.ticket, "its_sale": body.sale, "its_refund": body.refund}
            )
            if done.rowcount != 1:
                raise UnknownSale

    def set_generation(self, body: IssueBody) -> None:
        """Paper was handed out again: remember the new generation of each ticket, own or not."""
        number = self._connection.execute(insert(schema.issue), {"body": body.model_dump_json()}).inserted_primary_key
        assert number is not None
        self._connection.execute(
            insert(_i),
            [
                {
                    "ticket": line.ticket,
                    "generation": line.generation,
                    "code": ticket_code(line.ticket, line.generation),
                    "issue": number[0],
                }
                for line in body.tickets
            ],
        )

    def generation(self, ticket: TicketId) -> int | None:
        """The newest generation that this till issued, None if it issued none but the first."""
        newest: int | None = self._connection.execute(_GENERATION, {"ticket": ticket}).scalar_one()
        return newest

    def get(self, sale: SaleId) -> StoredSale:
        """Raises UnknownSale."""
        stored = self.find(sale)
        if stored is None:
            raise UnknownSale
        return stored

    def find(self, sale: SaleId) -> StoredSale | None:
        return next(iter(self._several(_SALE, {"sale": sale})), None)

    def next_receipt(self) -> int:
        """One more than the last; a rolled-back transaction gives its number back, so there are no gaps."""
        return int(_COUNT.run(self._connection).fetchone()[0])

    def of_shift(self, shift: ShiftId) -> tuple[SaleBody, ...]:
        return tuple(map(SaleBody.model_validate_json, self._connection.scalars(_OF_SHIFT, {"shift": shift})))

    def refunds_of_shift(self, shift: ShiftId) -> tuple[RefundBody, ...]:
        rows = self._connection.scalars(_REFUNDS_OF_SHIFT, {"shift": shift})
        return tuple(map(RefundBody.model_validate_json, rows))

    def between(self, start: datetime, end: datetime) -> tuple[SaleBody, ...]:
        """Sold from `start` until before `end`, oldest first."""
        rows = self._connection.scalars(_BETWEEN, {"start": start, "end": end})
        return tuple(map(SaleBody.model_validate_json, rows))

    def refunds_between(self, start: datetime, end: datetime) -> tuple[RefundBody, ...]:
        rows = self._connection.scalars(_REFUNDS_BETWEEN, {"start": start, "end": end})
        return tuple(map(RefundBody.model_validate_json, rows))

    def search(self, text: str, limit: int = 50) -> tuple[StoredSale, ...]:
        """By order code, receipt, ticket code, or the beginning of a name or e-mail; newest first."""
        conditions = _conditions(text)
        if not conditions:
            return ()
        return self._several(_SALES.where(or_(*conditions)).order_by(_s.c.position.desc()).limit(limit))

    def last(self, limit: int) -> tuple[StoredSale, ...]:
        """Newest first."""
        return self._several(_SALES.order_by(_s.c.position.desc()).limit(limit))

    def ticket_record(self, ticket: TicketId) -> TicketRecord | None:
        for stored in self._several(_SALE_OF, {"ticket": ticket}):
            return next(stored.record(line) for line in stored.sale.tickets if line.ticket == ticket)
        return None

    def ticket_records(self, performance: PerformanceId, text: str) -> tuple[TicketRecord, ...]:
        """Own tickets of a performance whose order `text` finds; all of them for an empty text."""
        query = _SALES.where(_s.c.position.in_(_OF_PERFORMANCE)).order_by(_s.c.position)
        if text.strip():
            query = query.where(or_(false(), *_conditions(text)))
        return tuple(
            stored.record(line)
            for stored in self._several(query, {"performance": performance})
            for line in stored.sale.tickets
            if line.performance == performance
        )

    def _several(self, query: Select[Any], key: Mapping[str, Any] | None = None) -> tuple[StoredSale, ...]:
        """The sales that `query` finds, in its order, with what became of them: four queries, however many."""
        sales = tuple(map(SaleBody.model_validate_json, self._connection.scalars(query, key)))
        if not sales:
            return ()
        tickets = {"tickets": [line.ticket for sale in sales for line in sale.tickets]}
        generations = {TicketId(row[0]): row[1] for row in self._connection.execute(_GENERATIONS, tickets)}
        issues = tuple(map(IssueBody.model_validate_json, self._connection.scalars(_ISSUES, tickets)))
        refunds: dict[SaleId, list[RefundBody]] = defaultdict(list)
        for body in self._connection.scalars(_REFUNDS_OF, {"sales": [sale.sale for sale in sales]}):
            refund = RefundBody.model_validate_json(body)
            refunds[refund.sale].append(refund)
        return tuple(_stored(sale, refunds[sale.sale], generations, issues) for sale in sales)


def _stored(
    sale: SaleBody,
    refunds: Iterable[RefundBody],
    generations: Mapping[TicketId, int],
    issues: Iterable[IssueBody],
) -> StoredSale:
    own = {line.ticket for line in sale.tickets}
    return StoredSale(
        sale=sale,
        refunds=tuple(refunds),
        generations={ticket: generations[ticket] for ticket in own & generations.keys()},
        issues=tuple(issue for issue in issues if any(item.ticket in own for item in issue.tickets)),
    )


def _conditions(text: str) -> list[ColumnElement[bool]]:
    """What a sale may match, by any of it."""
    words, code = folded(text), bare_code(text)
    found: list[ColumnElement[bool]] = []
    if words:
        prefix = like_prefix(words)
        found += [
            _s.c.customer.like(prefix, escape="\\"),
            _s.c.customer.like("% " + prefix, escape="\\"),
            _s.c.email.like(prefix, escape="\\"),
        ]
    if code:
        found += [
            _s.c.order_code.like(like_prefix(code), escape="\\"),
            func.replace(_s.c.receipt, "-", "") == code,
        ]
    if len(code) == _TICKET_CODE_LENGTH:
        found += [
            _s.c.position.in_(select(_t.c.sale).where(_t.c.code == code)),
            _s.c.position.in_(select(_t.c.sale).join(_i, _i.c.ticket == _t.c.ticket).where(_i.c.code == code)),
        ]
    if code.isdigit():
        found.append(_s.c.receipt.like(f"%-{code.zfill(6)}"))
    return found
