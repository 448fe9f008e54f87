"""Reviews and ratings of events."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Query
from pydantic import BaseModel, BeforeValidator, Field

from central import audit
from central.accounts.callers import CallerDep, ManagerDep, unknown
from central.problems import documented
from central.reviews import reviewing
from central.reviews.reviewing import REVIEWS, Review
from central.services import ServicesDep
from central.text import Paragraph
from central.wire import EventId

router = APIRouter(tags=["reviews"])
_SIGNED_IN = (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND)
_MANAGERS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


def _as_text(rating: object) -> object:
    return str(rating) if isinstance(rating, int) and not isinstance(rating, bool) else rating


_Stars = Annotated[
    Literal["1", "2", "3", "4", "5"], BeforeValidator(_as_text, json_schema_input_type=Literal["1", "2", "3", "4", "5"])
]
_Words = Annotated[Paragraph, Field(min_length=1, max_length=4000, examples=["A moving evening."])]


class ReviewRequest(BaseModel):
    eventId: EventId  # noqa: N815
    userId: UUID  # noqa: N815
    rating: _Stars
    review: _Words


class ReviewWritten(BaseModel):
    reviewId: str  # noqa: N815
    message: str = "review submitted successfully"


class ReviewEdit(BaseModel):
    rating: _Stars
    review: _Words


class Moderation(BaseModel):
    state: Literal["shown", "hidden"]
    because: Annotated[Paragraph, Field(max_length=500)] = ""


class ReviewShown(BaseModel):
    """`author` is a first name, and empty once the account was deleted."""

    reviewId: str  # noqa: N815
    eventId: str  # noqa: N815
    author: str
    rating: str
    review: str
    writtenAt: datetime  # noqa: N815
    changedAt: datetime  # noqa: N815
    state: Literal["shown", "hidden"] = "shown"
    hiddenBecause: str = ""  # noqa: N815
    version: int


class EventReviews(BaseModel):
    average: float | None = Field(description="Of the ratings that are shown; null without any.", examples=[4.5])
    count: int
    reviews: list[ReviewShown]
    next: UUID | None = Field(description="Pass it as `after` for older ones.")


@router.post(
    "/api/reviews",
    status_code=HTTPStatus.CREATED,
    responses=documented(*_SIGNED_IN, HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT),
)
async def write_review(asked: ReviewRequest, caller: CallerDep, services: ServicesDep) -> ReviewWritten:
    """By somebody whose ticket was admitted, once an event. Their own account only, for managers as well."""
    if asked.userId != caller.account:
        raise unknown("user", "userId")
    review = await services.database.write(
        lambda connection: reviewing.write(
            *(connection, caller.account, int(asked.eventId), int(asked.rating), asked.review, services.now())
        )
    )
    return ReviewWritten(reviewId=str(review))


@router.get("/api/events/{eventId}/reviews", responses=documented(HTTPStatus.NOT_FOUND))
async def list_reviews(
    eventId: EventId,  # noqa: N803
    services: ServicesDep,
    after: Annotated[UUID | None, Query(description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> EventReviews:
    """Those that are shown, newest first, with the average of all of them."""

    async def look(connection: asyncpg.Connection) -> EventReviews:
        rating = await connection.fetchrow(
            "select coalesce(r.reviews, 0) as reviews, coalesce(r.stars, 0) as stars from performance p"
            " left join rating r on r.performance = p.id where p.id = $1",
            int(eventId),
        )
        if rating is None:
            raise unknown("event", "eventId")
        rows = await connection.fetch(
            f"{REVIEWS} where r.performance = $1 and r.state = 'shown' and ($2::uuid is null or r.id < $2)"
            " order by r.id desc limit $3",
            *(int(eventId), after, limit + 1),
        )
        count = rating["reviews"]
        return EventReviews(
            average=round(rating["stars"] / count, 2) if count else None,
            count=count,
            reviews=[_shown(Review(**row)) for row in rows[:limit]],
            next=rows[limit - 1]["id"] if len(rows) > limit else None,
        )

    return await services.database.read(look)


@router.put("/api/reviews/{reviewId}", responses=documented(*_SIGNED_IN))
async def edit_review(
    reviewId: UUID,  # noqa: N803
    asked: ReviewEdit,
    caller: CallerDep,
    services: ServicesDep,
) -> ReviewShown:
    """By its author."""
    return _shown(
        await services.database.write(
            lambda connection: reviewing.edit(
                *(connection, caller, reviewId, int(asked.rating), asked.review, services.now())
            )
        )
    )


@router.delete("/api/reviews/{reviewId}", status_code=HTTPStatus.NO_CONTENT, responses=documented(*_SIGNED_IN))
async def remove_review(reviewId: UUID, caller: CallerDep, services: ServicesDep) -> None:  # noqa: N803
    """By its author, or by a manager."""

    async def remove(connection: asyncpg.Connection) -> None:
        await reviewing.remove(connection, caller, reviewId)
        await audit.record(connection, caller, "review removed", f"review:{reviewId}", services.now())

    await services.database.write(remove)


@router.get("/api/admin/reviews", responses=documented(*_MANAGERS))
async def list_for_moderation(
    caller: ManagerDep,
    services: ServicesDep,
    state: Annotated[Literal["shown", "hidden"], Query()] = "shown",
    after: Annotated[UUID | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> list[ReviewShown]:
    """Of all events, newest first."""
    rows = await services.database.pool.fetch(
        f"{REVIEWS} where r.state = $1 and ($2::uuid is null or r.id < $2) order by r.id desc limit $3",
        *(state, after, limit),
    )
    return [_shown(Review(**row)) for row in rows]


@router.put("/api/admin/reviews/{reviewId}", responses=documented(*_MANAGERS, HTTPStatus.NOT_FOUND))
async def moderate_review(
    reviewId: UUID,  # noqa: N803
    asked: Moderation,
    caller: ManagerDep,
    services: ServicesDep,
) -> ReviewShown:
    """Hide it with a reason, or show it again. Its rating counts only while it is shown."""

    async def moderate(connection: asyncpg.Connection) -> Review:
        shown = asked.state == "shown"
        review = await reviewing.moderate(connection, reviewId, shown=shown, because=asked.because)
        detail = {"state": asked.state, "because": asked.because}
        await audit.record(connection, caller, "review moderated", f"review:{reviewId}", services.now(), detail)
        return review

    return _shown(await services.database.write(moderate))


def _shown(review: Review) -> ReviewShown:
    return ReviewShown(
        reviewId=str(review.id),
        eventId=str(review.performance),
        author=review.author,
        rating=str(review.rating),
        review=review.words,
        writtenAt=review.written_at,
        changedAt=review.changed_at,
        state="shown" if review.is_shown else "hidden",
        hiddenBecause=review.hidden_because,
        version=review.version,
    )
