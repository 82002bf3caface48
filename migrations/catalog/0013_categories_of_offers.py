"""Store with each variant the categories that its offer was published with. They are filled by a job, which the first
start enqueues; the old code, which serves meanwhile, leaves them as they are.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("variants", sa.Column("category_path", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("variants", "category_path")
