"""Store the revision of the fields with which a snapshot was published, and names of the same length as published."""

import sqlalchemy as sa
from alembic import op

from app.runtime.platform import v4

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COPIES = ("offers", "stock_levels")


def upgrade() -> None:
    v4.upgrade()
    for table in COPIES:
        op.add_column(table, sa.Column("revision", sa.Integer(), server_default="0", nullable=False))
    with op.batch_alter_table("offers") as offers:  # SQLite can change a column only by copying the table
        offers.alter_column("name", existing_type=sa.String(length=200), type_=sa.Text(), existing_nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("offers") as offers:
        offers.alter_column("name", existing_type=sa.Text(), type_=sa.String(length=200), existing_nullable=False)
    for table in COPIES:
        op.drop_column(table, "revision")
    v4.downgrade()
