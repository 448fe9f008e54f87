"""Webhooks: other systems of the house that want to hear what happens here."""

from __future__ import annotations

import secrets
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from boxoffice.domain.ids import uuid7
from central import audit
from central.accounts.callers import ManagerDep, unknown
from central.accounts.endpoints import Done
from central.announcements import Happened
from central.notifications import signing
from central.notifications.carriers import Undelivered
from central.notifications.reaching import reachable
from central.problems import Declined, documented
from central.services import ServicesDep
from central.text import Line

router = APIRouter(prefix="/api/admin/webhooks", tags=["webhooks"])
_MANAGERS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_ONE = (*_MANAGERS, HTTPStatus.NOT_FOUND)
_MOST = 50  # webhooks
_COLUMNS = "id, owner, url, events, state, made_at, failing_since from hook"


class HookRequest(BaseModel):
    url: Annotated[Line, Field(min_length=9, max_length=500, examples=["https://crm.example.org/boxoffice"])]
    events: Annotated[list[Happened], Field(min_length=1, max_length=20)]


class HookShown(BaseModel):
    """`disabled`: nothing had arrived for days; what happens meanwhile is not kept for it."""

    webhookId: str  # noqa: N815
    userId: str  # noqa: N815
    url: str
    events: list[Happened]
    state: Literal["active", "disabled"]
    createdAt: datetime  # noqa: N815
    failingSince: datetime | None  # noqa: N815


class HookMade(HookShown):
    secret: str = Field(description="For checking signatures. It is shown only here.")
    message: str = "webhook registered"


class DeliveryShown(BaseModel):
    """`status` and `said`: of the last answer."""

    deliveryId: str  # noqa: N815
    event: Happened
    state: Literal["written", "queued", "sending", "waiting", "sent", "failed"]
    attempts: int
    writtenAt: datetime  # noqa: N815
    endedAt: datetime | None  # noqa: N815
    status: int | None
    said: str


@router.post("", status_code=HTTPStatus.CREATED, responses=documented(*_MANAGERS, HTTPStatus.CONFLICT))
async def register(asked: HookRequest, caller: ManagerDep, services: ServicesDep) -> HookMade:
    """Each event is posted as JSON, signed in `Boxoffice-Signature`: `t` is the time, `v1` the HMAC-SHA256 of
    `<t>.<body>` with the secret. An answer of 2xx takes it; otherwise it comes again, under the same
    `Boxoffice-Delivery`."""
    try:
        await reachable(asked.url, is_private_allowed=services.notifications.private_hooks)
    except Undelivered as refused:
        raise Declined(
            *(HTTPStatus.UNPROCESSABLE_ENTITY, "not_reachable", refused.said),
            *("Take an address of the public Internet.",),
            field="url",
        ) from refused
    now = services.now()
    hook = uuid7(now, secrets.randbits)

    async def work(connection: asyncpg.Connection) -> asyncpg.Record:
        if await connection.fetchval("select count(*) from hook") >= _MOST:
            raise Declined(
                *(HTTPStatus.CONFLICT, "too_many_webhooks", f"There are {_MOST} webhooks already."), "Delete one first."
            )
        events = sorted({str(event) for event in asked.events})
        row = await connection.fetchrow(
            f"insert into hook (id, owner, url, events, made_at) values ($1, $2, $3, $4, $5)"
            f" returning {_COLUMNS.removesuffix(' from hook')}",
            *(hook, caller.account, asked.url, events, now),
        )
        await audit.record(connection, caller, "webhook registered", f"webhook:{hook}", now, {"events": events})
        return row

    row = await services.database.write(work)
    return HookMade(**_shown(row).model_dump(), secret=signing.secret(services.keys, hook))


@router.get("", responses=documented(*_MANAGERS))
async def list_hooks(caller: ManagerDep, services: ServicesDep) -> list[HookShown]:
    return [_shown(row) for row in await services.database.pool.fetch(f"select {_COLUMNS} order by id")]


@router.delete("/{webhookId}", status_code=HTTPStatus.NO_CONTENT, responses=documented(*_ONE))
async def delete(webhookId: UUID, caller: ManagerDep, services: ServicesDep) -> None:  # noqa: N803
    """With what was not delivered yet."""

    async def work(connection: asyncpg.Connection) -> None:
        if await connection.fetchval("delete from hook where id = $1 returning true", webhookId) is None:
            raise unknown("webhook", "webhookId")
        await audit.record(connection, caller, "webhook deleted", f"webhook:{webhookId}", services.now())

    await services.database.write(work)


@router.post("/{webhookId}/enable", responses=documented(*_ONE))
async def enable(webhookId: UUID, caller: ManagerDep, services: ServicesDep) -> Done:  # noqa: N803
    """Switch it on again, and send what had failed within the last days once more."""

    async def work(connection: asyncpg.Connection) -> None:
        if (
            await connection.fetchval(
                "update hook set state = 'active', failing_since = null, version = version + 1 where id = $1"
                " returning true",
                webhookId,
            )
            is None
        ):
            raise unknown("webhook", "webhookId")
        await connection.execute(
            "update hook_delivery set state = 'written', due_at = now(), attempts = 0, ended_at = null"
            " where hook = $1 and state = 'failed' and ended_at > now() - interval '7 days'",
            webhookId,
        )
        await audit.record(connection, caller, "webhook switched on", f"webhook:{webhookId}", services.now())

    await services.database.write(work)
    return Done(message="webhook switched on")


@router.get("/{webhookId}/deliveries", responses=documented(*_ONE))
async def list_deliveries(
    webhookId: UUID,  # noqa: N803
    caller: ManagerDep,
    services: ServicesDep,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[DeliveryShown]:
    """What it was told, the latest first."""

    async def read(connection: asyncpg.Connection) -> list[DeliveryShown]:
        if not await connection.fetchval("select exists (select from hook where id = $1)", webhookId):
            raise unknown("webhook", "webhookId")
        rows = await connection.fetch(
            "select * from hook_delivery where hook = $1 order by written_at desc, id limit $2", webhookId, limit
        )
        return [
            DeliveryShown(
                deliveryId=str(row["id"]),
                event=row["event"],
                state=row["state"],
                attempts=row["attempts"],
                writtenAt=row["written_at"],
                endedAt=row["ended_at"],
                status=row["status"],
                said=row["said"],
            )
            for row in rows
        ]

    return await services.database.read(read)


def _shown(row: asyncpg.Record) -> HookShown:
    return HookShown(
        webhookId=str(row["id"]),
        userId=str(row["owner"]),
        url=row["url"],
        events=row["events"],
        state=row["state"],
        createdAt=row["made_at"],
        failingSince=row["failing_since"],
    )
