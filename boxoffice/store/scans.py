"""What this door scanned, newest last. Appended, never judged again."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, insert, select

from boxoffice.domain.facts import ScanBody
from boxoffice.domain.ids import PerformanceId, TicketId
from boxoffice.store import schema

_t = schema.scan
_BODY = select(schema.journal.c.body).join(_t, _t.c.position == schema.journal.c.position)
_ADD = insert(_t).values(position=schema.NEXT_POSITION)
_LAST = _BODY.where(_t.c.ticket == bindparam("ticket"), _t.c.counts == 1).order_by(_t.c.position.desc()).limit(1)
_OF_PERFORMANCE = _BODY.where(_t.c.performance == bindparam("performance")).order_by(_t.c.position)


class Scans:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, body: ScanBody) -> None:
        """Append the same body in the same transaction: without its fact the commit fails."""
        self._connection.execute(
            _ADD,
            {
                "scan": body.scan,
                "ticket": body.ticket,
                "performance": body.performance,
                "counts": int(body.admitted or body.direction != "entry"),
            },
        )

    def last(self, ticket: TicketId) -> ScanBody | None:
        """The latest scan that says whether the ticket is in: an admitted entry, an exit or an undo.

        A refused scan does not count: after it, the guest who went in before is still in.
        """
        body = self._connection.execute(_LAST, {"ticket": ticket}).scalar_one_or_none()
        return None if body is None else ScanBody.model_validate_json(body)

    def of_performance(self, performance: PerformanceId) -> tuple[ScanBody, ...]:
        """Every scan, refused ones too, newest last."""
        rows = self._connection.scalars(_OF_PERFORMANCE, {"performance": performance})
        return tuple(map(ScanBody.model_validate_json, rows))
