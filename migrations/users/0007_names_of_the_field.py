"""Rename tables and columns to the usual terms. No row changes."""

from app.runtime.platform import v6

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    v6.upgrade()


def downgrade() -> None:
    v6.downgrade()
