"""The embedded database: its encoding, its rights, and what it does after an accident."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from central import postgres as launcher
from central.migrations import NewerDatabase, latest, migrate
from central.postgres import EmbeddedPostgres, PostgresFailed
from tests.support.central import Databases, run

as_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root needs another user")


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="boxoffice-test-"))
    made.chmod(0o711)
    yield made / "central"
    shutil.rmtree(made)


def _server_pid(server: EmbeddedPostgres) -> int:
    return int((server.folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def test_it_sorts_by_code_point_in_utf8_and_wants_a_password(postgres: EmbeddedPostgres) -> None:
    row = run(
        postgres.url,
        lambda connection: connection.fetchrow(
            "select pg_encoding_to_char(encoding) as encoding, datlocprovider::text as provider, datlocale as locale"
            " from pg_database where datname = current_database()"
        ),
    )
    assert dict(row) == {"encoding": "UTF8", "provider": "b", "locale": "C.UTF-8"}
    with pytest.raises(asyncpg.InvalidPasswordError):
        asyncio.run(asyncpg.connect(postgres.url.replace("postgresql://boxoffice:", "postgresql://boxoffice:x")))


def test_what_was_committed_survives_a_crash_and_a_stale_pid_file(folder: Path) -> None:
    server = EmbeddedPostgres(folder).start()
    run(server.url, lambda connection: connection.execute("create table kept (n int); insert into kept values (7)"))
    pid = _server_pid(server)
    os.kill(pid, signal.SIGKILL)
    while _is_alive(pid):
        time.sleep(0.01)
    pid_file = folder / "postgres" / "postmaster.pid"
    pid_file.write_text(pid_file.read_text().replace(str(pid), str(os.getpid()), 1))  # the number went to somebody else
    with EmbeddedPostgres(folder) as again:
        assert run(again.url, lambda connection: connection.fetchval("select n from kept")) == 7
        assert run(again.url, lambda connection: connection.fetchval("show fsync")) == "on"


def _is_alive(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_server_left_behind_is_ended_and_a_creation_cut_short_begun_again(folder: Path) -> None:
    (folder / "postgres").mkdir(parents=True, mode=0o711)
    folder.chmod(0o711)
    (folder / "postgres" / "half").touch()
    left_behind = EmbeddedPostgres(folder, durable=False).start()
    pid = _server_pid(left_behind)
    with EmbeddedPostgres(folder, durable=False) as server:
        assert not _is_alive(pid)
        assert run(server.url, lambda connection: connection.fetchval("select 1")) == 1
        assert server.join() == server.url
    with pytest.raises(PostgresFailed):
        server.join()


@as_root
def test_as_root_another_user_runs_it_and_no_right_above_changes(folder: Path) -> None:
    above = [(parent, parent.stat().st_mode, parent.stat().st_uid) for parent in folder.parents]
    with EmbeddedPostgres(folder, durable=False) as server:
        owner = Path(f"/proc/{_server_pid(server)}").stat().st_uid
        assert owner != 0
        assert (folder / "postgres").stat().st_uid == owner
        assert stat.S_IMODE((folder / "postgres").stat().st_mode) == 0o700
        password = (folder / "postgres.password").stat()
        assert (password.st_uid, stat.S_IMODE(password.st_mode)) == (0, 0o600)
    assert [(parent, parent.stat().st_mode, parent.stat().st_uid) for parent in folder.parents] == above


@as_root
def test_as_root_a_closed_folder_and_a_closed_checkout_are_worked_round(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checkout below /root: neither the data folder nor the programs can be reached by another user."""
    closed = folder.parent / "closed"
    closed.mkdir(mode=0o700)
    place = folder.parent / "place"
    monkeypatch.setattr(launcher, "_PLACE_FOR_ROOT", place)
    wheel = closed / launcher._WHEEL.name
    (closed / f"{wheel.name}.libs").symlink_to(launcher._WHEEL.with_name(f"{wheel.name}.libs"))
    wheel.symlink_to(launcher._WHEEL)
    monkeypatch.setattr(launcher, "_WHEEL", wheel)
    with EmbeddedPostgres(closed / "data", durable=False) as server:
        assert server.folder.parent == place
        assert server.programs.is_relative_to(place)
        assert run(server.url, lambda connection: connection.fetchval("select 1")) == 1
    with EmbeddedPostgres(closed / "data", durable=False) as again:
        assert again.folder == server.folder
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700

    shutil.rmtree(closed / "data")  # as the end of a demo does
    (place / "kept").mkdir()
    (place / "kept" / "stands-in-for").write_text("/mnt/not-mounted-today/central")
    with EmbeddedPostgres(closed / "next", durable=False) as last:
        assert not again.folder.exists()
        assert {path.name for path in place.iterdir()} >= {"kept", last.folder.name}


def test_migrating_twice_changes_nothing_and_a_newer_database_is_left_alone(databases: Databases) -> None:
    url = databases.empty()
    assert run(url, migrate) == (None, latest())
    assert run(url, migrate) == (latest(), latest())
    run(url, lambda connection: connection.execute("update alembic_version set version_num = '9999'"))
    with pytest.raises(NewerDatabase):
        run(url, migrate)


def test_nodes_that_start_together_migrate_once(databases: Databases) -> None:
    url = databases.empty()

    async def together() -> list[tuple[str | None, str]]:
        connections = [await asyncpg.connect(url) for _ in range(4)]
        done = await asyncio.gather(*(migrate(connection) for connection in connections))
        for connection in connections:
            await connection.close()
        return done

    assert sorted(asyncio.run(together()), key=str) == [(latest(), latest())] * 3 + [(None, latest())]
