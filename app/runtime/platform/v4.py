"""Store the revision of a snapshot with the copies that are made from it."""

import sqlalchemy as sa
from alembic import op

COPIES = ("known_signing_keys", "known_epochs")


def upgrade() -> None:
    for table in COPIES:
        op.add_column(table, sa.Column("revision", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    for table in COPIES:
        op.drop_column(table, "revision")
