"""Who may do what at the till."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from boxoffice.domain.ids import StaffId
from boxoffice.domain.refusals import Refused
from boxoffice.domain.values import Name, Value


class Role(StrEnum):
    CASHIER = "cashier"
    DOOR = "door"
    MANAGER = "manager"
    ADMIN = "admin"


class Permission(StrEnum):
    SELL = "sell"
    REFUND = "refund"
    REPRINT = "reprint"
    SHIFT = "shift"
    ADMIT = "admit"
    REPORTS = "reports"
    ATTENTION = "attention"
    SETUP = "setup"


_GRANTED: dict[Role, frozenset[Permission]] = {
    Role.CASHIER: frozenset({Permission.SELL, Permission.REFUND, Permission.REPRINT, Permission.SHIFT}),
    Role.DOOR: frozenset({Permission.ADMIT}),
    Role.MANAGER: frozenset(Permission),
    Role.ADMIN: frozenset(Permission),
}

WRONG_PINS_ALLOWED = 5
WAIT_AFTER_WRONG_PINS = timedelta(minutes=1)


class NotAllowed(Refused):
    code = "not_allowed"


class WrongPin(Refused):
    code = "wrong_pin"


class PinLocked(Refused):
    """Too many wrong PINs. `seconds` is how long to wait."""

    code = "pin_locked"

    def __init__(self, seconds: int) -> None:
        super().__init__(
            f"Five wrong PINs for this name. It opens again in {seconds} seconds.",
            "Wait, or let a colleague sign in meanwhile.",
        )
        self.seconds = seconds


class StaffMember(Value):
    """`pin_hash` is argon2id; the PIN itself is never stored. `demo_pin` is set by the demo only."""

    id: StaffId
    name: Name
    role: Role
    pin_hash: str
    demo_pin: str = ""

    def may(self, permission: Permission) -> bool:
        return permission in _GRANTED[self.role]

    def require(self, permission: Permission) -> None:
        """Raises NotAllowed."""
        if not self.may(permission):
            raise NotAllowed(f"{self.name} may not do this ({permission}).", "Ask a manager to sign in.")
