"""A body of 100 MB is refused, and never in central's memory."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from central.arriving import MOST_BODY_BYTES, MOST_PLAN_BYTES
from tests.central.test_nodes import opened
from tests.central.test_serving import end, start
from tests.support.central import problem_of

HUGE_BYTES, CHUNK = 100 * 1024 * 1024, b" " * 65536


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="boxoffice-node-"))
    yield made
    shutil.rmtree(made)


def _most_bytes_of(pid: int) -> int:
    """What the process had in memory at its largest."""
    [line] = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


def _chunks() -> Iterator[bytes]:
    for _ in range(HUGE_BYTES // len(CHUNK)):
        yield CHUNK


@pytest.mark.skipif(sys.platform != "linux", reason="only /proc says what a process had in memory at its largest")
def test_a_hundred_megabytes_are_refused_and_never_in_memory(folder: Path, database: str) -> None:
    [customer, manager] = opened(database, 1, 1)
    process = start(folder, "--database", database)
    try:
        with httpx.Client(base_url=process.url, verify=False, timeout=60) as client:
            client.get("/api/events").raise_for_status()
            Path(f"/proc/{process.popen.pid}/clear_refs").write_text("5")  # from now on
            before = _most_bytes_of(process.popen.pid)
            for path, token, says_how_long, most_bytes in (
                ("/api/login", "none", True, MOST_BODY_BYTES),
                ("/api/login", "none", False, MOST_BODY_BYTES),
                ("/api/admin/plans", customer, False, MOST_BODY_BYTES),
                ("/api/admin/plans", f"{manager}x", False, MOST_BODY_BYTES),
                ("/api/admin/plans", manager, True, MOST_PLAN_BYTES),
                ("/api/admin/plans", manager, False, MOST_PLAN_BYTES),
            ):
                headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
                if says_how_long:
                    headers["Content-Length"] = str(HUGE_BYTES)
                refused = client.post(path, content=_chunks(), headers=headers)
                assert (refused.status_code, problem_of(refused)["code"]) == (413, "request_entity_too_large")
                assert str(most_bytes) in problem_of(refused)["title"]
            grown = _most_bytes_of(process.popen.pid) - before
    finally:
        end(process)
    assert grown < 3 * MOST_PLAN_BYTES
