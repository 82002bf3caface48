"""Remember which shipments took units from the shelf. Nothing was dispatched before; the old code dispatches nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dispatches",
        sa.Column("shipment_id", sa.Uuid(), primary_key=True),
        sa.Column("sku", sa.String(100), primary_key=True),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
    )
    op.create_index("dispatches_of_an_order", "dispatches", ["order_id", "sku"])
    op.create_index("dispatches_of_a_sku", "dispatches", ["sku"])


def downgrade() -> None:
    op.drop_table("dispatches")
