"""Messages to people: written in the transaction that causes them, sent afterwards by whoever sends."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg

from boxoffice.domain.ids import uuid7


async def write(
    connection: asyncpg.Connection,
    kind: str,
    at: datetime,
    *,
    account: UUID | None,
    address: str,
    language: str,
    detail: Mapping[str, Any],
    channel: Literal["email", "sms"] = "email",
) -> None:
    """`kind` names the template, such as `verify_email` or `booking_confirmed`; `detail` is what it needs."""
    await connection.execute(
        "insert into message (id, kind, account, address, language, detail, written_at, channel)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8)",
        *(uuid7(at, secrets.randbits), kind, account, address, language, json.dumps(detail), at, channel),
    )


async def write_to(
    connection: asyncpg.Connection, account: UUID, kind: str, at: datetime, detail: Mapping[str, Any]
) -> None:
    """To the account's own address, in its language; to nobody once the account was deleted."""
    person = await connection.fetchrow(
        "select email, language from account where id = $1 and deleted_at is null", account
    )
    if person is not None:
        await write(
            connection, kind, at, account=account, address=person["email"], language=person["language"], detail=detail
        )
