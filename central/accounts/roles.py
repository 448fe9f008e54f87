"""What an account may be."""

from __future__ import annotations

from enum import StrEnum


class AccountRole(StrEnum):
    CUSTOMER = "customer"
    CASHIER = "cashier"
    DOOR = "door"
    MANAGER = "manager"
    ADMIN = "admin"


SELLERS = frozenset({AccountRole.CASHIER, AccountRole.MANAGER, AccountRole.ADMIN})  # who may take and give money
MANAGERS = frozenset({AccountRole.MANAGER, AccountRole.ADMIN})
ADMINS = frozenset({AccountRole.ADMIN})
