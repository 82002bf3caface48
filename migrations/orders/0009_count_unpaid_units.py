"""Store the number of units of an order, and index the few unpaid orders by customer."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

UNPAID = sa.text("status IN ('placed', 'awaiting_payment')")
ON_SQLITE = """
UPDATE orders SET units = (SELECT sum(json_extract(value, '$.quantity')) FROM json_each(orders.lines))
WHERE status IN ('placed', 'awaiting_payment')
"""
ON_POSTGRESQL = """
UPDATE orders SET units = (SELECT sum((line ->> 'quantity')::bigint) FROM json_array_elements(lines::json) AS line)
WHERE status IN ('placed', 'awaiting_payment')
"""


def upgrade() -> None:
    op.add_column("orders", sa.Column("units", sa.BigInteger(), nullable=False, server_default="0"))
    if op.get_context().dialect.name == "sqlite":
        op.execute(ON_SQLITE)
        op.create_index("unpaid_of_customer", "orders", ["customer_id", "units"], sqlite_where=UNPAID)
        return
    op.execute(ON_POSTGRESQL)
    with op.get_context().autocommit_block():
        about = {"postgresql_where": UNPAID, "postgresql_concurrently": True}
        op.create_index("unpaid_of_customer", "orders", ["customer_id", "units"], if_not_exists=True, **about)


def downgrade() -> None:
    op.drop_index("unpaid_of_customer", table_name="orders")
    op.drop_column("orders", "units")
