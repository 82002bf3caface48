"""Add the external reference and the metadata of products and variants. The old code leaves both empty."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = ("products", "variants")


def upgrade() -> None:
    is_sqlite = op.get_context().dialect.name == "sqlite"
    again = None if is_sqlite else True  # on PostgreSQL a failed index leaves the columns: it goes on from there
    for table in TABLES:
        op.add_column(table, sa.Column("external_reference", sa.String(length=100)), if_not_exists=again)
        metadata = sa.Column("metadata", sa.Text(), nullable=False, server_default="{}")
        op.add_column(table, metadata, if_not_exists=again)
    if is_sqlite:
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
