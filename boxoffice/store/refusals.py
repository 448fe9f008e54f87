"""What the till's store refuses. Nothing was written when one of these is raised.

Refused
├── AlreadyRunning     another copy of the program has this folder open
├── TooOldSqlite       the library has a known way to lose a commit
├── WrongKey           the key does not open this till's data
├── CorruptJournal     the journal, its chain or what is derived from it does not hold together
├── DiskFull           no space, or the disk does not take what is written
├── NotPaired          the till has no identity yet
├── JournalBehind      central knows more of this till than the till itself: it was restored from a copy
├── NotLeased          a place is not held for this till
├── FeedGap            a page of changes does not continue what is here: pull a snapshot
├── UnknownSale        this till has no such sale
└── NoKeyring          no safe place for the key (also WrongPassphrase and KeyLost)
"""

from __future__ import annotations

from pathlib import Path

from boxoffice.domain.refusals import Refused


class AlreadyRunning(Refused):
    code = "already_running"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            "Box Office is already open on this till.", f"Use the window that is open. Its data is in {folder}."
        )


class TooOldSqlite(Refused):
    code = "too_old_sqlite"

    def __init__(self, found: str, needed: str) -> None:
        super().__init__(
            f"The database library {found} can lose a sale; {needed} or newer is needed.",
            "Install the program's own packages again (sqlcipher3 0.6.4 or newer).",
        )


class WrongKey(Refused):
    code = "wrong_key"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"The key of this computer does not open {path}. Nothing was changed.",
            "Start as the user who set this till up, or open the key's escrow copy with the venue's escrow key.",
        )


class CorruptJournal(Refused):
    """`path` is the damaged file, untouched; `damage` says what does not hold."""

    code = "corrupt_journal"

    def __init__(self, path: Path, damage: str) -> None:
        super().__init__(
            f"The till's journal is damaged: {damage} Selling stops here so that no sale is lost.",
            f"Keep {path} as it is. Start with the newest backup in another folder: "
            "the till then fetches from central what the backup lacks.",
        )
        self.path = path
        self.damage = damage


class DiskFull(Refused):
    code = "disk_full"

    def __init__(self, folder: Path | None = None) -> None:
        where = f" that holds {folder}" if folder is not None else ""
        super().__init__(
            "The disk is full: nothing was sold and nothing was printed.",
            f"Free some space on the disk{where}, then try again.",
        )


class NotPaired(Refused):
    code = "not_paired"

    def __init__(self) -> None:
        super().__init__("This till is not paired with a central yet.", "Pair it with the code a manager gives you.")


class JournalBehind(Refused):
    code = "journal_behind"

    def __init__(self, ours: int, theirs: int) -> None:
        super().__init__(
            f"Central has {theirs} entries of this till, the till itself only {ours}: it was restored from a copy.",
            "Call a manager: the till goes on under a new incarnation.",
        )


class NotLeased(Refused):
    code = "not_leased"


class FeedGap(Refused):
    code = "feed_gap"

    def __init__(self) -> None:
        super().__init__("The list of changes has a gap.", "The whole list is fetched again.")


class UnknownSale(Refused):
    code = "unknown_sale"

    def __init__(self) -> None:
        super().__init__("This sale was not made at this till.", "Look it up where it was sold, or by its order code.")


class NoKeyring(Refused):
    code = "no_keyring"


class WrongPassphrase(NoKeyring):
    code = "wrong_passphrase"

    def __init__(self) -> None:
        super().__init__(
            "The passphrase does not open this till's key.",
            "Type it again: capital letters count. Nothing was changed.",
        )


class KeyLost(NoKeyring):
    code = "key_lost"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"The key of the till in {folder} is not in this user's keyring.",
            "Start as the user who set this till up, or open the key's escrow copy with the venue's escrow key.",
        )
