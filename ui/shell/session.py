"""Who works at this till right now. Workspaces read it; the shell changes it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from boxoffice.domain.refusals import Refused
from boxoffice.domain.staff import StaffMember


class NobodySignedIn(Refused):
    code = "nobody_signed_in"

    def __init__(self) -> None:
        super().__init__("Nobody is signed in.", "Sign in first.")


class Session(QObject):
    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._staff: StaffMember | None = None

    @property
    def is_open(self) -> bool:
        return self._staff is not None

    @property
    def staff(self) -> StaffMember:
        """Raises NobodySignedIn."""
        if self._staff is None:
            raise NobodySignedIn
        return self._staff

    def sign_in(self, member: StaffMember) -> None:
        self._staff = member
        self.changed.emit()

    def lock(self) -> None:
        """The person leaves the counter; the work on the screens stays as it is."""
        self._staff = None
        self.changed.emit()
