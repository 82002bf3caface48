"""Rename tables and columns to the usual terms. No row changes."""

from app.runtime.platform import v6

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    v6.upgrade()
    v6.rename_column("order_checks", "finding", "discrepancy")


def downgrade() -> None:
    v6.rename_column("order_checks", "discrepancy", "finding")
    v6.downgrade()
