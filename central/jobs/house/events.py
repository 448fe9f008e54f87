"""What the jobs about one event have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from boxoffice.domain.ids import PerformanceId
from central.jobs.running import Run
from central.wire import EventId


class OfAnEvent(BaseModel):
    model_config = ConfigDict(extra="forbid")

    eventId: EventId  # noqa: N815

    @classmethod
    def of(cls, run: Run) -> PerformanceId:
        return PerformanceId(int(cls.model_validate(run.payload).eventId))
