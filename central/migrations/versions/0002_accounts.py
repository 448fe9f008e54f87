"""Accounts and their sessions, the audit log, messages that wait to be sent, answers kept for repeated requests."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ACCOUNTS = """
create table account (
    id uuid primary key,
    email text not null,
    name text not null,
    password_hash text not null default '',
    role text not null default 'customer' check (role in ('customer', 'cashier', 'door', 'manager', 'admin')),
    language text not null default 'en',
    email_verified_at timestamptz,
    created_at timestamptz not null,
    deleted_at timestamptz,
    version integer not null default 1
);
create unique index account_by_email on account (lower(email)) where deleted_at is null;
create index account_by_email_beginning on account (lower(email) text_pattern_ops) where deleted_at is null;
create index account_by_name_beginning on account (lower(name) text_pattern_ops) where deleted_at is null;
create index account_of_staff on account (role, id) where role <> 'customer';
comment on column account.password_hash is 'argon2id; empty: signs in through an identity only';
comment on column account.deleted_at is 'anonymised: who it was is gone, the bookings and the books remain';

alter table sale add account uuid references account;
create index sale_by_account on sale (account) where account is not null;
comment on column sale.account is 'who bought it on the web: bookings are out of keeping some day, sales are not';

create table identity (
    issuer text not null,
    subject text not null,
    account uuid not null references account,
    linked_at timestamptz not null,
    primary key (issuer, subject)
);
create index identity_by_account on identity (account);
comment on table identity is 'A person as an OpenID Connect issuer knows them';

create table session (
    id uuid primary key,
    account uuid not null references account,
    started_at timestamptz not null,
    ended_at timestamptz,
    ended_because text not null default ''
);
create index session_by_account on session (account);
create index session_by_end on session (ended_at) where ended_at is not null;
create table refresh_token (
    hash bytea primary key,
    session uuid not null references session,
    issued_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
);
create index refresh_token_by_session on refresh_token (session);
create index refresh_token_by_age on refresh_token (expires_at);
comment on table refresh_token is 'One row a rotation. A used one that comes again ends its session';

create table one_time_code (
    hash bytea primary key,
    purpose text not null check (purpose in ('verify_email', 'change_email', 'reset_password')),
    account uuid not null references account,
    email text not null,
    expires_at timestamptz not null,
    used_at timestamptz
);
create index one_time_code_by_account on one_time_code (account);
create index one_time_code_by_age on one_time_code (expires_at);

create table access_key (
    number integer generated always as identity primary key,
    made_at timestamptz not null,
    signs_until timestamptz not null,
    checks_until timestamptz not null
);
comment on table access_key is
    'Which keys sign access tokens; the keys themselves grow from central''s seed. The next is known a day before';
"""

AUDIT = """
create table audit_entry (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    account uuid,
    role text not null,
    action text not null,
    subject text not null,
    detail jsonb not null default '{}',
    request text not null default ''
);
create index audit_entry_by_subject on audit_entry (subject, id);
create index audit_entry_by_account on audit_entry (account, id);
comment on column audit_entry.subject is 'kind and id, such as event:1001';
"""

MESSAGES = """
create table message (
    id uuid primary key,
    kind text not null,
    account uuid references account,
    address text not null default '',
    language text not null default 'en',
    detail jsonb not null,
    written_at timestamptz not null,
    sent_at timestamptz
);
create index message_to_send on message (written_at) where sent_at is null;
create index message_by_account on message (account);
create index message_of_nobody on message (sent_at) where account is null;
comment on table message is 'Written in the transaction that causes it, sent afterwards';
"""

ANSWERS = """
create table kept_answer (
    account uuid not null,
    key text not null,
    request_hash bytea not null,
    status smallint,
    body bytea,
    at timestamptz not null,
    primary key (account, key)
);
create index kept_answer_by_age on kept_answer (at);
comment on table kept_answer is
    'The answer to a request with an idempotency key, for a day. request_hash covers method, path and body;'
    ' status null: being worked on';
"""


def upgrade() -> None:
    for part in (ACCOUNTS, AUDIT, MESSAGES, ANSWERS):
        op.execute(part)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
