"""Add when a refund failed. It is null for those that failed before."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.add_column("refunds", sa.Column("failed_at", sa.DateTime(timezone=True)))
        return
    op.execute("ALTER TABLE refunds ADD COLUMN IF NOT EXISTS failed_at TIMESTAMP WITH TIME ZONE")


def downgrade() -> None:
    op.drop_column("refunds", "failed_at")
