from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.till_at_work import TillAtWork


@pytest.fixture
def till(tmp_path: Path) -> Iterator[TillAtWork]:
    """Paired, lists pulled, no shift open."""
    at_work = TillAtWork(tmp_path / "at-work")
    yield at_work
    at_work.close()


@pytest.fixture
def open_till(till: TillAtWork) -> TillAtWork:
    """As `till`, with a shift open and 200.00 in the drawer."""
    till.open_shift()
    return till
