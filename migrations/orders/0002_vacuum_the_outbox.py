"""Vacuum the outbox after a number of changes, not in relation to its size, so that dead rows do not slow the relay."""

from app.runtime.platform import v2

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    v2.upgrade()


def downgrade() -> None:
    v2.downgrade()
