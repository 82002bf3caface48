"""How many attempts of a payment were declined."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payments", sa.Column("declines", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("payments", "declines")
