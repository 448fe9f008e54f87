"""What a person can act on. Everything else that is raised is a bug of ours.

Refused
├── Malformed          input from outside that breaks a rule; names the field
├── (each module's own: SeatTaken, TenderShort, ShiftClosed, ...)
"""

from __future__ import annotations


class Refused(Exception):
    """The program says no, nothing was changed, and there is something the person can do.

    `code` is stable and machine-readable; `message` says what happened and what it means for the
    customer; `way_out` says what to do next.
    """

    code = "refused"

    def __init__(self, message: str, way_out: str = "") -> None:
        super().__init__(f"{message} {way_out}".strip())
        self.message = message
        self.way_out = way_out


class Malformed(Refused):
    """Input from outside breaks a rule of `field`."""

    code = "malformed"

    def __init__(self, field: str, message: str, way_out: str = "") -> None:
        super().__init__(f"{field}: {message}", way_out)
        self.field = field
