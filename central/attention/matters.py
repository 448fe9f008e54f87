"""What waits for a manager: orders in conflict, facts that could not be booked, tickets that were let in twice.

Nothing here is ever deleted. A matter leaves the list when what it is about was put right, or when a manager has
noted what became of it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import asyncpg

from boxoffice.domain.ids import PerformanceId, ticket_code

LOOKS_BACK = timedelta(days=30)  # for tickets let in twice: a look at every scan there is
MOST = 500


class MatterKind(StrEnum):
    CONFLICT = "conflict"
    FACT = "fact"
    ADMITTED_TWICE = "admitted_twice"


@dataclass(frozen=True, slots=True)
class Matter:
    """`id` is stable. `seats` are of `performance`; `minor` is what was paid; `raw` is the fact as it came."""

    id: str
    kind: MatterKind
    at: datetime
    reason: str
    performance: PerformanceId | None = None
    sale: str = ""
    order_code: str = ""
    holder: str = ""
    email: str = ""
    phone: str = ""
    till: int = 0
    minor: int = 0
    currency: str = ""
    seats: tuple[int, ...] = ()
    places: tuple[int, ...] = ()  # the areas of those without a seat
    raw: Any = None


_UNSETTLED = "not exists (select from settled_matter m where m.matter = {matter})"
_CONFLICT_ID = "'conflict.' || t.sale || '.' || t.performance"
_CONFLICTS = f"""
    select {_CONFLICT_ID} as id, t.performance, t.sale, s.order_code, s.holder, s.email, s.phone, s.till, s.currency,
        s.sold_at as at, sum(t.gross_minor)::bigint as minor,
        coalesce(array_agg(t.seat order by t.seat) filter (where t.seat is not null), '{{}}') as seats,
        coalesce(array_agg(t.area order by t.area) filter (where t.area is not null), '{{}}') as places,
        (select f.reason from fact f where f.till = s.till and f.kind = 'SALE' and f.outcome = 'conflict'
            and f.body ->> 'sale' = t.sale::text limit 1) as reason
    from ticket t join sale s on s.id = t.sale
    where (t.sale, t.performance) in (select c.sale, c.performance from ticket c where c.in_conflict)
        and (t.valid or t.in_conflict) and {_UNSETTLED.format(matter=_CONFLICT_ID)}
    group by t.sale, t.performance, s.id order by s.sold_at limit {MOST}
"""
_FACT_ID = "'fact.' || f.till || '.' || f.incarnation || '.' || f.seq"
_FACTS = f"""
    select {_FACT_ID} as id, f.till, f.received_at as at, f.kind, f.outcome, f.reason, f.body
    from fact f
    where f.outcome <> 'applied' and not (f.outcome = 'conflict' and f.kind = 'SALE')
        and {_UNSETTLED.format(matter=_FACT_ID)}
    order by f.received_at limit {MOST}
"""
_TWICE_ID = "'twice.' || t.id"
_TWICE = f"""
    with counted as (
        select c.ticket, c.performance, c.scanned_at, c.gate, c.direction,
            lag(c.direction) over seen as before, lag(c.gate) over seen as before_gate
        from scan c join performance p on p.id = c.performance
        where c.admitted and p.ends_at > $1
        window seen as (partition by c.performance, c.ticket order by c.scanned_at, c.id)
    )
    select {_TWICE_ID} as id, t.performance, t.sale, s.order_code, s.holder, s.email, s.phone, s.till, s.currency,
        t.gross_minor as minor, t.id as ticket, t.generation, t.seat, t.area, max(c.scanned_at) as at,
        string_agg(distinct c.before_gate || ', then ' || c.gate, '; ') as gates
    from counted c join ticket t on t.id = c.ticket and t.performance = c.performance join sale s on s.id = t.sale
    where c.direction = 'entry' and c.before = 'entry' and {_UNSETTLED.format(matter=_TWICE_ID)}
    group by t.id, s.id order by max(c.scanned_at) limit {MOST}
"""


async def matters(connection: asyncpg.Connection, now: datetime) -> Sequence[Matter]:
    """The oldest first, at most MOST of each kind."""
    found = [_conflict(row) for row in await connection.fetch(_CONFLICTS)]
    found += [_fact(row) for row in await connection.fetch(_FACTS)]
    found += [_twice(row) for row in await connection.fetch(_TWICE, now - LOOKS_BACK)]
    return sorted(found, key=lambda matter: matter.at)


def _conflict(row: asyncpg.Record) -> Matter:
    return Matter(
        kind=MatterKind.CONFLICT,
        reason=row["reason"] or "somebody else has a place of this order",
        seats=tuple(row["seats"]),
        places=tuple(row["places"]),
        **_order(row),
    )


def _fact(row: asyncpg.Record) -> Matter:
    body = json.loads(row["body"])
    body = body if isinstance(body, dict) else {}
    total, currency = body.get("total_minor"), body.get("currency")
    return Matter(
        id=row["id"],
        kind=MatterKind.FACT,
        at=row["at"],
        reason=f"{row['kind']}: {row['reason']}",
        till=row["till"],
        order_code=str(body.get("order_code", "")),
        minor=total if isinstance(total, int) else 0,
        currency=currency if isinstance(currency, str) else "",
        raw=body,
    )


def _twice(row: asyncpg.Record) -> Matter:
    return Matter(
        kind=MatterKind.ADMITTED_TWICE,
        reason=f"ticket {ticket_code(row['ticket'], row['generation'])} was let in more than once: {row['gates']}",
        seats=(row["seat"],) if row["seat"] is not None else (),
        places=(row["area"],) if row["area"] is not None else (),
        **_order(row),
    )


def _order(row: asyncpg.Record) -> dict[str, Any]:
    same = ("id", "at", "performance", "order_code", "holder", "email", "phone", "till", "minor", "currency")
    return {name: row[name] for name in same} | {"sale": str(row["sale"])}
