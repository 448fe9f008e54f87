"""Online copies of the journal: encrypted, verified before they get their name, the newest few kept."""

from __future__ import annotations

import os
import shutil
from datetime import UTC
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlcipher3 import dbapi2

from boxoffice.domain.clock import Clock
from boxoffice.domain.ids import NewId
from boxoffice.store.engine import Database, as_refusal, in_transaction
from boxoffice.store.escrow import ESCROW_NAME
from boxoffice.store.journal import Journal
from boxoffice.store.refusals import CorruptJournal

KEPT = 24


def back_up(database: Database, folder: Path, now: Clock, new_id: NewId, keep: int = KEPT) -> Path:
    """Runs on the calling thread, from a snapshot: the writer does not wait. Raises DiskFull or CorruptJournal."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        name = f"journal-{now().astimezone(UTC):%Y%m%dT%H%M%S%fZ}.db"
        partial = folder / f"{name}.partial"
        try:
            database.copy_to(partial)
            verify(Database(partial, database.key), now, new_id)
            _flush(partial)
            partial.replace(folder / name)
        finally:
            partial.unlink(missing_ok=True)
        escrow = database.path.with_name(ESCROW_NAME)
        if escrow.exists():
            shutil.copyfile(escrow, folder / ESCROW_NAME)  # a copy without its key would be of no use
        _flush(folder)
        for old in sorted(folder.glob("journal-*.db"))[:-keep]:
            old.unlink(missing_ok=True)
    except (DBAPIError, dbapi2.Error, OSError) as error:
        refusal = as_refusal(error, database.path)
        if refusal is None:
            raise
        raise refusal from error
    return folder / name


def verify(copy: Database, now: Clock, new_id: NewId) -> int:
    """Open a copy, check its pages and its whole chain. How many facts it holds. Raises CorruptJournal."""
    engine = copy.reader()
    try:
        with engine.connect() as connection:

            def check(_: object) -> int:
                if connection.exec_driver_sql("PRAGMA quick_check").scalars().all() != ["ok"]:
                    raise CorruptJournal(copy.path, "its pages do not hold together.")
                journal = Journal(connection, now, new_id)
                journal.verify()
                return int(connection.exec_driver_sql("SELECT count(*) FROM journal").scalar_one())

            return in_transaction(connection, copy.path, check)
    finally:
        engine.dispose()


def _flush(path: Path) -> None:
    """Onto the disk, where the system can (a folder cannot be flushed on Windows)."""
    if path.is_dir() and os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
