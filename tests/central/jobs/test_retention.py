"""Every table has a rule for how long it is kept, and what is older goes."""

from __future__ import annotations

from datetime import timedelta

import asyncpg

from central.jobs.house.retention import RULES, Elsewhere, Ever, Old
from tests.central.jobs.household import done
from tests.central.people import customer
from tests.support.central import TOMORROW, TONIGHT, RunningCentral, run

_TABLES = """
    select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition
"""
# a row for each `at` of {moments}: an old one and a young one
_FILL = {
    "message": "insert into message (id, kind, account, detail, written_at, state, due_at, sent_at)"
    " select uuid7_at(at), 'password_changed', {account}, '{{}}', at, 'sent', null, at from {moments}",
    "bouncing_address": "insert into bouncing_address (address, since, said) select lower(at::text), at, ''"
    " from {moments}",
    "notice": "insert into notice (booking, kind, about, at) select gen_random_uuid(), 'event_moved', at, at"
    " from {moments}",
    "hook_delivery": "with h as (insert into hook (id, owner, url, events, made_at)"
    " values (gen_random_uuid(), {account}, 'https://example.org', '{{}}', now()) returning id)"
    " insert into hook_delivery (id, hook, event, body, written_at, state, due_at)"
    " select gen_random_uuid(), h.id, 'x', '', at, 'sent', null from h, {moments}",
    "hold": "insert into hold (id, account, performance, seats, areas, units, state, made_at, expires_at)"
    " select gen_random_uuid(), {account}, {event}, '{{}}', '{{}}', '{{}}', 'expired', at, at from {moments}",
    "waiting_entry": "insert into waiting_entry (id, account, performance, count, state, joined_at, ended_at)"
    " select uuid7_at(at), {account}, {event}, 1, 'left', at, at from {moments}",
    "kept_answer": "insert into kept_answer (account, key, request_hash, at) select {account}, at::text, '', at"
    " from {moments}",
    "gateway_event": "insert into gateway_event (method, event, heard_at) select 'card', at::text, at from {moments}",
    "pairing_code": "insert into pairing_code (hash, till_name, expires_at) select at::text::bytea, '', at"
    " from {moments}",
    "lease_request": "with t as (insert into till (name, credential) values ('', '') returning number)"
    " insert into lease_request (id, till, performance, kind, at)"
    " select gen_random_uuid(), t.number, {event}, 'permanent', at from t, {moments}",
    "anomaly": "insert into anomaly (kind, said, level, most, opened_at, seen_at, closed_at, is_told)"
    " select 'lag', '', 1, 1, at, at, at, false from {moments}",
    "access_key": "insert into access_key (made_at, signs_until, checks_until) select at, at, at from {moments}",
}
_TRIED_ELSEWHERE = {"job", "job_execution", "job_log"}  # see test_keeping.py


def test_every_table_has_a_rule_and_every_rule_a_table(central: RunningCentral) -> None:
    assert {row["relname"] for row in central.fetch(_TABLES)} == set(RULES)
    assert all(rule.why for rule in RULES.values() if isinstance(rule, Ever))
    assert all(rule.who for rule in RULES.values() if isinstance(rule, Elsewhere))


def test_every_table_that_is_cleared_here_is_tried() -> None:
    cleared = {table for table, rule in RULES.items() if isinstance(rule, Old)}
    assert cleared == _FILL.keys() | _TRIED_ELSEWHERE


def test_what_is_older_goes_and_what_is_younger_stays(central: RunningCentral) -> None:
    now = central.clock[0]
    account = customer(central).account
    before = {table: central.value(f"select count(*) from {table}") for table in _FILL}

    async def fill(connection: asyncpg.Connection) -> None:
        for table, statement in _FILL.items():
            rule = RULES[table]
            assert isinstance(rule, Old)
            days = rule.days or 90
            old, young = (now - timedelta(days=days + more) for more in (1, -1))
            moments = f"unnest(array['{old}', '{young}']::timestamptz[]) as at"
            await connection.execute(statement.format(moments=moments, account=f"'{account}'::uuid", event=TONIGHT))
        await connection.execute(
            "insert into message_delivery (message, claim, channel, outcome)"
            " select id, gen_random_uuid(), 'email', 'sent' from message"
        )
        await connection.execute(  # of an event that is far away: it still waits
            "insert into waiting_entry (id, account, performance, count, words, joined_at)"
            f" values (uuid7_at('{now - timedelta(days=700)}'), $1, $2, 1, 'a row that is not there', $3)",
            *(account, TOMORROW, now),
        )

    run(central.database, fill)
    ended = done(central, "retention")
    assert ended.said == "deleted " + ", ".join(f"{table}: 1" for table in RULES if table in _FILL)
    left = {table: central.value(f"select count(*) from {table}") - before[table] for table in _FILL}
    assert left == {**dict.fromkeys(_FILL, 1), "waiting_entry": 2}
    assert central.value("select count(*) from message_delivery") == 1
    assert done(central, "retention").said == "deleted nothing"


def test_an_open_hold_is_never_old_enough(central: RunningCentral) -> None:
    now = central.clock[0]
    account = customer(central).account

    async def fill(connection: asyncpg.Connection) -> None:
        await connection.execute(
            "insert into hold (id, account, performance, seats, areas, units, made_at, expires_at)"
            " values (gen_random_uuid(), $1, $2, '{}', '{}', '{}', $3, $4)",
            *(account, TONIGHT, now - timedelta(days=500), now + timedelta(hours=1)),
        )

    run(central.database, fill)
    assert done(central, "retention").said == "deleted nothing"
    assert central.value("select count(*) from hold") == 1
