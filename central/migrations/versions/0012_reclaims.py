"""Leases that two managers ended, because their till is lost."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

RECLAIMS = """
create table reclaim (
    id uuid primary key,
    till integer not null references till,
    performance integer references performance,
    seats integer[],
    reason text not null,
    asked_by uuid not null references account,
    asked_at timestamptz not null,
    confirmed_by uuid references account,
    confirmed_at timestamptz,
    withdrawn_at timestamptz,
    check (confirmed_by <> asked_by),
    check ((confirmed_by is null) = (confirmed_at is null)),
    check (confirmed_at is null or withdrawn_at is null)
);
create index reclaim_of_till on reclaim (till, id);
create index reclaim_by_asker on reclaim (asked_by);
create index reclaim_by_confirmer on reclaim (confirmed_by) where confirmed_by is not null;
comment on column reclaim.performance is 'null: all of them';
comment on column reclaim.seats is 'null: all, and the places of its areas';
create table reclaimed (
    reclaim uuid not null references reclaim,
    performance integer not null references performance,
    seats integer[] not null,
    epochs integer[] not null,
    areas integer[] not null,
    units integer[] not null,
    primary key (reclaim, performance)
);
create index reclaimed_by_performance on reclaimed (performance);
comment on table reclaimed is 'What a confirmed one took, so that the till hears of it whenever it comes back';
comment on column reclaimed.epochs is 'of each of seats: the lease that was ended';
"""


def upgrade() -> None:
    op.execute(RECLAIMS)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
