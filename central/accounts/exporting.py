"""Everything that is somebody's, as JSON: what they told us, what they did, what we wrote to them.

Not in it, because they are secrets and no data: password and token hashes, one-time codes, answers kept for a day for
repeated requests; and the words of messages, which are in the mailbox.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import asyncpg

from central.accounts.callers import unknown

# each a select of $1, the account
SECTIONS = {
    "profile": 'select id as "userId", email, name, language, role, email_verified_at as "emailVerifiedAt",'
    ' created_at as "createdAt", password_hash <> \'\' as "hasPassword" from account where id = $1',
    "identities": 'select issuer, subject, linked_at as "linkedAt" from identity where account = $1 order by linked_at',
    "sessions": 'select started_at as "startedAt", ended_at as "endedAt", ended_because as "endedBecause"'
    " from session where account = $1 order by id",
    "messages": 'select kind, channel, address, language, state, written_at as "writtenAt", sent_at as "sentAt"'
    " from message where account = $1 order by id",
    "notifications": 'select reminders, reviews, phone, phone_verified_at as "phoneVerifiedAt" from notification_wish'
    " where account = $1",
    "webhooks": 'select id as "webhookId", url, events, state, made_at as "madeAt" from hook'
    " where owner = $1 order by id",
    "holds": 'select id, performance as "eventId", seats, areas, units, state, made_at as "madeAt"'
    " from hold where account = $1 order by id",
    "bookings": 'select b.id as "bookingId", b.performance as "eventId", b.state, b.currency,'
    ' b.total_minor as "totalMinor", b.refunded_minor as "refundedMinor", b.priced, b.made_at as "madeAt",'
    ' b.settled_at as "settledAt", s.order_code as "orderCode"'
    " from booking b left join sale s on s.id = b.sale where b.account = $1 order by b.id",
    "orders": 'select s.order_code as "orderCode", s.sold_at as "soldAt", s.currency, s.total_minor as "totalMinor",'
    " s.holder, s.email, (select coalesce(json_agg(json_build_object('ticketId', t.id::text, 'eventId', t.performance,"
    " 'seat', t.seat, 'area', t.area, 'priceType', t.price_type_name, 'grossMinor', t.gross_minor, 'valid', t.valid)"
    " order by t.id), '[]') from ticket t where t.sale = s.id) as tickets"
    " from sale s where s.account = $1 order by s.id",
    "waitingLists": 'select id as "entryId", performance as "eventId", count as "numberOfTickets",'
    ' words as "seatPreferences", state, joined_at as "joinedAt", offered_at as "offeredAt", ended_at as "endedAt"'
    " from waiting_entry where account = $1 order by id",
    "payments": 'select p.id as "paymentId", p.booking as "bookingId", p.method, p.state, p.currency,'
    ' p.amount_minor as "amountMinor", p.started_at as "startedAt", p.settled_at as "settledAt",'
    " (select coalesce(json_agg(json_build_object('amountMinor', r.amount_minor, 'state', r.state, 'reason', r.reason,"
    " 'owedAt', r.owed_at, 'doneAt', r.done_at) order by r.owed_at), '[]')"
    " from payment_refund r where r.payment = p.id) as refunds from payment p where p.account = $1 order by p.id",
    "invoices": 'select number, currency, amount_minor as "amountMinor", credited_minor as "creditedMinor",'
    ' issued_at as "issuedAt", due_at as "dueAt", paid_at as "paidAt" from invoice where account = $1 order by number',
    "invoiceAccount": 'select currency, limit_minor as "limitMinor", allowed_at as "allowedAt"'
    " from invoice_account where account = $1",
    "reviews": 'select id as "reviewId", performance as "eventId", rating, words as review, state,'
    ' hidden_because as "hiddenBecause", written_at as "writtenAt", changed_at as "changedAt"'
    " from review where account = $1 order by id",
    "loyaltyPoints": "select points, reason, subject, at from points_entry where account = $1 order by at, id",
    "discounts": 'select code, body, made_at as "madeAt", ended_at as "endedAt" from discount where owner = $1'
    " order by made_at",
    "discountsUsed": 'select booking as "bookingId", minor, at from discount_use where account = $1 order by at',
    "queries": 'select q.id as "queryId", q.booking as "bookingId", q.subject, q.state, q.opened_at as "openedAt",'
    " (select coalesce(json_agg(json_build_object('fromHouse', m.from_house, 'words', m.words, 'at', m.at)"
    " order by m.at, m.id), '[]') from customer_query_message m where m.query = q.id) as messages"
    " from customer_query q where q.account = $1 order by q.id",
    "jobs": 'select id as "jobId", type, name, payload, schedule, state, made_at as "createdAt" from job'
    " where owner = $1 order by id",
    "actions": "select at, action, subject, detail from audit_entry where account = $1 order by id",
}


async def export(connection: asyncpg.Connection, account: UUID) -> dict[str, Any]:
    """In one REPEATABLE READ transaction. Raises Declined, 404 `unknown_user`."""
    if not await connection.fetchval(
        "select exists (select from account where id = $1 and deleted_at is null)", account
    ):
        raise unknown("user")
    found = {}
    for name, sql in SECTIONS.items():
        rows = await connection.fetchval(f"select coalesce(json_agg(r), '[]')::text from ({sql}) r", account)
        found[name] = json.loads(rows)
    [found["profile"]] = found["profile"]
    return found
