"""Store refunds of units, and count them in the lines of orders.

The old code, which serves meanwhile, leaves the new columns at their defaults.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

COUNT = "units_refunded INTEGER DEFAULT 0 NOT NULL"
NAME = "no_unit_is_refunded_twice"
CHECK = f"CONSTRAINT {NAME} CHECK (0 <= units_refunded AND units_refunded <= ordered)"
WITH_UNITS = ("documents", "tax_refunds", "tax_records")


def upgrade() -> None:
    _count_in_lines()
    op.create_table(
        "unit_refunds",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_unit_refunds_order_id", "unit_refunds", ["order_id"])
    op.create_table(
        "unit_refund_lines",
        sa.Column("refund_id", sa.Uuid(), primary_key=True),
        sa.Column("sku", sa.String(100), primary_key=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0 AND amount >= 0", name="a_refund_has_units"),
    )
    for table in WITH_UNITS:
        op.add_column(table, sa.Column("units_before", sa.Text()))
        op.add_column(table, sa.Column("units", sa.Text()))


def _count_in_lines() -> None:
    """On PostgreSQL the rows are checked without a lock that anybody waits for, and again from the start after a kill."""
    if op.get_context().dialect.name == "sqlite":
        op.execute(f"ALTER TABLE order_lines ADD COLUMN {COUNT} {CHECK}")
        return
    with op.get_context().autocommit_block():
        op.execute(f"ALTER TABLE order_lines ADD COLUMN IF NOT EXISTS {COUNT}")
        op.execute(f"ALTER TABLE order_lines DROP CONSTRAINT IF EXISTS {NAME}")
        op.execute(f"ALTER TABLE order_lines ADD {CHECK} NOT VALID")
        op.execute(f"ALTER TABLE order_lines VALIDATE CONSTRAINT {NAME}")


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.drop_column("order_lines", "units_refunded")
    else:
        with op.batch_alter_table("order_lines") as lines:
            lines.drop_constraint(NAME, type_="check")
            lines.drop_column("units_refunded")
    for table in WITH_UNITS:
        op.drop_column(table, "units")
        op.drop_column(table, "units_before")
    op.drop_table("unit_refund_lines")
    op.drop_table("unit_refunds")
