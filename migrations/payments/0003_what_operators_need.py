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
    op.add_column("payments", sa.Column("traceparent", sa.String(length=55), nullable=True))


def downgrade() -> None:
    op.drop_column("payments", "traceparent")
    v3.downgrade()
