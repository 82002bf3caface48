"""Add shipments, and how far each order has come. Orders of before have dispatched nothing here; the old code, which
serves meanwhile, dispatches nothing either.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shipments",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("carrier", sa.String(60)),
        sa.Column("tracking_number", sa.String(100)),
        sa.Column("tracking_url", sa.Text()),
        sa.Column("dispatched_at", sa.DateTime(timezone=True)),
        sa.Column("delivered_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.Integer(), nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "shipment_lines",
        sa.Column("shipment_id", sa.Uuid(), primary_key=True),
        sa.Column("sku", sa.String(100), primary_key=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name="a_shipment_has_units"),
        if_not_exists=True,
    )
    columns = ["fulfilment", "status", "id"]
    if op.get_context().dialect.name == "sqlite":
        op.add_column("orders", sa.Column("fulfilment", sa.String(20), nullable=False, server_default="none"))
        op.create_index("orders_by_fulfilment", "orders", columns)
        op.create_index("ix_shipments_order_id", "shipments", ["order_id"])
        return
    op.execute("ALTER TABLE orders ADD COLUMN IF NOT EXISTS fulfilment VARCHAR(20) NOT NULL DEFAULT 'none'")
    with op.get_context().autocommit_block():
        for name, table, on in (
            ("orders_by_fulfilment", "orders", columns),
            ("ix_shipments_order_id", "shipments", ["order_id"]),
        ):
            op.create_index(name, table, on, postgresql_concurrently=True, if_not_exists=True)


def downgrade() -> None:
    op.drop_index("orders_by_fulfilment", table_name="orders")
    op.drop_column("orders", "fulfilment")
    op.drop_table("shipment_lines")
    op.drop_table("shipments")
