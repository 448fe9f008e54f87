"""What keeps the house in order: what is over ends, what was paid is compared, all is backed up.

Serving nodes see to holds, offers, months and anomalies themselves; these jobs do it where none serves, and show that
it is done.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Annotated

import asyncpg
from pydantic import BaseModel, ConfigDict, Field

from boxoffice.domain.refusals import Refused
from boxoffice.domain.values import Whole
from central import months
from central.anomalies import watching
from central.backups import backup
from central.bookings.expiring import expire_due
from central.database import opened
from central.jobs.house.days import the_day_before
from central.jobs.running import Run
from central.payments.reconciliation import reconcile
from central.services import Services
from central.statistics.figures import house_zone

BACKUPS = "BOXOFFICE_BACKUPS"
_BACKUP = "boxoffice-*.backup"


class NothingAsked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Generations(BaseModel):
    model_config = ConfigDict(extra="forbid")

    keep: Annotated[Whole, Field(ge=1, le=1000, description="How many backups.")] = 14


class NotReconciled(Refused):
    code = "not_reconciled"


class NoBackup(Refused):
    code = "no_backup"


async def end_holds(services: Services, _: Run) -> None:
    """Places of holds and bookings that nobody paid for in time are free again."""
    await expire_due(services.database, services.hints, services.now)


async def offer(services: Services, _: Run) -> None:
    """What came free is offered to who waits for it."""
    await services.waiting_list.turn()


async def watch(services: Services, run: Run) -> None:
    """What goes wrong is found, and managers are told."""
    watched = await watching.watch(services.database, services.now())
    if watched.opened or watched.closed:
        await run.log(f"{watched.opened} found, {watched.closed} over")


async def turn_months(services: Services, run: Run) -> None:
    async with run.step() as connection:
        done = await months.turn(connection, services.now())
    await run.log(", ".join(done) or "nothing to provide, nothing to drop")


async def compare_payments(services: Services, run: Run) -> None:
    """The day before the one it was due on, in the house's time, so that a retry looks at the same one.

    Raises NotReconciled when a gateway could not be asked: it is tried again.
    """
    period = the_day_before(run.due_at, await services.database.read(house_zone))
    found = await reconcile(services, period)
    for difference in found.differences:
        subject = difference.payment or difference.reference
        await run.log(f"{difference.method}, {difference.kind}, {subject}: {difference.words}", "error")
    await run.log(
        f"{found.compared} payments of {period.start:%Y-%m-%d %H:%M} to {period.end:%Y-%m-%d %H:%M} UTC compared,"
        f" {len(found.healed)} healed, {len(found.differences)} to be looked at"
    )
    if found.away:
        raise NotReconciled(f"Not to be asked: {', '.join(found.away)}.", "It is tried again.")


async def back_up(services: Services, run: Run) -> None:
    """Into the folder that the environment of this worker names; the oldest go. Raises NoBackup or BackupFailed."""
    folder = os.environ.get(BACKUPS, "")
    if not folder:
        await run.log(f"Nothing is backed up: {BACKUPS} names no folder.", "warning")
        return
    keep = Generations.model_validate(run.payload).keep
    target = Path(folder) / f"boxoffice-{services.now():%Y%m%dT%H%M%SZ}.backup"
    try:
        await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True)
        async with opened(services.database.url) as connection:
            await backup(connection, services.database.url, target)
        dropped = await asyncio.to_thread(_drop_old, target.parent, keep)
        size = target.stat().st_size
    except (OSError, asyncpg.PostgresError) as error:
        raise NoBackup(f"{folder}: {error}.", "Look at the folder's rights and the space left there.") from error
    await run.log(f"{target.name} written, {size} bytes; {dropped} older ones deleted")


def _drop_old(folder: Path, keep: int) -> int:
    """Their names sort by their age."""
    old = sorted(folder.glob(_BACKUP))[:-keep]
    for file in old:
        file.unlink(missing_ok=True)
    return len(old)
