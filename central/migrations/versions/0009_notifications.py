"""Notifications: which messages are due, each attempt to deliver one, what people want to hear, and whom we call."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MESSAGES = """
alter table message
    add column state text not null default 'written'
        check (state in ('written', 'queued', 'sending', 'waiting', 'sent', 'failed', 'unwanted')),
    add column channel text not null default 'email' check (channel in ('email', 'sms')),
    add column due_at timestamptz default now(),
    add column batch uuid,
    add column claim uuid,
    add column attempts smallint not null default 0,
    add column resends smallint not null default 0;
drop index message_to_send;
create index message_due on message (channel, due_at) where due_at is not null;
create index message_of_batch on message (batch) where state = 'queued';
create index message_by_state on message (state, id desc);
comment on column message.due_at is
    'when somebody is to look at it: at once, at the retry, or when whoever has it in hand has had long enough;'
    ' null: it is done with';
comment on column message.claim is 'who has it in hand; what another one says about it is not heard';
comment on column message.attempts is 'since it was written or sent again by hand';

create table message_delivery (
    id bigint generated always as identity primary key,
    message uuid not null references message on delete cascade,
    claim uuid not null,
    channel text not null,
    at timestamptz not null default clock_timestamp(),
    outcome text not null check (outcome in ('sent', 'put off', 'refused', 'lost', 'unwanted', 'bounced')),
    said text not null default ''
);
create index message_delivery_by_message on message_delivery (message, id);
comment on table message_delivery is 'One row an attempt. said: the other side''s own words';

create table bouncing_address (
    address text primary key check (address = lower(address)),
    since timestamptz not null default now(),
    said text not null
);
comment on table bouncing_address is
    'Refused for good. Only what people need is still tried; when that arrives, the row goes';
"""

WISHES = """
create table notification_wish (
    account uuid primary key references account,
    reminders text not null default 'email' check (reminders in ('email', 'sms', 'none')),
    reviews text not null default 'email' check (reviews in ('email', 'sms', 'none')),
    jobs text not null default 'email' check (jobs in ('email', 'sms', 'none')),
    phone text not null default '',
    phone_verified_at timestamptz,
    code_hash bytea,
    code_expires_at timestamptz,
    code_tries smallint not null default 0,
    version integer not null default 1
);
comment on table notification_wish is 'No row: everything by e-mail. What people need is sent whatever they wish';
"""

HOOKS = """
create table hook (
    id uuid primary key,
    owner uuid not null references account,
    url text not null,
    events text[] not null,
    state text not null default 'active' check (state in ('active', 'disabled')),
    made_at timestamptz not null,
    failing_since timestamptz,
    version integer not null default 1
);
create index hook_by_owner on hook (owner);
comment on column hook.failing_since is 'the first failure since something arrived';
create table hook_delivery (
    id uuid primary key,
    hook uuid not null references hook on delete cascade,
    event text not null,
    body text not null,
    written_at timestamptz not null,
    state text not null default 'written'
        check (state in ('written', 'queued', 'sending', 'waiting', 'sent', 'failed')),
    due_at timestamptz default now(),
    batch uuid,
    claim uuid,
    attempts smallint not null default 0,
    ended_at timestamptz,
    status smallint,
    said text not null default ''
);
create index hook_delivery_due on hook_delivery (due_at) where due_at is not null;
create index hook_delivery_of_batch on hook_delivery (batch) where state = 'queued';
create index hook_delivery_by_age on hook_delivery using brin (written_at);
create index hook_delivery_by_hook on hook_delivery (hook, written_at desc, id);
comment on table hook_delivery is 'What other systems are told. Written in the transaction that causes it';
comment on column hook_delivery.status is 'of the last answer';
"""


def upgrade() -> None:
    for part in (MESSAGES, WISHES, HOOKS):
        op.execute(part)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
