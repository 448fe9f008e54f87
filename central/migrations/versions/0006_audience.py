"""What visitors say and earn: reviews, loyalty points, promo codes and discounts."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

REVIEWS = """
create table rating (
    performance integer primary key references performance,
    reviews integer not null check (reviews >= 0),
    stars integer not null check (stars >= 0)
);
comment on table rating is 'How many reviews are shown and the sum of their ratings, written with them';
create table review (
    id uuid primary key,
    performance integer not null references performance,
    account uuid not null references account,
    rating smallint not null check (rating between 1 and 5),
    words text not null,
    state text not null default 'shown' check (state in ('shown', 'hidden')),
    hidden_because text not null default '',
    written_at timestamptz not null,
    changed_at timestamptz not null,
    version integer not null default 1,
    unique (performance, account)
);
create index review_by_account on review (account);
create index review_shown on review (performance, id) where state = 'shown';
"""

LOYALTY = """
create table loyalty_programme (
    only_row boolean primary key default true check (only_row),
    body jsonb not null default '{}'
);
comment on column loyalty_programme.body is 'a boxoffice.domain.loyalty.Programme';
insert into loyalty_programme default values;
create table points_entry (
    id uuid primary key,
    account uuid not null references account,
    points integer not null,
    reason text not null,
    subject text not null,
    at timestamptz not null,
    unique (account, reason, subject)
);
create index points_entry_by_account on points_entry (account, at);
comment on table points_entry is 'The balance is the sum; the same reason and subject count once';
"""

DISCOUNTS = """
create table discount (
    id uuid primary key,
    code text,
    owner uuid references account,
    body jsonb not null,
    made_at timestamptz not null,
    ended_at timestamptz,
    orders integer not null default 0 check (orders >= 0),
    spent_minor bigint not null default 0 check (spent_minor >= 0),
    version integer not null default 1
);
create unique index discount_by_code on discount (code) where ended_at is null;
create index discount_automatic on discount (made_at) where code is null and ended_at is null;
create index discount_by_owner on discount (owner) where owner is not null;
comment on column discount.body is 'a boxoffice.domain.discounts.Discount';
comment on column discount.owner is 'the only one who may use it; null: everybody';
create table discount_use (
    booking uuid primary key,
    discount uuid not null references discount,
    account uuid not null references account,
    minor bigint not null check (minor > 0),
    at timestamptz not null,
    given_back_at timestamptz
);
create index discount_use_by_account on discount_use (discount, account) where given_back_at is null;
"""


def upgrade() -> None:
    for part in (REVIEWS, LOYALTY, DISCOUNTS):
        op.execute(part)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
