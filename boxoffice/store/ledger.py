"""Double-entry lines of every sale, refund and movement. `Journal.append` writes them with their fact."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from boxoffice.store import schema

_t = schema.ledger_line
_BALANCE = select(func.coalesce(func.sum(_t.c.minor), 0))
_BY_ACCOUNT = select(_t.c.account, func.sum(_t.c.minor)).group_by(_t.c.account).order_by(_t.c.account)


class Ledger:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def balance(self) -> int:
        """The sum of all lines in minor units: 0, or something is badly wrong."""
        return int(self._connection.execute(_BALANCE).scalar_one())

    def by_account(self) -> dict[str, int]:
        """Minor units by account; a debit is positive."""
        return {account: int(minor) for account, minor in self._connection.execute(_BY_ACCOUNT)}
