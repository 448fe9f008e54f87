"""Seeds of the simulator, each replayed exactly by its number: `make sim SEEDS=1000`, or SEED=17 for one alone."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from boxoffice.store import Store
from tests.support.central import Databases, embedded_postgres
from tests.sync.simulation.central import Central, central_over
from tests.sync.simulation.mutants import MUTANTS, Mutant
from tests.sync.simulation.promises import Broken
from tests.sync.simulation.till import KEY
from tests.sync.simulation.world import Tally, World

SEEDS = int(os.environ.get("SEEDS", "12"))
ONE = os.environ.get("SEED", "")
EVENINGS = 25  # of one database: its catalogue and its checks grow with them
MOST_FOR_A_MUTANT = 40


@pytest.fixture(scope="module")
def databases() -> Iterator[Databases]:
    with embedded_postgres() as postgres:
        yield Databases(postgres)


@pytest.fixture(scope="module")
def room() -> Iterator[Path]:
    """A folder in memory, where there is one; its `blank` is an empty store."""
    memory = "/dev/shm"
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        Store.open(Path(folder) / "blank", KEY).close()
        yield Path(folder)


def live(seed: int, central: Central, room: Path, tally: Tally | None = None) -> list[str]:
    """Raises Broken. What happened."""
    world = World(seed, central, room / "blank", room / "seed")
    try:
        world.live()
    finally:
        world.close()
        shutil.rmtree(room / "seed")
    if tally is not None:
        world.tell(tally)
    return world.trace


@contextmanager
def fresh(databases: Databases) -> Iterator[Central]:
    with central_over(databases.fresh()) as central:
        yield central


def test_no_evening_breaks_a_promise(databases: Databases, room: Path) -> None:
    seeds = [int(ONE)] if ONE else list(range(SEEDS))
    tally = Tally()
    for first in range(0, len(seeds), EVENINGS):
        with fresh(databases) as central:
            for seed in seeds[first : first + EVENINGS]:
                try:
                    live(seed, central, room, tally)
                except Broken as broken:
                    raise AssertionError(f"seed {seed}; SEED={seed} plays it again:\n{broken}") from broken
    sys.stdout.write(f"\n{tally}\n")
    assert tally.sales > 3 * len(seeds)


def test_a_seed_plays_the_same_evening_again(databases: Databases, room: Path) -> None:
    with fresh(databases) as first:
        told = live(1, first, room)
    with fresh(databases) as second:
        live(0, second, room)
        assert live(1, second, room) == told


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_mutant_is_caught(mutant: Mutant, databases: Databases, room: Path) -> None:
    with fresh(databases) as central, pytest.MonkeyPatch.context() as patch:
        mutant(patch, central)
        for seed in range(MOST_FOR_A_MUTANT):
            try:
                live(seed, central, room)
            except Broken as broken:
                sys.stdout.write(f"\n{mutant.__name__}: caught in seed {seed}: {str(broken).splitlines()[-1]}\n")
                return
    raise AssertionError(f"not caught in {MOST_FOR_A_MUTANT} seeds")
