"""Store what shipping needs: weights of offers; zones, methods and rates.

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


def downgrade() -> None:
    op.drop_table("shipping_rates")
    op.drop_table("shipping_methods")
    op.drop_table("zone_areas")
    op.drop_table("zones")
    op.drop_column("offers", "ships")
    op.drop_column("offers", "weight_g")
