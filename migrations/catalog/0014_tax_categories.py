"""Add the tax category of a variant. To the old code every variant is standard."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("variants", sa.Column("tax_category", sa.String(100), nullable=False, server_default="standard"))


def downgrade() -> None:
    op.drop_column("variants", "tax_category")
