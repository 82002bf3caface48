"""Add the table for lists of products without a search index; `flask db upgrade` fills it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    op.create_table(
        "listings",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("on_sale", sa.Boolean(), nullable=False),
        sa.Column("category", sa.String(length=120), nullable=True),
        sa.Column("price", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sort_key", sa.String(length=120, collation="C" if is_postgresql else None), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("words", postgresql.TSVECTOR() if is_postgresql else sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("product_id"),
    )
    op.create_index("listings_by_price", "listings", ["price", "product_id"])
    op.create_index("listings_by_age", "listings", ["created_at", "product_id"])
    op.create_index("listings_by_name", "listings", ["sort_key", "product_id"])
    op.create_index("listings_by_category", "listings", ["category"])
    op.create_index("listings_of_edition", "listings", ["edition"])
    op.create_index("listings_by_words", "listings", ["words"], postgresql_using="gin", sqlite_where=sa.text("0"))


def downgrade() -> None:
    op.drop_table("listings")
