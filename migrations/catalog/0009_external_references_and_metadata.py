"""Add the external reference and the metadata of products and variants. The old code leaves both empty."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = ("products", "variants")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("external_reference", sa.String(length=100)))
        op.add_column(table, sa.Column("metadata", sa.Text(), nullable=False, server_default="{}"))
    if op.get_context().dialect.name == "sqlite":
        for table in TABLES:
            op.create_index(f"{table}_external_reference", table, ["external_reference"], unique=True)
        return
    with op.get_context().autocommit_block():
        about = {"unique": True, "postgresql_concurrently": True, "if_not_exists": True}
        for table in TABLES:
            op.create_index(f"{table}_external_reference", table, ["external_reference"], **about)


def downgrade() -> None:
    for table in TABLES:
        op.drop_index(f"{table}_external_reference", table_name=table)
        op.drop_column(table, "metadata")
        op.drop_column(table, "external_reference")
