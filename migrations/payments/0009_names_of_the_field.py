"""Rename tables and columns to the usual terms. No row changes."""

from app.runtime.platform import v6

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    v6.upgrade()
    v6.rename_column("payments", "wanted", "desired")


def downgrade() -> None:
    v6.rename_column("payments", "desired", "wanted")
    v6.downgrade()
