"""Answers that are sent once: an ETag, and 304 for who has it already."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import Response
from starlette.requests import Request

UNCHANGED: dict[int | str, dict[str, Any]] = {
    int(HTTPStatus.NOT_MODIFIED): {"description": "As you have it: `If-None-Match` names its ETag."}
}
"""For `responses=`."""
_TAG = re.compile(r'(?:W/)?"[^"]*"|\*')


def tag_of(body: bytes) -> str:
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def headers(etag: str) -> dict[str, str]:
    """Keep it, and ask each time whether it still holds."""
    return {"ETag": etag, "Cache-Control": "no-cache"}


def unchanged(request: Request, etag: str, more: Mapping[str, str] | None = None) -> Response | None:
    """A 304 when the request names this tag; `*` and weak tags count, as RFC 9110 has it for reading."""
    tags = _TAG.findall(request.headers.get("if-none-match", ""))
    if "*" in tags or etag in (tag.removeprefix("W/") for tag in tags):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={**headers(etag), **(more or {})})
    return None
