"""Store each line of an order as a row, with its counts, and the total as a column, to filter and sort by.

The old code, which serves meanwhile, writes neither: its orders are read from the column `lines` as before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

COUNTS = ("cancelled", "packed", "dispatched", "returned")
LINES_ON_SQLITE = """
INSERT OR IGNORE INTO order_lines (order_id, sku, name, unit_price, ordered, cancelled)
SELECT orders.id, json_extract(line.value, '$.sku'), json_extract(line.value, '$.name'),
  json_extract(line.value, '$.unit_price.amount'), json_extract(line.value, '$.quantity'),
  CASE WHEN orders.status IN ('cancelled', 'refunded') THEN json_extract(line.value, '$.quantity') ELSE 0 END
FROM orders, json_each(orders.lines) AS line
"""
TOTALS_ON_SQLITE = "UPDATE orders SET total = json_extract(totals, '$.total.amount') WHERE total IS NULL"
# In slices, so that no row is locked for long. It goes on where it was ended.
IN_SLICES = """
DO $$
DECLARE
  last uuid; slice uuid[];
BEGIN
  LOOP
    slice := ARRAY(SELECT id FROM orders WHERE total IS NULL AND (last IS NULL OR id > last) ORDER BY id LIMIT 5000);
    EXIT WHEN cardinality(slice) = 0;
    INSERT INTO order_lines (order_id, sku, name, unit_price, ordered, cancelled)
    SELECT o.id, line ->> 'sku', line ->> 'name', (line -> 'unit_price' ->> 'amount')::bigint, n,
      CASE WHEN o.status IN ('cancelled', 'refunded') THEN n ELSE 0 END
    FROM orders o, json_array_elements(o.lines::json) AS line, CAST(line ->> 'quantity' AS integer) AS n
    WHERE o.id = ANY (slice)
    ON CONFLICT DO NOTHING;
    UPDATE orders SET total = (totals::json -> 'total' ->> 'amount')::bigint WHERE id = ANY (slice);
    last := slice[cardinality(slice)];
    COMMIT;
  END LOOP;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "order_lines",
        sa.Column("order_id", sa.Uuid(), primary_key=True),
        sa.Column("sku", sa.String(100), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("ships", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("ordered", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False, server_default="0") for name in COUNTS),
        sa.CheckConstraint(
            "ordered > 0 AND cancelled >= 0 AND cancelled + packed <= ordered", name="no_unit_is_packed_twice"
        ),
        sa.CheckConstraint(
            "0 <= returned AND returned <= dispatched AND dispatched <= packed", name="units_leave_in_order"
        ),
        if_not_exists=True,
    )
    if op.get_context().dialect.name == "sqlite":
        op.add_column("orders", sa.Column("total", sa.BigInteger()))
        op.execute(LINES_ON_SQLITE)
        op.execute(TOTALS_ON_SQLITE)
        op.create_index("orders_by_total", "orders", ["total", "id"])
        return
    op.execute("ALTER TABLE orders ADD COLUMN IF NOT EXISTS total BIGINT")
    with op.get_context().autocommit_block():
        op.execute(IN_SLICES)
        op.create_index("orders_by_total", "orders", ["total", "id"], postgresql_concurrently=True, if_not_exists=True)


def downgrade() -> None:
    op.drop_index("orders_by_total", table_name="orders")
    op.drop_column("orders", "total")
    op.drop_table("order_lines")
