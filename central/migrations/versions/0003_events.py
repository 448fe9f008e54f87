"""Events as the public and their administrators see them."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

EVENTS = """
alter table performance
    add details text not null default '',
    add version integer not null default 1,
    add refund_policy jsonb;
comment on column performance.refund_policy is 'a boxoffice.domain.refund_policy.RefundPolicy; null: the house''s own';
"""


def upgrade() -> None:
    op.execute(EVENTS)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
