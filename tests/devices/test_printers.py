from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from boxoffice.devices import printers
from boxoffice.devices.printers import (
    Answer,
    FilePrinter,
    Media,
    NullPrinter,
    PrinterCondition,
    PrinterFailed,
    SystemPrinter,
    run_command,
)
from tests.devices.print_jobs import a_job

TICKET = a_job(name="tickets-T2-004817")


def test_a_printed_file_is_there_whole_under_its_name(tmp_path: Path) -> None:
    printer = FilePrinter(tmp_path / "paper")
    printer.print(TICKET)
    assert [path.name for path in (tmp_path / "paper").iterdir()] == ["tickets-T2-004817.pdf"]
    assert printer.path_of(TICKET).read_bytes() == TICKET.content
    assert printer.state().is_ready


def test_printing_the_same_again_changes_nothing(tmp_path: Path) -> None:
    printer = FilePrinter(tmp_path)
    printer.print(TICKET)
    printer.print(TICKET)
    assert len(list(tmp_path.iterdir())) == 1


def test_another_document_of_the_same_name_overwrites_nothing(tmp_path: Path) -> None:
    printer = FilePrinter(tmp_path)
    other = replace(TICKET, content=b"other")
    for job in (TICKET, other, TICKET, other):
        printer.print(job)
    found = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert found == {"tickets-T2-004817.pdf": TICKET.content, "tickets-T2-004817-2.pdf": b"other"}


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "..", "", "a\x00b", "con: *?", "x" * 300, "\N{BELL}"]
)
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "paper"
    FilePrinter(folder).print(replace(TICKET, name=name))
    (path,) = folder.iterdir()
    assert path.suffix == ".pdf"
    assert len(path.name) <= 90
    assert sorted(item.name for item in tmp_path.iterdir()) == ["paper"]


def test_a_full_disk_prints_nothing_and_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PrinterFailed) as failure:
        FilePrinter(tmp_path).print(TICKET)
    assert failure.value.code == "print_disk_full"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(PrinterFailed, match="file") as failure:
        FilePrinter(tmp_path / "file" / "paper").print(TICKET)
    assert failure.value.code == "print_folder"
    assert failure.value.way_out


def test_no_printer_says_so() -> None:
    printer = NullPrinter()
    assert not printer.state().is_ready
    with pytest.raises(PrinterFailed) as failure:
        printer.print(TICKET)
    assert failure.value.code == "no_printer"


@pytest.mark.parametrize("size", [(0, 144), (396, -1), (float("nan"), 1)])
def test_a_sheet_has_a_size(size: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="sheet"):
        Media(*size)


class Cups:
    """The print system's commands, with one queue. Jobs leave it after `polls` looks."""

    def __init__(self, *, state: str = "3", reasons: str = "none", accepting: str = "true", polls: int = 2) -> None:
        self.state, self.reasons, self.accepting, self.polls = state, reasons, accepting, polls
        self.calls: list[Sequence[str]] = []
        self.printed: list[bytes] = []
        self.waiting: list[str] = []

    def __call__(self, command: Sequence[str], content: bytes) -> Answer:
        self.calls.append(command)
        match command[0]:
            case "lp":
                if "Boca" not in command:
                    return Answer(1, "", "lp: Error - The printer or class does not exist.\n")
                self.printed.append(content)
                self.waiting.append(f"Boca-{len(self.printed)}")
                return Answer(0, f"request id is Boca-{len(self.printed)} (1 file(s))\n", "")
            case "lpstat":
                self.polls -= 1
                if self.polls < 0:
                    self.waiting.clear()
                listed = "".join(f"{name}  root  1024  Sat 14 Nov 2026\n" for name in ["Boca-77", *self.waiting])
                return Answer(0, listed, "")
            case "lpoptions":
                state = f"printer-state={self.state} printer-state-reasons={self.reasons}"
                options = f"copies=1 printer-info='Foyer, left' printer-is-accepting-jobs={self.accepting} {state}\n"
                return Answer(0, options, "") if "Boca" in command else Answer(1, "", "lpoptions: Unknown printer\n")
            case "cancel":
                self.waiting.remove(command[1])
                return Answer(0, "", "")
        raise AssertionError(command)


def system_printer(cups: Cups, queue: str = "Boca") -> SystemPrinter:
    seconds = iter(range(1000))
    return SystemPrinter(
        queue, run=cups, clock_s=lambda: next(seconds), wait=lambda _: None, patience_s=10, platform="linux"
    )


def test_the_system_printer_hands_over_the_bytes_with_the_sheet_as_it_is() -> None:
    cups = Cups()
    system_printer(cups).print(TICKET)
    assert cups.printed == [TICKET.content]
    lp = cups.calls[0]
    options = [lp[index + 1] for index, word in enumerate(lp) if word == "-o"]
    assert "media=Custom.396.00x144.00" in options
    assert "print-scaling=none" in options
    assert lp[-1] == "-"
    assert cups.waiting == []


def test_a4_is_called_by_its_name() -> None:
    cups = Cups()
    system_printer(cups).print(replace(TICKET, media=Media(595.276, 841.89)))
    assert "media=A4" in cups.calls[0]


def test_a_job_that_does_not_leave_the_queue_is_taken_back_and_failed() -> None:
    cups = Cups(state="5", reasons="media-empty-error", polls=1000)
    with pytest.raises(PrinterFailed, match="out of paper") as failure:
        system_printer(cups).print(TICKET)
    assert failure.value.code == "print_unfinished"
    assert cups.waiting == []


def test_a_slow_printer_is_given_longer_than_a_stopped_one() -> None:
    """Patience is 10 of a clock that goes on by one with every look."""
    slow, stopped = Cups(state="4", polls=6), Cups(state="5", polls=6)
    system_printer(slow).print(TICKET)
    with pytest.raises(PrinterFailed):
        system_printer(stopped).print(TICKET)


def test_an_unknown_queue_is_refused_with_what_the_system_says() -> None:
    cups = Cups()
    with pytest.raises(PrinterFailed, match=r"refused: The printer or class does not exist\.") as failure:
        system_printer(cups, "Nobody").print(TICKET)
    assert failure.value.code == "print_refused"
    assert system_printer(cups, "Nobody").state().condition is PrinterCondition.NOT_SET_UP


@pytest.mark.parametrize(
    ("state", "reasons", "accepting", "condition"),
    [
        ("3", "none", "true", PrinterCondition.READY),
        ("4", "none", "true", PrinterCondition.BUSY),
        ("5", "paused", "true", PrinterCondition.NEEDS_A_PERSON),
        ("5", "none", "true", PrinterCondition.OFFLINE),
        ("3", "none", "false", PrinterCondition.OFFLINE),
        ("3", "offline-report", "true", PrinterCondition.READY),
        ("3", "offline-warning", "true", PrinterCondition.OFFLINE),
        ("4", "connecting-to-device", "true", PrinterCondition.OFFLINE),
        ("3", "media-empty-error,media-needed", "true", PrinterCondition.OUT_OF_PAPER),
        ("3", "cover-open", "true", PrinterCondition.NEEDS_A_PERSON),
        ("5", "marker-supply-low-warning,media-jam", "true", PrinterCondition.NEEDS_A_PERSON),
    ],
)
def test_the_printers_own_words_become_a_state(
    state: str, reasons: str, accepting: str, condition: PrinterCondition
) -> None:
    told = system_printer(Cups(state=state, reasons=reasons, accepting=accepting)).state()
    assert told.condition is condition
    assert told.text


def test_on_windows_the_file_printer_is_named() -> None:
    cups = Cups()
    printer = SystemPrinter("Boca", run=cups, platform="win32")
    assert not printer.state().is_ready
    with pytest.raises(PrinterFailed, match="file printer"):
        printer.print(TICKET)
    assert cups.calls == []


@pytest.mark.parametrize("queue", ["", "-o raw"])
def test_a_queue_is_never_an_option(queue: str) -> None:
    with pytest.raises(ValueError, match="queue"):
        SystemPrinter(queue)


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def a_command(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_real_commands_get_the_bytes_on_their_standard_input(commands: Path, tmp_path: Path) -> None:
    a_command(
        commands,
        "lp",
        f'/bin/cat > {tmp_path}/got; echo "$@" > {tmp_path}/said; echo "request id is Boca-1 (1 file(s))"',
    )
    a_command(commands, "lpstat", f'echo "$LC_ALL" > {tmp_path}/locale')
    SystemPrinter("Boca", platform="linux").print(TICKET)
    assert (tmp_path / "got").read_bytes() == TICKET.content
    assert "-d Boca -t tickets-T2-004817" in (tmp_path / "said").read_text()
    assert (tmp_path / "locale").read_text() == "C\n"


def test_a_machine_without_a_print_system_says_so(commands: Path) -> None:
    printer = SystemPrinter("Boca", platform="linux")
    assert printer.state().condition is PrinterCondition.OFFLINE
    with pytest.raises(PrinterFailed) as failure:
        printer.print(TICKET)
    assert failure.value.code == "print_system"


def test_a_command_that_hangs_is_a_failure_and_not_a_hanging_till(commands: Path) -> None:
    a_command(commands, "lp", "exec /bin/sleep 30")
    with pytest.raises(TimeoutError):
        run_command(("lp",), b"", timeout_s=0.05)
    printer = SystemPrinter("Boca", run=lambda command, content: run_command(command, content, 0.05), platform="linux")
    with pytest.raises(PrinterFailed) as failure:
        printer.print(TICKET)
    assert failure.value.code == "print_timeout"


def test_a_description_with_a_broken_quote_is_read_all_the_same() -> None:
    answer = Answer(0, "printer-info=it's printer-state=3 printer-state-reasons=none", "")
    assert printers._state_of(answer).condition is PrinterCondition.READY
