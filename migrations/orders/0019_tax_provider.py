"""Store what a provider of tax needs: its kept answers, and what it has to be told; and who is exempt from tax."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "tax_exemptions",
        sa.Column("customer_id", sa.Uuid(), primary_key=True),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("since", TIME, nullable=False),
    )
    op.create_table(
        "tax_quotes",
        sa.Column("fingerprint", sa.String(64), primary_key=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("calculation", sa.String(100), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
    )
    op.create_index("ix_tax_quotes_expires_at", "tax_quotes", ["expires_at"])
    op.create_table(
        "tax_records",
        sa.Column("order_id", sa.Uuid(), primary_key=True),
        sa.Column("n", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("calculation", sa.String(100), nullable=False),
        sa.Column("before", sa.BigInteger(), nullable=False),
        sa.Column("after", sa.BigInteger(), nullable=False),
        sa.Column("requested_at", TIME),
        sa.Column("recorded_as", sa.String(100)),
        sa.Column("recorded_lines", sa.Text()),
        sa.Column("recorded_at", TIME),
        sa.CheckConstraint("before <= after", name="a_reversal_takes_more"),
    )
    to_tell = sa.text("requested_at IS NOT NULL AND recorded_at IS NULL")
    op.create_index(
        "tax_records_to_tell", "tax_records", ["requested_at"], sqlite_where=to_tell, postgresql_where=to_tell
    )


def downgrade() -> None:
    op.drop_table("tax_records")
    op.drop_table("tax_quotes")
    op.drop_table("tax_exemptions")
