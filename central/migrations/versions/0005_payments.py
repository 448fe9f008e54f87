"""Payments: what was asked of a gateway, what it said and what it gave back; vouchers and invoices."""

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
    look_at timestamptz not null,
    looks smallint not null default 0,
    version integer not null default 1
);
comment on column payment.look_at is 'when to ask its gateway again, while nothing is settled';
create unique index payment_under_way on payment (booking) where state in ('started', 'action', 'unknown');
create index payment_by_booking on payment (booking);
create unique index payment_by_reference on payment (method, gateway_reference)
    where gateway_reference <> '' and method not in ('voucher', 'invoice', 'counter');  -- a voucher pays many times
create index payment_by_account on payment (account, id);
create index payment_by_age on payment (started_at);
create index payment_in_doubt on payment (look_at) where state in ('started', 'action', 'unknown');

create table payment_refund (
    id uuid primary key,
    payment uuid not null references payment,
    state text not null default 'due' check (state in ('due', 'unknown', 'done', 'by_hand')),
    amount_minor bigint not null check (amount_minor > 0),
    reason text not null,
    gateway_reference text not null default '',
    owed_at timestamptz not null,
    due_at timestamptz not null,
    tries smallint not null default 0,
    done_at timestamptz
);
comment on column payment_refund.state is
    'unknown: the gateway was asked and did not say; by_hand: somebody has to pay it out';
comment on column payment_refund.due_at is 'when to ask the gateway, or to ask it again';
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


HOUSE = """
create table voucher (
    id uuid primary key,
    code_hash bytea not null unique,
    currency char(3) not null,
    issued_minor bigint not null check (issued_minor > 0),
    balance_minor bigint not null check (balance_minor between 0 and issued_minor),
    note text not null default '',
    issued_by uuid not null references account,
    issued_at timestamptz not null,
    expires_at timestamptz
);
create table voucher_entry (
    id bigint generated always as identity primary key,
    voucher uuid not null references voucher,
    minor bigint not null,
    payment uuid not null references payment,
    refund uuid references payment_refund,
    at timestamptz not null,
    unique nulls not distinct (payment, refund)
);
create index voucher_entry_by_voucher on voucher_entry (voucher, id);
comment on table voucher_entry is 'The balance is what was issued and the sum of these';

create table invoice_account (
    account uuid primary key references account,
    currency char(3) not null,
    limit_minor bigint not null check (limit_minor > 0),
    allowed_by uuid not null references account,
    allowed_at timestamptz not null
);
comment on table invoice_account is 'Who may pay by invoice, and up to what may be owed at a time';
create table invoice (
    number bigint generated always as identity primary key,
    payment uuid not null unique references payment,
    account uuid not null references account,
    currency char(3) not null,
    amount_minor bigint not null check (amount_minor > 0),
    credited_minor bigint not null default 0 check (credited_minor between 0 and amount_minor),
    issued_at timestamptz not null,
    due_at timestamptz not null,
    paid_at timestamptz
);
create index invoice_open on invoice (account) where paid_at is null;
"""


def upgrade() -> None:
    op.execute(PAYMENTS)
    op.execute(HOUSE)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
