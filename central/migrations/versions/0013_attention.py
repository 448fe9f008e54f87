"""What waits for a person at central, and who said what became of it."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ATTENTION = """
create index ticket_in_conflict on ticket (performance, sale) where in_conflict;
create table settled_matter (
    matter text primary key,
    account uuid not null references account,
    at timestamptz not null,
    note text not null
);
create index settled_matter_by_account on settled_matter (account);
comment on table settled_matter is 'Matters of central/attention that need nothing more; what they are about stays';
"""


def upgrade() -> None:
    op.execute(ATTENTION)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
