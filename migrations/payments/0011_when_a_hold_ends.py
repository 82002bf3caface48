"""Add when the bank releases what is authorized. It is null for payments of before until Stripe is read again."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.add_column("payments", sa.Column("capture_before", sa.DateTime(timezone=True)))
        return
    op.execute("ALTER TABLE payments ADD COLUMN IF NOT EXISTS capture_before TIMESTAMP WITH TIME ZONE")


def downgrade() -> None:
    op.drop_column("payments", "capture_before")
