from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.central import Databases, RunningCentral, embedded_postgres, running_central
from tests.sync.online_till import OnlineTill, pair
from ui.tour.network import Cable

Open = Callable[..., OnlineTill]


@pytest.fixture(scope="session")
def _running() -> Iterator[RunningCentral]:
    with embedded_postgres() as postgres, running_central(Databases(postgres).fresh()) as running:
        yield running


@pytest.fixture
def central(_running: RunningCentral) -> Iterator[RunningCentral]:
    yield _running
    _running.forget()


@pytest.fixture
def cable(central: RunningCentral) -> Iterator[Cable]:
    cable = Cable(central.url)
    yield cable
    cable.close()


@pytest.fixture
def paired(tmp_path: Path, central: RunningCentral) -> Path:
    """The folder of a till that central knows."""
    pair(tmp_path / "till", central.url, central.code())
    return tmp_path / "till"


@pytest.fixture
def open_till(central: RunningCentral) -> Iterator[Open]:
    """Opens the till of a folder; what is still open at the end of the test is closed."""
    opened: list[OnlineTill] = []

    def open_(folder: Path, url: str = "", **how: Any) -> OnlineTill:
        opened.append(OnlineTill(folder, url, **how))
        return opened[-1]

    yield open_
    for till in opened:
        till.close()
