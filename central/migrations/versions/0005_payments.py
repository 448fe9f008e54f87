"""Payments: what was asked of a gateway, what it said, and what it gave back."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PAYMENTS = """
create table payment (
    id uuid primary key,
    booking uuid not null,
    account uuid not null references account,
    method text not null,
    state text not null check (state in ('started', 'action', 'unknown', 'captured', 'declined', 'abandoned')),
    currency char(3) not null,
    amount_minor bigint not null check (amount_minor >= 0),
    gateway_reference text not null default '',
    started_at timestamptz not null,
    settled_at timestamptz,
    version integer not null default 1
);
create index payment_by_booking on payment (booking);
create unique index payment_by_reference on payment (method, gateway_reference) where gateway_reference <> '';
create index payment_in_doubt on payment (started_at) where state in ('started', 'action', 'unknown');

create table payment_refund (
    id uuid primary key,
    payment uuid not null references payment,
    state text not null default 'due' check (state in ('due', 'unknown', 'done', 'refused')),
    amount_minor bigint not null check (amount_minor > 0),
    reason text not null,
    gateway_reference text not null default '',
    due_at timestamptz not null,
    done_at timestamptz
);
create index payment_refund_by_payment on payment_refund (payment);
create index payment_refund_to_do on payment_refund (due_at) where state in ('due', 'unknown');

create table payment_attempt (
    id bigint generated always as identity primary key,
    payment uuid not null references payment,
    at timestamptz not null,
    what text not null,
    outcome text not null,
    gateway_reference text not null default '',
    detail text not null default ''
);
create index payment_attempt_by_payment on payment_attempt (payment, id);
comment on table payment_attempt is
    'The transaction log: every question to a gateway and every word from it; no card data';

create table gateway_event (
    method text not null,
    event text not null,
    heard_at timestamptz not null,
    primary key (method, event)
);
comment on table gateway_event is 'Webhooks that were taken in, so that a second delivery does nothing';
"""


def upgrade() -> None:
    op.execute(PAYMENTS)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
