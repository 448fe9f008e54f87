"""Where a finished document goes. A printer takes bytes and answers only when they are out of our hands."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from uuid import UUID

from boxoffice.domain.refusals import Refused


class PrintKind(StrEnum):
    TICKETS = "tickets"
    RECEIPT = "receipt"
    REPORT = "report"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Media:
    """The sheet in points of 1/72 inch. Always told to the printer: without it a ticket is scaled to Letter."""

    width_pt: float
    height_pt: float

    def __post_init__(self) -> None:
        if not (self.width_pt > 0 and self.height_pt > 0):
            raise ValueError(f"no such sheet: {self.width_pt} x {self.height_pt} pt")


@dataclass(frozen=True, slots=True)
class PrintJob:
    """One PDF. `name` is what people see in the queue and, of a file printer, the file's name without its ending."""

    id: UUID
    kind: PrintKind
    name: str
    media: Media
    content: bytes


class PrinterCondition(StrEnum):
    READY = "ready"
    BUSY = "busy"
    OFFLINE = "offline"
    OUT_OF_PAPER = "out of paper"
    NEEDS_A_PERSON = "needs a person"
    NOT_SET_UP = "not set up"


@dataclass(frozen=True, slots=True)
class PrinterState:
    """`text` is for the status bar: a few words."""

    condition: PrinterCondition
    text: str

    @property
    def is_ready(self) -> bool:
        return self.condition in (PrinterCondition.READY, PrinterCondition.BUSY)


class PrinterFailed(Refused):
    """Nothing certain came out. `code` tells what went wrong, `way_out` what to do at the printer."""

    def __init__(self, code: str, message: str, way_out: str) -> None:
        super().__init__(message, way_out)
        self.code = code


class Printer(Protocol):
    @property
    def name(self) -> str: ...

    def state(self) -> PrinterState:
        """Asks the device; never raises."""

    def print(self, job: PrintJob) -> None:
        """Blocks until the job is out of our hands. Raises PrinterFailed."""


class NullPrinter:
    """Stands where no printer was chosen, so that a sale goes through and its paper waits under Attention."""

    name = "No printer"

    def state(self) -> PrinterState:
        return PrinterState(PrinterCondition.NOT_SET_UP, "No printer")

    def print(self, job: PrintJob) -> None:
        raise PrinterFailed("no_printer", "No printer is set up at this till.", "Choose one, then print again.")


class FilePrinter:
    """Prints into a folder. A file is there whole or not at all, and printing a job again changes nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def name(self) -> str:
        return f"Folder {self._folder.name}"

    def path_of(self, job: PrintJob) -> Path:
        """Where `job` goes, or where it went already: a name that another document has gets a number behind it."""
        stem = _file_name(job.name)
        path = self._folder / f"{stem}.pdf"
        number = 1
        while path.exists() and path.read_bytes() != job.content:
            number += 1
            path = self._folder / f"{stem}-{number}.pdf"
        return path

    def state(self) -> PrinterState:
        if self._folder.is_dir() and not os.access(self._folder, os.W_OK):
            return PrinterState(PrinterCondition.NEEDS_A_PERSON, "Print folder is read-only")
        return PrinterState(PrinterCondition.READY, "Prints to a folder")

    def print(self, job: PrintJob) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self.path_of(job)
            if not path.exists():
                _write_whole(path, job.content)
        except OSError as error:
            raise _folder_failed(self._folder, error) from error


def _file_name(name: str) -> str:
    """Letters, digits, dots and dashes of `name`: safe on every file system, and never another folder."""
    return re.sub(r"[^\w.-]+", "-", name).strip("-.")[:80] or "document"


def _write_whole(path: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".printing-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise
    if sys.platform != "win32":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the new name is durable too
        finally:
            os.close(folder)


def _folder_failed(folder: Path, error: OSError) -> PrinterFailed:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return PrinterFailed(
            "print_disk_full", "The disk is full: nothing was printed.", "Make room, then print again."
        )
    reason = error.strerror or str(error)
    return PrinterFailed(
        "print_folder", f"“{folder}” cannot be written to: {reason}.", "Choose another folder, then print again."
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command said."""

    code: int
    out: str
    err: str


Run = Callable[[Sequence[str], bytes], Answer]  # (command line, standard input); raises OSError or TimeoutError


def run_command(command: Sequence[str], content: bytes, timeout_s: float = 20) -> Answer:
    """Runs it in the C locale, so that its words can be read. Raises OSError when it is not there, or TimeoutError."""
    environment = {**os.environ, "LC_ALL": "C"}
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=timeout_s, env=environment)
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(f"{command[0]} did not answer") from error
    return Answer(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


# IPP's printer-state-reasons, worst first (RFC 8011, 5.4.12)
_REASONS: Mapping[str, tuple[PrinterCondition, str]] = {
    "media-empty": (PrinterCondition.OUT_OF_PAPER, "Printer out of paper"),
    "media-needed": (PrinterCondition.OUT_OF_PAPER, "Printer out of paper"),
    "media-jam": (PrinterCondition.NEEDS_A_PERSON, "Paper jam"),
    "cover-open": (PrinterCondition.NEEDS_A_PERSON, "Printer is open"),
    "door-open": (PrinterCondition.NEEDS_A_PERSON, "Printer is open"),
    "offline": (PrinterCondition.OFFLINE, "Printer offline"),
    "connecting-to-device": (PrinterCondition.OFFLINE, "Printer does not answer"),
    "timed-out": (PrinterCondition.OFFLINE, "Printer does not answer"),
    "shutdown": (PrinterCondition.OFFLINE, "Printer offline"),
    "paused": (PrinterCondition.NEEDS_A_PERSON, "Printer is paused"),
}
_OFF = PrinterState(PrinterCondition.OFFLINE, "Printer offline")
_A4_PT = (595.28, 841.89)


class SystemPrinter:
    """A queue of CUPS, by its command line: Linux and macOS. On Windows it refuses and names the way that works.

    `print` follows the job until it has left the queue: a ticket that only waits in a stopped queue is not printed.
    It waits `patience_s` for a printer that is ready, a quarter of that for one that says it is not.
    """

    def __init__(
        self,
        queue: str,
        *,
        run: Run = run_command,
        patience_s: float = 45,
        clock_s: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
        platform: str = sys.platform,
    ) -> None:
        if not queue or queue.startswith("-"):
            raise ValueError(f"not a print queue: {queue!r}")
        self._queue, self._run, self._patience_s = queue, run, patience_s
        self._clock_s, self._wait, self._platform = clock_s, wait, platform

    @property
    def name(self) -> str:
        return self._queue

    def state(self) -> PrinterState:
        if self._platform == "win32":
            return PrinterState(PrinterCondition.NOT_SET_UP, "Needs the file printer")
        try:
            answer = self._run(("lpoptions", "-p", self._queue), b"")
        except (OSError, TimeoutError):
            return PrinterState(PrinterCondition.OFFLINE, "No print system")
        return _state_of(answer)

    def print(self, job: PrintJob) -> None:
        if self._platform == "win32":
            raise PrinterFailed(
                "print_windows", "Print queues of Windows are not driven from here.", "Use the file printer."
            )
        request = self._submit(job)
        began = self._clock_s()
        while self._is_waiting(request):
            state = self.state()
            patience_s = self._patience_s if state.is_ready else self._patience_s / 4
            if self._clock_s() - began >= patience_s:
                self._run(("cancel", request), b"")
                raise PrinterFailed(
                    "print_unfinished",
                    f"{self._queue} did not finish: {state.text}.",
                    "Look at what came out, see to the printer, then print again.",
                )
            self._wait(0.25)

    def _submit(self, job: PrintJob) -> str:
        options = [part for option in _options(job.media) for part in ("-o", option)]
        try:
            answer = self._run(("lp", "-d", self._queue, "-t", _file_name(job.name), *options, "-"), job.content)
        except TimeoutError as error:
            raise PrinterFailed("print_timeout", f"{self._queue} takes no jobs.", "Look at the printer.") from error
        except OSError as error:
            raise PrinterFailed(
                "print_system", "This machine has no print system.", "Install CUPS, or use the file printer."
            ) from error
        found = re.search(r"request id is (\S+)", answer.out)
        if answer.code or found is None:
            said = (answer.err or answer.out).strip().removeprefix("lp: ").removeprefix("Error - ").rstrip(
                "."
            ) or "no reason given"
            raise PrinterFailed("print_refused", f"{self._queue} refused: {said}.", "Check the printer's set-up.")
        return found[1]

    def _is_waiting(self, request: str) -> bool:
        try:
            answer = self._run(("lpstat", "-W", "not-completed", "-o", self._queue), b"")
        except (OSError, TimeoutError):
            return True
        return any(line.split(maxsplit=1)[:1] == [request] for line in answer.out.splitlines())


def _options(media: Media) -> tuple[str, ...]:
    """The sheet as it is: no scaling, no turning."""
    is_a4 = abs(media.width_pt - _A4_PT[0]) < 1 and abs(media.height_pt - _A4_PT[1]) < 1
    size = "A4" if is_a4 else f"Custom.{media.width_pt:.2f}x{media.height_pt:.2f}"
    return f"media={size}", "print-scaling=none", "orientation-requested=3", "nopdfAutoRotate"


def _state_of(answer: Answer) -> PrinterState:
    options = dict(part.partition("=")[::2] for part in _words(answer.out))
    if answer.code or "printer-state" not in options:
        return PrinterState(PrinterCondition.NOT_SET_UP, "Printer unknown here")
    reasons = options.get("printer-state-reasons", "none").split(",")
    for reason, (condition, text) in _REASONS.items():
        if any(said.startswith(reason) and not said.endswith("-report") for said in reasons):
            return PrinterState(condition, text)
    if options["printer-state"] == "5" or options.get("printer-is-accepting-jobs") == "false":
        return _OFF
    if options["printer-state"] == "4":
        return PrinterState(PrinterCondition.BUSY, "Printing")
    return PrinterState(PrinterCondition.READY, "Printer ready")


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # a quote without its end, in somebody's printer description
        return text.split()
