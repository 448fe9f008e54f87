"""The demo is several processes: however the program ends, the others end with it, and its folder goes."""

from __future__ import annotations

import email
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from email.policy import default
from pathlib import Path

import httpx
import pytest

from central.postgres import EmbeddedPostgres
from tests.support.central import run
from ui.demo.central import DemoCentral, DemoFailed
from ui.demo.folder import demo_folder

ROOT = Path(__file__).resolve().parents[2]
_A_REAL_CENTRALS = {
    "BOXOFFICE_DATABASE": "postgresql://127.0.0.1:9/for-real",
    "BOXOFFICE_SMTP_URL": "smtp://127.0.0.1:9",
    "BOXOFFICE_MAIL_FROM": "tickets@example.org",
}
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are asked after by their number")


def until(holds: Callable[[], object], patience_s: float = 120) -> None:
    end = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def lives(pid: int) -> bool:
    """A process that ended and was not yet asked after does not count."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _command(process: Path) -> str:
    try:
        return (process / "cmdline").read_text()
    except OSError:  # it has just ended
        return ""


class Demo:
    """`main.py --demo` in a folder for temporary files of its own."""

    def __init__(self, tmp: Path) -> None:
        self._tmp = tmp
        self.messages = tmp / "messages"
        command = [sys.executable, str(ROOT / "main.py"), "--demo", "--print-to", str(tmp / "printed")]
        environment = {**os.environ, **_A_REAL_CENTRALS, "QT_QPA_PLATFORM": "offscreen", "TMPDIR": str(tmp)}
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    @property
    def folders(self) -> list[Path]:
        return list(self._tmp.glob("boxoffice-demo-*"))

    def others(self) -> list[int]:
        """Wait until the worker works; the processes of central, of the worker and of their database."""
        until(lambda: any("ready" in log.read_text("utf-8") for log in self._tmp.glob("*/central/worker.log")))
        [folder] = self.folders
        postgres = EmbeddedPostgres(folder / "central" / "data").folder / "postgres" / "postmaster.pid"
        return [*self._centrals(folder), int(postgres.read_text().split("\n", 1)[0])]

    def _centrals(self, folder: Path) -> list[int]:
        found = [path for path in Path("/proc").glob("[0-9]*") if str(folder / "central" / "data") in _command(path)]
        assert sorted(_command(path).split("\0")[3] for path in found) == ["serve", "worker"]
        return [int(path.name) for path in found]

    @property
    def url(self) -> str:
        [folder] = self.folders
        return str(json.loads((folder / "central" / "ready.json").read_text("utf-8"))["url"])

    def finds(self, claim: str) -> bool:
        """In its database."""
        [folder] = self.folders
        database = EmbeddedPostgres(folder / "central" / "data").join()
        return bool(run(database, lambda connection: connection.fetchval(claim)))

    def ends(self) -> int:
        return self.process.wait(30)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    tmp_path.chmod(0o711)
    started = Demo(tmp_path)
    yield started
    started.process.kill()
    started.process.wait()


def test_a_demo_works_for_itself_and_a_friendly_kill_ends_it_in_order_and_removes_its_folder(demo: Demo) -> None:
    others = demo.others()
    assert all(map(lives, others))
    with httpx.Client(base_url=demo.url) as client:
        person = {"email": "ada@example.org", "password": "a long enough password 1", "name": "Ada"}
        client.post("/api/register", json=person).raise_for_status()
    until(lambda: list(demo.messages.glob("*.eml")))
    [letter] = demo.messages.glob("*.eml")
    kept = email.message_from_bytes(letter.read_bytes(), policy=default)
    assert (kept["To"], kept["From"].addresses[0].addr_spec) == ("ada@example.org", "tickets@lindmoor.example")
    demo.finds("with due as (update job_schedule set next_run_at = now() returning 1) select count(*) from due")
    until(lambda: demo.finds("select exists (select from job_execution where state = 'completed')"))
    demo.process.send_signal(signal.SIGTERM)
    assert demo.ends() == 0
    assert not any(map(lives, others))
    assert demo.folders == []


def test_ctrl_c_while_it_still_starts_does_not_wait_for_the_start(demo: Demo) -> None:
    until(lambda: any((folder / "central" / "serve.log").exists() for folder in demo.folders))
    demo.process.send_signal(signal.SIGINT)
    assert demo.ends() == 0
    assert demo.folders == []


def test_a_program_that_is_killed_leaves_no_process_behind_and_the_next_demo_sweeps_up(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = demo.others()
    demo.process.kill()
    demo.ends()
    until(lambda: not any(map(lives, others)))
    [left] = demo.folders
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with demo_folder() as young:
        assert left.exists()  # it might be of one that is just starting
    an_hour_ago = time.time() - 3600
    os.utime(left, (an_hour_ago, an_hour_ago))
    with demo_folder() as fresh:
        assert not left.exists()
    assert not fresh.exists()
    assert not young.exists()


def test_a_demo_that_is_running_is_not_swept_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with demo_folder() as running:
        os.utime(running, (0, 0))
        with demo_folder():
            assert running.exists()


def test_what_keeps_the_demos_central_from_starting_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(DemoFailed) as failed:
            DemoCentral(tmp_path / "central", tmp_path / "messages", port).start()
    assert f"port {port}" in failed.value.way_out.lower()
