"""Numbered migrations of journal.db. `PRAGMA user_version` is the last one that ran.

A released migration is never edited: a journal that it wrote is out there, and its facts are final.
"""

from __future__ import annotations

from sqlalchemy import Connection

from boxoffice.store.migrations import m0001_journal, m0002_attention

MIGRATIONS: tuple[tuple[str, ...], ...] = (m0001_journal.STATEMENTS, m0002_attention.STATEMENTS)
NEWEST = len(MIGRATIONS)


def version(connection: Connection) -> int:
    return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())


def migrate(connection: Connection) -> None:
    """Run what is missing, each migration in a transaction of its own. `connection` is in none."""
    with connection.begin():
        done = version(connection)
    for number, statements in enumerate(MIGRATIONS[done:], start=done + 1):
        with connection.begin():
            for statement in statements:
                connection.exec_driver_sql(statement)
            connection.exec_driver_sql(f"PRAGMA user_version = {number}")
