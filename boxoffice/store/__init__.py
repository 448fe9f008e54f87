"""The till's store: encrypted SQLite, one writer, an append-only journal chained by hashes."""

from boxoffice.store.identity import Identity
from boxoffice.store.journal import AttentionItem
from boxoffice.store.print_jobs import PrintState, StoredPrint
from boxoffice.store.refusals import (
    AlreadyRunning,
    CorruptJournal,
    DiskFull,
    FeedGap,
    JournalBehind,
    KeyLost,
    NoKeyring,
    NotLeased,
    NotPaired,
    TooOldSqlite,
    UnknownSale,
    WrongKey,
    WrongPassphrase,
)
from boxoffice.store.sales import StoredSale
from boxoffice.store.shifts import OpenShift
from boxoffice.store.store import Store
from boxoffice.store.transactions import CacheTx, Tx

__all__ = [
    "AlreadyRunning",
    "AttentionItem",
    "CacheTx",
    "CorruptJournal",
    "DiskFull",
    "FeedGap",
    "Identity",
    "JournalBehind",
    "KeyLost",
    "NoKeyring",
    "NotLeased",
    "NotPaired",
    "OpenShift",
    "PrintState",
    "Store",
    "StoredPrint",
    "StoredSale",
    "TooOldSqlite",
    "Tx",
    "UnknownSale",
    "WrongKey",
    "WrongPassphrase",
]
