"""The sync thread: carries out what the core asks for, and tells the program what changed."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Condition, Event, Thread

import structlog

from boxoffice.domain.clock import Clock
from boxoffice.domain.protocol import Hint, LeaseGrant, LeaseRequest
from boxoffice.domain.refusals import Refused
from boxoffice.services.connection import LinkState, LinkStatus, Offline
from boxoffice.store import Store
from sync.client import Client, Failed
from sync.core import BACKOFF_MOST_S, Change, Core, Failure, Stopped
from sync.local import StoreLocal

Changed = Callable[[Change, LinkStatus], None]
CLOCK_TOLERANCE_S = 120.0
AFTER_A_BUG_S = 5.0
LISTS_STEP_S = 5.0  # the age of the lists is shown in minutes: to tell of every second would only redraw
_log = structlog.get_logger("sync")


class LeaseRefused(Refused):
    """Central understood and says no: in its own words."""

    code = "lease_refused"


class SyncWorker:
    """Implements boxoffice.services.connection.Connection. `changed` is called on the sync thread."""

    def __init__(self, store: Store, client: Client, local: StoreLocal, now: Clock, changed: Changed) -> None:
        self._store, self._client, self._local, self._now = store, client, local, now
        self._changed = changed
        self._core = Core(local, random.random)
        self._wakened = Condition()
        self._pending = True
        self._hints: deque[Hint] = deque()
        self._stopping = Event()
        self._drill = False
        self._message = ""
        self._lists: tuple[float, datetime] | None = None  # the core's clock, and ours at that moment
        self._status = LinkStatus(self._link_state(), now(), self._waiting(), message=self._words())
        self._threads = [
            Thread(target=self._run, name="sync", daemon=True),
            Thread(target=self._listen, name="sync-hints", daemon=True),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ends after the request under way; what is not sent stays in the journal."""
        self._stopping.set()
        self.wake()
        self._threads[0].join(timeout=15)
        self._client.close()

    @property
    def status(self) -> LinkStatus:
        return self._status

    @property
    def state(self) -> LinkState:
        return self._status.state

    @property
    def is_online(self) -> bool:
        return self._status.is_online

    def wake(self) -> None:
        with self._wakened:
            self._pending = True
            self._wakened.notify_all()

    def try_now(self) -> None:
        """A person says that the network is back."""
        self._core.try_now()
        self.wake()

    def go_offline(self, drill: bool) -> None:
        """A drill: behave as if the network were gone, until it is ended."""
        self._drill = drill
        self.try_now()

    def request_lease(self, request: LeaseRequest) -> LeaseGrant:
        if not self.is_online:
            self._local.late.add(request.request)  # it is written down already: nobody waits for it any more
            raise Offline
        try:
            return self._client.lease(request)
        except Failed as failed:
            self._local.late.add(request.request)  # the core asks again and gives the places back
            self._core.ask_heads_soon()
            self.wake()
            _log.warning("lease_failed", failure=failed.failure.name)
            if failed.failure is Failure.REFUSED and failed.problem is not None:
                raise LeaseRefused(failed.problem.title, failed.problem.detail) from failed
            raise Offline from failed

    def _run(self) -> None:
        while not self._stopping.is_set():
            busy = self._survive(self._step)
            self._survive(self._show_status)
            if not busy:
                self._wait()

    def _survive(self, work: Callable[[], bool]) -> bool:
        """Sync goes on whatever happens: nothing is lost by trying again."""
        try:
            return work()
        except Refused as refused:  # a full disk, say
            self._message = refused.message
        except Exception:
            _log.exception("sync_step_failed")
            self._message = "Sync stumbled over a fault of ours; it is in the log and is tried again."
        self._core.wake_at = time.monotonic() + AFTER_A_BUG_S
        return False

    def _step(self) -> bool:
        """Carry out one request. False when there is nothing to do now."""
        while self._hints:
            self._core.hint(self._hints.popleft())
        if self._drill:
            self._core.online = False
            self._core.wake_at = time.monotonic() + BACKOFF_MOST_S
            return False
        request = self._core.next(time.monotonic())
        if request is None:
            return False
        try:
            reply = self._client.ask(request, self._local.marks().incarnation)
        except Failed as failed:
            change = self._core.failed(request, failed.failure, time.monotonic(), failed.retry_after_s)
            self._message = _MESSAGES.get(failed.failure, "")
            _log.info("request_failed", ask=request.ask.value, failure=failed.failure.name)
            self._publish(change)
            return self._core.online
        change = self._core.succeeded(request, reply, time.monotonic(), self._now())
        self._message = ""
        self._publish(change)
        return True

    def _wait(self) -> None:
        with self._wakened:
            if not self._pending:
                self._wakened.wait(max(0.05, min(60.0, self._core.wake_at - time.monotonic())))
            self._pending = False

    def _show_status(self) -> bool:
        self._publish(Change())
        return True

    def _publish(self, change: Change) -> None:
        status = self._current_status()
        if change != Change() or status != self._status:
            self._status = status
            self._changed(change, status)

    def _current_status(self) -> LinkStatus:
        state = self._link_state()
        since = self._status.since if state is self._status.state else self._now()
        skew = self._core.clock_skew_s if abs(self._core.clock_skew_s) > CLOCK_TOLERANCE_S else 0.0
        return LinkStatus(state, since, self._waiting(), self._lists_at(), skew, self._words())

    def _words(self) -> str:
        """What stopped this till matters more than why the last request failed."""
        stopped = self._core.stopped
        return self._message if stopped is Stopped.NO else _STOPPED[stopped]

    def _link_state(self) -> LinkState:
        match self._core.stopped:
            case Stopped.REVOKED:
                return LinkState.REVOKED
            case Stopped.DIVERGED:
                return LinkState.STOPPED
            case Stopped.NO:
                return LinkState.ONLINE if self._core.online and not self._drill else LinkState.OFFLINE

    def _lists_at(self) -> datetime | None:
        current = self._core.lists_at
        if current is not None and (self._lists is None or current >= self._lists[0] + LISTS_STEP_S):
            at = self._now() - timedelta(seconds=time.monotonic() - current)
            self._lists = (current, at.replace(microsecond=0))
        return self._lists[1] if self._lists is not None else None

    def _waiting(self) -> int:
        return self._store.read(lambda tx: tx.journal.waiting())

    def _listen(self) -> None:
        """Hints make changes elsewhere visible within a second; without them polling does it within twenty."""
        while not self._stopping.wait(1.0):
            if not self.is_online:
                continue
            try:
                for hint in self._client.hints():
                    if self._stopping.is_set():
                        return
                    if hint is not None:
                        self._hints.append(hint)
                        self.wake()
            except Failed:
                pass
            except RuntimeError:  # the client was closed under us
                return
            self._core.ask_heads_soon()  # the line broke: find out at once whether central is still there
            self.wake()


_MESSAGES = {
    Failure.NOT_THE_PROTOCOL: "Something else answers in central's place: does a guest network want a sign-in?",
    Failure.BUSY: "Central is busy or being maintained.",
}
_STOPPED = {
    Stopped.REVOKED: "Central has revoked this till. Nothing new is sold; what waits is kept.",
    Stopped.DIVERGED: "Its records and central's differ. Ask a manager to look under Attention.",
}
