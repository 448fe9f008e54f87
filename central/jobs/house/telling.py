"""The same message to everybody who booked something, written once for each booking however often it is tried."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from central.jobs.running import Run

_AT_ONCE = 1000
# who gave everything back or deleted the account meanwhile is not written to
_TELL = """
    with noted as (
        insert into notice (booking, kind, about, at)
        select b.id, $3, t.about, $4 from unnest($1::uuid[], $2::timestamptz[]) as t (booking, about)
        join booking b on b.id = t.booking and b.state = 'confirmed'
        on conflict do nothing returning booking
    )
    insert into message (id, kind, account, address, language, detail, written_at)
    select uuid7_at($4), $3, a.id, a.email, a.language,
        jsonb_build_object('booking', b.id, 'eventId', b.performance::text) || $5::jsonb, $4
    from noted join booking b on b.id = noted.booking
    join account a on a.id = b.account and a.deleted_at is null
    returning 1
"""


async def tell(run: Run, kind: str, found: Sequence[asyncpg.Record], detail: Mapping[str, Any], now: datetime) -> int:
    """`found` has a `booking` and what it is told `about` in each row. How many messages were written."""
    count = 0
    for start in range(0, len(found), _AT_ONCE):
        some = found[start : start + _AT_ONCE]
        async with run.step() as connection:
            written = await connection.fetch(
                *(_TELL, [row["booking"] for row in some], [row["about"] for row in some]),
                *(kind, now, json.dumps(detail)),
            )
            count += len(written)
    return count
