"""One attempt of one job, as the job itself sees it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg

from central.accounts.roles import AccountRole
from central.database import Database


class Superseded(Exception):
    """The attempt is no longer this worker's: it goes on elsewhere, or was cancelled. Nothing more may be done."""


@dataclass(slots=True)
class Run:
    """`key` is the same for every attempt of one run: give it to whoever must not do a thing twice. `checkpoint` is
    what the attempt before kept last."""

    execution: int
    job: UUID
    owner: UUID | None
    kind: str
    payload: Mapping[str, Any]
    due_at: datetime
    attempt: int
    time_limit_s: int
    checkpoint: dict[str, Any]
    worker: UUID
    database: Database
    role: AccountRole | None = None  # of the owner; None: it is the house's, or the account is not there any more

    @property
    def key(self) -> str:
        return f"{self.job}:{self.due_at:%Y%m%dT%H%M%S%f}"

    @asynccontextmanager
    async def step(self) -> AsyncIterator[asyncpg.Connection]:
        """One transaction in which the attempt is surely this worker's; what `checkpoint` holds in the end is kept
        with it. So what a step does to the database is done once. Raises Superseded."""
        async with self.database.pool.acquire() as connection, connection.transaction():
            if not await connection.fetchval(
                "select exists (select from job_execution where id = $1 and worker = $2 and state = 'running'"
                " and not is_to_stop for no key update)",
                *(self.execution, self.worker),
            ):
                raise Superseded
            yield connection
            await connection.execute(
                "update job_execution set checkpoint = $2 where id = $1", self.execution, json.dumps(self.checkpoint)
            )

    async def keep(self) -> None:
        """Keep the checkpoint. Raises Superseded."""
        async with self.step():
            pass

    async def log(self, message: str, level: Literal["info", "warning", "error"] = "info") -> None:
        await self.database.pool.execute(
            "insert into job_log (job, execution, level, message) values ($1, $2, $3, $4)",
            *(self.job, self.execution, level, message),
        )
