"""Seating plans that managers send as files."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from boxoffice.domain.ids import PlanId
from boxoffice.domain.plan import plan_from_json, plan_to_json
from boxoffice.domain.plan_files import FileReport, PlanFormat, open_format, read_plan
from boxoffice.domain.protocol import ProblemFault
from central.problems import Declined

_NOT_SAVED_YET = PlanId("")


async def read(content: str, written_as: PlanFormat, name: str) -> dict[str, Any]:
    """As plans are kept. Raises Declined with every fault of the file."""
    # lone surrogates are text to JSON and bytes to nobody: the reader names the place
    encoded = content.encode("utf-8", "surrogatepass")
    # a stadium takes a second, and others wait for this loop
    found = await asyncio.to_thread(read_plan, encoded, written_as, _NOT_SAVED_YET, name=name)
    if isinstance(found, FileReport):
        raise Declined(
            *(HTTPStatus.UNPROCESSABLE_ENTITY, "malformed_plan", f"The file has {len(found.faults)} faults."),
            "Nothing of it was taken. Put right what is listed and send it again.",
            field="content",
            faults=[ProblemFault(place=fault.place, message=fault.message) for fault in found.faults],
        )
    return plan_to_json(found)


async def written(body: Mapping[str, Any]) -> dict[str, Any]:
    """In the open format, of a plan as it is kept."""
    found: dict[str, Any] = json.loads(await asyncio.to_thread(lambda: open_format.write(plan_from_json(body))))
    return found
