"""Allow skus of up to 100 characters."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = ("offers", "stock_levels")


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":  # SQLite does not enforce the length of text
        for table in TABLES:
            op.alter_column(table, "sku", type_=sa.String(length=100))


def downgrade() -> None:
    """What is wider takes the narrower, too."""
