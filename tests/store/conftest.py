"""A paired store in a folder of its own, under a fixed key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from boxoffice.store import Store
from tests.store import bodies
from tests.store.bodies import KEY


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "till"


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    opened = Store.open(folder, KEY)
    bodies.pair(opened)
    yield opened
    opened.close()
