"""What an account may be."""

from __future__ import annotations

from enum import StrEnum


class AccountRole(StrEnum):
    CUSTOMER = "customer"
    CASHIER = "cashier"
    DOOR = "door"
    MANAGER = "manager"
    ADMIN = "admin"


STAFF = frozenset(AccountRole) - {AccountRole.CUSTOMER}
MANAGERS = frozenset({AccountRole.MANAGER, AccountRole.ADMIN})
ADMINS = frozenset({AccountRole.ADMIN})
