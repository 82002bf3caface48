"""Add what operators need: the trace in jobs, the trail of operations, and the results of audits."""

from app.runtime.platform import v3

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    v3.upgrade()


def downgrade() -> None:
    v3.downgrade()
