"""Optimistic locking: who changes a row says which version they saw, by `If-Match: "v3"` or a `version` field."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Header

from central.problems import Declined

_TAG = re.compile(r'"v(\d{1,9})"')
_NONE_OF_OURS = -1


def etag(version: int) -> str:
    return f'"v{version}"'


async def _if_match(
    if_match: Annotated[str | None, Header(max_length=100, description='The ETag you saw, such as `"v3"`.')] = None,
) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    tag = _TAG.fullmatch(if_match.strip())
    return int(tag[1]) if tag else _NONE_OF_OURS


IfMatch = Annotated[int | None, Depends(_if_match)]


def must_be_current(current: int, if_match: int | None, version: int | None = None) -> None:
    """Raises Declined `version_changed`: 412 for the header, 409 for the field. Nothing said: nothing checked."""
    if if_match not in (None, current):
        raise _changed(HTTPStatus.PRECONDITION_FAILED, current)
    if version not in (None, current):
        raise _changed(HTTPStatus.CONFLICT, current)


def _changed(status: HTTPStatus, current: int) -> Declined:
    return Declined(
        *(status, "version_changed", f"Somebody changed this meanwhile: it is at version {current}."),
        "Look at it again, then make your change.",
        field="version",
        headers={"ETag": etag(current)},
    )
