from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from ui.shell.collector import Collector


class Cycle:
    """Garbage that only the collector finds; it remembers which thread ended it."""

    ended_on: list[str]

    def __init__(self, ended_on: list[str]) -> None:
        self.me, self.ended_on = self, ended_on

    def __del__(self) -> None:
        self.ended_on.append(threading.current_thread().name)


@pytest.fixture
def collector(qapp: QApplication) -> Iterator[Collector]:
    made = Collector()
    yield made
    made.stop()


def test_garbage_of_a_worker_ends_on_the_thread_of_the_window(collector: Collector) -> None:
    ended_on: list[str] = []

    def litter() -> None:
        for _ in range(5000):
            Cycle(ended_on)

    worker = threading.Thread(target=litter, name="worker")
    worker.start()
    worker.join()
    assert ended_on == []
    collector.look()
    assert len(ended_on) > 1000
    assert set(ended_on) == {threading.current_thread().name}


def test_stopping_gives_python_its_own_way_back(qapp: QApplication) -> None:
    Collector().stop()
    assert gc.isenabled()
