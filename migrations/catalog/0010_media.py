"""Add the media of products, and the first of them to what is listed. The old code leaves both empty."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("products", sa.Column("media", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("listings", sa.Column("image", sa.Text(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("listings", "image")
    op.drop_column("products", "media")
