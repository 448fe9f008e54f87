"""Idempotency keys: the answer to a request is kept for a day, and the same request gets it again.

A key belongs to one account, and to one method, path and body. It is taken in a transaction of its own before the
work begins and answered after it, so that of two at the same time one works and the other is told to wait.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Header, Request, Response
from pydantic import BaseModel

from central.database import Database
from central.problems import Declined

_KEPT_FOR = timedelta(days=1)
_WORKED_ON_FOR = timedelta(minutes=1)  # then whoever worked on it has died
_JSON = "application/json"

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=8,
        max_length=100,
        pattern="^[!-~]+$",
        description="Repeat a request with the same key, and it is done once.",
        examples=["6f1c1d0e-8a0f-4a53-9a1a-52f1f4b0a9cc"],
    ),
]


async def once(
    database: Database,
    request: Request,
    key: str | None,
    account: UUID,
    now: datetime,
    work: Callable[[], Awaitable[tuple[int, BaseModel]]],
) -> Response:
    """Do `work` (status and answer) unless it was done for this key; refusals are not kept.

    Raises Declined: 422 `idempotency_key_reused` for another request, 409 `idempotency_key_in_use` while the first is
    being worked on.
    """
    if key is None:
        status, answer = await work()
        return Response(answer.model_dump_json(by_alias=True), status, media_type=_JSON)
    digest = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + await request.body()).digest()
    taken = await database.pool.fetchval(
        "insert into kept_answer as k (account, key, request_hash, at) values ($1, $2, $3, $4)"
        " on conflict (account, key) do update set request_hash = excluded.request_hash, at = excluded.at,"
        " status = null, body = null where k.at < $5 or (k.status is null and k.at < $6 and k.request_hash = $3)"
        " returning true",
        *(account, key, digest, now, now - _KEPT_FOR, now - _WORKED_ON_FOR),
    )
    if not taken:
        return await _kept(database, account, key, digest)
    try:
        status, answer = await work()
    except BaseException:
        await database.pool.execute(
            "delete from kept_answer where account = $1 and key = $2 and status is null", account, key
        )
        raise
    body = answer.model_dump_json(by_alias=True)
    await database.pool.execute(
        "update kept_answer set status = $3, body = $4 where account = $1 and key = $2",
        *(account, key, status, body.encode()),
    )
    return Response(body, status, media_type=_JSON)


async def _kept(database: Database, account: UUID, key: str, digest: bytes) -> Response:
    row = await database.pool.fetchrow(
        "select request_hash, status, body from kept_answer where account = $1 and key = $2", account, key
    )
    if row is not None and row["request_hash"] != digest:
        raise Declined(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "idempotency_key_reused",
            "This idempotency key was used for another request.",
            "Take a new key for every new request.",
            field="Idempotency-Key",
        )
    if row is None or row["status"] is None:
        raise Declined(
            *(HTTPStatus.CONFLICT, "idempotency_key_in_use", "The same request is being worked on."),
            "Ask again in a moment.",
            headers={"Retry-After": "1"},
        )
    return Response(row["body"], row["status"], {"Idempotency-Replayed": "true"}, _JSON)
