"""The process: starting, what it prints, draining, being killed, and what it says when it cannot start."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from boxoffice.domain.protocol import SeatStatus, Status
from central.__main__ import main
from central.invariants import INVARIANTS
from central.keys import VARIABLE, CentralKeys
from central.seeding import insert_catalogue
from tests.support.central import (
    FLOOR_PLACES,
    SEED,
    TONIGHT,
    Clerk,
    Databases,
    RunningCentral,
    catalogue,
    problem_of,
    run,
    running_central,
)

ROOT = Path(__file__).parents[2]


@dataclass
class Process:
    popen: subprocess.Popen[str]
    url: str
    code: str

    def running(self, database: str) -> RunningCentral:
        return RunningCentral(self.url, database, FastAPI(), CentralKeys(SEED), [datetime.now(UTC)])


_SERVE = (sys.executable, "-m", "central", "serve")


def _environment() -> dict[str, str]:
    return {**os.environ, VARIABLE: SEED.hex()}


def start(folder: Path, *arguments: str) -> Process:
    ready = folder / "ready.json"
    ready.unlink(missing_ok=True)
    with (folder / "log").open("w") as log:
        popen = subprocess.Popen(
            [*_SERVE, "--port", "0", "--data", str(folder), "--ready-file", str(ready), *arguments],
            cwd=ROOT,
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert popen.stdout is not None
    line = popen.stdout.readline().strip()
    assert line.startswith("ready http://127.0.0.1:"), (folder / "log").read_text()
    told = json.loads(ready.read_text())
    assert ready.stat().st_mode & 0o777 == 0o600
    assert (told["url"], told["pid"]) == (line.removeprefix("ready "), popen.pid)
    return Process(popen, told["url"], told["pairing_code"])


def end(process: Process) -> None:
    if process.popen.poll() is None:
        process.popen.send_signal(signal.SIGTERM)
        process.popen.wait(30)
    for pipe in (process.popen.stdin, process.popen.stdout):
        if pipe is not None:
            pipe.close()


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    complaint: str


Call = Callable[..., Said]


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """A command of its own, run in this process: what it printed and its exit code."""
    monkeypatch.setattr("central.__main__.configure_logs", lambda: None)
    monkeypatch.setenv(VARIABLE, SEED.hex())

    def run_command(*arguments: str) -> Said:
        capfd.readouterr()
        code = main(arguments)
        said = capfd.readouterr()
        return Said(code, said.out, said.err)

    return run_command


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="boxoffice-test-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)


def test_from_nothing_to_a_paired_till_with_its_own_database(folder: Path, call: Call) -> None:
    process = start(folder)
    try:
        assert httpx.get(f"{process.url}/readyz", verify=False).status_code == 200
        central = process.running("")
        assert min(_seconds_of(process) for _ in range(10)) < 0.03  # small answers do not wait for an ACK
        central.code = lambda *_: process.code  # type: ignore[method-assign]
        till = central.till()
        assert till.pair_reply.root_key == CentralKeys(SEED).root_public

        second = call("serve", "--port", "0", "--data", str(folder))
        assert (second.code, second.out) == (2, "")
        assert "Another central works in" in second.complaint
        assert len(second.complaint.splitlines()) == 1

        minted = call("pair", "--data", str(folder), "--name", "Till 2").out.strip()
        central.code = lambda *_: minted  # type: ignore[method-assign]
        assert central.till().pair_reply.till_name == "Till 2"

        assert "out of service" in call("revoke-till", str(till.number), "--data", str(folder)).out
        assert problem_of(till.client.get("/api/tills/status"))["code"] == "till_revoked"
        unknown = call("release-till", "77", "--data", str(folder))
        assert (unknown.code, "no till 77" in unknown.complaint) == (2, True)
    finally:
        for clerk in central.clerks:
            clerk.client.close()
        end(process)
    assert process.popen.returncode == 0
    log = (folder / "log").read_text()
    assert SEED.hex() not in log
    assert till.credential not in log
    assert all(json.loads(line)["event"] for line in log.splitlines())
    assert not (folder / "postgres" / "postmaster.pid").exists()


def _seconds_of(process: Process) -> float:
    with httpx.Client(verify=False) as client:
        client.get(f"{process.url}/healthz")
        return client.get(f"{process.url}/healthz").elapsed.total_seconds()


def test_a_stop_drains_work_in_flight_and_does_not_wait_for_streams(folder: Path, database: str) -> None:
    process = start(folder, "--database", database)
    central = process.running(database)
    till = central.till()
    till.sell(till.lease([1]).seats)
    pushed: list[int] = []
    streaming = threading.Event()

    def stream() -> None:
        with till.client.stream("GET", "/api/tills/hints") as hints:
            for _ in hints.iter_lines():
                streaming.set()

    def push() -> None:
        pushed.append(till.push().applied_hi)

    async def hold_till_row(connection: asyncpg.Connection) -> None:
        async with connection.transaction():
            await connection.execute("select from till for update")
            pushing.start()
            while not await connection.fetchval("select count(*) from pg_locks where not granted"):
                pass
            process.popen.send_signal(signal.SIGTERM)
            while _listens(process.url):
                pass

    pushing, listening = threading.Thread(target=push), threading.Thread(target=stream)
    listening.start()
    assert streaming.wait(10)
    run(database, hold_till_row)
    pushing.join(20)
    listening.join(20)
    assert process.popen.wait(20) == 0
    assert pushed == [1]
    till.client.close()
    end(process)


def _listens(url: str) -> bool:
    try:
        socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), 1).close()
    except OSError:
        return False
    return True


def test_the_end_of_stdin_stops_it_when_asked_to(folder: Path, database: str) -> None:
    process = start(folder, "--database", database, "--stop-with-stdin")
    assert process.popen.stdin is not None
    process.popen.stdin.close()
    assert process.popen.wait(20) == 0
    end(process)


def test_killed_in_the_middle_of_pushing_it_loses_nothing_that_was_acknowledged(folder: Path) -> None:
    process = start(folder)
    database = _url_of(folder)
    run(database, lambda connection: insert_catalogue(connection, catalogue()))
    central = process.running(database)
    till = central.till()
    seats = till.lease(list(range(60))).seats
    acknowledged: list[int] = []

    def push() -> None:
        for seat in seats:
            till.sell([seat])
            try:
                acknowledged.append(till.push(till.facts[-1:]).applied_hi)
            except httpx.TransportError:
                return

    pushing = threading.Thread(target=push)
    pushing.start()
    while len(acknowledged) < 20:
        time.sleep(0.001)
    process.popen.kill()
    pushing.join(30)
    process.popen.wait(30)
    end(process)
    till.client.close()

    again = start(folder)  # ends the database server that was left behind, and recovers
    database = _url_of(folder)
    try:
        back = Clerk(again.running(database), till.number, till.credential, till.pair_reply, facts=till.facts)
        hi = Status.model_validate_json(back.client.get("/api/tills/status").content).applied_hi
        assert acknowledged[-1] <= hi <= acknowledged[-1] + 1
        assert len(back.snapshot(TONIGHT).tickets) == hi
        assert back.push(back.facts[:100]).applied_hi == len(back.facts)
        assert len(back.snapshot(TONIGHT).tickets) == len(back.facts)
        back.client.close()
    finally:
        end(again)


def _url_of(folder: Path) -> str:
    port = (folder / "postgres" / "postmaster.pid").read_text().splitlines()[3]
    return f"postgresql://boxoffice:{(folder / 'postgres.password').read_text()}@127.0.0.1:{port}/boxoffice"


def test_a_taken_port_is_one_plain_line_with_the_way_out(folder: Path, call: Call) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        refused = call("serve", "--port", port, "--data", str(folder))
    assert (refused.code, refused.out) == (2, "")
    assert f"Port {port}" in refused.complaint
    assert "--port" in refused.complaint
    assert len(refused.complaint.splitlines()) == 1


def test_a_worker_whose_port_for_figures_is_taken_says_so_in_a_line(folder: Path, call: Call, database: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = call("worker", "--metrics-port", str(port), "--data", str(folder), "--database", database)
    assert (refused.code, refused.out) == (2, "")
    assert f"Port {port}" in refused.complaint
    assert "--metrics-port" in refused.complaint
    assert len(refused.complaint.splitlines()) == 1


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://boxoffice:very-secret@127.0.0.1:1/boxoffice",
        "mysql://boxoffice:very-secret@127.0.0.1/boxoffice",
        "postgresql://boxoffice:very-secret@{host}/boxoffice",
    ],
)
def test_an_unusable_database_is_one_plain_line_without_the_password(
    folder: Path, call: Call, database: str, url: str
) -> None:
    host = database.partition("@")[2].partition("/")[0]
    refused = call("serve", "--port", "0", "--data", str(folder), "--database", url.format(host=host))
    assert (refused.code, refused.out) == (2, "")
    assert "cannot be used" in refused.complaint
    assert "very-secret" not in refused.complaint
    assert len(refused.complaint.splitlines()) == 1


@pytest.mark.parametrize("broken", ["--data", "--ready-file"])
def test_a_folder_that_cannot_be_used_is_one_plain_line(folder: Path, call: Call, database: str, broken: str) -> None:
    in_the_way = folder / "file"
    in_the_way.touch()
    below = str(in_the_way / "below")
    if broken == "--data":
        refused = call("serve", "--port", "0", "--data", below)
    else:
        refused = call("serve", "--port", "0", "--data", str(folder), "--database", database, "--ready-file", below)
    assert refused.code == 2
    assert str(in_the_way) in refused.complaint
    assert len(refused.complaint.splitlines()) == 1


def test_a_restored_central_asks_for_what_came_after_the_backup(
    folder: Path, call: Call, databases: Databases, central: RunningCentral
) -> None:
    """Sold before the backup: durable. Sold, and leased, after it: forgotten, and pushed again without a conflict."""
    till = central.till()
    [one, *_] = till.lease([1, 2], places=2).seats
    till.sell([one])
    till.push()
    file = folder / "central.backup"
    made = call("backup", str(file), "--database", central.database, "--data", str(folder))
    assert (made.code, "central.key" in made.out) == (0, True)
    assert file.stat().st_mode & 0o777 == 0o600
    status = Status.model_validate_json(till.client.get("/api/tills/status").content)
    assert (status.applied_hi, status.durable_hi, status.server_epoch) == (1, 1, 1)
    later = till.lease([5], places=1).seats
    sale = till.sell(later, places=3)
    assert till.push().durable_hi == 1

    fresh = databases.empty()
    restored = call("restore", str(file), "--database", fresh, "--data", str(folder))
    assert (restored.code, "epoch 2" in restored.out) == (0, True)
    again = call("restore", str(file), "--database", fresh, "--data", str(folder))
    assert (again.code, "not empty" in again.complaint) == (2, True)
    with running_central(fresh) as back:
        clerk = Clerk(back, till.number, till.credential, till.pair_reply, facts=till.facts)
        status = Status.model_validate_json(clerk.client.get("/api/tills/status").content)
        assert (status.applied_hi, status.server_epoch) == (1, 2)
        reply = clerk.push()
        assert [result.outcome for result in reply.results] == ["applied", "applied"]
        house = clerk.snapshot()
        assert house.statuses[5] == SeatStatus.SOLD
        assert (house.areas[0].free, house.areas[0].sold) == (FLOOR_PLACES - 3, 3)
        assert {line.ticket for line in sale.tickets} <= {ticket.ticket for ticket in house.tickets if ticket.valid}
        clerk.client.close()
        checked = call("check", "--database", fresh, "--data", str(folder))
        assert (checked.code, checked.out) == (0, f"All {len(INVARIANTS)} invariants hold.\n")
        back.fetch("update seat set ticket = null where seat = 5")
        checked = call("check", "--database", fresh, "--data", str(folder))
        assert checked.code == 2
        assert f"a sold seat belongs to a ticket that admits to it: no\n  performance {TONIGHT}, seat 5" in (
            checked.complaint
        )


@pytest.mark.parametrize("content", [b"", b"nonsense", None])
def test_what_is_no_backup_is_said_and_restores_nothing(
    folder: Path, call: Call, databases: Databases, content: bytes | None
) -> None:
    file = folder / "central.backup"
    if content is not None:
        file.write_bytes(content)
    fresh = databases.empty()
    refused = call("restore", str(file), "--database", fresh, "--data", str(folder))
    assert (refused.code, refused.out, len(refused.complaint.splitlines())) == (2, "", 1)
    assert run(fresh, lambda connection: connection.fetchval("select to_regclass('server')")) is None
