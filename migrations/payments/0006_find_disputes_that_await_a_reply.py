"""Index the few payments whose dispute awaits a reply."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OPEN = sa.text("dispute IN ('needs_response', 'warning_needs_response')")


def upgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.create_index("payments_awaiting_reply", "payments", ["respond_by"], sqlite_where=OPEN)
        return
    with op.get_context().autocommit_block():
        about = {"postgresql_where": OPEN, "postgresql_concurrently": True}
        op.create_index("payments_awaiting_reply", "payments", ["respond_by"], if_not_exists=True, **about)


def downgrade() -> None:
    op.drop_index("payments_awaiting_reply", table_name="payments")
