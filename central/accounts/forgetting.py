"""Deleting an account: who it was goes, the bookings and the books stay and still balance.

docs/accounts.md says what becomes of each thing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

import asyncpg

from boxoffice.domain.ids import PerformanceId
from boxoffice.domain.protocol import TicketRecord
from central import audit, messages
from central.accounts import sessions
from central.accounts.callers import Caller, unknown
from central.accounts.profiles import last_admin
from central.accounts.roles import AccountRole
from central.problems import Declined
from central.tills.feeds import TICKET_COLUMNS
from central.waiting import entries

# what is nobody else's business and nobody's book
_DELETE = (
    "delete from identity where account = $1",
    "delete from one_time_code where account = $1",
    "delete from refresh_token t using session s where s.id = t.session and s.account = $1",
    "delete from kept_answer where account = $1",
    "delete from message where account = $1 and sent_at is null",
    "delete from bouncing_address where address = (select lower(email) from account where id = $1)",
    "delete from notification_wish where account = $1",
    "delete from hook where owner = $1",
)
# what others count or refer to, without the person in it
_EMPTY = (
    "update message_delivery d set said = '' from message m where m.id = d.message and m.account = $1",
    "update message set address = '', detail = '{}', due_at = null where account = $1",
    "update review set words = '', hidden_because = '', version = version + 1 where account = $1",
    "update audit_entry set detail = detail - 'because'"
    " where subject in (select 'review:' || id from review where account = $1)",
    "update customer_query_message m set words = '' from customer_query q where q.id = m.query and q.account = $1",
    "update customer_query set subject = '', state = 'closed', version = version + 1 where account = $1",
    "update job set name = '', payload = '{}', version = version + 1,"
    " state = case when state in ('active', 'paused') then 'cancelled' else state end where owner = $1",
    "update job_schedule set next_run_at = null where job in (select id from job where owner = $1)",
    "delete from job_log where job in (select id from job where owner = $1)",
    "update customer_query set assigned_to = null, version = version + 1,"  # theirs as staff: somebody else takes it on
    " state = case state when 'assigned' then 'open' else state end where assigned_to = $1",
    "update sale set holder = '', email = '', phone = '', note = '' where account = $1",
    "update account set email = 'deleted-' || id || '@deleted.invalid', name = '', role = 'customer',"
    " password_hash = '', language = 'en', email_verified_at = null, deleted_at = $2, version = version + 1"
    " where id = $1",
)


@dataclass(frozen=True, slots=True)
class Wish:
    """`keep_bookings`: tickets for events to come stay good, though nobody can look after them any more."""

    account: UUID
    keep_bookings: bool


async def forget(connection: asyncpg.Connection, by: Caller, wish: Wish, now: datetime) -> dict[PerformanceId, int]:
    """The feeds' new heads: tills forget the name on the tickets too. Raises Declined: 401, 404, 409."""
    await sessions.must_be_live(connection, by.session)
    admins = await connection.fetch(
        "select id from account where role = 'admin' and deleted_at is null order by id for update"
    )
    account = await connection.fetchrow(  # new holds of theirs wait for this lock, and are refused afterwards
        "select email, role, language from account where id = $1 and deleted_at is null for update", wish.account
    )
    if account is None:
        raise unknown("user")
    if account["role"] == AccountRole.ADMIN and len(admins) == 1:
        raise last_admin()
    await _must_be_settled(connection, wish, now)
    await messages.write(  # without the account: it is the last one, and would be emptied with the others
        *(connection, "account_deleted", now),
        account=None,
        address=account["email"],
        language=account["language"],
        detail={},
    )
    await sessions.end_all(connection, wish.account, "account deleted", now)
    for sql in (*_DELETE, *_EMPTY):
        await connection.execute(sql, *((wish.account, now) if "$2" in sql else (wish.account,)))
    await audit.record(connection, by, "account deleted", f"account:{wish.account}", now)
    offered = await entries.forget(connection, wish.account)
    return offered | await _tell_tills(connection, wish.account, now)


async def _must_be_settled(connection: asyncpg.Connection, wish: Wish, now: datetime) -> None:
    """Raises Declined, 409: money or places are on their way."""
    if await connection.fetchval(
        "select exists (select from booking where account = $1 and state = 'pending')", wish.account
    ):
        raise _not_now("booking_pending", "A booking waits for its payment.", "Pay or cancel it, or wait till it ends.")
    if await connection.fetchval(
        "select exists (select from payment where account = $1 and state in ('started', 'action', 'unknown'))",
        wish.account,
    ):
        raise _not_now("payment_open", "A payment is not settled yet.", "Wait for what becomes of it; try again then.")
    if await connection.fetchval(
        "select exists (select from payment_refund r join payment p on p.id = r.payment"
        " where p.account = $1 and r.state <> 'done')",
        wish.account,
    ):
        raise _not_now("refund_open", "Money is still to go back.", "Wait for it, or collect it at the box office.")
    if await connection.fetchval(
        "select exists (select from invoice where account = $1 and paid_at is null and credited_minor < amount_minor)",
        wish.account,
    ):
        raise _not_now("invoice_open", "An invoice is not paid yet.", "Pay it, or talk to the box office.")
    upcoming = await connection.fetchval(
        "select count(*) from booking b join performance p on p.id = b.performance"
        " where b.account = $1 and b.state = 'confirmed' and p.ends_at > $2",
        *(wish.account, now),
    )
    if upcoming and not wish.keep_bookings:
        raise _not_now(
            "bookings_upcoming",
            f"{upcoming} of the bookings are for events to come.",
            "Cancel them first; or send keepBookings: the tickets stay good, but nobody can cancel them any more.",
        )


def _not_now(code: str, message: str, way_out: str) -> Declined:
    return Declined(HTTPStatus.CONFLICT, code, message, way_out)


async def _tell_tills(connection: asyncpg.Connection, account: UUID, now: datetime) -> dict[PerformanceId, int]:
    """Take the name out of what the feeds said, and say the tickets again without it where a door may still ask."""
    sales = [row["id"] for row in await connection.fetch("select id from sale where account = $1", account)]
    performances = await connection.fetch(
        "select distinct p.id, p.ends_at > $2 as to_come from ticket t join performance p on p.id = t.performance"
        " where t.sale = any($1) order by p.id",
        *(sales, now),
    )
    heads: dict[PerformanceId, int] = {}
    for row in performances:
        performance = PerformanceId(row["id"])
        await connection.execute(
            "update feed set entry = jsonb_set(entry, '{tickets}', ("
            " select jsonb_agg(case when (said ->> 'sale')::uuid = any($2) then said - 'holder' else said end)"
            " from jsonb_array_elements(entry -> 'tickets') as said))"
            " where performance = $1 and jsonb_typeof(entry -> 'tickets') = 'array' and exists ("
            " select from jsonb_array_elements(entry -> 'tickets') as said where (said ->> 'sale')::uuid = any($2))",
            *(performance, sales),
        )
        if row["to_come"]:
            tickets = await connection.fetch(
                f"select {TICKET_COLUMNS} from ticket t join sale s on s.id = t.sale"
                " where t.performance = $1 and t.sale = any($2) order by t.id",
                *(performance, sales),
            )
            records = [TicketRecord(**ticket).model_dump(mode="json", exclude_defaults=True) for ticket in tickets]
            heads[performance] = await connection.fetchval(
                "select append_feed($1, $2, 0)", performance, json.dumps({"tickets": records})
            )
    return heads
