"""An event is called off: everybody gets all their money back, once, whatever happens to who gives it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from tests.central.jobs.sold_out import EACH_MINOR, sold_out
from tests.central.people import manager
from tests.central.test_serving import ROOT, _environment
from tests.support.central import RunningCentral, running_central

MANY = 1000
KILLS = 5
_REFUNDED = "select count(*) from payment_refund"


@dataclass
class Workers:
    """Real ones, of `python -m central worker`."""

    database: str
    data: Path
    running: dict[int, subprocess.Popen[str]] = field(default_factory=dict)

    def start(self) -> None:
        with (self.data / "log").open("a") as log:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "central", "worker", "--database", self.database),
                    *("--data", str(self.data), "--beat", "0.5", "--drain", "2"),
                ],
                cwd=ROOT,
                env=_environment(),
                stdout=log,
                stderr=log,
                text=True,
            )
        self.running[process.pid] = process

    def kill(self, pid: int) -> None:
        process = self.running.pop(pid)
        process.kill()
        process.wait()

    def end(self) -> None:
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            process.wait(30)


def until(claim: Callable[[], object], within_s: float = 60) -> None:
    deadline = time.monotonic() + within_s
    while not claim():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.15)


def _who_has_it(central: RunningCentral, job: str) -> int:
    address = central.value(
        "select w.address from job_execution e join worker w on w.id = e.worker"
        " where e.job = $1::text::uuid and e.state = 'running'",
        job,
    )
    return int(str(address or ":0").rpartition(":")[2])


@pytest.mark.timeout(180)
def test_a_job_that_is_killed_five_times_in_the_middle_refunds_everybody_once(database: str, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    sold = sold_out(database, MANY, now)
    with ExitStack() as stack:
        central = stack.enter_context(running_central(database))
        central.clock[0] = now
        workers = Workers(database, tmp_path)
        stack.callback(workers.end)
        for _ in range(2):
            workers.start()
        until(lambda: central.value("select count(*) = 2 from worker"))
        began = time.monotonic()
        reply = manager(central).client.delete(f"/api/admin/events/{sold.event}")
        assert (reply.status_code, reply.json()["removed"]) == (200, False)
        job: str = reply.json()["jobId"]
        for kill in range(1, KILLS + 1):
            until(lambda some=kill * MANY // 10: central.value(_REFUNDED) >= some)  # type: ignore[misc]
            workers.start()
            until(lambda: _who_has_it(central, job) in workers.running)
            workers.kill(_who_has_it(central, job))
            assert central.value(_REFUNDED) < MANY
        until(lambda: central.value("select state from job where id = $1::text::uuid", job) == "completed", 120)
        took_s = time.monotonic() - began
        attempts = central.fetch("select state from job_execution where job = $1::text::uuid order by id", job)
        states = [row["state"] for row in attempts]
        assert (set(states[:-1]), states[-1]) == ({"lost"}, "completed")
        assert len(states) > KILLS  # on a machine that is very busy a living one is given up as well
        _everybody_was_refunded_once(central, sold.bookings, sold.accounts)
        assert central.value("select count(*) from seat where status <> 0") == 0
        assert central.value("select free_seats from feed_head where performance = $1", sold.event) == MANY
    print(f"{MANY} bookings refunded in {took_s:.1f} s by {KILLS + 1} attempts, {KILLS} of them killed")  # noqa: T201


def _everybody_was_refunded_once(central: RunningCentral, bookings: list[UUID], accounts: list[UUID]) -> None:
    found = central.fetch(
        "select b.id, b.state, b.refunded_minor, count(r.id) as refunds, sum(r.amount_minor)::bigint as minor,"
        " bool_and(r.state = 'done') as is_done from booking b join payment p on p.booking = b.id"
        " join payment_refund r on r.payment = p.id group by b.id, b.state, b.refunded_minor"
    )
    assert {row.pop("id") for row in found} == set(bookings)
    once = {"state": "cancelled", "refunded_minor": EACH_MINOR, "refunds": 1, "minor": EACH_MINOR, "is_done": True}
    assert [row for row in found if row != once] == []
    told = central.fetch(
        "select account, detail ->> 'because' as because from message where kind = 'booking_cancelled'"
    )
    assert sorted(row["account"] for row in told) == sorted(accounts)
    assert {row["because"] for row in told} == {"event_cancelled"}
    books = central.fetch("select account, sum(minor)::bigint as minor from web_ledger_line group by account")
    assert {row["minor"] for row in books} == {0}
    assert central.value("select issued_minor = balance_minor from voucher")
