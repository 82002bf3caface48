"""Store what shipping needs: weights of offers; zones, methods and rates; contacts and records of orders.

The old code, which serves meanwhile, leaves the new columns at their defaults.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("offers", sa.Column("weight_g", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("offers", sa.Column("ships", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.create_table(
        "zones",
        sa.Column("id", sa.String(100), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_table(
        "zone_areas",
        sa.Column("zone_id", sa.String(100), sa.ForeignKey("zones.id"), primary_key=True),
        sa.Column("n", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("region", sa.String(3), nullable=False),
        sa.Column("postal_prefix", sa.String(20), nullable=False),
        sa.Column("postal_from", sa.String(20), nullable=False),
        sa.Column("postal_to", sa.String(20), nullable=False),
    )
    op.create_index("zone_areas_of_country", "zone_areas", ["country"])
    op.create_table(
        "shipping_methods",
        sa.Column("code", sa.String(100), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("zone_id", sa.String(100), sa.ForeignKey("zones.id")),
        sa.Column("carrier", sa.String(100), nullable=False),
        sa.Column("tracking_url", sa.String(500), nullable=False),
        sa.Column("min_days", sa.Integer(), nullable=False),
        sa.Column("max_days", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("rated_by", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_index("ix_shipping_methods_zone_id", "shipping_methods", ["zone_id"])
    op.create_table(
        "shipping_rates",
        sa.Column("method", sa.String(100), sa.ForeignKey("shipping_methods.code"), primary_key=True),
        sa.Column("currency", sa.String(3), primary_key=True),
        sa.Column("from_", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("below", sa.BigInteger()),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("0 <= from_ AND from_ < below AND amount >= 0", name="a_band_has_a_width"),
    )
    op.add_column("orders", sa.Column("shipping_method", sa.String(100)))
    op.add_column("orders", sa.Column("shipping_name", sa.String(200)))
    op.add_column("orders", sa.Column("ship_to", sa.String(6), nullable=False, server_default=""))
    op.create_table(
        "order_addresses",
        sa.Column("order_id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.String(10), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("company", sa.String(200), nullable=False),
        sa.Column("line1", sa.String(200), nullable=False),
        sa.Column("line2", sa.String(200), nullable=False),
        sa.Column("city", sa.String(200), nullable=False),
        sa.Column("region", sa.String(200), nullable=False),
        sa.Column("postal_code", sa.String(20), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("phone", sa.String(30), nullable=False),
    )
    op.create_table(
        "order_contacts",
        sa.Column("order_id", sa.Uuid(), primary_key=True),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("language", sa.String(35), nullable=False),
    )
    op.create_index("order_contacts_by_email", "order_contacts", ["email", "order_id"])
    op.create_table(
        "order_records",
        sa.Column("order_id", sa.Uuid(), primary_key=True),
        sa.Column("external_reference", sa.String(100)),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_index("order_records_external_reference", "order_records", ["external_reference"], unique=True)


def downgrade() -> None:
    op.drop_table("order_records")
    op.drop_table("order_contacts")
    op.drop_table("order_addresses")
    op.drop_column("orders", "ship_to")
    op.drop_column("orders", "shipping_name")
    op.drop_column("orders", "shipping_method")
    op.drop_table("shipping_rates")
    op.drop_table("shipping_methods")
    op.drop_table("zone_areas")
    op.drop_table("zones")
    op.drop_column("offers", "ships")
    op.drop_column("offers", "weight_g")
