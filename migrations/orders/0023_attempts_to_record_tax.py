"""Count how often a provider of tax failed at something, as its next call needs another key."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.add_column("tax_records", sa.Column("attempt", sa.Integer, nullable=False, server_default="0"))
        return
    op.execute("ALTER TABLE tax_records ADD COLUMN IF NOT EXISTS attempt INTEGER NOT NULL DEFAULT 0")


def downgrade() -> None:
    op.drop_column("tax_records", "attempt")
