"""Scans by the month, so that an old month goes as one table."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FLOOR = """
create function uuid7_floor(p_at timestamptz) returns uuid language sql immutable as $$
    select (lpad(to_hex((extract(epoch from p_at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;
comment on function uuid7_floor is 'Not above any UUID of version 7 that was minted at this time or later';
"""

SCANS = """
alter table scan rename to scan_of_0001;
create table scan (like scan_of_0001 including defaults including constraints including comments, primary key (id))
    partition by range (id);
comment on table scan is 'Merged as a set and never judged again; ticket may be one that central does not know yet.'
    ' By the month in which the id says it was minted; see central/months.py';
create table scan_other partition of scan default;
insert into scan select * from scan_of_0001;
drop table scan_of_0001;
create index scan_by_ticket on scan (performance, ticket, scanned_at);
"""


def upgrade() -> None:
    for part in (FLOOR, SCANS):
        op.execute(part)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
