"""Opening an encrypted SQLite file. The key goes into the connection and nowhere else."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, QueuePool
from sqlcipher3 import dbapi2

from boxoffice.domain.refusals import Refused
from boxoffice.store.refusals import CorruptJournal, DiskFull, TooOldSqlite

OLDEST_SQLITE = (3, 51, 3)  # below it a WAL reset can lose a commit
KEY_BYTES = 32
_PAGE_BYTES = 2048  # a sale touches a dozen pages, and each is encrypted whole: half of 4096 commits faster
_BUSY_MS = 5_000
_WAL_KEPT_BYTES = 16 * 1024 * 1024
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

T = TypeVar("T")


def require_new_sqlite(found: tuple[int, ...] = dbapi2.sqlite_version_info) -> None:
    """Raises TooOldSqlite."""
    if found < OLDEST_SQLITE:
        raise TooOldSqlite(".".join(map(str, found)), ".".join(map(str, OLDEST_SQLITE)))


@dataclass(frozen=True, slots=True)
class Database:
    """One file and its key (32 raw bytes: no passphrase, no derivation)."""

    path: Path
    key: bytes = field(repr=False)
    synchronous: Literal["FULL", "NORMAL"] = "FULL"

    def __post_init__(self) -> None:
        if len(self.key) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes")

    def writer(self) -> Engine:
        """Each connection is new; the store keeps exactly one. Every transaction takes the write lock at once."""
        return self._engine("rwc", "BEGIN IMMEDIATE", poolclass=NullPool)

    def reader(self) -> Engine:
        """Read-only connections, kept and lent to whichever thread reads."""
        return self._engine("ro", "BEGIN", poolclass=QueuePool, pool_size=4, max_overflow=28)

    def _engine(self, mode: str, begin: str, **pool: Any) -> Engine:
        engine = create_engine("sqlite://", module=dbapi2, creator=lambda: self.connect(mode), **pool)

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

        return engine

    def copy_to(self, target: Path) -> None:
        """A whole copy as of now in one file under the same key, made by SQLite's backup while others write.

        (VACUUM INTO is no way here: it writes the copy with another page size than it is then read with.)
        """
        source, copy = self.connect("ro"), Database(target, self.key)._keyed("rwc")
        try:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # stands alone, without a WAL beside it
        finally:
            copy.close()
            source.close()

    def connect(self, mode: str) -> Any:
        """A connection of the DB-API (`mode`: rwc or ro), in autocommit, usable by one thread after the other."""
        connection = self._keyed(mode)
        try:
            connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA recursive_triggers = ON")  # REPLACE then fires the triggers against deletion
            if mode != "ro":
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute(f"PRAGMA synchronous = {self.synchronous}")
                connection.execute(f"PRAGMA journal_size_limit = {_WAL_KEPT_BYTES}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _keyed(self, mode: str) -> Any:
        uri = f"{self.path.resolve().as_uri()}?mode={mode}"
        connection = dbapi2.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        try:
            connection.execute(f"PRAGMA key = \"x'{self.key.hex()}'\"")
            connection.execute(f"PRAGMA cipher_page_size = {_PAGE_BYTES}")
            connection.execute("PRAGMA cipher_log_level = NONE")  # it would write to the terminal
        except BaseException:
            connection.close()
            raise
        return connection


def in_transaction(connection: Connection, path: Path, work: Callable[[Connection], T]) -> T:
    """Run and commit, or roll back and re-raise; the disk's troubles come as DiskFull and CorruptJournal."""
    try:
        with connection.begin():
            return work(connection)
    except BaseException as error:
        _roll_back(connection)
        refusal = as_refusal(error, path)
        if refusal is None:
            raise
        raise refusal from error


def _roll_back(connection: Connection) -> None:
    """After a COMMIT that failed SQLite may still be in the transaction, while SQLAlchemy takes it for ended."""
    raw = connection.connection.dbapi_connection
    if raw is not None and raw.in_transaction:
        raw.rollback()


def as_refusal(error: BaseException, path: Path) -> Refused | None:
    """What a person can act on, or None: then it is a bug."""
    if isinstance(error, OSError):
        return DiskFull(path.parent) if error.errno in _NO_SPACE else None
    code = sqlite_code(error)
    if code in (dbapi2.SQLITE_FULL, dbapi2.SQLITE_IOERR):
        return DiskFull(path.parent)
    if code in (dbapi2.SQLITE_CORRUPT, dbapi2.SQLITE_NOTADB):
        return CorruptJournal(path, "a page of the file cannot be read.")
    return None


_CODES = {"database or disk is full": dbapi2.SQLITE_FULL, "disk I/O error": dbapi2.SQLITE_IOERR}


def sqlite_code(error: BaseException) -> int | None:
    """SQLite's primary result code."""
    original = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(original, "sqlite_errorcode", None)
    return _CODES.get(str(original)) if code is None else int(code) & 0xFF  # a failed backup has words, and no code
