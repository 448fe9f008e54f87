"""Signing in, without a widget: whose tile, which digits, how long to wait after five wrong ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from PySide6.QtCore import QCoreApplication

from boxoffice.domain.clock import Clock
from boxoffice.domain.ids import StaffId
from boxoffice.domain.refusals import Refused
from boxoffice.domain.staff import PinLocked, Role, StaffMember
from ui.tasks import TaskRunner

LEAST_DIGITS, MOST_DIGITS = 4, 6


def _tr(text: str) -> str:
    return QCoreApplication.translate("SignIn", text)


def role_name(role: Role) -> str:
    names = {
        Role.CASHIER: _tr("Cashier"),
        Role.DOOR: _tr("Door"),
        Role.MANAGER: _tr("Manager"),
        Role.ADMIN: _tr("Admin"),
    }
    return names[role]


class SigningIn(Protocol):
    """Blocks; see boxoffice.services.signing_in."""

    def staff(self) -> Sequence[StaffMember]: ...

    def sign_in(self, staff_id: StaffId, pin: str) -> StaffMember:
        """Raises WrongPin or PinLocked."""


@dataclass(frozen=True, slots=True)
class PinRows:
    """The pad: `dots` of which `filled` are typed. With `wait_s` above 0 the pad is shut for so long."""

    name: str
    filled: int = 0
    dots: int = MOST_DIGITS
    message: str = ""
    is_wrong: bool = False
    wait_s: int = 0
    is_checking: bool = False


class SignInView(Protocol):
    def show_staff(self, staff: Sequence[StaffMember], chosen: StaffId | None) -> None: ...
    def show_pin(self, rows: PinRows) -> None: ...


class SignInPresenter:
    """A PIN of six digits, or of the length the demo shows, is checked by itself; a shorter one with Enter."""

    def __init__(
        self,
        view: SignInView,
        signing_in: SigningIn,
        tasks: TaskRunner,
        now: Clock,
        signed_in: Callable[[StaffMember], None],
    ) -> None:
        self._view, self._signing_in, self._tasks, self._now = view, signing_in, tasks, now
        self._signed_in = signed_in
        self._staff: Sequence[StaffMember] = ()
        self._chosen: StaffMember | None = None
        self._pin = ""
        self._message = ""
        self._is_wrong = False
        self._is_checking = False
        self._locked: dict[StaffId, datetime] = {}
        self._shown_wait_s = 0

    def enter(self) -> None:
        """Shown: nobody's digits are left over, the last person stays chosen."""
        self._start_over()
        self._show()
        self._tasks.run(self._signing_in.staff, self._found, self._failed)

    def choose(self, staff_id: StaffId) -> None:
        self._chosen = next((member for member in self._staff if member.id == staff_id), self._chosen)
        self._start_over()
        self._show()

    def choose_next(self, step: int) -> None:
        """Arrow keys: the tile so many further on, round and round."""
        if self._staff:
            at = self._staff.index(self._chosen) if self._chosen in self._staff else -step
            self.choose(self._staff[(at + step) % len(self._staff)].id)

    def digit(self, digit: str) -> None:
        if self._chosen is None or self._is_checking or self.wait_s() or len(self._pin) >= MOST_DIGITS:
            return
        self._pin += digit
        self._message, self._is_wrong = "", False
        self._show()
        if len(self._pin) == self._full_length():
            self.submit()

    def backspace(self) -> None:
        if not self._is_checking:
            self._pin = self._pin[:-1]
            self._show()

    def clear(self) -> None:
        if not self._is_checking:
            self._start_over()
            self._show()

    def submit(self) -> None:
        chosen, pin = self._chosen, self._pin
        if chosen is None or self._is_checking or self.wait_s():
            return
        if len(pin) < LEAST_DIGITS:
            self._message = _tr("A PIN has 4 to 6 digits.")
            self._show()
            return
        self._is_checking = True
        self._show()
        self._tasks.run(lambda: self._signing_in.sign_in(chosen.id, pin), self._welcome, self._failed, lane="sign_in")

    def tick(self) -> None:
        """Once a second: only a pad that is shut has something to tell."""
        if self._shown_wait_s or self.wait_s():
            self._show()

    def wait_s(self) -> int:
        if self._chosen is None or self._chosen.id not in self._locked:
            return 0
        left = (self._locked[self._chosen.id] - self._now()).total_seconds()
        return max(0, -int(-left // 1))

    def _found(self, staff: Sequence[StaffMember]) -> None:
        self._staff = staff
        if self._chosen not in staff:
            self._chosen = staff[0] if staff else None
        self._view.show_staff(staff, self._chosen.id if self._chosen else None)
        self._show()

    def _welcome(self, member: StaffMember) -> None:
        self._start_over()
        self._locked.pop(member.id, None)
        self._show()
        self._signed_in(member)

    def _failed(self, error: Exception) -> None:
        self._start_over()
        if isinstance(error, PinLocked) and self._chosen is not None:
            self._locked[self._chosen.id] = self._now() + timedelta(seconds=error.seconds)
        elif isinstance(error, Refused):
            self._message, self._is_wrong = str(error), True
        self._show()

    def _start_over(self) -> None:
        self._pin, self._message, self._is_wrong, self._is_checking = "", "", False, False

    def _full_length(self) -> int:
        known = len(self._chosen.demo_pin) if self._chosen else 0
        return known or MOST_DIGITS

    def _show(self) -> None:
        wait_s = self._shown_wait_s = self.wait_s()
        message = self._message
        if wait_s:
            message = _tr("Five wrong PINs. Try again in {} s, or let a colleague sign in.").format(wait_s)
        self._view.show_staff(self._staff, self._chosen.id if self._chosen else None)
        self._view.show_pin(
            PinRows(
                name=self._chosen.name if self._chosen else "",
                filled=len(self._pin),
                dots=self._full_length(),
                message=message,
                is_wrong=self._is_wrong or bool(wait_s),
                wait_s=wait_s,
                is_checking=self._is_checking,
            )
        )
