"""How long each table is kept, every one of them named; and the job that deletes what is older.

`RULES` has every table of the database: a new one does not pass the tests without a rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from boxoffice.domain.values import Whole
from central.jobs.running import Run
from central.services import Services

_AT_ONCE = 5000
_YEAR = 366  # as bookings, which messages, holds and lists are about


@dataclass(frozen=True, slots=True)
class Ever:
    """`why` nothing of it is deleted for its age."""

    why: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """`who` deletes what is old."""

    who: str


@dataclass(frozen=True, slots=True)
class Old:
    """`where` finds what is older than $1, by an index where a table can be large. `days` None: as the job is told."""

    where: str
    days: int | None = None
    key: str = "id"

    def statement(self, table: str) -> str:
        return (
            f"delete from {table} where ({self.key}) in"
            f" (select {self.key} from {table} as t where {self.where} order by {self.key} limit $2)"
        )


_BOOKS = Ever("books: what was sold, paid and given back")
_JOURNAL = Ever("what tills did, and with what: proof, as long as the house stands")
_PROGRAMME = Ever("the programme: goes with its event, or when a manager deletes it")
_HOUSE = Ever("of the house or of an account, and no more of it than of these")
_ACCOUNT = Ever("goes when its account is forgotten")
_LEADER = Elsewhere("the leading scheduler")
_ACCOUNTS = Elsewhere("central/accounts/keeping.py")
_MONTHS = Elsewhere("central/months.py")
_FEEDS = Elsewhere("central/tills/feeds.py")
_QUEUE = Elsewhere("the queue, once a task has ended")
_SECTIONS = Elsewhere("central/catalogue/folding.py")

Rule = Ever | Elsewhere | Old
RULES: Mapping[str, Rule] = {
    # what jobs left behind; those that the house put there (see recurring.py) stay: it would put them there again
    "job": Old(
        "state in ('completed', 'failed', 'cancelled') and substr(id::text, 15, 1) <> '5' and made_at < $1"
        " and not exists (select from job_execution e where e.job = t.id and coalesce(e.ended_at, 'infinity') >= $1)"
    ),
    "job_execution": Old("ended_at < $1"),
    "job_log": Old("execution is null and at < $1"),
    "job_schedule": Elsewhere("goes with its job"),
    "worker": _LEADER,
    "scheduler": _LEADER,
    "segment": _HOUSE,
    "leader": _HOUSE,
    "anomaly": Old("closed_at < $1"),
    # what was written to people and to other systems
    "message": Old("id < uuid7_floor($1)", _YEAR),
    "message_delivery": Elsewhere("goes with its message"),
    "bouncing_address": Old("since < $1", _YEAR, "address"),
    "notice": Old("at < $1", key="booking, kind, about"),
    "notification_wish": _ACCOUNT,
    "hook": _ACCOUNT,
    "hook_delivery": Old("written_at < $1 and due_at is null"),
    # who held, waited and asked
    "hold": Old("made_at < $1 and state <> 'open'", _YEAR),
    "waiting_entry": Old("id < uuid7_floor($1) and ended_at < $1", _YEAR),
    "kept_answer": Old("at < $1", 2, "account, key"),  # see central/idempotency.py
    "gateway_event": Old("heard_at < $1", key="method, event"),
    "lease_request": Old("at < $1"),
    "pairing_code": Old("expires_at < $1", key="hash"),
    "customer_query": _ACCOUNT,
    "customer_query_message": Elsewhere("goes with its query"),
    "audit_entry": Ever("proof of who did what"),
    # accounts
    "account": Ever("a deleted one keeps its id, for the books, and nothing else"),
    "identity": _ACCOUNT,
    "session": _ACCOUNTS,
    "refresh_token": _ACCOUNTS,
    "one_time_code": _ACCOUNTS,
    "access_key": Old("checks_until < $1", key="number"),
    "invoice_account": _ACCOUNT,
    # books
    "scan": _MONTHS,
    "booking": _MONTHS,
    **dict.fromkeys(("sale", "ticket", "refund", "ledger_line", "web_ledger_line", "shift", "invoice"), _BOOKS),
    **dict.fromkeys(("payment", "payment_attempt", "payment_refund", "voucher", "voucher_entry"), _BOOKS),
    **dict.fromkeys(("points_entry", "discount", "discount_use"), _BOOKS),
    **dict.fromkeys(
        ("fact", "till", "till_key", "till_journal", "reclaim", "reclaimed", "settled_matter", "staff"), _JOURNAL
    ),
    # the programme
    **dict.fromkeys(("venue", "plan", "plan_place", "price_list", "production", "performance"), _PROGRAMME),
    **dict.fromkeys(("event_document", "seat", "area_lease", "area_count", "section_size", "feed_head"), _PROGRAMME),
    **dict.fromkeys(("review", "rating"), _PROGRAMME),
    "feed": _FEEDS,
    "section_change": _SECTIONS,
    **dict.fromkeys(("server", "loyalty_programme"), _HOUSE),
    **dict.fromkeys(("procrastinate_jobs", "procrastinate_events", "procrastinate_workers"), _QUEUE),
    "procrastinate_periodic_defers": Ever("nothing is deferred that way: schedules are ours"),
    "alembic_version": Ever("one row, of the migrations"),
}


class Days(BaseModel):
    model_config = ConfigDict(extra="forbid")

    keepDays: Annotated[Whole, Field(ge=31, le=3650, description="Of what has no period of its own.")] = 90  # noqa: N815


async def forget(services: Services, run: Run) -> None:
    """What is old, a part at a time, so that nobody waits for it."""
    asked, now = Days.model_validate(run.payload), services.now()
    gone = {}
    for table, rule in RULES.items():
        if isinstance(rule, Old):
            before = now - timedelta(days=rule.days or asked.keepDays)
            gone[table] = await _forget(run, rule.statement(table), before)
    said = ", ".join(f"{table}: {count}" for table, count in gone.items() if count)
    await run.log(f"deleted {said or 'nothing'}")


async def _forget(run: Run, statement: str, *arguments: object) -> int:
    count = 0
    while True:
        async with run.step() as connection:
            gone = int((await connection.execute(statement, *arguments, _AT_ONCE)).split()[-1])
        count += gone
        if gone < _AT_ONCE:
            return count
