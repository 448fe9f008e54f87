"""The jobs that users submit, how they go, and who does them."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from boxoffice.domain.values import Whole
from central import audit
from central.accounts.callers import Caller, CallerDep, ManagerDep, unknown
from central.jobs import jobs
from central.jobs.house import KINDS
from central.jobs.jobs import Wish
from central.jobs.kinds import Kind
from central.jobs.schedules import Schedule, schedule_from_json
from central.problems import Declined, documented
from central.services import Services, ServicesDep
from central.text import Line
from central.versions import IfMatch, etag
from central.wording import in_words, where

router = APIRouter(prefix="/api", tags=["jobs"])
_SIGNED_IN = (HTTPStatus.UNAUTHORIZED,)
_ONE = (*_SIGNED_IN, HTTPStatus.NOT_FOUND)
_CHANGE = documented(*_ONE, HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED)
_MOST_PAYLOAD = 16 * 1024  # bytes
_MOST_JOBS = 100  # that one customer has at a time
_Name = Annotated[Line, Field(min_length=1, max_length=100, examples=["Sales of the week"])]
_Retries = Annotated[list[Annotated[Whole, Field(ge=1, le=7 * 24 * 3600)]], Field(min_length=1, max_length=20)]
_Limit = Annotated[int, Query(ge=1, le=200)]
State = Literal["active", "paused", "cancelled", "completed", "failed"]


class JobChange(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    name: _Name | None = None
    payload: dict[str, Any] | None = None
    schedule: Schedule | None = None
    priority: Annotated[Whole, Field(ge=-10, le=10, description="Higher ones go first.")] | None = None
    maxRetries: Annotated[Whole, Field(ge=0, le=20)] | None = None  # noqa: N815
    retryAfterSeconds: Annotated[  # noqa: N815
        _Retries | None, Field(description="The pause before each retry; the last holds for all others.")
    ] = None
    timeLimitSeconds: Annotated[Whole, Field(ge=1, le=24 * 3600)] | None = None  # noqa: N815
    notify: Annotated[
        jobs.Notify | None,
        Field(description="Which ends of a run one gets a message of; of failures in a row, of the first."),
    ] = None


class JobRequest(JobChange):
    type: Annotated[Line, Field(min_length=1, max_length=50, description="One of GET /api/job-types.")]
    name: _Name
    schedule: Schedule


class JobShown(BaseModel):
    """`status`: what its last run is or was; `state`: whether there will be others."""

    jobId: str  # noqa: N815
    userId: str | None = Field(description="Null: the house's own.")  # noqa: N815
    type: str
    name: str
    payload: dict[str, Any]
    schedule: Schedule
    priority: int
    maxRetries: int  # noqa: N815
    retryAfterSeconds: list[int]  # noqa: N815
    timeLimitSeconds: int  # noqa: N815
    notify: jobs.Notify
    state: State
    status: Literal["pending", "running", "completed", "failed", "cancelled"]
    retryCount: int  # noqa: N815
    nextRunTime: datetime | None  # noqa: N815
    lastRunTime: datetime | None  # noqa: N815
    createdAt: datetime  # noqa: N815
    version: int


class JobSubmitted(BaseModel):
    jobId: str  # noqa: N815
    message: str = "job submitted successfully"


class ExecutionShown(BaseModel):
    """One attempt. Those of one run have one `dueAt`."""

    executionId: str  # noqa: N815
    dueAt: datetime  # noqa: N815
    attempt: int
    status: Literal["queued", "running", "waiting", "completed", "failed", "lost", "cancelled"]
    workerId: str | None  # noqa: N815
    startTime: datetime | None  # noqa: N815
    endTime: datetime | None  # noqa: N815
    retryAt: datetime | None  # noqa: N815
    errorMessage: str  # noqa: N815


class LogLine(BaseModel):
    executionId: str | None  # noqa: N815
    timestamp: datetime
    level: Literal["info", "warning", "error"]
    message: str


class TypeShown(BaseModel):
    type: str
    about: str
    payload: dict[str, Any] = Field(description="JSON Schema of the payload.")


class WorkerShown(BaseModel):
    workerId: str  # noqa: N815
    address: str
    state: Literal["healthy", "draining", "unhealthy", "gone"]
    lastHeartbeat: datetime  # noqa: N815
    capacity: int
    load: int


class SchedulerShown(BaseModel):
    schedulerId: str  # noqa: N815
    address: str
    isLeader: bool  # noqa: N815
    lastHeartbeat: datetime  # noqa: N815
    lagSeconds: float  # noqa: N815
    segments: list[int]


class Nodes(BaseModel):
    workers: list[WorkerShown]
    schedulers: list[SchedulerShown]


@router.get("/job-types", responses=documented(*_SIGNED_IN))
async def list_types(caller: CallerDep) -> list[TypeShown]:
    """What this caller may submit, and what each needs to know."""
    return [
        TypeShown(type=kind.name, about=kind.about, payload=kind.payload.model_json_schema())
        for kind in KINDS.values()
        if caller.role in kind.may_submit
    ]


@router.get("/job-nodes", responses=documented(*_SIGNED_IN, HTTPStatus.FORBIDDEN))
async def list_nodes(caller: ManagerDep, services: ServicesDep) -> Nodes:
    """The schedulers and workers there are, and how they are."""

    async def read(connection: asyncpg.Connection) -> Nodes:
        workers = await connection.fetch("select * from worker order by started_at")
        schedulers = await connection.fetch(
            "select s.*, exists (select from leader l where l.scheduler = s.id) as leads,"
            " array(select number from segment g where g.scheduler = s.id order by number) as segments"
            " from scheduler s order by started_at"
        )
        return Nodes(
            workers=[
                WorkerShown(
                    workerId=str(row["id"]),
                    address=row["address"],
                    state=row["state"],
                    lastHeartbeat=row["last_heartbeat"],
                    capacity=row["capacity"],
                    load=row["load"],
                )
                for row in workers
            ],
            schedulers=[
                SchedulerShown(
                    schedulerId=str(row["id"]),
                    address=row["address"],
                    isLeader=row["leads"],
                    lastHeartbeat=row["last_heartbeat"],
                    lagSeconds=row["lag_s"],
                    segments=row["segments"],
                )
                for row in schedulers
            ],
        )

    return await services.database.read(read)


@router.post(
    "/jobs",
    status_code=HTTPStatus.CREATED,
    responses=documented(*_SIGNED_IN, HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT),
)
async def submit_job(asked: JobRequest, caller: CallerDep, services: ServicesDep) -> JobSubmitted:
    """Have work done at a time, every so often, or as a crontab says."""
    kind = _kind(asked.type, caller)
    given = {name: value for name, value in _given(asked).items() if name != "type"}
    wish = Wish(type=kind.name, **{**given, "payload": _payload(kind, given.get("payload", {}))})
    now = services.now()

    async def work(connection: asyncpg.Connection) -> UUID:
        if not caller.is_manager:
            await _must_have_few(connection, caller)
        job = await jobs.submit(connection, caller.account, wish, now)
        await audit.record(connection, caller, "job submitted", f"job:{job}", now, {"type": kind.name})
        return job

    return JobSubmitted(jobId=str(await services.database.write(work)))


@router.get("/jobs", responses=documented(*_SIGNED_IN))
async def list_jobs(
    caller: CallerDep,
    services: ServicesDep,
    state: Annotated[State | None, Query()] = None,
    type: Annotated[Line, Query(max_length=50)] = "",  # noqa: A002
    after: Annotated[UUID | None, Query(description="The jobId that the page before ended with.")] = None,
    limit: _Limit = 50,
) -> list[JobShown]:
    """One's own; a manager sees all. The latest first."""
    owner = None if caller.is_manager else caller.account
    rows = await services.database.read(
        lambda connection: jobs.listed(connection, owner, state or "", type, after, limit)
    )
    return [_shown(row) for row in rows]


@router.get("/jobs/{jobId}", responses=documented(*_ONE))
async def show_job(jobId: UUID, caller: CallerDep, services: ServicesDep, response: Response) -> JobShown:  # noqa: N803
    shown = await services.database.read(lambda connection: _look(connection, jobId, caller))
    response.headers["ETag"] = etag(shown.version)
    return shown


@router.patch("/jobs/{jobId}", responses=_CHANGE)
async def edit_job(
    jobId: UUID,  # noqa: N803
    asked: JobChange,
    caller: CallerDep,
    services: ServicesDep,
    response: Response,
    if_match: IfMatch,
) -> JobShown:
    """What runs at the moment goes on as it began."""

    async def work(connection: asyncpg.Connection, job: JobShown) -> None:
        before = Wish(
            type=job.type,
            name=job.name,
            payload=job.payload,
            schedule=job.schedule,
            priority=job.priority,
            max_retries=job.maxRetries,
            retry_after_s=job.retryAfterSeconds,
            time_limit_s=job.timeLimitSeconds,
            notify=job.notify,
        )
        given = _given(asked)
        if "payload" in given:
            given["payload"] = _payload(_kind(job.type, caller), given["payload"])
        wish = Wish(**{**{name: getattr(before, name) for name in Wish.__slots__}, **given})
        await jobs.edit(connection, jobId, wish, if_match, services.now(), is_new_schedule="schedule" in given)

    return await _change(jobId, caller, services, response, "job edited", work)


@router.post("/jobs/{jobId}/pause", responses=_CHANGE)
async def pause_job(
    jobId: UUID,  # noqa: N803
    caller: CallerDep,
    services: ServicesDep,
    response: Response,
    if_match: IfMatch,
) -> JobShown:
    """Until it is resumed. What runs at the moment goes on."""

    async def work(connection: asyncpg.Connection, _: JobShown) -> None:
        await jobs.pause(connection, jobId, if_match)

    return await _change(jobId, caller, services, response, "job paused", work)


@router.post("/jobs/{jobId}/resume", responses=_CHANGE)
async def resume_job(
    jobId: UUID,  # noqa: N803
    caller: CallerDep,
    services: ServicesDep,
    response: Response,
    if_match: IfMatch,
) -> JobShown:
    """What was missed meanwhile is not made up."""

    async def work(connection: asyncpg.Connection, job: JobShown) -> None:
        await jobs.resume(connection, jobId, job.schedule, if_match, services.now())

    return await _change(jobId, caller, services, response, "job resumed", work)


@router.post("/jobs/{jobId}/run", status_code=HTTPStatus.ACCEPTED, responses=_CHANGE)
async def run_job(jobId: UUID, caller: CallerDep, services: ServicesDep, response: Response) -> JobShown:  # noqa: N803
    """Now, besides its schedule."""

    async def work(connection: asyncpg.Connection, _: JobShown) -> None:
        await jobs.run_now(connection, jobId, services.now())

    return await _change(jobId, caller, services, response, "job run", work)


@router.delete("/jobs/{jobId}", responses=_CHANGE)
async def cancel_job(
    jobId: UUID,  # noqa: N803
    caller: CallerDep,
    services: ServicesDep,
    response: Response,
    if_match: IfMatch,
) -> JobShown:
    """For good; what runs at the moment is stopped. The job and its history stay to be looked at."""

    async def work(connection: asyncpg.Connection, _: JobShown) -> None:
        await jobs.cancel(connection, jobId, if_match)

    return await _change(jobId, caller, services, response, "job cancelled", work)


@router.get("/jobs/{jobId}/executions", responses=documented(*_ONE))
async def list_executions(
    jobId: UUID,  # noqa: N803
    caller: CallerDep,
    services: ServicesDep,
    before: Annotated[int | None, Query(ge=1, lt=1 << 62, description="An executionId.")] = None,
    limit: _Limit = 50,
) -> list[ExecutionShown]:
    """Every attempt, the latest first."""

    async def read(connection: asyncpg.Connection) -> list[ExecutionShown]:
        await _look(connection, jobId, caller)
        rows = await connection.fetch(
            "select * from job_execution where job = $1 and ($2::bigint is null or id < $2) order by id desc limit $3",
            *(jobId, before, limit),
        )
        return [
            ExecutionShown(
                executionId=str(row["id"]),
                dueAt=row["due_at"],
                attempt=row["attempt"],
                status=row["state"],
                workerId=row["worker"] and str(row["worker"]),
                startTime=row["started_at"],
                endTime=row["ended_at"],
                retryAt=row["retry_at"],
                errorMessage=row["error"],
            )
            for row in rows
        ]

    return await services.database.read(read)


@router.get("/jobs/{jobId}/logs", responses=documented(*_ONE))
async def list_logs(
    jobId: UUID,  # noqa: N803
    caller: CallerDep,
    services: ServicesDep,
    execution: Annotated[int | None, Query(ge=1, lt=1 << 62, description="Only of this attempt.")] = None,
    limit: _Limit = 200,
) -> list[LogLine]:
    """What its runs noted, the latest first."""

    async def read(connection: asyncpg.Connection) -> list[LogLine]:
        await _look(connection, jobId, caller)
        rows = await connection.fetch(
            "select * from job_log where job = $1 and ($2::bigint is null or execution = $2) order by id desc limit $3",
            *(jobId, execution, limit),
        )
        return [
            LogLine(
                executionId=row["execution"] and str(row["execution"]),
                timestamp=row["at"],
                level=row["level"],
                message=row["message"],
            )
            for row in rows
        ]

    return await services.database.read(read)


async def _change(
    job: UUID,
    caller: Caller,
    services: Services,
    response: Response,
    action: str,
    work: Callable[[asyncpg.Connection, JobShown], Awaitable[None]],
) -> JobShown:
    async def write(connection: asyncpg.Connection) -> JobShown:
        await work(connection, await _look(connection, job, caller))
        await audit.record(connection, caller, action, f"job:{job}", services.now())
        return await _look(connection, job, caller)

    shown = await services.database.write(write)
    response.headers["ETag"] = etag(shown.version)
    return shown


async def _look(connection: asyncpg.Connection, job: UUID, caller: Caller) -> JobShown:
    """One's own, or anybody's and the house's for a manager. Raises Declined, 404."""
    row = await jobs.find(connection, job)
    if row is None or not caller.owns(row["owner"]):
        raise unknown("job", "jobId")
    return _shown(row)


def _kind(name: str, caller: Caller) -> Kind:
    kind = KINDS.get(name)
    if kind is None or caller.role not in kind.may_submit:
        raise Declined(
            *(HTTPStatus.UNPROCESSABLE_ENTITY, "unknown_type", f"There is no job of the type “{name}” for you."),
            "GET /api/job-types lists them.",
            field="type",
        )
    return kind


def _payload(kind: Kind, given: dict[str, Any]) -> dict[str, Any]:
    """As the kind wants it. Raises Declined, 422, that names the field."""
    if len(json.dumps(given)) > _MOST_PAYLOAD:
        raise Declined(
            *(HTTPStatus.UNPROCESSABLE_ENTITY, "malformed", f"A payload has {_MOST_PAYLOAD} bytes at most."),
            field="payload",
        )
    try:
        return kind.payload.model_validate(given).model_dump(mode="json")
    except ValidationError as error:
        fault = error.errors()[0]
        field = where({**fault, "loc": ("body", "payload", *fault["loc"])})
        raise Declined(
            *(HTTPStatus.UNPROCESSABLE_ENTITY, "malformed", f"{field}: {in_words(fault)}."),
            f"GET /api/job-types describes the payload of {kind.name}.",
            field=field,
        ) from None


_FIELDS = {
    "maxRetries": "max_retries",
    "retryAfterSeconds": "retry_after_s",
    "timeLimitSeconds": "time_limit_s",
}


def _given(asked: JobChange) -> dict[str, Any]:
    """What was sent, by the names of a Wish; null says nothing."""
    sent = {name: getattr(asked, name) for name in asked.model_fields_set}
    return {_FIELDS.get(name, name): value for name, value in sent.items() if value is not None}


async def _must_have_few(connection: asyncpg.Connection, caller: Caller) -> None:
    count = await connection.fetchval(
        "select count(*) from job where owner = $1 and state in ('active', 'paused')", caller.account
    )
    if count >= _MOST_JOBS:
        raise Declined(
            *(HTTPStatus.CONFLICT, "too_many_jobs", f"{count} jobs are open already."), "Cancel some of them first."
        )


def _shown(row: asyncpg.Record) -> JobShown:
    last = row["last_state"]
    status = {None: "pending", "queued": "pending", "waiting": "pending", "lost": "failed"}.get(last, last)
    return JobShown(
        jobId=str(row["id"]),
        userId=row["owner"] and str(row["owner"]),
        type=row["type"],
        name=row["name"],
        payload=json.loads(row["payload"]),
        schedule=schedule_from_json(row["schedule"]),
        priority=row["priority"],
        maxRetries=row["max_retries"],
        retryAfterSeconds=row["retry_after_s"],
        timeLimitSeconds=row["time_limit_s"],
        notify=row["notify"],
        state=row["state"],
        status=status,
        retryCount=row["retry_count"],
        nextRunTime=row["next_run_at"],
        lastRunTime=row["last_run_at"],
        createdAt=row["made_at"],
        version=row["version"],
    )
