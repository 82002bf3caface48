"""Add invoices and credit notes. No order of before gets an invoice: they are issued from the time when the setting
asks for them, and only where the invoice was issued do credit notes follow.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "documents",
        sa.Column("order_id", sa.Uuid(), primary_key=True),
        sa.Column("n", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("credited_before", sa.BigInteger(), nullable=False),
        sa.Column("credited", sa.BigInteger(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("series", sa.String(20)),
        sa.Column("number", sa.Integer()),
        sa.Column("issued_at", sa.DateTime(timezone=True)),
        sa.Column("content", sa.Text()),
        sa.CheckConstraint("(number IS NULL) = (content IS NULL)", name="an_issued_document_has_a_content"),
    )
    op.create_table(
        "document_series",
        sa.Column("name", sa.String(20), primary_key=True),
        sa.Column("last_number", sa.Integer(), nullable=False),
    )
    op.create_index("documents_by_number", "documents", ["series", "number"], unique=True)
    op.create_index("documents_by_time", "documents", ["issued_at", "series", "number"])
    not_issued = sa.text("number IS NULL")
    op.create_index(
        "documents_not_issued",
        "documents",
        ["requested_at"],
        sqlite_where=not_issued,
        postgresql_where=not_issued,
    )


def downgrade() -> None:
    op.drop_table("document_series")
    op.drop_table("documents")
