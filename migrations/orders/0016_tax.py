"""Store what tax needs: categories, registrations and rates; the tax of orders; categories of offers and methods.

The old code, which serves meanwhile, leaves the new columns at their defaults.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("offers", sa.Column("tax_category", sa.String(100), nullable=False, server_default="standard"))
    op.add_column(
        "shipping_methods", sa.Column("tax_category", sa.String(100), nullable=False, server_default="standard")
    )
    categories = op.create_table(
        "tax_categories",
        sa.Column("slug", sa.String(100), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
    )
    op.bulk_insert(categories, [{"slug": "standard", "name": "Standard"}])
    op.create_table(
        "tax_registrations",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("region", sa.String(3), nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("until", TIME),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("since <= until", name="a_registration_ends_after_it_begins"),
    )
    op.create_index("tax_registrations_of_country", "tax_registrations", ["country"])
    op.create_table(
        "tax_rates",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("region", sa.String(3), nullable=False),
        sa.Column("postal_prefix", sa.String(20), nullable=False),
        sa.Column("category", sa.String(100), sa.ForeignKey("tax_categories.slug"), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("ppm", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(30), nullable=False),
        sa.Column("valid_from", TIME, nullable=False),
        sa.Column("valid_until", TIME),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("0 <= ppm AND ppm <= 1000000 AND valid_from <= valid_until", name="a_rate_is_a_share"),
    )
    op.create_index("tax_rates_of_country", "tax_rates", ["country", "region"])
    op.create_index("ix_tax_rates_category", "tax_rates", ["category"])
    op.create_table(
        "tax_lines",
        sa.Column("order_id", sa.Uuid(), primary_key=True),
        sa.Column("target", sa.String(110), primary_key=True),
        sa.Column("n", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("jurisdiction", sa.String(30), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("ppm", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(30), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("included", sa.Boolean(), nullable=False),
        sa.Column("engine", sa.String(20), nullable=False),
        sa.CheckConstraint("amount >= 0", name="tax_is_not_negative"),
    )
    op.create_table(
        "buyer_tax_ids",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("answered_name", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("checked_at", TIME),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_index("ix_buyer_tax_ids_customer_id", "buyer_tax_ids", ["customer_id"])
    op.create_table(
        "order_tax_ids",
        sa.Column("order_id", sa.Uuid(), primary_key=True),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("checked_at", TIME),
    )
    op.create_table(
        "tax_refunds",
        sa.Column("order_id", sa.Uuid(), primary_key=True),
        sa.Column("n", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("before", sa.BigInteger(), nullable=False),
        sa.Column("after", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_tax_refunds_at", "tax_refunds", ["at"])


def downgrade() -> None:
    op.drop_table("tax_refunds")
    op.drop_table("order_tax_ids")
    op.drop_table("buyer_tax_ids")
    op.drop_table("tax_lines")
    op.drop_table("tax_rates")
    op.drop_table("tax_registrations")
    op.drop_table("tax_categories")
    op.drop_column("shipping_methods", "tax_category")
    op.drop_column("offers", "tax_category")
