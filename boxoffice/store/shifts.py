"""Shifts of this till: at most one is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from boxoffice.domain.facts import CashMovementBody, ShiftCloseBody, ShiftOpenBody
from boxoffice.domain.ids import ShiftId, StaffId
from boxoffice.domain.shifts import ShiftClosed, ShiftOpen
from boxoffice.store import schema
from boxoffice.store.journal import Journal
from boxoffice.store.prepared import Prepared

_t = schema.shift
_CURRENT = Prepared(
    select(_t.c.shift, _t.c.number, _t.c.staff, _t.c.float_minor, _t.c.currency, _t.c.opened_at).where(
        _t.c.closed_at.is_(None)
    )
)
_NEWEST = select(func.coalesce(func.max(_t.c.number), 0))
_LAST_CLOSED = select(_t.c.closing).where(_t.c.closing.is_not(None)).order_by(_t.c.number.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class OpenShift:
    shift: ShiftId
    number: int
    staff: StaffId
    float_minor: int
    currency: str
    opened_at: datetime


class Shifts:
    def __init__(self, connection: Connection, journal: Journal) -> None:
        self._connection, self._journal = connection, journal

    def current(self) -> OpenShift | None:
        row = _CURRENT.first(self._connection)
        return None if row is None else OpenShift(*row)

    def open(self, body: ShiftOpenBody) -> None:
        """Raises ShiftOpen while another one is open."""
        if self.current() is not None:
            raise ShiftOpen("A shift is open at this till.", "Close it first, or go on with it.")
        self._connection.execute(
            insert(_t),
            {
                "shift": body.shift,
                "number": body.number,
                "staff": body.staff,
                "float_minor": body.float_minor,
                "currency": body.currency,
                "opened_at": body.opened_at,
            },
        )

    def close(self, body: ShiftCloseBody) -> None:
        """Raises ShiftClosed if that shift is not the open one."""
        closed = self._connection.execute(
            update(_t)
            .where(_t.c.shift == body.shift, _t.c.closed_at.is_(None))
            .values(closed_at=body.closed_at, closing=body.model_dump_json())
        )
        if closed.rowcount != 1:
            raise ShiftClosed

    def number_of(self, shift: ShiftId) -> int:
        return int(self._connection.execute(select(_t.c.number).where(_t.c.shift == shift)).scalar_one())

    def next_number(self) -> int:
        return int(self._connection.execute(_NEWEST).scalar_one()) + 1

    def movements(self, shift: ShiftId) -> tuple[CashMovementBody, ...]:
        """Pay-ins, payouts and openings of the drawer, as the journal has them."""
        return self._journal.movements(shift)

    def last_closed(self) -> ShiftCloseBody | None:
        body = self._connection.execute(_LAST_CLOSED).scalar_one_or_none()
        return None if body is None else ShiftCloseBody.model_validate_json(body)
