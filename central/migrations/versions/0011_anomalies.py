"""Anomalies that were found and whether they are over, and when a till was last heard of."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ANOMALIES = """
create table anomaly (
    id bigint generated always as identity primary key,
    kind text not null,
    about text not null default '',
    said text not null,
    level double precision not null,
    most double precision not null,
    opened_at timestamptz not null,
    seen_at timestamptz not null,
    closed_at timestamptz,
    is_told boolean not null,
    acknowledged_by uuid references account,
    acknowledged_at timestamptz,
    check ((acknowledged_by is null) = (acknowledged_at is null))
);
create unique index anomaly_open on anomaly (kind, about) where closed_at is null;
create index anomaly_by_end on anomaly (closed_at) where closed_at is not null;
create index anomaly_by_acknowledger on anomaly (acknowledged_by) where acknowledged_by is not null;
comment on table anomaly is 'See central/anomalies/rules.py for the kinds';
comment on column anomaly.about is 'a worker or a till; empty: the whole house';
comment on column anomaly.most is 'the highest level so far';
comment on column anomaly.is_told is 'managers got a message; not when the same came and went too often';
"""

HEARD = """
alter table till add heard_at timestamptz;  -- of those there are, nobody knows
alter table till alter heard_at set default now();
comment on column till.heard_at is 'when it last asked for anything, to the minute';
create index shift_open on shift (till) where closed_at is null;
"""


def upgrade() -> None:
    op.execute(ANOMALIES)
    op.execute(HEARD)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
