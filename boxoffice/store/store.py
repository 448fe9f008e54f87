"""The till's two databases behind one door: journal.db is kept at any price, cache.db can be thrown away."""

from __future__ import annotations

import hmac
import secrets
import shutil
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlcipher3 import dbapi2

from boxoffice.domain.clock import Clock, utc_now
from boxoffice.domain.ids import NewId, uuid7
from boxoffice.store import backup, schema
from boxoffice.store.engine import Database, as_refusal, in_transaction, require_new_sqlite, sqlite_code
from boxoffice.store.journal import Journal
from boxoffice.store.lock import FolderLock
from boxoffice.store.migrations import migrate
from boxoffice.store.refusals import CorruptJournal, DiskFull, WrongKey
from boxoffice.store.transactions import CacheTx, Tx
from boxoffice.store.writer import Writer

JOURNAL_NAME = "journal.db"
CACHE_NAME = "cache.db"
_CHECK_NAME = "journal.check"
TAIL_CHECKED = 200

T = TypeVar("T")


class Store:
    """The till's two SQLCipher databases; one writer thread; read-only readers on any thread.

    Make it with `open`. No method is for the UI thread: each may wait on the disk.
    """

    def __init__(self, folder: Path, lock: FolderLock, journal: _Half, cache: _Half, now: Clock, new_id: NewId) -> None:
        self.folder = folder
        self._lock, self._journal, self._cache = lock, journal, cache
        self._now, self._new_id = now, new_id
        self._writer = Writer("store-writer")

    @classmethod
    def open(cls, folder: Path, key: bytes, *, now: Clock = utc_now, new_id: NewId | None = None) -> Store:
        """Open, or make, the store of `folder`; `key` has 32 bytes.

        Runs migrations, quick_check and the check of the chain's tail. Raises AlreadyRunning, TooOldSqlite, WrongKey,
        CorruptJournal or DiskFull; nothing is deleted then.
        """
        require_new_sqlite()
        ids = new_id or (lambda: uuid7(now(), secrets.randbits))
        folder.mkdir(parents=True, exist_ok=True)
        lock = FolderLock(folder)
        with ExitStack() as undo:
            undo.callback(lock.release)
            journal = _open_journal(Database(folder / JOURNAL_NAME, key, "FULL"), now, ids)
            undo.callback(journal.close)
            cache = _open_cache(Database(folder / CACHE_NAME, key, "NORMAL"))
            undo.pop_all()
        return cls(folder, lock, journal, cache, now, ids)

    def write(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in one transaction over journal.db, durable when this returns.

        Whatever `work` raises rolls back and comes out here. Raises DiskFull (nothing was written), and RuntimeError
        within another write.
        """
        return self._writer.call(lambda: self._write_journal(work))

    def submit(self, work: Callable[[Tx], T]) -> Future[T]:
        """As `write`, without waiting for it."""
        return self._writer.submit(lambda: self._write_journal(work))

    def write_cache(self, work: Callable[[CacheTx], T]) -> T:
        """One transaction over cache.db, on the same thread."""
        return self._writer.call(lambda: self._cache.write(lambda connection: work(CacheTx(connection, self._now))))

    def read(self, work: Callable[[Tx], T]) -> T:
        """Run `work` on the calling thread, on a snapshot of journal.db; writing within it fails."""
        return self._journal.read(lambda connection: work(Tx(connection, self._now, self._new_id)))

    def read_cache(self, work: Callable[[CacheTx], T]) -> T:
        return self._cache.read(lambda connection: work(CacheTx(connection, self._now)))

    def check_space(self, min_bytes: int) -> None:
        """Raises DiskFull when the disk has less left than `min_bytes`: ask before money moves."""
        if shutil.disk_usage(self.folder).free < min_bytes:
            raise DiskFull(self.folder)

    def backup(self, folder: Path, keep: int = backup.KEPT) -> Path:
        """Copy journal.db, encrypted with the same key, while selling goes on; the newest `keep` stay.

        The copy is opened and its whole chain verified before it gets its name; the key's escrow copy, if there is
        one, goes with it. Raises DiskFull or CorruptJournal.
        """
        return backup.back_up(self._journal.database, folder, self._now, self._new_id, keep)

    def close(self) -> None:
        """Finish what is queued, close every connection, let go of the folder. Repeating is harmless."""
        self._writer.close()
        self._journal.close()
        self._cache.close()
        self._lock.release()

    def _write_journal(self, work: Callable[[Tx], T]) -> T:
        return self._journal.write(lambda connection: work(Tx(connection, self._now, self._new_id)))


class _Half:
    """One database: its one writing connection, used by the writer thread alone, and its readers."""

    def __init__(self, database: Database, writer: Engine) -> None:
        self.database = database
        self._writer = writer
        self._connection = writer.connect()
        self._readers = database.reader()

    @property
    def connection(self) -> Connection:
        return self._connection

    def write(self, work: Callable[[Connection], T]) -> T:
        return in_transaction(self._connection, self.database.path, work)

    def read(self, work: Callable[[Connection], T]) -> T:
        with self._readers.connect() as connection:
            return in_transaction(connection, self.database.path, work)

    def close(self) -> None:
        self._readers.dispose()
        self._connection.close()
        self._writer.dispose()


def _open_journal(database: Database, now: Clock, new_id: NewId) -> _Half:
    _check_key(database)
    half: _Half | None = None
    try:
        half = _Half(database, database.writer())
        migrate(half.connection)
        problems = half.read(lambda connection: connection.exec_driver_sql("PRAGMA quick_check").scalars().all())
        if problems != ["ok"]:
            raise CorruptJournal(database.path, f"its pages do not hold together ({problems[0]}).")
        half.read(lambda connection: Journal(connection, now, new_id).verify_tail(TAIL_CHECKED))
        _keep_check(database)
    except BaseException as error:
        if half is not None:
            half.close()
        refusal = as_refusal(error, database.path)
        if refusal is not None:
            raise refusal from error
        raise
    return half


def _check_key(database: Database) -> None:
    """Tell a wrong key from damage, of which SQLCipher says the same. Raises WrongKey or CorruptJournal.

    The check file has a one-way mark of the key (256 random bits, so it gives nothing away), from when the journal
    was made: from then on a journal that is gone is damage too, and never begun anew.
    """
    path = database.path
    check = path.with_name(_CHECK_NAME)
    is_there = path.exists() and path.stat().st_size > 0
    if check.exists():
        if not hmac.compare_digest(check.read_text().strip(), _mark_of(database.key)):
            raise WrongKey(path)
        if not is_there:
            raise CorruptJournal(path, "the file is gone or empty.")
    elif is_there and not _opens(database):
        raise WrongKey(path)


def _keep_check(database: Database) -> None:
    check = database.path.with_name(_CHECK_NAME)
    if not check.exists():
        partial = check.with_suffix(".partial")
        partial.write_text(_mark_of(database.key))
        partial.replace(check)


def _mark_of(key: bytes) -> str:
    return blake2b(b"boxoffice journal", key=key, digest_size=16).hexdigest()


def _opens(database: Database) -> bool:
    engine = database.reader()
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
    except (DBAPIError, dbapi2.Error) as error:
        if sqlite_code(error) == dbapi2.SQLITE_NOTADB:
            return False
        raise
    finally:
        engine.dispose()
    return True


def _open_cache(database: Database) -> _Half:
    """Open cache.db, or throw it away and begin an empty one: everything in it can be pulled again."""
    for attempt in ("as it is", "empty"):
        half: _Half | None = None
        try:
            half = _Half(database, database.writer())
            with half.connection.begin():
                found = int(half.connection.exec_driver_sql("PRAGMA user_version").scalar_one())
                if found not in (0, schema.CACHE_VERSION):
                    raise _OtherVersion
                if found == 0:
                    schema.CACHE.create_all(half.connection)
                    half.connection.exec_driver_sql(f"PRAGMA user_version = {schema.CACHE_VERSION}")
            problems = half.read(lambda connection: connection.exec_driver_sql("PRAGMA quick_check").scalars().all())
            if problems == ["ok"]:
                return half
            raise _OtherVersion
        except (DBAPIError, dbapi2.Error, CorruptJournal, _OtherVersion) as error:
            if half is not None:
                half.close()
            if attempt == "empty" or isinstance(as_refusal(error, database.path), DiskFull):
                raise as_refusal(error, database.path) or error from error
            for suffix in ("", "-wal", "-shm"):
                database.path.with_name(database.path.name + suffix).unlink(missing_ok=True)
    raise AssertionError("unreachable")


class _OtherVersion(Exception):
    """A cache that cannot be used."""
