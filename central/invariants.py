"""What must hold of the books at any moment, asked of the database itself. A row found is a broken promise.

Each is one query over the whole house that finds nothing. They are slow on purpose: they look at every row, and trust
no counter that the program keeps. docs/running.md tells what to do about what they find.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import asyncpg
from fastapi import APIRouter
from pydantic import BaseModel, Field

from central.accounts.callers import AdminDep
from central.problems import documented
from central.services import ServicesDep

router = APIRouter(prefix="/api/admin/invariants", tags=["admin"])
MOST = 20  # rows shown of each

INVARIANTS: Mapping[str, str] = {
    "a seat admits one ticket": """
        select format('performance %s, seat %s: %s tickets', performance, seat, count(*)) as found
        from ticket where valid and seat is not null group by performance, seat having count(*) > 1
    """,
    "a sold seat belongs to a ticket that admits to it": """
        select format('performance %s, seat %s', s.performance, s.seat) as found
        from seat s left join ticket t on t.id = s.ticket
        where s.status = 3 and (t.id is null or not t.valid or t.performance <> s.performance
            or t.seat is distinct from s.seat)
    """,
    "a ticket that admits has its seat": """
        select format('ticket %s, performance %s, seat %s', t.id, t.performance, t.seat) as found
        from ticket t left join seat s on s.performance = t.performance and s.seat = t.seat
        where t.valid and t.seat is not null and (s.status is distinct from 3 or s.ticket is distinct from t.id)
    """,
    "a seat has one owner": """
        select format('performance %s, seat %s: status %s, till %s, hold %s, ticket %s',
            performance, seat, status, till, hold, ticket) as found
        from seat
        where (status in (2, 5)) <> (till <> 0)
            or (hold is not null and status <> 1)
            or (ticket is not null and status not in (3, 6))
    """,
    "a seat held on the web is of an open hold": """
        select format('performance %s, seat %s, hold %s', s.performance, s.seat, s.hold) as found
        from seat s left join hold h on h.id = s.hold
        where s.hold is not null
            and (h.state is distinct from 'open' or h.performance <> s.performance or not s.seat = any(h.seats))
    """,
    "places of an area add up to its capacity": """
        select format('performance %s, area %s: free %s, leased %s, held %s, sold %s of %s',
            c.performance, c.area, c.free, l.units, h.units, c.sold, c.capacity) as found
        from area_count c,
            lateral (select coalesce(sum(units), 0) as units from area_lease l
                where l.performance = c.performance and l.area = c.area) l,
            lateral (select coalesce(sum(wish.units), 0) as units
                from hold h, unnest(h.areas, h.units) as wish (area, units)
                where h.performance = c.performance and h.state = 'open' and wish.area = c.area) h
        where c.free + l.units + h.units + c.sold <> c.capacity
    """,
    "places sold are those of tickets that admit": """
        select format('performance %s, area %s: %s sold, %s tickets', c.performance, c.area, c.sold, t.count) as found
        from area_count c,
            lateral (select count(*) from ticket t
                where t.performance = c.performance and t.area = c.area and t.valid) t
        where c.sold <> t.count
    """,
    "free seats are counted right": """
        select format('performance %s: %s counted, %s free', f.performance, f.free_seats, plan.seat_count - taken.count)
            as found
        from feed_head f join performance p on p.id = f.performance join plan on plan.id = p.plan_id,
            lateral (select count(*) from seat s where s.performance = p.id and s.status <> 0) taken
        where f.free_seats <> plan.seat_count - taken.count
    """,
    "a feed has no gap": """
        select format('performance %s: %s entries up to %s, from %s on', h.performance, n.count, h.head, h.compacted_to)
            as found
        from feed_head h,
            lateral (select count(*) from feed f where f.performance = h.performance and f.number > h.compacted_to) n
        where n.count <> h.head - h.compacted_to
    """,
    "what is acknowledged is here": """
        select format('till %s, incarnation %s: acknowledged %s, durable %s, here %s',
            j.till, j.incarnation, j.applied_hi, j.durable_hi, f.count) as found
        from till_journal j,
            lateral (select count(*), coalesce(max(seq), 0) as last from fact f
                where f.till = j.till and f.incarnation = j.incarnation) f
        where f.count <> j.applied_hi or f.last <> j.applied_hi or j.durable_hi > j.applied_hi
    """,
    "a till's facts are one chain": """
        with linked as (
            select till, incarnation, seq, prev_hash,
                lag(hash) over (partition by till, incarnation order by seq) as was
            from fact
        )
        select format('till %s, incarnation %s, number %s', till, incarnation, seq) as found
        from linked where seq > 1 and prev_hash <> was
    """,
    "a till's money sums to zero, fact by fact": """
        select format('till %s, incarnation %s, number %s: %s', till, incarnation, seq, sum(minor)) as found
        from ledger_line group by till, incarnation, seq having sum(minor) <> 0
    """,
    "the web's money sums to zero, entry by entry": """
        select format('entry %s: %s', entry, sum(minor)) as found
        from web_ledger_line group by entry having sum(minor) <> 0
    """,
    "every sale of a till is in the books": """
        select format('till %s, incarnation %s, number %s', f.till, f.incarnation, f.seq) as found
        from fact f
        where f.kind = 'SALE' and f.outcome <> 'parked' and not f.repeated
            and not exists (select from sale s where s.id::text = f.body ->> 'sale')
    """,
    "every sale at a counter has its fact": """
        select format('order %s of till %s', s.order_code, s.till) as found
        from sale s
        where s.channel = 'counter' and s.till > 0 and not exists (
            select from fact f where f.till = s.till and f.kind = 'SALE' and f.body ->> 'sale' = s.id::text)
    """,
    "a seat's epoch is not below a lease of it": """
        select format('performance %s, seat %s: %s, leased as %s', s.performance, s.seat, s.epoch, g.epoch) as found
        from lease_request r,
            jsonb_to_recordset(r.granted -> 'seats') as g (seat integer, epoch integer)
            join seat s on s.seat = g.seat
        where s.performance = r.performance and s.epoch < g.epoch
    """,
}


class Broken(BaseModel):
    """An invariant that does not hold, with the first rows that show it."""

    invariant: str = Field(examples=["a seat admits one ticket"])
    found: list[str]


class Books(BaseModel):
    """`checked`: how many invariants were. All hold when none is `broken`."""

    checked: int
    broken: list[Broken]


async def broken(connection: asyncpg.Connection) -> list[Broken]:
    """Of all of them. In a REPEATABLE READ transaction: they look at one moment."""
    found = []
    for name, query in INVARIANTS.items():
        rows = await connection.fetch(f"select found from ({query}) as rows order by found limit {MOST}")
        if rows:
            found.append(Broken(invariant=name, found=[row["found"] for row in rows]))
    return found


@router.get("", responses=documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN))
async def check_books(caller: AdminDep, services: ServicesDep) -> Books:
    """Look at every seat, ticket, fact and ledger line. It takes seconds in a house of years, and stops nobody."""
    return Books(checked=len(INVARIANTS), broken=await services.database.read(broken))
