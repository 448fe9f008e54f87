"""The audit log: who changed what, written in the transaction of the change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import asyncpg
import structlog


class Actor(Protocol):
    @property
    def account(self) -> UUID: ...
    @property
    def role(self) -> str: ...


async def record(
    connection: asyncpg.Connection,
    by: Actor | None,
    action: str,
    subject: str,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """`subject` is kind and id (`event:1001`); `by` None: central itself. `detail` holds what changed, no secrets."""
    await connection.execute(
        "insert into audit_entry (at, account, role, action, subject, detail, request)"
        " values ($1, $2, $3, $4, $5, $6, $7)",
        *(at, by.account if by else None, str(by.role) if by else "central", action, subject),
        *(json.dumps(detail or {}), structlog.contextvars.get_contextvars().get("request", "")),
    )
