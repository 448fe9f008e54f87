"""The figures of a period by e-mail. The message says which; whoever sends it makes the tables of that moment."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from boxoffice.domain.values import WrittenOut
from central import messages
from central.jobs.house.days import Span, days_of
from central.jobs.running import Run
from central.services import Services
from central.statistics.figures import house_zone
from central.statistics.reports import ReportFormat
from central.text import Email, Language
from central.wire import EventId

MESSAGE = "report"


class ReportAsked(BaseModel):
    """Either a `period` that ends the day before the run, or days of sale that are named, both counted in."""

    model_config = ConfigDict(extra="forbid")

    addresses: Annotated[list[Email], Field(min_length=1, max_length=20)]
    period: Span | None = None
    dateFrom: Annotated[date | None, WrittenOut] = None  # noqa: N815
    dateTo: Annotated[date | None, WrittenOut] = None  # noqa: N815
    eventId: EventId | None = None  # noqa: N815
    formats: Annotated[list[ReportFormat], Field(min_length=1, max_length=2)] = [ReportFormat.PDF, ReportFormat.CSV]
    language: Language = "en"

    @model_validator(mode="after")
    def _is_one_or_the_other(self) -> Self:
        if (self.period is None) == (self.dateFrom is None and self.dateTo is None):
            raise ValueError("name a period, or dateFrom and dateTo")
        if self.dateFrom and self.dateTo and self.dateFrom > self.dateTo:
            raise ValueError("dateFrom lies after dateTo")
        return self


async def work(services: Services, run: Run) -> None:
    asked = ReportAsked.model_validate(run.payload)
    first, last = asked.dateFrom, asked.dateTo
    if asked.period is not None:
        zone = await services.database.read(house_zone)
        first, last = days_of(asked.period, run.due_at.astimezone(zone).date())
    detail: dict[str, Any] = {
        "dateFrom": first and first.isoformat(),
        "dateTo": last and last.isoformat(),
        "report": asked.eventId,
        "formats": list(dict.fromkeys(asked.formats)),
    }
    addresses = {address.lower(): address for address in asked.addresses}
    async with run.step() as connection:
        if run.checkpoint:
            return
        run.checkpoint["written"] = True
        for address in addresses.values():
            await messages.write(
                *(connection, MESSAGE, services.now()),
                account=None,
                address=address,
                language=asked.language,
                detail=detail,
            )
    await run.log(f"written to {len(addresses)} addresses: {first or 'the beginning'} to {last or 'now'}")
