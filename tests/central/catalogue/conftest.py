from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.many_events import fill
from tests.support.central import NOW, Databases, RunningCentral, run, running_central

MANY = 6000


@pytest.fixture(scope="session")
def _many(databases: Databases) -> Iterator[RunningCentral]:
    database = databases.fresh()
    run(database, lambda connection: fill(connection, MANY, NOW.isoformat()))
    with running_central(database) as running:
        yield running


@pytest.fixture
def many(_many: RunningCentral) -> Iterator[RunningCentral]:
    """Thousands of events, for looking only."""
    yield _many
    _many.hang_up()


@pytest.fixture
def house(databases: Databases) -> Iterator[RunningCentral]:
    """A central of one's own, whose catalogue may be changed."""
    with running_central(databases.fresh()) as running:
        yield running
