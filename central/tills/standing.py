"""Where a till stands with central: its marks, its incarnations, and being taken out of service."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import asyncpg

from boxoffice.domain.facts import GENESIS_HASH
from boxoffice.domain.ids import PerformanceId, TillNumber
from boxoffice.domain.protocol import FeedEntry, Heads, SeatChange, SeatStatus, Status
from boxoffice.domain.refusals import Refused
from central.tills.pairing import Till


class UnknownTill(Refused):
    code = "unknown_till"

    def __init__(self, number: int) -> None:
        super().__init__(f"There is no till {number}.", "Look at its number in the till's status bar.")


async def status(connection: asyncpg.Connection, till: Till, incarnation: int | None, now: datetime) -> Status:
    """An incarnation that central does not know (it was restored since) has no fact applied."""
    incarnation = till.incarnation if incarnation is None else incarnation
    server = await connection.fetchrow("select epoch, catalogue_version from server")
    journal = await connection.fetchrow(
        "select applied_hi, durable_hi from till_journal where till = $1 and incarnation = $2", till.number, incarnation
    )
    return Status(
        server_epoch=server["epoch"],
        server_time=now,
        till=till.number,
        incarnation=incarnation,
        applied_hi=0 if journal is None else journal["applied_hi"],
        durable_hi=0 if journal is None else journal["durable_hi"],
        catalogue_version=server["catalogue_version"],
    )


async def heads(connection: asyncpg.Connection) -> Heads:
    """What is new, for a till that was away: one small answer instead of a question a performance."""
    server = await connection.fetchrow("select epoch, catalogue_version, key_version from server")
    rows = await connection.fetch("select performance, head from feed_head")
    return Heads(
        server_epoch=server["epoch"],
        catalogue_version=server["catalogue_version"],
        keys_version=server["key_version"],
        heads={row["performance"]: row["head"] for row in rows},
    )


async def begin_incarnation(
    connection: asyncpg.Connection, till: TillNumber
) -> tuple[int, Mapping[PerformanceId, int]]:
    """A till that lost its latest journal counts again from 1. What it leased may be sold on paper: nobody sells it."""
    incarnation = await connection.fetchval(
        "update till set incarnation = incarnation + 1 where number = $1 returning incarnation", till
    )
    await connection.execute(
        "insert into till_journal (till, incarnation, last_hash) values ($1, $2, $3)", till, incarnation, GENESIS_HASH
    )
    return incarnation, await _quarantine_leases(connection, till)


async def revoke(connection: asyncpg.Connection, till: TillNumber, now: datetime) -> Mapping[PerformanceId, int]:
    """Its credential ends; tickets it signs from now on do not open a door. Raises UnknownTill."""
    found = await connection.fetchval(
        "update till set state = 'revoked' where number = $1 and state <> 'revoked' returning number", till
    )
    if found is None:
        if not await connection.fetchval("select exists (select from till where number = $1)", till):
            raise UnknownTill(till)
        return {}
    await connection.execute(
        "update till_key set revoked_from = $2 where till = $1 and revoked_from is null", till, now
    )
    await connection.execute("update server set key_version = key_version + 1")
    return await _quarantine_leases(connection, till)


async def release(connection: asyncpg.Connection, till: TillNumber) -> bool:
    """End a till's quarantine, after a person has looked. False when it was not quarantined. Raises UnknownTill."""
    state = await connection.fetchval("select state from till where number = $1 for update", till)
    if state is None:
        raise UnknownTill(till)
    await connection.execute("update till set state = 'active' where number = $1 and state = 'quarantined'", till)
    return bool(state == "quarantined")


async def _quarantine_leases(connection: asyncpg.Connection, till: TillNumber) -> Mapping[PerformanceId, int]:
    rows = await connection.fetch(
        "with held as (select performance, seat from seat where till = $1 and status = $2 order by 1, 2 for update)"
        " update seat s set status = $3 from held where s.performance = held.performance and s.seat = held.seat"
        " returning s.performance, s.seat",
        *(till, SeatStatus.LEASED, SeatStatus.QUARANTINED),
    )
    heads: dict[PerformanceId, int] = {}
    for performance in sorted({row["performance"] for row in rows}):
        entry = FeedEntry(
            number=0,
            seats=tuple(
                SeatChange(seat=row["seat"], status=SeatStatus.QUARANTINED, till=till)
                for row in rows
                if row["performance"] == performance
            ),
        )
        heads[performance] = await connection.fetchval(
            "select append_feed($1, $2, 0)",
            performance,
            entry.model_dump_json(exclude={"number"}, exclude_defaults=True),
        )
    return heads
