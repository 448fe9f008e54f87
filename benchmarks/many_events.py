"""A catalogue of as many events as wanted, filled by SQL: what search has to find its way in."""

from __future__ import annotations

import asyncpg

# in the titles: half of all events have the first word, one in a thousand the last ones
_WORDS = """
create function pg_temp.word_of(p_seed bigint) returns text language sql immutable as $$
    select initcap(string_agg(substr('bcdfglmnprstvz', 1 + ((p_seed / (14 ^ n)::bigint) % 14)::int, 1)
        || substr('aeiou', 1 + ((p_seed / (5 ^ n)::bigint + n) % 5)::int, 1), ''))
    from generate_series(0, 2) as n
$$;
"""
_HOUSES = """
insert into venue (id, name, address, timezone, currency)
    select 'v' || n, pg_temp.word_of(n * 7919) || (array[' Theatre', ' Hall', ' Arena'])[1 + n % 3],
        n || ' High Street, ' || pg_temp.word_of((n % 97) * 104729), 'Europe/London', 'EUR'
    from generate_series(1, 2000) as n;
insert into production (id, title, kind, minutes)
    select 'o' || n, concat_ws(' ', case when n % 2 = 0 then 'Live' end, pg_temp.word_of(n % 1009),
        case when n % 20 = 0 then 'Festival' end, pg_temp.word_of(n % 40009)),
        (array['concert', 'play', 'comedy', 'opera', 'dance'])[1 + n % 5], 120
    from generate_series(1, $n$ / 5) as n;
"""
_EVENTS = """
insert into performance (id, production_id, venue_id, hall, plan_id, price_list_id, starts_at, doors_at, ends_at)
    select 10000 + n, 'o' || 1 + n % ($n$ / 5), 'v' || 1 + (n * 7) % 2000, 'Main Stage', $plan$, $prices$, t.at,
        t.at - interval '1 hour', t.at + interval '2 hours'
    from generate_series(1, $n$) as n
        cross join lateral (
            select $now$::timestamptz + (3600 + n::bigint * 17929 % 62899200) * interval '1 second' as at) as t
    order by t.at;
insert into feed_head (performance, free_seats) select id, (id % 20) * 100 from performance where id > 10000;
"""
_DOCUMENTS = """
set local maintenance_work_mem = '512MB';
set local work_mem = '256MB';
set local synchronous_commit = off;
select write_documents(array(select id from performance));
"""


async def fill(connection: asyncpg.Connection, count: int, now: str) -> None:
    """`count` events over two years from `now` on, in the houses of one plan; their documents as the triggers would."""
    plan = await connection.fetchval("select quote_literal(min(id)) from plan")
    prices = await connection.fetchval("select quote_literal(min(id)) from price_list")
    given = {"$n$": str(count), "$plan$": plan, "$prices$": prices, "$now$": f"'{now}'"}
    indexes = await connection.fetch(
        "select indexname, indexdef from pg_indexes where tablename in ('event_document', 'performance', 'production')"
        " and indexname not like '%pkey'"
    )
    async with connection.transaction():
        await connection.execute("set local session_replication_role = replica")  # one pass instead of a trigger each
        for row in indexes:
            await connection.execute(f"drop index {row['indexname']}")
        for part in (_WORDS, _HOUSES, _EVENTS, _DOCUMENTS):
            for mark, value in given.items():
                part = part.replace(mark, value)
            await connection.execute(part)
        for row in indexes:
            await connection.execute(row["indexdef"])
    await connection.execute("vacuum analyze event_document, performance, production, venue, feed_head")
