"""Number all orders, in the order of their placing. On PostgreSQL a sequence numbers those that follow."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ON_SQLITE = """
UPDATE orders SET number = numbered.number
FROM (SELECT id, row_number() OVER (ORDER BY id) AS number FROM orders) AS numbered
WHERE orders.id = numbered.id
"""
# The old code, which serves meanwhile, does not name the column: the sequence numbers its orders, too.
SEQUENCE = (
    "ALTER TABLE orders ADD COLUMN IF NOT EXISTS number BIGINT",
    "CREATE SEQUENCE IF NOT EXISTS order_numbers OWNED BY orders.number",
    "SELECT setval('order_numbers', count(*) + 1, false) FROM orders",
    "ALTER TABLE orders ALTER COLUMN number SET DEFAULT nextval('order_numbers')",
)
# In slices, so that no row is locked for long. Old orders are numbered by ascending id; it goes on where it was ended.
IN_SLICES = """
DO $$
DECLARE
  last uuid; done bigint; filled bigint;
BEGIN
  SELECT id INTO last FROM orders WHERE number IS NULL ORDER BY id LIMIT 1;
  SELECT number INTO done FROM orders WHERE id < last ORDER BY id DESC LIMIT 1;
  done := coalesce(done, 0);
  LOOP
    WITH slice AS (
      SELECT id, row_number() OVER (ORDER BY id) AS n FROM orders WHERE number IS NULL AND id >= last ORDER BY id LIMIT 5000
    ), changed AS (
      UPDATE orders SET number = done + slice.n FROM slice WHERE orders.id = slice.id RETURNING orders.id
    )
    SELECT count(*), coalesce(max(id::text)::uuid, last) INTO filled, last FROM changed;
    EXIT WHEN filled = 0;
    done := done + filled;
    COMMIT;
  END LOOP;
END $$
"""


def upgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.add_column("orders", sa.Column("number", sa.BigInteger()))
        op.execute(ON_SQLITE)
        op.create_index("orders_by_number", "orders", ["number"], unique=True)
        return
    for statement in SEQUENCE:
        op.execute(statement)
    with op.get_context().autocommit_block():
        op.execute(IN_SLICES)
        about = {"unique": True, "postgresql_concurrently": True, "if_not_exists": True}
        op.create_index("orders_by_number", "orders", ["number"], **about)


def downgrade() -> None:
    op.drop_index("orders_by_number", table_name="orders")
    op.drop_column("orders", "number")
