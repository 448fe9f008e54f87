"""Every refusal over HTTP is an RFC 9457 problem with a stable `code`, in words that a person can act on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import asyncpg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from boxoffice.domain.protocol import Problem, ProblemFault
from boxoffice.domain.refusals import Refused
from central.database import LOST
from central.wording import in_words, where

MEDIA_TYPE = "application/problem+json"
_STOPPING = (asyncpg.AdminShutdownError, asyncpg.CrashShutdownError, asyncpg.CannotConnectNowError)
_AWAY = (*LOST, *_STOPPING, asyncpg.PostgresConnectionError)
_log = structlog.get_logger("central")


class Declined(Refused):
    """A refusal with its HTTP status."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        message: str,
        way_out: str = "",
        *,
        field: str = "",
        headers: Mapping[str, str] | None = None,
        faults: Sequence[ProblemFault] = (),
    ) -> None:
        super().__init__(message, way_out)
        self.status, self.code, self.field, self.headers, self.faults = status, code, field, headers, tuple(faults)


def problem(
    status: int,
    code: str,
    title: str,
    detail: str = "",
    *,
    field: str = "",
    headers: Mapping[str, str] | None = None,
    faults: tuple[ProblemFault, ...] = (),
) -> Response:
    """`title` says what happened and `detail` what to do next, as a refusal does."""
    body = Problem(title=title, status=status, detail=detail, code=code, field=field, faults=faults)
    return Response(body.model_dump_json(), int(status), headers, MEDIA_TYPE)


def answer_to(error: Declined) -> Response:
    return problem(
        *(error.status, error.code, error.message, error.way_out),
        field=error.field,
        headers=error.headers,
        faults=error.faults,
    )


# what any endpoint may answer: the edge refuses, the caller is too fast, the database is away, a bug of ours
_ANYWHERE = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For `responses=`: these refusals and those that any endpoint may answer, as problems."""
    schema = Problem.model_json_schema()
    return {
        int(status): {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in sorted({*_ANYWHERE, *statuses})
    }


def install(app: FastAPI) -> None:
    """Answer every exception of the endpoints with a problem."""
    app.add_exception_handler(Declined, _declined)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(asyncpg.DataError, _data)
    for kind in _AWAY:
        app.add_exception_handler(kind, _away)


async def _declined(_: Request, error: Exception) -> Response:
    assert isinstance(error, Declined)
    return answer_to(error)


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return problem(HTTPStatus.BAD_REQUEST, "not_json", f"The body is not JSON: {first['msg']}.")
    field, words = where(first), in_words(first)
    title = words if words.startswith(f"{field}: ") else f"{field}: {words}"
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "malformed", f"{title}.", field=field)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = HTTPStatus(error.status_code).name.lower()
    headers = error.headers
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED and (methods := _methods(request)):
        headers = {"Allow": ", ".join(sorted(methods))}
    return problem(error.status_code, code, str(error.detail), headers=headers)


def _methods(request: Request) -> set[str]:
    """Of all routes of this path: the framework names those of the first."""
    route = request.scope.get("route")
    described = request.app.openapi()["paths"].get(getattr(route, "path_format", ""), {})
    return {method.upper() for method in described}


async def _data(_: Request, error: Exception) -> Response:
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "malformed", f"A value cannot be stored: {error}.")


async def _away(_: Request, error: Exception) -> Response:
    _log.error("database away", error=repr(error))
    return problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "database_away",
        "The database does not answer.",
        "Try again in a moment.",
        headers={"Retry-After": "2"},
    )
