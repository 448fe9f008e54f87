"""What was sent to people, what they want to be sent, and the links that stop it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from central import audit
from central.accounts.callers import CallerDep, ManagerDep, unknown
from central.accounts.endpoints import Done
from central.notifications import letters, log, unsubscribing, wishes
from central.notifications.kinds import Topic
from central.notifications.log import Listed
from central.notifications.unsubscribing import Stop
from central.notifications.wishes import Way, Wishes
from central.problems import Declined, documented
from central.services import Services, ServicesDep
from central.text import Line
from central.versions import IfMatch, etag

router = APIRouter(tags=["notifications"])
_SIGNED_IN = (HTTPStatus.UNAUTHORIZED,)
_ONE = (*_SIGNED_IN, HTTPStatus.NOT_FOUND)
_MANAGERS = (*_SIGNED_IN, HTTPStatus.FORBIDDEN)
_Before = Annotated[UUID | None, Query(description="The last `notificationId` of the page before.")]
_Limit = Annotated[int, Query(ge=1, le=200)]
_Token = Annotated[str, Query(max_length=100, pattern="^[A-Za-z0-9_-]+$", description="From a link that we sent.")]
State = Literal["written", "queued", "sending", "waiting", "sent", "failed", "unwanted"]
Channel = Literal["email", "sms"]


class NotificationShown(BaseModel):
    """`state`: `failed` was given up or refused for good, `unwanted` was not wished any more or came too late."""

    notificationId: str  # noqa: N815
    kind: str = Field(examples=["booking_confirmed"])
    channel: Channel
    address: str
    state: State
    writtenAt: datetime  # noqa: N815
    sentAt: datetime | None  # noqa: N815


class NotificationSeen(NotificationShown):
    """As managers see it. `said`: what the other side answered last."""

    userId: str | None  # noqa: N815
    language: str
    attempts: int
    retryAt: datetime | None  # noqa: N815
    said: str
    addressBounces: bool  # noqa: N815


class Attempt(BaseModel):
    at: datetime
    channel: Channel
    outcome: Literal["sent", "put off", "refused", "lost", "unwanted", "bounced"] = Field(
        description="`bounced`: it was taken, and reported later as not delivered."
    )
    said: str


class NotificationLog(NotificationSeen):
    log: list[Attempt]


class WishesChange(BaseModel):
    """What is left out stays as it is. Tickets, refunds and codes are always sent."""

    model_config = ConfigDict(extra="forbid")

    reminders: Annotated[Way | None, Field(description="Of events that one has tickets for.")] = None
    reviews: Annotated[Way | None, Field(description="Asking what one thought of an event.")] = None
    jobs: Annotated[Way | None, Field(description="How a job ended that one submitted.")] = None
    phone: Annotated[
        str | None,
        Field(
            pattern=r"^(\+[1-9][0-9]{6,14})?$",
            description="For SMS; a code goes to it, and it counts once that came back. Empty: forget it.",
            examples=["+493012345678"],
        ),
    ] = None


class WishesShown(BaseModel):
    reminders: Way
    reviews: Way
    jobs: Way
    phone: str
    phoneVerified: bool  # noqa: N815
    version: int


class CodeSent(BaseModel):
    code: Annotated[str, Field(pattern="^[0-9]{6}$", examples=["123456"])]


@router.get("/api/notifications", responses=documented(*_SIGNED_IN))
async def list_own(
    caller: CallerDep, services: ServicesDep, before: _Before = None, limit: _Limit = 50
) -> list[NotificationShown]:
    """What was sent to oneself, the latest first."""
    rows = await services.database.read(
        lambda connection: log.listed(connection, Listed(account=caller.account, before=before, limit=limit))
    )
    return [NotificationShown(**_shown(row)) for row in rows]


@router.post(
    "/api/notifications/{notificationId}/resend",
    status_code=HTTPStatus.ACCEPTED,
    responses=documented(*_ONE, HTTPStatus.CONFLICT),
)
async def resend(notificationId: UUID, caller: CallerDep, services: ServicesDep) -> Done:  # noqa: N803
    """Once more, to the address of the account. Not for codes, which one asks for anew."""

    async def work(connection: asyncpg.Connection) -> None:
        await log.resend(connection, notificationId, caller)
        subject = f"notification:{notificationId}"
        await audit.record(connection, caller, "notification sent again", subject, services.now())

    await services.database.write(work)
    return Done(message="notification sent again")


@router.get("/api/admin/notifications", responses=documented(*_MANAGERS))
async def list_all(
    caller: ManagerDep,
    services: ServicesDep,
    userId: Annotated[UUID | None, Query()] = None,  # noqa: N803
    kind: Annotated[Line, Query(max_length=50)] = "",
    state: Annotated[State | None, Query()] = None,
    channel: Annotated[Channel | None, Query()] = None,
    address: Annotated[Line, Query(max_length=254)] = "",
    before: _Before = None,
    limit: _Limit = 50,
) -> list[NotificationSeen]:
    """What was sent to anybody and what became of it, the latest first."""
    asked = Listed(userId, kind, state or "", channel or "", address, before, limit)
    rows = await services.database.read(lambda connection: log.listed(connection, asked))
    return [NotificationSeen(**_seen(row)) for row in rows]


@router.get("/api/admin/notifications/{notificationId}", responses=documented(*_MANAGERS, HTTPStatus.NOT_FOUND))
async def show_log(notificationId: UUID, caller: ManagerDep, services: ServicesDep) -> NotificationLog:  # noqa: N803
    """One message with each attempt to deliver it."""

    async def read(connection: asyncpg.Connection) -> NotificationLog:
        row = await log.find(connection, notificationId)
        attempts = [Attempt(**dict(attempt)) for attempt in await log.attempts(connection, notificationId)]
        return NotificationLog(**_seen(row), log=attempts)

    return await services.database.read(read)


@router.get("/api/users/{userId}/notifications", responses=documented(*_ONE))
async def show_wishes(userId: UUID, caller: CallerDep, services: ServicesDep, response: Response) -> WishesShown:  # noqa: N803
    caller.must_own(userId, "user")

    async def read(connection: asyncpg.Connection) -> Wishes:
        await _must_be_there(connection, userId)
        return await wishes.wishes_of(connection, userId)

    return _wishes(await services.database.read(read), response)


@router.put(
    "/api/users/{userId}/notifications",
    responses=documented(*_ONE, HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED),
)
async def change_wishes(
    userId: UUID,  # noqa: N803
    asked: WishesChange,
    caller: CallerDep,
    services: ServicesDep,
    response: Response,
    if_match: IfMatch,
) -> WishesShown:
    """Choose what comes, and how."""
    caller.must_own(userId, "user")
    if asked.phone and services.notifications.sms is None:
        raise Declined(
            *(HTTPStatus.CONFLICT, "no_sms", "This house sends no SMS."), "Choose e-mail instead.", field="phone"
        )
    ways = {topic: way for topic in Topic if (way := getattr(asked, topic)) is not None}

    async def work(connection: asyncpg.Connection) -> Wishes:
        found = await wishes.change(connection, userId, ways, if_match)
        if asked.phone is not None:
            await wishes.set_phone(connection, userId, asked.phone, services.keys, services.now())
            found = await wishes.wishes_of(connection, userId)
        return found

    return _wishes(await services.database.write(work), response)


@router.post("/api/users/{userId}/phone/confirm", responses=documented(*_ONE))
async def confirm_phone(userId: UUID, asked: CodeSent, caller: CallerDep, services: ServicesDep) -> Done:  # noqa: N803
    """With the code that came by SMS; five tries."""
    if userId != caller.account:
        raise unknown("user")
    is_right = await services.database.write(
        lambda connection: wishes.confirm_phone(connection, userId, asked.code, services.keys, services.now())
    )
    if not is_right:
        raise Declined(
            *(HTTPStatus.UNPROCESSABLE_ENTITY, "wrong_code", "This code is not right, or not any more."),
            *("Ask for another one by setting the number again.",),
            field="code",
        )
    return Done(message="phone verified")


@router.get("/api/notifications/unsubscribe", responses=documented(), response_class=HTMLResponse)
async def ask_to_unsubscribe(token: _Token, services: ServicesDep) -> HTMLResponse:
    """A page with one button. Looking at it changes nothing: programs follow links in e-mails, too."""
    stop = _stop(services, token)
    return await _page(services, stop, token, is_done=False)


@router.post("/api/notifications/unsubscribe", responses=documented(), response_class=HTMLResponse)
async def unsubscribe(token: _Token, services: ServicesDep) -> HTMLResponse:
    """Stop one sort of message for one account, whoever asks with its link (RFC 8058)."""
    stop = _stop(services, token)
    await services.database.write(lambda connection: wishes.stop(connection, stop.account, stop.topic))
    return await _page(services, stop, token, is_done=True)


def _stop(services: Services, token: str) -> Stop:
    """Raises Declined, 422 `wrong_link`."""
    found = unsubscribing.read(services.keys, token)
    if found is None:
        raise Declined(
            *(HTTPStatus.UNPROCESSABLE_ENTITY, "wrong_link", "This link is not one of ours."),
            *("Take it from the message again; nothing may be missing at its end.",),
            field="token",
        )
    return found


async def _page(services: Services, stop: Stop, token: str, *, is_done: bool) -> HTMLResponse:
    language = await services.database.pool.fetchval("select language from account where id = $1", stop.account)
    return HTMLResponse(
        letters.unsubscribe_page(letters.language_of(language or ""), stop.topic, token, is_done=is_done)
    )


async def _must_be_there(connection: asyncpg.Connection, account: UUID) -> None:
    if not await connection.fetchval(
        "select exists (select from account where id = $1 and deleted_at is null)", account
    ):
        raise unknown("user")


def _wishes(found: Wishes, response: Response) -> WishesShown:
    response.headers["ETag"] = etag(found.version)
    return WishesShown(
        reminders=found.ways[Topic.REMINDERS],
        reviews=found.ways[Topic.REVIEWS],
        jobs=found.ways[Topic.JOBS],
        phone=found.phone,
        phoneVerified=found.is_verified,
        version=found.version,
    )


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "notificationId": str(row["id"]),
        "kind": row["kind"],
        "channel": row["channel"],
        "address": row["address"],
        "state": row["state"],
        "writtenAt": row["written_at"],
        "sentAt": row["sent_at"],
    }


def _seen(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **_shown(row),
        "userId": row["account"] and str(row["account"]),
        "language": row["language"],
        "attempts": row["attempts"],
        "retryAt": row["retry_at"],
        "said": row["said"],
        "addressBounces": row["is_bouncing"],
    }
