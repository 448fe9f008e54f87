from __future__ import annotations

from collections.abc import Iterator

import pytest

from central.postgres import EmbeddedPostgres
from tests.support.central import Databases, RunningCentral, embedded_postgres, running_central


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    with embedded_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def databases(postgres: EmbeddedPostgres) -> Databases:
    return Databases(postgres)


@pytest.fixture
def database(databases: Databases) -> str:
    """A database of its own, migrated and with the test catalogue."""
    return databases.fresh()


@pytest.fixture(scope="session")
def _running(databases: Databases) -> Iterator[RunningCentral]:
    with running_central(databases.fresh()) as running:
        yield running


@pytest.fixture
def central(_running: RunningCentral) -> Iterator[RunningCentral]:
    """One server for all tests; each finds it as on its first day."""
    yield _running
    _running.forget()
