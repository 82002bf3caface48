"""Add the external reference and the metadata of accounts. The old code leaves both empty."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_sqlite = op.get_context().dialect.name == "sqlite"
    again = None if is_sqlite else True  # on PostgreSQL a failed index leaves the columns: it goes on from there
    op.add_column("users", sa.Column("external_reference", sa.String(length=100)), if_not_exists=again)
    metadata = sa.Column("metadata", sa.Text(), nullable=False, server_default="{}")
    op.add_column("users", metadata, if_not_exists=again)
    if is_sqlite:
        op.create_index("users_external_reference", "users", ["external_reference"], unique=True)
        return
    with op.get_context().autocommit_block():
        about = {"unique": True, "postgresql_concurrently": True, "if_not_exists": True}
        op.create_index("users_external_reference", "users", ["external_reference"], **about)


def downgrade() -> None:
    op.drop_index("users_external_reference", table_name="users")
    op.drop_column("users", "metadata")
    op.drop_column("users", "external_reference")
