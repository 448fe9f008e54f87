"""What is wrong with a file, fault by fault, each with its place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileFault:
    """`place` is a JSON pointer, `line 12` of a table, or `line 12, <circle id="a">` of a drawing."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


@dataclass(frozen=True, slots=True)
class FileReport:
    """At least one fault: the file was not taken."""

    faults: tuple[FileFault, ...]


class Findings:
    """Faults as they are found."""

    def __init__(self) -> None:
        self._faults: list[FileFault] = []

    def add(self, place: str, message: str) -> None:
        self._faults.append(FileFault(place, message))

    def __bool__(self) -> bool:
        return bool(self._faults)

    def report(self) -> FileReport:
        return FileReport(tuple(self._faults))
