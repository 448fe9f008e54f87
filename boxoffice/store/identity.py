"""Who this till is, as central named it at pairing."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace

from sqlalchemy import Connection, insert, select, update

from boxoffice.domain.ids import TillNumber
from boxoffice.store import schema
from boxoffice.store.journal import Journal
from boxoffice.store.prepared import Prepared
from boxoffice.store.refusals import NotPaired

_COLUMNS = [column for column in schema.identity.c if column.name != "one"]
_GET = Prepared(select(*_COLUMNS))


@dataclass(frozen=True, slots=True)
class Identity:
    """`signing_key` is the till's raw private Ed25519 key (32 bytes), `root_key` central's public one."""

    till: TillNumber
    name: str
    key_id: int
    incarnation: int
    credential: str = field(repr=False)
    central_url: str
    server_epoch: int
    root_key: bytes = field(repr=False)
    signing_key: bytes = field(repr=False)


class Identities:
    def __init__(self, connection: Connection, journal: Journal) -> None:
        self._connection, self._journal = connection, journal

    def get(self) -> Identity | None:
        row = _GET.first(self._connection)
        return None if row is None else Identity(*row)

    def set(self, identity: Identity) -> None:
        values = asdict(identity)
        if self.get() is None:
            self._connection.execute(insert(schema.identity), {"one": 1, **values})
        else:
            self._connection.execute(update(schema.identity), values)

    def raise_incarnation(self) -> int:
        """Go on under a new number, after the till was restored from a copy. Raises NotPaired.

        Facts that central has not acknowledged are carried over with their ids, so central knows again those it has.
        """
        identity = self.get()
        if identity is None:
            raise NotPaired
        raised = replace(identity, incarnation=identity.incarnation + 1)
        self.set(raised)
        self._journal.carry_over(identity.incarnation, raised.incarnation)
        return raised.incarnation
