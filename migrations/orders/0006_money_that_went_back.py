"""Store the refunded amount of an order and the state of its refund, and what banks have charged back."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

REFUNDS = "what IN ('full_refund', 'partial_refund')"

BACKFILL = """
UPDATE orders SET refund = 'done', refunded = coalesce(
    (SELECT {refunded} FROM timeline WHERE order_id = orders.id AND {refunds} ORDER BY id DESC LIMIT 1), 0)
WHERE id IN (SELECT order_id FROM timeline WHERE {refunds})
"""


def upgrade() -> None:
    op.add_column("orders", sa.Column("refunded", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("orders", sa.Column("refund", sa.String(length=20), nullable=False, server_default="none"))
    op.add_column("orders", sa.Column("written_off", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("orders", sa.Column("disputed", sa.BigInteger(), nullable=False, server_default="0"))
    on_postgresql = op.get_context().dialect.name == "postgresql"
    refunded = "(detail::json->>'refunded')::bigint" if on_postgresql else "json_extract(detail, '$.refunded')"
    op.execute(BACKFILL.format(refunds=REFUNDS, refunded=refunded))


def downgrade() -> None:
    for column in ("disputed", "written_off", "refund", "refunded"):
        op.drop_column("orders", column)
