"""Store what happens later at Stripe: disputes, calls with an unclear outcome, results of webhooks."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.add_column("payments", sa.Column("disputed", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("payments", sa.Column("dispute", sa.String(length=40), nullable=True))
    op.add_column("payments", sa.Column("dispute_reason", sa.String(length=60), nullable=True))
    op.add_column("payments", sa.Column("respond_by", moment, nullable=True))
    op.add_column("payments", sa.Column("left_open", sa.Boolean(), nullable=False, server_default=sa.false()))
    for table in ("payments", "refunds"):
        op.add_column(table, sa.Column("attempt", sa.Integer(), nullable=False, server_default="0"))
        op.add_column(table, sa.Column("unclear_at", moment, nullable=True))
    with op.batch_alter_table("webhooks") as webhooks:
        webhooks.add_column(sa.Column("verdict", sa.String(length=20), nullable=False, server_default="ours"))
        webhooks.alter_column("body", existing_type=sa.LargeBinary(), nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM webhooks WHERE body IS NULL")
    with op.batch_alter_table("webhooks") as webhooks:
        webhooks.alter_column("body", existing_type=sa.LargeBinary(), nullable=False)
        webhooks.drop_column("verdict")
    for table in ("payments", "refunds"):
        op.drop_column(table, "unclear_at")
        op.drop_column(table, "attempt")
    for column in ("left_open", "respond_by", "dispute_reason", "dispute", "disputed"):
        op.drop_column("payments", column)
