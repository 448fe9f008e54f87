"""PUSH: a till's facts, in their order, each exactly once. One transaction a batch; only its marks acknowledge.

Lock the till; require `seq = hi + 1` and the hash of the row before; keep the fact; apply it; move the mark. A
replay gets the stored results. Another fact under a number that central has is a cloned or restored till:
it is quarantined.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from uuid import UUID

import asyncpg
import structlog

from boxoffice.domain.facts import GENESIS_HASH, Body, Fact, canonical_json
from boxoffice.domain.ids import PerformanceId
from boxoffice.domain.protocol import FactOutcome, FactResult, PushReply, PushRequest
from central.database import Database
from central.problems import Declined
from central.tills import shelf
from central.tills.books import book, parse
from central.tills.pairing import Till

_INT4 = 1 << 31
_UNBOOKABLE = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)
_log = structlog.get_logger("central")


@dataclass(frozen=True, slots=True)
class Pushed:
    reply: PushReply
    heads: Mapping[PerformanceId, int]


async def push(database: Database, till: Till, pushed: PushRequest) -> Pushed:
    """Raises Declined for what no till of ours sends; business trouble is never refused."""
    _check_envelope(till, pushed)
    try:
        return await database.write(lambda connection: _apply(connection, till, pushed))
    except _UNBOOKABLE as error:
        _log.warning("batch taken apart", till=till.number, from_seq=pushed.from_seq, error=type(error).__name__)
        return await _one_by_one(database, till, pushed)


async def _one_by_one(database: Database, till: Till, pushed: PushRequest) -> Pushed:
    """A fact that the database cannot hold must not keep those behind it waiting: it alone is parked."""
    results: list[FactResult] = []
    heads: dict[PerformanceId, int] = {}
    for fact in pushed.facts:
        single = pushed.model_copy(update={"from_seq": fact.seq, "facts": (fact,)})
        try:
            done = await database.write(partial(_apply, till=till, pushed=single))
        except _UNBOOKABLE as error:
            why = f"it could not be booked: {error}".replace("\0", "")
            done = await database.write(partial(_apply, till=till, pushed=single, unbookable=why))
        results += done.reply.results
        heads.update(done.heads)
        if done.reply.diverged or done.reply.applied_hi < fact.seq:
            break
    return Pushed(done.reply.model_copy(update={"results": tuple(results)}), heads)


def _check_envelope(till: Till, pushed: PushRequest) -> None:
    def malformed(field: str, message: str) -> Declined:
        return Declined(HTTPStatus.UNPROCESSABLE_ENTITY, "malformed", message, field=field)

    if pushed.till != till.number:
        raise malformed("till", f"The credential is till {till.number}'s, the batch is till {pushed.till}'s.")
    if not 1 <= pushed.incarnation < _INT4:
        raise malformed("incarnation", "An incarnation counts from 1.")
    for index, fact in enumerate(pushed.facts):
        where = f"facts.{index}"
        if (fact.till, fact.incarnation) != (pushed.till, pushed.incarnation):
            raise malformed(where, "The fact is of another till or incarnation than its batch.")
        if fact.seq != pushed.from_seq + index:
            raise malformed(
                f"{where}.seq", f"{fact.seq} does not follow: a batch counts up from from_seq without a gap."
            )
        if not 0 <= fact.schema_version < _INT4:
            raise malformed(f"{where}.schema_version", "This is not a version.")
        if "\0" in fact.hlc or len(fact.hlc) > 100:
            raise malformed(f"{where}.hlc", "This is not a reading of a hybrid clock.")


async def _apply(
    connection: asyncpg.Connection, till: Till, pushed: PushRequest, *, unbookable: str | None = None
) -> Pushed:
    state = await connection.fetchval("select state from till where number = $1 for update", till.number)
    journal = await _journal(connection, till, pushed.incarnation)
    hi, last_hash = journal["applied_hi"], journal["last_hash"]
    replayed = await _stored(connection, pushed, hi)
    diverged = any(replayed[fact.seq]["hash"] != fact.hash for fact in pushed.facts if fact.seq <= hi)
    results = [
        FactResult(seq=fact.seq, outcome=replayed[fact.seq]["outcome"], reason=replayed[fact.seq]["reason"])
        for fact in pushed.facts
        if fact.seq <= hi and not diverged
    ]
    fresh: list[Fact] = []
    if not diverged:
        for fact in pushed.facts:
            if fact.seq != hi + 1:
                continue
            if not _is_authentic(fact):
                break
            if fact.prev_hash != last_hash:
                diverged = True
                break
            fresh.append(fact)
            hi, last_hash = fact.seq, fact.hash
    if not fresh and not results and not diverged and pushed.from_seq == hi + 1:
        raise Declined(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "not_authentic",
            f"Fact {pushed.from_seq} does not have the hash of its content.",
            "The journal was damaged on its way or at the till.",
            field="facts.0.hash",
        )
    if diverged and state == "active":
        state = "quarantined"
        await connection.execute("update till set state = 'quarantined' where number = $1", till.number)
        _log.warning("till diverged", till=till.number, incarnation=pushed.incarnation, hi=hi)
    heads: Mapping[PerformanceId, int] = {}
    if fresh:
        booked, heads = await _book(connection, till, pushed.incarnation, fresh, (hi, last_hash), unbookable)
        results += booked
    reply = PushReply(
        server_epoch=await connection.fetchval("select epoch from server"),
        till=till.number,
        incarnation=pushed.incarnation,
        applied_hi=hi,
        durable_hi=journal["durable_hi"],
        results=tuple(results),
        diverged=diverged or state == "quarantined",
    )
    return Pushed(reply, heads)


def _is_authentic(fact: Fact) -> bool:
    try:
        return fact.is_authentic
    except (ValueError, RecursionError):  # NaN, half a surrogate pair, nesting without end: no journal writes these
        return False


async def _journal(connection: asyncpg.Connection, till: Till, incarnation: int) -> asyncpg.Record:
    """How far this incarnation has come. After a restore central may meet one that it has forgotten."""
    select = "select applied_hi, durable_hi, last_hash from till_journal where till = $1 and incarnation = $2"
    found = await connection.fetchrow(select, till.number, incarnation)
    if found is None:
        await connection.execute(
            "insert into till_journal (till, incarnation, last_hash) values ($1, $2, $3)",
            *(till.number, incarnation, GENESIS_HASH),
        )
        await connection.execute(
            "update till set incarnation = greatest(incarnation, $2) where number = $1", till.number, incarnation
        )
        found = await connection.fetchrow(select, till.number, incarnation)
    return found


async def _stored(connection: asyncpg.Connection, pushed: PushRequest, hi: int) -> dict[int, asyncpg.Record]:
    if pushed.from_seq > hi:
        return {}
    rows = await connection.fetch(
        "select seq, hash, outcome, reason from fact where till = $1 and incarnation = $2 and seq between $3 and $4",
        *(pushed.till, pushed.incarnation, pushed.from_seq, min(hi, pushed.facts[-1].seq)),
    )
    return {row["seq"]: row for row in rows}


async def _book(
    connection: asyncpg.Connection,
    till: Till,
    incarnation: int,
    facts: Sequence[Fact],
    mark: tuple[int, str],
    unbookable: str | None,
) -> tuple[list[FactResult], Mapping[PerformanceId, int]]:
    repeats = await _seen_elsewhere(connection, facts)
    bodies: list[Body | str] = [unbookable if unbookable is not None else parse(fact) for fact in facts]
    typed = [
        body for fact, body in zip(facts, bodies, strict=True) if not isinstance(body, str) and fact.id not in repeats
    ]
    before = await shelf.load(connection, till.number, typed)
    after = copy.copy(before)
    after.seats, after.areas, after.tickets = dict(before.seats), dict(before.areas), dict(before.tickets)
    results: list[FactResult] = []
    seen: set[UUID] = set()
    repeated: list[bool] = []
    for fact, body in zip(facts, bodies, strict=True):
        is_repeat = fact.id in repeats or fact.id in seen
        seen.add(fact.id)
        repeated.append(is_repeat)
        if is_repeat:
            reason = repeats.get(fact.id, "this fact was received before under another number")
            results.append(FactResult(seq=fact.seq, outcome=FactOutcome.APPLIED, reason=reason))
        else:
            results.append(book(fact, body, after))
    await connection.executemany(
        "insert into fact (till, incarnation, seq, id, kind, schema_version, body, prev_hash, hash, hlc, wall_time,"
        " outcome, reason, repeated) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        [
            (
                *(till.number, incarnation, fact.seq, fact.id, str(fact.kind), fact.schema_version),
                *(canonical_json(fact.body).decode(), fact.prev_hash, fact.hash, fact.hlc, fact.wall_time),
                *(str(result.outcome), result.reason, is_repeat),
            )
            for fact, result, is_repeat in zip(facts, results, repeated, strict=True)
        ],
    )
    await connection.execute(
        "update till_journal set applied_hi = $3, last_hash = $4 where till = $1 and incarnation = $2",
        *(till.number, incarnation, *mark),
    )
    return results, await shelf.save(connection, incarnation, before, after)


async def _seen_elsewhere(connection: asyncpg.Connection, facts: Sequence[Fact]) -> dict[UUID, str]:
    """A till that starts again may send an old fact under a new number: it counts once."""
    rows = await connection.fetch(
        "select id, till, incarnation, seq from fact where id = any($1) and not repeated", [fact.id for fact in facts]
    )
    return {
        row["id"]: f"received before as number {row['seq']} of incarnation {row['incarnation']} of till {row['till']}"
        for row in rows
    }
