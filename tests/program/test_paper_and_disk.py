"""No printer, and no space: what is sold then, what is printed, and what brings it back."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton

from tests.program.conftest import Open
from tests.program.counter import Counter, Key, pair, words_of
from tests.support.central import RunningCentral
from ui.attention.workspace import Attention

_DISK = 48 * 1024 * 1024
_CHUNK = b"\0" * 65536


def attention_of(counter: Counter) -> Attention:
    return next(place for place in counter.window.shell.workspaces if isinstance(place, Attention))


def buttons(counter: Counter, text: str) -> list[QAbstractButton]:
    found = attention_of(counter).widget.findChildren(QAbstractButton)
    return [button for button in found if button.text() == text and button.isVisible()]


def test_without_its_printer_a_till_sells_and_the_paper_waits_until_it_is_there(paired: Path, open_till: Open) -> None:
    counter = open_till(paired, queue="NOSUCH").ready()
    sold = counter.sell_two()
    counter.until(lambda: len(counter.till.printing.failed()) == 2)
    assert counter.printed == []
    counter.until(lambda: attention_of(counter).attention == 2)
    counter.press(Key.Key_5, modifier=Qt.KeyboardModifier.ControlModifier)
    counter.until(lambda: len(buttons(counter, "Print again")) == 2)
    assert f"Did not print: tickets-{sold.receipt}" in words_of(attention_of(counter).widget)
    buttons(counter, "Print again")[0].click()
    counter.rest()
    counter.until(lambda: len(counter.till.printing.failed()) == 2)
    counter.close()

    again = open_till(paired).ready()
    again.press(Key.Key_5, modifier=Qt.KeyboardModifier.ControlModifier)
    for left in (2, 1):
        again.until(lambda left=left: len(buttons(again, "Print again")) == left)  # type: ignore[misc]
        buttons(again, "Print again")[0].click()
        again.until(lambda left=left: len(again.printed) == 3 - left)  # type: ignore[misc]
    assert again.printed == [f"receipt-{sold.receipt}.pdf", f"tickets-{sold.receipt}.pdf"]
    assert len(again.sales) == 1


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    command = ["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", str(place)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(disk: Path) -> Path:
    """Until nothing more goes onto it."""
    ballast = disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(_CHUNK)
    return ballast


def test_a_full_disk_stops_selling_before_anything_prints_and_selling_goes_on_when_there_is_space(
    disk: Path, central: RunningCentral, open_till: Open
) -> None:
    pair(disk / "till", central)
    counter = open_till(disk / "till").ready()
    counter.take_two()
    ballast = fill(disk)
    counter.press(Key.Key_F5, Key.Key_Return)
    counter.until(lambda: "The disk is full: nothing was sold and nothing was printed." in counter.toast)
    assert "Free some space on the disk" in counter.toast
    counter.rest()
    assert counter.sales == []
    assert counter.printed == []
    assert len(counter.sell.presenter.basket.lines) == 2

    ballast.unlink()
    counter.press(Key.Key_F5, Key.Key_Return)
    counter.until(lambda: counter.sales)
    counter.until(lambda: len(counter.printed) == 2 and counter.waiting == 0)
    [sale] = counter.sales
    assert central.value("select count(*) from sale where id = $1", sale.sale) == 1


def test_a_disk_that_is_full_at_the_start_is_no_reason_to_lose_anything(
    disk: Path, central: RunningCentral, open_till: Open
) -> None:
    pair(disk / "till", central)
    ballast = fill(disk)
    counter = open_till(disk / "till", until_ready=False)
    counter.until(lambda: "full" in counter.says)
    ballast.unlink()
    counter.program.starting.again_button.click()
    counter.until(lambda: counter.program.window is not None)
