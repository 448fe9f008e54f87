"""What is to be printed, until it is: a job outlives the program. The queue in boxoffice.devices says what it means."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Literal
from uuid import UUID

from sqlalchemy import Connection, bindparam, select, text, update
from sqlalchemy.dialects.sqlite import insert as upsert

from boxoffice.store import schema

PrintState = Literal["waiting", "printing", "printed", "failed", "given up"]
_DONE = ("printed", "given up")

_t = schema.print_job
_COLUMNS = [column for column in _t.c if column.name != "number"]
_ADD = upsert(_t).on_conflict_do_nothing(index_elements=["id"])
_GET = select(*_COLUMNS).where(_t.c.id == bindparam("its_id"))
_NAMED = select(_t.c.id).where(_t.c.name == bindparam("its_name")).limit(1)
_TO_DO = (
    select(*_COLUMNS)
    .where(
        text("print_job.state IN ('waiting', 'printing', 'failed')"),
        _t.c.state.in_(bindparam("states", expanding=True)),
    )
    .order_by(_t.c.number)
)


@dataclass(frozen=True, slots=True)
class StoredPrint:
    """A PDF for a sheet in points of 1/72 inch, and how far it is. `content` is empty once nobody needs it."""

    id: UUID
    kind: str
    name: str
    width_pt: float
    height_pt: float
    content: bytes = field(repr=False)
    state: PrintState = "waiting"
    attempts: int = 0
    code: str = ""
    error: str = ""
    way_out: str = ""


class PrintJobs:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, job: StoredPrint) -> None:
        """Behind all others. A job with a known id is there already: nothing changes."""
        self._connection.execute(_ADD, asdict(job))

    def mark(
        self, job_id: UUID, state: PrintState, *, attempts: int = 0, code: str = "", error: str = "", way_out: str = ""
    ) -> None:
        """Raises KeyError for an unknown job. What is printed or given up loses its content: it can be made again."""
        values: dict[str, object] = {
            "state": state,
            "attempts": attempts,
            "code": code,
            "error": error,
            "way_out": way_out,
        }
        if state in _DONE:
            values["content"] = b""
        if self._connection.execute(update(_t).where(_t.c.id == job_id).values(values)).rowcount != 1:
            raise KeyError(job_id)

    def get(self, job_id: UUID) -> StoredPrint | None:
        row = self._connection.execute(_GET, {"its_id": job_id}).one_or_none()
        return None if row is None else StoredPrint(**row._mapping)

    def has(self, name: str) -> bool:
        """Whether a document of this name was ever to be printed."""
        return self._connection.execute(_NAMED, {"its_name": name}).first() is not None

    def pending(self) -> tuple[StoredPrint, ...]:
        """Waiting and printing, oldest first."""
        return self._in("waiting", "printing")

    def failed(self) -> tuple[StoredPrint, ...]:
        """Oldest first."""
        return self._in("failed")

    def _in(self, *states: PrintState) -> tuple[StoredPrint, ...]:
        rows = self._connection.execute(_TO_DO, {"states": states})
        return tuple(StoredPrint(**row._mapping) for row in rows)
