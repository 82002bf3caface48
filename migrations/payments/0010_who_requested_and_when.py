"""Rename the columns of requests to the usual terms. No row changes."""

from app.runtime.platform.v6 import rename_column

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

COLUMNS = (
    ("payments", "asked_at", "requested_at"),
    ("refunds", "asked_at", "requested_at"),
    ("refunds", "asked_by", "requested_by"),
)


def upgrade() -> None:
    for table, old, new in COLUMNS:
        rename_column(table, old, new)


def downgrade() -> None:
    for table, old, new in COLUMNS:
        rename_column(table, new, old)
