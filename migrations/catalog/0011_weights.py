"""Add the weight of a variant, and whether it has to be sent. To the old code every variant ships and weighs nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("variants", sa.Column("weight_g", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("variants", sa.Column("ships", sa.Boolean(), nullable=False, server_default=sa.true()))


def downgrade() -> None:
    op.drop_column("variants", "ships")
    op.drop_column("variants", "weight_g")
