"""Keeps the print queue in the till's store, so that what was to be printed outlives the program."""

from __future__ import annotations

from uuid import UUID

from boxoffice.devices.printers import Media, PrintJob, PrintKind
from boxoffice.devices.queue import JobState, Progress, QueuedJob
from boxoffice.store import Store, StoredPrint


class StorePrintJobs:
    """PrintJobs of boxoffice.devices.queue over `Store.print_jobs`; each call is a transaction of its own."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, job: PrintJob) -> None:
        media = job.media
        stored = StoredPrint(job.id, job.kind.value, job.name, media.width_pt, media.height_pt, job.content)
        self._store.write(lambda tx: tx.print_jobs.add(stored))

    def mark(self, job_id: UUID, progress: Progress) -> None:
        self._store.write(
            lambda tx: tx.print_jobs.mark(
                job_id,
                progress.state.value,
                attempts=progress.attempts,
                code=progress.code,
                error=progress.error,
                way_out=progress.way_out,
            )
        )

    def get(self, job_id: UUID) -> QueuedJob | None:
        stored = self._store.read(lambda tx: tx.print_jobs.get(job_id))
        return None if stored is None else _queued(stored)

    def pending(self) -> tuple[QueuedJob, ...]:
        return tuple(map(_queued, self._store.read(lambda tx: tx.print_jobs.pending())))

    def failed(self) -> tuple[QueuedJob, ...]:
        return tuple(map(_queued, self._store.read(lambda tx: tx.print_jobs.failed())))


def _queued(stored: StoredPrint) -> QueuedJob:
    job = PrintJob(
        stored.id, PrintKind(stored.kind), stored.name, Media(stored.width_pt, stored.height_pt), stored.content
    )
    return QueuedJob(job, Progress(JobState(stored.state), stored.attempts, stored.code, stored.error, stored.way_out))
