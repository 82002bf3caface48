"""An index of totals with the status: the biggest orders of one status are found without reading the others."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _replace("orders_by_total", "orders_by_total_and_status", ["total", "id", "status"])


def downgrade() -> None:
    _replace("orders_by_total_and_status", "orders_by_total", ["total", "id"])


def _replace(old: str, new: str, columns: list[str]) -> None:
    """On PostgreSQL without a lock, and again from the start after a kill, which leaves an index that is not valid."""
    if op.get_context().dialect.name == "sqlite":
        op.create_index(new, "orders", columns)
        op.drop_index(old, table_name="orders")
        return
    with op.get_context().autocommit_block():
        op.drop_index(new, table_name="orders", postgresql_concurrently=True, if_exists=True)
        op.create_index(new, "orders", columns, postgresql_concurrently=True)
        op.drop_index(old, table_name="orders", postgresql_concurrently=True, if_exists=True)
