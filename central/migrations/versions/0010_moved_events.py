"""What the house's own jobs keep: which events were moved, and who was told what of which booking."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOVED = """
alter table performance
    add column moved_at timestamptz,
    add column moved_from timestamptz,
    add column free_until timestamptz,
    add check (num_nulls(moved_at, moved_from, free_until) in (0, 3));
comment on column performance.moved_from is 'when it was to start, before it was moved the last time';
comment on column performance.free_until is 'who booked before moved_at gives everything back for nothing until then';
"""

NOTICES = """
create table notice (
    booking uuid not null,
    kind text not null,
    about timestamptz not null,
    at timestamptz not null,
    primary key (booking, kind, about)
);
create index notice_by_age on notice using brin (at);
comment on table notice is 'Of each booking, each kind of message is written once about each moment';
comment on column notice.about is 'the start that was told, or when the event was moved: another one is told anew';

create function uuid7_at(p_at timestamptz) returns uuid language sql volatile as $$
    select (lpad(to_hex(floor(extract(epoch from p_at) * 1000)::bigint), 12, '0') || '7'
        || right(replace(gen_random_uuid()::text, '-', ''), 19))::uuid
$$;
comment on function uuid7_at is 'A UUID of version 7, minted at this time';

create index job_log_by_age on job_log using brin (at);
create index hold_by_age on hold using brin (made_at);
create index gateway_event_by_age on gateway_event using brin (heard_at);
create index lease_request_by_age on lease_request using brin (at);
"""


def upgrade() -> None:
    op.execute(MOVED)
    op.execute(NOTICES)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
