"""Anomalies, for managers to look at and to say that they have seen them."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal

import asyncpg
from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from central import audit
from central.accounts.callers import ManagerDep, unknown
from central.anomalies.rules import KINDS
from central.problems import documented
from central.services import ServicesDep

router = APIRouter(prefix="/api/admin/anomalies", tags=["admin"])
_MANAGERS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


class AnomalyShown(BaseModel):
    """`measured` is the last figure, `worst` the highest level of it. `acknowledgedBy`: who has seen it."""

    anomalyId: int  # noqa: N815
    kind: str = Field(examples=list(KINDS[:2]))
    about: str = Field(description="A worker or a till; empty: the whole house.")
    measured: str = Field(examples=["95 s"])
    worst: float
    openedAt: datetime  # noqa: N815
    seenAt: datetime  # noqa: N815
    closedAt: datetime | None  # noqa: N815
    acknowledgedBy: str | None  # noqa: N815
    acknowledgedAt: datetime | None  # noqa: N815


_Id = Annotated[int, Path(ge=1, lt=1 << 62)]


@router.get("", responses=documented(*_MANAGERS))
async def list_anomalies(
    caller: ManagerDep,
    services: ServicesDep,
    state: Annotated[
        Literal["open", "closed"], Query(description="Those that are not over, or those that are.")
    ] = "open",
    before: Annotated[
        int | None, Query(ge=1, lt=1 << 62, description="The last `anomalyId` of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[AnomalyShown]:
    """The latest first."""
    rows = await services.database.pool.fetch(
        "select * from anomaly where (closed_at is null) = $1 and ($2::bigint is null or id < $2)"
        " order by id desc limit $3",
        *(state == "open", before, limit),
    )
    return [_shown(row) for row in rows]


@router.post("/{anomalyId}/acknowledge", responses=documented(*_MANAGERS, HTTPStatus.NOT_FOUND))
async def acknowledge(anomalyId: _Id, caller: ManagerDep, services: ServicesDep) -> AnomalyShown:  # noqa: N803
    """Say that somebody sees to it. The first one who does is kept."""

    async def write(connection: asyncpg.Connection) -> AnomalyShown:
        now = services.now()
        row = await connection.fetchrow(
            "update anomaly set acknowledged_by = coalesce(acknowledged_by, $2),"
            " acknowledged_at = coalesce(acknowledged_at, $3) where id = $1 returning *",
            *(anomalyId, caller.account, now),
        )
        if row is None:
            raise unknown("anomaly")
        await audit.record(
            connection, caller, "anomaly acknowledged", f"anomaly:{anomalyId}", now, {"kind": row["kind"]}
        )
        return _shown(row)

    return await services.database.write(write)


def _shown(row: asyncpg.Record) -> AnomalyShown:
    return AnomalyShown(
        anomalyId=row["id"],
        kind=row["kind"],
        about=row["about"],
        measured=row["said"],
        worst=row["most"],
        openedAt=row["opened_at"],
        seenAt=row["seen_at"],
        closedAt=row["closed_at"],
        acknowledgedBy=str(row["acknowledged_by"]) if row["acknowledged_by"] else None,
        acknowledgedAt=row["acknowledged_at"],
    )
