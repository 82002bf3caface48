"""Add promotions, coupons, and what each order got. Orders of before have no discounts; the old code, which serves
meanwhile, gives none, leaves the new columns at their defaults, and removes no codes from a cart.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "promotions",
        sa.Column("id", sa.String(100), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True)),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("combines", sa.String(20), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("total_limit", sa.Integer()),
        sa.Column("per_customer_limit", sa.Integer()),
        sa.Column("used", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("0 <= used AND used <= total_limit", name="promotion_within_its_limit"),
    )
    op.create_index("promotions_in_force", "promotions", ["automatic", "active"])
    op.create_table(
        "coupons",
        sa.Column("code", sa.String(40), primary_key=True),
        sa.Column("shown", sa.String(40), nullable=False),
        sa.Column("promotion_id", sa.String(100), nullable=False),
        sa.Column("use_limit", sa.Integer()),
        sa.Column("used", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("0 <= used AND used <= use_limit", name="coupon_within_its_limit"),
    )
    op.create_index("coupons_of_promotion", "coupons", ["promotion_id", "code"])
    op.create_table(
        "uses",
        sa.Column("promotion_id", sa.String(100), primary_key=True),
        sa.Column("customer_id", sa.Uuid(), primary_key=True),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.CheckConstraint("used >= 0", name="uses_are_counted"),
    )
    op.create_table(
        "redemptions",
        sa.Column("order_id", sa.Uuid(), primary_key=True),
        sa.Column("promotion_id", sa.String(100), primary_key=True),
        sa.Column("code", sa.String(40)),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("redemptions_of_promotion", "redemptions", ["promotion_id", "customer_id"])
    op.create_index("redemptions_of_code", "redemptions", ["code"])
    op.create_table(
        "discounts",
        sa.Column("order_id", sa.Uuid(), primary_key=True),
        sa.Column("promotion_id", sa.String(100), primary_key=True),
        sa.Column("target", sa.String(110), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("code", sa.String(40)),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("0 < amount AND amount <= base", name="a_discount_is_of_its_base"),
    )
    op.add_column("order_lines", sa.Column("discount", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("offers", sa.Column("category", sa.Text(), nullable=False, server_default=""))
    op.add_column("carts", sa.Column("codes", sa.Text(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("carts", "codes")
    op.drop_column("offers", "category")
    op.drop_column("order_lines", "discount")
    for table in ("discounts", "redemptions", "uses", "coupons", "promotions"):
        op.drop_table(table)
