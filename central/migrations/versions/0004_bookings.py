"""Holds and bookings of the web."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

HOLDS = """
alter table seat add hold uuid;
comment on column seat.hold is 'who holds it on the web, while its status is 1; null: kept back by the house';
create table hold (
    id uuid primary key,
    account uuid not null references account,
    performance integer not null references performance,
    seats integer[] not null,
    areas integer[] not null,
    units integer[] not null,
    state text not null default 'open' check (state in ('open', 'booked', 'released', 'expired')),
    made_at timestamptz not null,
    expires_at timestamptz not null
);
create index hold_to_expire on hold (expires_at) where state = 'open';
create index hold_by_account on hold (account) where state = 'open';
"""

BOOKINGS = """
create table booking (
    id uuid primary key,
    account uuid not null references account,
    performance integer not null references performance,
    hold uuid,
    state text not null check (state in ('pending', 'confirmed', 'cancelled', 'expired')),
    currency char(3) not null,
    total_minor bigint not null check (total_minor >= 0),
    lines jsonb not null,
    made_at timestamptz not null,
    expires_at timestamptz,
    sale uuid,
    settled_at timestamptz,
    version integer not null default 1
) partition by range (id);
create table booking_other partition of booking default;
create index booking_by_account on booking (account, made_at);
create index booking_by_performance on booking (performance);
create index booking_by_sale on booking (sale);
comment on table booking is 'By the month in which its id was minted; see central/months.py';
comment on column booking.expires_at is 'until when a pending one waits for its payment';
comment on column booking.lines is 'places, price types and exact charges, as priced when it was made';

create table web_ledger_line (
    entry uuid not null,
    position smallint not null,
    account text not null,
    minor bigint not null,
    booked_at timestamptz not null,
    primary key (entry, position)
);
comment on table web_ledger_line is 'Double entry of web sales and refunds; the lines of an entry sum to zero';
"""


def upgrade() -> None:
    for part in (HOLDS, BOOKINGS):
        op.execute(part)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
