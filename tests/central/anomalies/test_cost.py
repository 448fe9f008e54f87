"""What it costs to look at a house with a long history and many jobs of the future: no large table is read whole."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from central.anomalies import figures
from central.database import Database

_MANY = 30_000
_FILL = f"""
    insert into job (id, type, name, payload, schedule, max_retries, retry_after_s, time_limit_s, made_at)
        select gen_random_uuid(), 'x', 'x', '{{}}', '{{"kind":"once"}}', 0, '{{1}}', 1, now()
        from generate_series(1, {_MANY});
    insert into job_schedule (job, segment, next_run_at)
        select id, ('x' || left(id::text, 2))::bit(8)::integer % 64, now() + interval '30 days' from job;
    insert into job_execution (job, segment, priority, due_at, state, ended_at)
        select id, 1, 0, now(), 'completed', now() - interval '1 day' from job;
    insert into job_log (job, level, message) select id, 'info', 'x' from job;
    insert into message (id, kind, detail, state, due_at, written_at)
        select gen_random_uuid(), 'x', '{{}}', 'sent', null, now() from generate_series(1, {_MANY});
    insert into till (name, credential) values ('', '');
    insert into shift (id, till, number, staff, currency, opened_at, closed_at)
        select gen_random_uuid(), till.number, n, gen_random_uuid(), 'EUR', now(), now()
        from till, generate_series(1, {_MANY}) n;
"""
_LARGE = {"job", "job_schedule", "job_execution", "job_log", "message", "shift"}


def _read_whole(plan: dict[str, Any]) -> set[str]:
    """The tables that a plan of EXPLAIN goes through from end to end."""
    found = {plan["Relation Name"]} if plan["Node Type"] == "Seq Scan" else set()
    return found.union(*(_read_whole(part) for part in plan.get("Plans", ())))


def test_no_large_table_is_read_from_end_to_end(database: str) -> None:
    asked: list[tuple[str, tuple[Any, ...]]] = []

    async def go() -> None:
        async with Database.open(database, 2) as opened, opened.pool.acquire() as connection:
            await connection.execute(_FILL)
            await connection.execute("vacuum analyze")
            with connection.query_logger(lambda query: asked.append((query.query, query.args))):
                await figures.look(connection)
            plans = [
                json.loads(await connection.fetchval(f"explain (format json) {query}", *args))[0]["Plan"]
                for query, args in asked
            ]
            twin = await connection.fetchval("explain (format json) select count(*) from message where kind = 'x'")
        assert len(plans) > 8
        assert {table for plan in plans for table in _read_whole(plan)} & _LARGE == set()
        assert _read_whole(json.loads(twin)[0]["Plan"]) == {"message"}

    asyncio.run(go())
