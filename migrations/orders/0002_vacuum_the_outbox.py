"""Vacuum the outbox by its changes, not by its size: marked rows would be stepped over in each look for new ones."""

from app.runtime.platform import v2

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    v2.upgrade()


def downgrade() -> None:
    v2.downgrade()
