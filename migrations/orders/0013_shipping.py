"""Store what shipping needs: weights of offers. The old code leaves the new columns at their defaults."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("offers", sa.Column("weight_g", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("offers", sa.Column("ships", sa.Boolean(), nullable=False, server_default=sa.true()))


def downgrade() -> None:
    op.drop_column("offers", "ships")
    op.drop_column("offers", "weight_g")
