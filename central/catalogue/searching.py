"""Finding events: the database's `find_events`, page by page.

Without words events come in the order they start. With words the best come first, in blocks: of a word that thousands
of events have, the soonest hundred or so are ranked, then the next. So a page costs the same at a million events.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus

import asyncpg

from central.catalogue.events import COLUMNS, JOINED, Event, from_row
from central.problems import Declined

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)
_SEARCH = f"""
    select {COLUMNS}, f.rank, f.block_from, f.block_to
    from find_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        with ordinality as f (performance, rank, starts_at, block_from, block_to, place)
    join performance p on p.id = f.performance {JOINED}
    order by f.place
"""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended. Times are microseconds since 2000; without words there is no block."""

    starts: int
    performance: int
    rank: float = 0.0
    block_from: int | None = None
    block_to: int | None = None

    def __str__(self) -> str:
        fields = [self.starts, self.performance, self.rank, self.block_from, self.block_to]
        return base64.urlsafe_b64encode(json.dumps(fields, separators=(",", ":")).encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Raises Declined, 422."""
        try:
            starts, performance, rank, *block = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            if len(block) != 2 or (block[0] is None) != (block[1] is None):
                raise ValueError(text)
            for moment in (starts, *block):
                if moment is not None:
                    _moment(_whole(moment))
            if not 0 <= _whole(performance) < 2**31 or not isinstance(rank, int | float) or not 0 <= rank <= 1e6:
                raise ValueError(text)
        except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError) as error:
            raise Declined(
                *(HTTPStatus.UNPROCESSABLE_ENTITY, "malformed", "This cursor does not come from here."),
                "Start from the first page.",
                field="cursor",
            ) from error
        return cls(starts, performance, float(rank), *block)


@dataclass(frozen=True, slots=True)
class Search:
    """Empty texts match everything. Days are the venue's own; without any only what has not ended is found."""

    location: str = ""
    category: str = ""
    keyword: str = ""
    first_day: date | None = None
    last_day: date | None = None
    available: bool = False
    limit: int = 50
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True)
class Page:
    events: list[Event]
    following: Cursor | None


async def search(connection: asyncpg.Connection, asked: Search, now: datetime) -> Page:
    """In one statement: of one moment."""
    after = asked.cursor
    rows = await connection.fetch(
        _SEARCH,
        *(asked.keyword.strip(), asked.location.strip(), asked.category.strip().lower()),
        *(asked.first_day, asked.last_day, asked.available, now, asked.limit + 1),
        *(None if after is None else _moment(after.block_from), None if after is None else _moment(after.block_to)),
        *(None if after is None else after.rank, None if after is None else _moment(after.starts)),
        None if after is None else after.performance,
    )
    page = rows[: asked.limit]
    return Page([from_row(row) for row in page], _cursor(page[-1]) if len(rows) > asked.limit else None)


def _cursor(row: asyncpg.Record) -> Cursor:
    block = (None, None) if row["block_from"] is None else (_count(row["block_from"]), _count(row["block_to"]))
    return Cursor(_count(row["starts_at"]), row["id"], row["rank"], *block)


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(value)
    return value


def _count(moment: datetime) -> int:
    return (moment - _EPOCH) // _US


def _moment(count: int | None) -> datetime | None:
    return None if count is None else _EPOCH + count * _US
