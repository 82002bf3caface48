"""Index the few orders with a failed refund."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FAILED = sa.text("refund = 'failed'")


def upgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.create_index("orders_refund_failed", "orders", ["id"], sqlite_where=FAILED)
        return
    with op.get_context().autocommit_block():
        about = {"postgresql_where": FAILED, "postgresql_concurrently": True}
        op.create_index("orders_refund_failed", "orders", ["id"], if_not_exists=True, **about)


def downgrade() -> None:
    op.drop_index("orders_refund_failed", table_name="orders")
