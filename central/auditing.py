"""The audit log, for admins to read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from central.accounts import sessions
from central.accounts.callers import AdminDep
from central.problems import documented
from central.services import ServicesDep
from central.text import Line

router = APIRouter(prefix="/api/admin/audit", tags=["admin"])


class AuditEntry(BaseModel):
    number: int
    at: datetime
    userId: Annotated[str, Field(description="Who did it; empty: central itself.")]  # noqa: N815
    role: str
    action: str
    subject: Annotated[str, Field(examples=["event:1001"])]
    detail: dict[str, Any]
    request: Annotated[str, Field(description="The X-Request-Id that it came with.")]


class AuditPage(BaseModel):
    entries: list[AuditEntry]
    next: Annotated[int | None, Field(description="Send it as `before` for the page after; null: this is the last.")]


@router.get("", responses=documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN))
async def list_entries(
    caller: AdminDep,
    services: ServicesDep,
    user: Annotated[UUID | None, Query(description="Only what they did.")] = None,
    subject: Annotated[Line, Query(max_length=200, description="Only what was done to this.")] = "",
    action: Annotated[Line, Query(max_length=100)] = "",
    before: Annotated[int | None, Query(ge=1, lt=1 << 62)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> AuditPage:
    """Who changed what, the latest first."""

    async def read(connection: asyncpg.Connection) -> Sequence[asyncpg.Record]:
        await sessions.must_be_live(connection, caller.session)
        rows: Sequence[asyncpg.Record] = await connection.fetch(
            "select * from audit_entry where ($1::uuid is null or account = $1) and ($2 = '' or subject = $2)"
            " and ($3 = '' or action = $3) and ($4::bigint is null or id < $4) order by id desc limit $5",
            *(user, subject, action, before, limit + 1),
        )
        return rows

    found = await services.database.read(read)
    entries = [_from_row(row) for row in found[:limit]]
    return AuditPage(entries=entries, next=entries[-1].number if len(found) > limit else None)


def _from_row(row: asyncpg.Record) -> AuditEntry:
    return AuditEntry(
        number=row["id"],
        at=row["at"],
        userId=str(row["account"] or ""),
        role=row["role"],
        action=row["action"],
        subject=row["subject"],
        detail=json.loads(row["detail"]),
        request=row["request"],
    )
