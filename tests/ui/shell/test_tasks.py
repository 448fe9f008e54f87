"""Work leaves the UI thread and its result comes back to it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from boxoffice.domain.refusals import Refused
from ui.tasks import Tasks


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[Tasks]:
    runner = Tasks(threads=4)
    yield runner
    runner.close()


def _once(gate: threading.Event, order: list[str], name: str) -> Callable[[], None]:
    """Work that waits for the gate."""

    def work() -> None:
        assert gate.wait(5)
        order.append(name)

    return work


def _now(order: list[str], name: str, gate: threading.Event | None = None) -> Callable[[], None]:
    """Work that does not wait, and opens the gate."""

    def work() -> None:
        order.append(name)
        if gate is not None:
            gate.set()

    return work


def test_work_runs_elsewhere_and_its_result_arrives_on_the_ui_thread(qtbot: QtBot, tasks: Tasks) -> None:
    seen: list[threading.Thread] = []
    with qtbot.waitSignal(tasks.idle):
        tasks.run(threading.current_thread, lambda worker: seen.extend([worker, threading.current_thread()]))
    worker, receiver = seen
    assert worker is not threading.main_thread()
    assert receiver is threading.main_thread()


def test_a_lane_keeps_the_order_although_threads_are_free(qtbot: QtBot, tasks: Tasks) -> None:
    gate = threading.Event()
    order: list[str] = []
    with qtbot.waitSignal(tasks.idle):
        tasks.run(_once(gate, order, "first"), lane="sell")
        tasks.run(_now(order, "second"), lane="sell")
        tasks.run(_now(order, "other", gate), lane="look")
    assert order == ["other", "first", "second"]


def test_without_a_lane_work_does_overtake(qtbot: QtBot, tasks: Tasks) -> None:
    """The twin of the test above: it shows that the lane is what keeps the order."""
    gate = threading.Event()
    order: list[str] = []
    with qtbot.waitSignal(tasks.idle):
        tasks.run(_once(gate, order, "first"))
        tasks.run(_now(order, "second", gate))
    assert order == ["second", "first"]


def test_a_failed_piece_does_not_hold_its_lane(qtbot: QtBot, tasks: Tasks) -> None:
    heard: list[object] = []

    def refuse() -> None:
        raise Refused("no")

    with qtbot.waitSignal(tasks.idle):
        tasks.run(refuse, None, heard.append, lane="sell")
        tasks.run(lambda: "yes", heard.append, lane="sell")
    assert [str(item) for item in heard] == ["no", "yes"]


def test_a_refusal_nobody_listens_for_is_still_shown(qtbot: QtBot, tasks: Tasks) -> None:
    def refuse() -> None:
        raise Refused("The drawer is shut.", "Open it.")

    with qtbot.waitSignal(tasks.refused) as shown:
        tasks.run(refuse)
    assert shown.args is not None
    assert shown.args[0].way_out == "Open it."


def test_a_bug_reaches_the_crash_handler_and_the_view_that_waits(qtbot: QtBot, tasks: Tasks) -> None:
    heard: list[Exception] = []
    with qtbot.waitSignal(tasks.crashed) as crashed, qtbot.waitSignal(tasks.idle):
        tasks.run(lambda: 1 // 0, None, heard.append)
    assert crashed.args is not None
    assert isinstance(crashed.args[0], ZeroDivisionError)
    assert heard == crashed.args


def test_closing_finishes_what_waits_in_a_lane(qtbot: QtBot) -> None:
    runner = Tasks(threads=1)
    done: list[int] = []
    for number in range(5):
        runner.run(lambda number=number: done.append(number), lane="sell")  # type: ignore[misc]
    runner.close()
    assert done == [0, 1, 2, 3, 4]


def test_a_closed_runner_takes_nothing_more(qtbot: QtBot) -> None:
    runner = Tasks()
    runner.close()
    with pytest.raises(RuntimeError):
        runner.run(lambda: None)
