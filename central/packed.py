"""JSON that many ask for: compressed once, in a thread, and sent as it is."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Response
from starlette.requests import Request

_LEVEL = 4


@dataclass(frozen=True, slots=True)
class Packed:
    zipped: bytes

    @classmethod
    async def of(cls, body: bytes) -> Packed:
        return cls(await asyncio.to_thread(gzip.compress, body, _LEVEL))

    def answer(self, request: Request, headers: Mapping[str, str] | None = None) -> Response:
        """For this client: as it is, or unpacked where it does not take gzip."""
        found = {"Vary": "Accept-Encoding", **(headers or {})}
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(self.zipped, headers={**found, "Content-Encoding": "gzip"}, media_type="application/json")
        return Response(gzip.decompress(self.zipped), headers=found, media_type="application/json")
