from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest
from PySide6.QtWidgets import QApplication

from boxoffice.domain.clock import utc_now
from central.migrations import migrate
from central.postgres import EmbeddedPostgres
from central.seeding import insert_catalogue
from tests.program.counter import KEY, Counter, pair, programme
from tests.support.central import RunningCentral, embedded_postgres, run, running_central

Open = Callable[..., Counter]


@pytest.fixture(autouse=True)
def _key_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOXOFFICE_TILL_KEY", KEY.hex())


@pytest.fixture(scope="session")
def _postgres() -> Iterator[EmbeddedPostgres]:
    with embedded_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def _running(_postgres: EmbeddedPostgres) -> Iterator[RunningCentral]:
    async def fill(connection: asyncpg.Connection) -> None:
        await migrate(connection)
        await insert_catalogue(connection, programme(utc_now()))

    run(_postgres.url, fill)
    with running_central(_postgres.url) as running:
        yield running


@pytest.fixture
def central(_running: RunningCentral) -> Iterator[RunningCentral]:
    """A central that nobody has called yet, and whose clock is right."""
    _running.clock[0] = utc_now()
    yield _running
    _running.forget()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "till"


@pytest.fixture
def paired(folder: Path, central: RunningCentral) -> Path:
    pair(folder, central)
    return folder


@pytest.fixture
def open_till(qapp: QApplication) -> Iterator[Open]:
    """Start the program over a folder; whatever is still open is closed at the end."""
    opened: list[Counter] = []

    def start(folder: Path, queue: str = "", until_ready: bool = True) -> Counter:
        opened.append(Counter(folder, queue))
        return opened[-1].open(until_ready)

    yield start
    for counter in opened:
        counter.close()
