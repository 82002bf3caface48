"""What a full-state fact was said with: the revision of its fields."""

import sqlalchemy as sa
from alembic import op

COPIES = ("known_signing_keys", "known_epochs")


def upgrade() -> None:
    """From the version before."""
    for table in COPIES:
        op.add_column(table, sa.Column("revision", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    """To the version before."""
    for table in COPIES:
        op.drop_column(table, "revision")
