"""Add what operators need: the trace in jobs, the trail of operations, and the results of audits."""

import sqlalchemy as sa
from alembic import op

from app.runtime.platform import v3

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    v3.upgrade()
    op.add_column("orders", sa.Column("trace_id", sa.String(length=32), nullable=True))
    op.add_column("timeline", sa.Column("trace_id", sa.String(length=32), nullable=True))
    op.create_table(
        "order_checks",
        sa.Column("audit", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("module", sa.String(length=20), nullable=False),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("audit", "order_id", "module"),
    )


def downgrade() -> None:
    op.drop_table("order_checks")
    op.drop_column("timeline", "trace_id")
    op.drop_column("orders", "trace_id")
    v3.downgrade()
