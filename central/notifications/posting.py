"""The part of a worker process that empties the outboxes: it hands to the queue what is due, and delivers batches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import asyncpg
import structlog
from procrastinate import App
from procrastinate.jobs import DeleteJobCondition

from central.jobs.working import ended, opened_queue, queue_app
from central.notifications.calling import DELIVERIES, Calling
from central.notifications.carriers import MailCarrier, TextCarrier
from central.notifications.filing import MailDrawer, TextDrawer
from central.notifications.mailing import MOST_CONNECTIONS, Mailer
from central.notifications.outbox import Outbox
from central.notifications.sending import MESSAGES, Sending
from central.notifications.settings import NotificationSettings
from central.notifications.texting import Texter
from central.services import Services
from central.upkeep import repeating

_MISSED = 3  # heartbeats
_LAST_WORDS_S = 5.0
_BATCHES = MOST_CONNECTIONS  # at a time
_log = structlog.get_logger("central.notifications")


@dataclass(frozen=True, slots=True)
class _Lane:
    """`take`: hand what is due to the queue, in a transaction. `next`: deliver one of a batch; False, none is left."""

    outbox: Outbox
    take: Callable[[asyncpg.Connection], Awaitable[int]]
    next: Callable[[UUID], Awaitable[bool]]


class Posting:
    """`beat_s`: how often it looks, and says to the queue that it lives. `drain_s`: for what it has in hand in the
    end."""

    def __init__(
        self, services: Services, url: str, settings: NotificationSettings, beat_s: float, *, drain_s: float = 10
    ) -> None:
        self._services, self._database, self._url = services, services.database, url
        self._settings, self._beat_s, self._drain_s = settings, beat_s, drain_s
        self._is_ending = False

    async def run(self) -> None:
        """Until it is cancelled; then it takes nothing new, and what is left of its batches goes to others."""
        async with AsyncExitStack() as stack:
            sending = await stack.enter_async_context(self._sending())
            calling = Calling(self._services, is_private_allowed=self._settings.private_hooks)
            stack.push_async_callback(calling.close)
            app = queue_app(self._url)
            lanes = self._lanes(sending, calling)
            for lane in lanes:
                app.task(name=lane.outbox.task, queue=lane.outbox.queue)(partial(self._deliver, lane))
            await stack.enter_async_context(opened_queue(app))
            for lane in lanes:
                await stack.enter_async_context(repeating(lane.outbox.task, partial(self._take, lane), self._beat_s))
                await stack.enter_async_context(
                    repeating(f"stalled {lane.outbox.queue}", partial(self._free_stalled, app, lane), self._beat_s)
                )
            await self._work(app, lanes)

    def _lanes(self, sending: Sending, calling: Calling) -> list[_Lane]:
        channels = sending.channels
        if not channels:
            _log.warning("messages wait", because="neither BOXOFFICE_SMTP_URL nor BOXOFFICE_SMS_URL is set")
        if drawer := self._settings.drawer:
            _log.warning("messages reach nobody", because=f"they are kept in {drawer.folder}")
        take = partial(MESSAGES.take, only="channel = any($1)", arguments=(channels,))
        return [
            _Lane(MESSAGES, take, sending.send_next),
            _Lane(DELIVERIES, DELIVERIES.take, calling.call_next),
        ]

    @asynccontextmanager
    async def _sending(self) -> AsyncIterator[Sending]:
        settings = self._settings
        mail, text = _carriers(settings)
        try:
            yield Sending(self._services, settings, mail, text)
        finally:
            for carrier in (mail, text):
                if carrier is not None:
                    await carrier.close()

    async def _work(self, app: App, lanes: list[_Lane]) -> None:
        """A queue to each lane: slow ones do not hold up the others."""
        taking = [
            asyncio.create_task(
                app.run_worker_async(
                    queues=[lane.outbox.queue],
                    concurrency=_BATCHES,
                    install_signal_handlers=False,
                    fetch_job_polling_interval=self._beat_s,
                    delete_jobs=DeleteJobCondition.ALWAYS,
                    update_heartbeat_interval=self._beat_s,
                    stalled_worker_timeout=_MISSED * self._beat_s,
                    shutdown_graceful_timeout=self._drain_s,
                )
            )
            for lane in lanes
        ]
        try:
            await asyncio.wait(taking, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._is_ending = True
            for task in taking:
                task.cancel()
            await ended(app, taking, self._drain_s + _LAST_WORDS_S)

    async def _take(self, lane: _Lane) -> None:
        while await self._database.write(lane.take):
            pass

    async def _deliver(self, lane: _Lane, batch: str) -> None:
        while not self._is_ending:
            if not await lane.next(UUID(batch)):
                return
        await self._database.write(lambda connection: lane.outbox.defer(connection, {UUID(batch): 0}))

    async def _free_stalled(self, app: App, lane: _Lane) -> None:
        """Batches that a dead worker had taken from the queue are there for another one again."""
        stalled = await app.job_manager.get_stalled_jobs(
            queue=lane.outbox.queue, seconds_since_heartbeat=_MISSED * self._beat_s
        )
        for task in stalled:
            await app.job_manager.retry_job(task)


def _carriers(settings: NotificationSettings) -> tuple[MailCarrier | None, TextCarrier | None]:
    if settings.drawer is not None:
        return MailDrawer(settings.drawer.folder), TextDrawer(settings.drawer.folder)
    return (
        Mailer(settings.smtp, settings.timeout_s) if settings.smtp else None,
        Texter(settings.sms, settings.timeout_s) if settings.sms else None,
    )
