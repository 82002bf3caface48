"""Allow skus of up to 100 characters, unique ignoring case. Existing skus are in capitals and ASCII."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = ("variants", "stock", "holds", "movements")


def upgrade() -> None:
    op.add_column("variants", sa.Column("folded_sku", sa.String(length=300), nullable=True))
    op.execute("UPDATE variants SET folded_sku = lower(sku)")
    if op.get_context().dialect.name == "postgresql":  # SQLite does not enforce the length of text
        for table in TABLES:
            op.alter_column(table, "sku", type_=sa.String(length=100))
        with op.get_context().autocommit_block():
            op.create_index(
                "variants_folded_sku", "variants", ["folded_sku"], unique=True, postgresql_concurrently=True
            )
    else:
        op.create_index("variants_folded_sku", "variants", ["folded_sku"], unique=True)


def downgrade() -> None:
    op.drop_index("variants_folded_sku", "variants")
    op.drop_column("variants", "folded_sku")
