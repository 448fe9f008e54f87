"""The journal: every fact of this till, final, in order, chained by hashes. docs/rules/journal.md has the rules."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, Select, bindparam, func, insert, select, text
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import DBAPIError
from sqlcipher3 import dbapi2

from boxoffice.domain.clock import Clock, Hlc
from boxoffice.domain.facts import (
    GENESIS_HASH,
    Body,
    CashMovementBody,
    Fact,
    FactKind,
    RefundBody,
    SaleBody,
    canonical_json,
)
from boxoffice.domain.ids import FactId, NewId, ShiftId, TillNumber
from boxoffice.domain.protocol import MOST_BYTES_A_PUSH, MOST_FACTS_A_PUSH, FactOutcome, FactResult
from boxoffice.store import schema
from boxoffice.store.engine import sqlite_code
from boxoffice.store.prepared import Prepared
from boxoffice.store.refusals import CorruptJournal, JournalBehind, NotPaired

_OF_THE_DISK = (dbapi2.SQLITE_IOERR, dbapi2.SQLITE_FULL, dbapi2.SQLITE_BUSY)
_SUBJECTS: Mapping[str, str] = {
    FactKind.SALE: "sale",
    FactKind.REFUND: "refund",
    FactKind.SCAN: "scan",
    FactKind.SHIFT_OPEN: "shift",
    FactKind.SHIFT_CLOSE: "shift",
}

_t = schema.journal
_LAST = select(func.max(_t.c.position)).scalar_subquery()
_who = schema.identity
_HEAD = Prepared(
    select(
        _who.c.till, _who.c.incarnation, _t.c.incarnation.label("last_incarnation"), _t.c.seq, _t.c.hash, _t.c.hlc
    ).outerjoin_from(_who, _t, _t.c.position == _LAST)
)
_APPEND = Prepared(insert(_t), _t.c.keys())
_ADD_LINES = Prepared(insert(schema.ledger_line), schema.ledger_line.c.keys())
_MARKS = select(schema.mark.c.applied_hi, schema.mark.c.durable_hi).where(
    schema.mark.c.incarnation == bindparam("its_incarnation")
)
_OWN_MARKS = select(schema.mark.c.applied_hi, schema.mark.c.durable_hi).join(
    _who, _who.c.incarnation == schema.mark.c.incarnation
)
_UNSENT = (
    select(_t)
    .where(_t.c.position > bindparam("after"), _t.c.position < bindparam("before"))
    .order_by(_t.c.position)
    .limit(bindparam("most"))
)
_NOT_CARRIED = _t.c.position.not_in(select(schema.carried.c.position))
_ENDS = text("journal.kind IN ('SHIFT_OPEN', 'SHIFT_CLOSE')")  # spelt out, so that its index serves
_OPENED = select(func.min(_t.c.position)).where(_t.c.shift == bindparam("shift"), _ENDS)
_CLOSED = select(func.max(_t.c.position)).where(
    _t.c.shift == bindparam("shift"), _ENDS, _t.c.kind == FactKind.SHIFT_CLOSE.value
)
_OF_SHIFT = (
    select(_t)
    .where(
        _t.c.position >= _OPENED.scalar_subquery(),
        _t.c.position <= func.coalesce(_CLOSED.scalar_subquery(), _LAST),
        _t.c.shift == bindparam("shift"),
        _NOT_CARRIED,
    )
    .order_by(_t.c.position)
)
_MOVEMENTS = _OF_SHIFT.where(_t.c.kind == FactKind.CASH_MOVEMENT)
_TO_SETTLE = (
    select(schema.acknowledgement.c.outcome, schema.acknowledgement.c.reason, *_t.c)
    .join(_t, _t.c.position == schema.acknowledgement.c.position)
    .where(text("acknowledgement.outcome IN ('conflict', 'parked')"), _NOT_CARRIED)  # spelt out as well
    .order_by(_t.c.position)
)

_RESULT, _NEW_MARKS = upsert(schema.acknowledgement), upsert(schema.mark)
_TAKE_RESULT = _RESULT.on_conflict_do_update(
    index_elements=["position"], set_={"outcome": _RESULT.excluded.outcome, "reason": _RESULT.excluded.reason}
)
_SET_MARKS = _NEW_MARKS.on_conflict_do_update(
    index_elements=["incarnation"],
    set_={"applied_hi": _NEW_MARKS.excluded.applied_hi, "durable_hi": _NEW_MARKS.excluded.durable_hi},
)


def position_of(incarnation: int, seq: int) -> int:
    """Where a fact stands in the journal: incarnations one after the other."""
    return incarnation << schema.INCARNATION_BITS | seq


@dataclass(frozen=True, slots=True)
class AttentionItem:
    """A fact that central took, and that a person has to settle. It leaves the list by a later result of central."""

    outcome: FactOutcome
    reason: str
    fact: Fact


class _Head(NamedTuple):
    """Till and incarnation now, and the last row of the journal."""

    till: int
    incarnation: int
    last_incarnation: int | None
    seq: int | None
    hash: str | None
    hlc: str | None

    @property
    def end(self) -> tuple[int, str]:
        """The last number and hash of this incarnation."""
        if self.seq is None or self.hash is None or self.last_incarnation != self.incarnation:
            return 0, GENESIS_HASH
        return self.seq, self.hash


class Journal:
    def __init__(self, connection: Connection, now: Clock, new_id: NewId) -> None:
        self._connection, self._now, self._new_id = connection, now, new_id

    def append(self, body: Body) -> Fact:
        """Write the next fact and its ledger lines. It is final with the transaction's commit. Raises NotPaired."""
        head = self._head()
        seq, prev_hash = head.end
        now = self._now().astimezone(UTC)
        fact = Fact.next(
            body,
            till=TillNumber(head.till),
            incarnation=head.incarnation,
            seq=seq + 1,
            fact_id=FactId(self._new_id()),
            prev_hash=prev_hash,
            hlc=str((Hlc.parse(head.hlc) if head.hlc is not None else Hlc(0)).tick(now)),
            wall_time=now,
        )
        self._insert(fact)
        if isinstance(body, (SaleBody, RefundBody, CashMovementBody)) and body.ledger:
            position = position_of(fact.incarnation, fact.seq)
            _ADD_LINES.run_each(
                self._connection,
                [
                    {"position": position, "line": number, "account": line.account, "minor": line.minor}
                    for number, line in enumerate(body.ledger)
                ],
            )
        return fact

    def head(self) -> tuple[int, str]:
        """The last `seq` and hash of the current incarnation; 0 and the genesis hash while it is empty."""
        head = self._known_head()
        return (0, GENESIS_HASH) if head is None else head.end

    def unsent(self, limit: int = MOST_FACTS_A_PUSH, max_bytes: int = MOST_BYTES_A_PUSH) -> tuple[Fact, ...]:
        """The oldest facts that central has not acknowledged, without a gap: at most `limit`, and `max_bytes` of
        JSON, but always one if there is one."""
        facts: list[Fact] = []
        size = 0
        for fact in self._waiting(limit):
            size += len(fact.model_dump_json().encode()) + 1
            if facts and size > max_bytes:
                break
            facts.append(fact)
        return tuple(facts)

    def waiting(self) -> int:
        """How many facts central has not acknowledged."""
        return max(0, self.head()[0] - self.applied_hi())

    def applied_hi(self) -> int:
        return self._marks()[0]

    def durable_hi(self) -> int:
        """Up to here central's own backup holds the facts."""
        return self._marks()[1]

    def acknowledge(self, applied_hi: int, durable_hi: int, results: Sequence[FactResult]) -> None:
        """Take central's marks, which only rise here, and its results. Repeating is harmless.

        Raises JournalBehind for a mark beyond the journal: this till was restored from a copy.
        """
        incarnation = self._head().incarnation
        last = self.head()[0]
        if applied_hi > last:
            raise JournalBehind(last, applied_hi)
        applied, durable = self._marks()
        self._set_marks(incarnation, max(applied, applied_hi), max(durable, durable_hi))
        rows = [
            {"position": position_of(incarnation, item.seq), "outcome": item.outcome.value, "reason": item.reason}
            for item in results
            if 1 <= item.seq <= last
        ]
        if rows:
            self._connection.execute(_TAKE_RESULT, rows)

    def rewind(self, applied_hi: int) -> None:
        """Central was restored from its backup: what lies beyond its mark is sent again."""
        applied, durable = self._marks()
        self._set_marks(self._head().incarnation, min(applied, applied_hi), min(durable, applied_hi))

    def needs_attention(self) -> tuple[AttentionItem, ...]:
        """Conflicts and parked facts, oldest first."""
        return tuple(
            AttentionItem(FactOutcome(row.outcome), row.reason, _fact(row))
            for row in self._connection.execute(_TO_SETTLE)
        )

    def put_right(self, fact: Fact) -> None:
        """Central settled the conflict that this fact was in."""
        position = position_of(fact.incarnation, fact.seq)
        row = {"position": position, "outcome": FactOutcome.APPLIED.value, "reason": ""}
        self._connection.execute(_TAKE_RESULT, row)

    def of_shift(self, shift: ShiftId) -> tuple[Fact, ...]:
        """Facts that name the shift: its opening, sales, refunds, movements and closing."""
        return tuple(_fact(row) for row in self._connection.execute(_OF_SHIFT, {"shift": shift}))

    def movements(self, shift: ShiftId) -> tuple[CashMovementBody, ...]:
        rows = self._connection.execute(_MOVEMENTS, {"shift": shift})
        return tuple(CashMovementBody.model_validate_json(row.body) for row in rows)

    def tail(self, count: int) -> tuple[Fact, ...]:
        """The last `count` facts, oldest first."""
        return tuple(_fact(row) for row in self._tail(count))

    def verify(self) -> None:
        """Check every row and link of the chain. Raises CorruptJournal."""
        with self._readable():
            self._check_chain(self._connection.execute(select(_t).order_by(_t.c.position)), None)

    def verify_tail(self, count: int = 200) -> None:
        """Check the last rows, and that what is derived from them is there. Raises CorruptJournal."""
        with self._readable():
            rows = self._tail(count + 1)
            first = rows[0] if len(rows) > count else None
            self._check_chain(rows[1:] if first is not None else rows, first)
            self._check_derived(rows)

    def carry_over(self, old: int, new: int) -> None:
        """Append again, under the incarnation `new`, what central has not acknowledged of `old`."""
        prev_hash = GENESIS_HASH
        for seq, row in enumerate(self._after(old, self._marks(old)[0], -1), start=1):
            draft = _fact(row).model_copy(update={"incarnation": new, "seq": seq, "prev_hash": prev_hash})
            fact = draft.model_copy(update={"hash": draft.computed_hash()})
            self._insert(fact)
            self._connection.execute(insert(schema.carried), {"position": row.position})
            prev_hash = fact.hash

    def _insert(self, fact: Fact) -> None:
        subject, shift = _named_by(fact.kind, fact.body)
        _APPEND.run(
            self._connection,
            {
                "position": position_of(fact.incarnation, fact.seq),
                "till": fact.till,
                "incarnation": fact.incarnation,
                "seq": fact.seq,
                "id": fact.id,
                "kind": str(fact.kind),
                "schema_version": fact.schema_version,
                "body": canonical_json(fact.body).decode(),
                "prev_hash": fact.prev_hash,
                "hash": fact.hash,
                "hlc": fact.hlc,
                "wall_time": fact.wall_time,
                "subject": subject,
                "shift": shift,
            },
        )

    def _known_head(self) -> _Head | None:
        row = _HEAD.first(self._connection)
        return None if row is None else _Head(*row)

    def _head(self) -> _Head:
        head = self._known_head()
        if head is None:
            raise NotPaired
        return head

    def _marks(self, incarnation: int | None = None) -> tuple[int, int]:
        if incarnation is None:
            row = self._connection.execute(_OWN_MARKS).one_or_none()
        else:
            row = self._connection.execute(_MARKS, {"its_incarnation": incarnation}).one_or_none()
        return (0, 0) if row is None else (row.applied_hi, row.durable_hi)

    def _set_marks(self, incarnation: int, applied_hi: int, durable_hi: int) -> None:
        values = {"incarnation": incarnation, "applied_hi": applied_hi, "durable_hi": durable_hi}
        self._connection.execute(_SET_MARKS, values)

    def _waiting(self, most: int) -> Iterator[Fact]:
        head = self._known_head()
        if head is not None:
            yield from map(_fact, self._after(head.incarnation, self.applied_hi(), most))

    def _after(self, incarnation: int, seq: int, most: int) -> Sequence[Row[Any]]:
        window = {
            "after": position_of(incarnation, seq),
            "before": position_of(incarnation + 1, 0),
            "most": most,
        }
        return self._connection.execute(_UNSENT, window).all()

    def _tail(self, count: int) -> list[Row[Any]]:
        rows = self._connection.execute(select(_t).order_by(_t.c.position.desc()).limit(count)).all()
        return list(reversed(rows))

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """A row that is no text any more, such as half a letter, is damage and no bug."""
        try:
            yield
        except (DBAPIError, UnicodeError) as unreadable:
            if sqlite_code(unreadable) in _OF_THE_DISK:
                raise
            raise CorruptJournal(self._path(), "a row cannot be read.") from unreadable

    def _check_chain(self, rows: Iterable[Row[Any]], before: Row[Any] | None) -> None:
        """`before` is the trusted row that `rows` continue, None at the journal's beginning."""
        for row in rows:
            damage = _damage(row, before)
            if damage:
                raise CorruptJournal(self._path(), f"entry {row.incarnation}.{row.seq} {damage}.")
            before = row

    def _check_derived(self, rows: Sequence[Row[Any]]) -> None:
        """Each fact of the tail has its row, and the newest rows have their facts."""
        for kind, column in _DERIVED.items():
            named = {row.subject for row in rows if row.kind == kind}
            found = set(self._connection.scalars(_known(column, named)))
            if named - found:
                raise CorruptJournal(self._path(), f"a {kind.value.lower()} of the journal is missing in the books.")
            newest = self._connection.scalars(select(column).order_by(_ORDER[kind].desc()).limit(1)).one_or_none()
            in_journal = self._connection.scalars(
                select(_t.c.subject).where(_t.c.kind == kind.value).order_by(_t.c.position.desc()).limit(1)
            ).one_or_none()
            if newest != in_journal:
                raise CorruptJournal(self._path(), f"the newest {kind.value.lower()} is not the journal's.")

    def _path(self) -> Path:
        query = "SELECT file FROM pragma_database_list WHERE name = 'main'"
        return Path(self._connection.exec_driver_sql(query).scalar_one())


_DERIVED = {
    FactKind.SALE: schema.sale.c.sale,
    FactKind.REFUND: schema.refund.c.refund,
    FactKind.SCAN: schema.scan.c.scan,
    FactKind.SHIFT_OPEN: schema.shift.c.shift,
}
_ORDER = {
    FactKind.SALE: schema.sale.c.position,
    FactKind.REFUND: schema.refund.c.position,
    FactKind.SCAN: schema.scan.c.position,
    FactKind.SHIFT_OPEN: schema.shift.c.number,
}


def _known(column: Any, ids: Iterable[UUID]) -> Select[Any]:
    return select(column).where(column.in_(list(ids)))


def _fact(row: Row[Any]) -> Fact:
    return Fact(
        till=row.till,
        incarnation=row.incarnation,
        seq=row.seq,
        id=row.id,
        kind=row.kind,
        schema_version=row.schema_version,
        body=json.loads(row.body),
        prev_hash=row.prev_hash,
        hash=row.hash,
        hlc=row.hlc,
        wall_time=row.wall_time,
    )


def _named_by(kind: str, body: Mapping[str, Any]) -> tuple[UUID | None, UUID | None]:
    """The sale, refund, scan or shift that a fact is, and the shift that it names."""
    name, shift = _SUBJECTS.get(kind), body.get("shift")
    return UUID(body[name]) if name is not None else None, UUID(shift) if shift is not None else None


def _damage(row: Row[Any], before: Row[Any] | None) -> str:
    if _hash_of(row) != row.hash:
        return "is not what was written"
    if _named_by(row.kind, json.loads(row.body)) != (row.subject, row.shift):
        return "is filed under another number"
    if before is not None and row.incarnation == before.incarnation:
        expected = (before.seq + 1, before.hash)
    elif before is None or row.incarnation > before.incarnation:
        expected = (1, GENESIS_HASH)
    else:
        return "belongs to an earlier incarnation"
    return "" if (row.seq, row.prev_hash) == expected else "does not continue the chain"


def _hash_of(row: Row[Any]) -> str:
    """`Fact.computed_hash` from the text of the body as it stands, which spares parsing and writing it again."""
    envelope = canonical_json(
        {
            "hlc": row.hlc,
            "id": str(row.id),
            "incarnation": row.incarnation,
            "kind": row.kind,
            "prev_hash": row.prev_hash,
            "schema_version": row.schema_version,
            "seq": row.seq,
            "till": row.till,
            "wall_time": row.wall_time.isoformat().replace("+00:00", "Z"),
        }
    )
    return hashlib.sha256(b'{"body":' + row.body.encode() + b"," + envelope[1:]).hexdigest()
