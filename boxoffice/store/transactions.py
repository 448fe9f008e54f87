"""What a piece of work sees within its transaction: the repositories of one database."""

from __future__ import annotations

from sqlalchemy import Connection

from boxoffice.domain.catalogue import Catalogue
from boxoffice.domain.clock import Clock
from boxoffice.domain.ids import NewId
from boxoffice.domain.protocol import KeyBundle
from boxoffice.store.documents import Document
from boxoffice.store.houses import Houses
from boxoffice.store.identity import Identities
from boxoffice.store.journal import Journal
from boxoffice.store.leases import Leases
from boxoffice.store.ledger import Ledger
from boxoffice.store.print_jobs import PrintJobs
from boxoffice.store.sales import Sales
from boxoffice.store.scans import Scans
from boxoffice.store.settings import Settings
from boxoffice.store.shifts import Shifts


class Tx:
    """journal.db. Valid until the work returns; all of it commits together or not at all."""

    __slots__ = ("identity", "journal", "leases", "ledger", "print_jobs", "sales", "scans", "settings", "shifts")

    def __init__(self, connection: Connection, now: Clock, new_id: NewId) -> None:
        self.journal = Journal(connection, now, new_id)
        self.identity = Identities(connection, self.journal)
        self.sales = Sales(connection)
        self.ledger = Ledger(connection)
        self.leases = Leases(connection)
        self.shifts = Shifts(connection, self.journal)
        self.scans = Scans(connection)
        self.print_jobs = PrintJobs(connection)
        self.settings = Settings(connection)


class CacheTx:
    """cache.db: what was pulled, and can be pulled again."""

    __slots__ = ("catalogue", "houses", "keys")

    def __init__(self, connection: Connection, now: Clock) -> None:
        self.catalogue = Document(connection, "catalogue", Catalogue)
        self.houses = Houses(connection, now)
        self.keys = Document(connection, "keys", KeyBundle)
