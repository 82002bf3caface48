"""Add when the money of an order is taken, and when the bank releases it. The old code takes it at once, as the default
says.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ON_HOLD = sa.text("status = 'confirmed' AND capture = 'later'")


def upgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.add_column("orders", sa.Column("capture", sa.String(20), nullable=False, server_default="now"))
        op.add_column("orders", sa.Column("capture_before", sa.DateTime(timezone=True)))
        op.create_index("orders_on_hold", "orders", ["capture_before"], sqlite_where=ON_HOLD)
        return
    op.execute("ALTER TABLE orders ADD COLUMN IF NOT EXISTS capture VARCHAR(20) NOT NULL DEFAULT 'now'")
    op.execute("ALTER TABLE orders ADD COLUMN IF NOT EXISTS capture_before TIMESTAMP WITH TIME ZONE")
    with op.get_context().autocommit_block():
        op.create_index(
            "orders_on_hold",
            "orders",
            ["capture_before"],
            postgresql_where=ON_HOLD,
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def downgrade() -> None:
    op.drop_index("orders_on_hold", table_name="orders")
    op.drop_column("orders", "capture_before")
    op.drop_column("orders", "capture")
