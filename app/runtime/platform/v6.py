"""The field's names for what was called otherwise. No row changes."""

from alembic import op

COLUMNS = (
    ("jobs", "asked", "requested"),
    ("audits", "findings", "discrepancies"),
    ("replays", "question", "event_filter"),
    ("replays", "place", "offsets"),
    ("known_ended_sessions", "heard_at", "received_at"),
)
INDEXES = (
    ("jobs", "due_at", "ix_work_due_at", "ix_jobs_due_at"),
    ("known_ended_sessions", "received_at", "ix_known_ended_sessions_heard_at", "ix_known_ended_sessions_received_at"),
)


def upgrade() -> None:
    """From the version before."""
    op.rename_table("work", "jobs")
    for table, old, new in COLUMNS:
        rename_column(table, old, new)
    for table, column, old, new in INDEXES:
        _rename_index(table, column, old, new)


def downgrade() -> None:
    """To the version before."""
    for table, column, old, new in INDEXES:
        _rename_index(table, column, new, old)
    for table, old, new in COLUMNS:
        rename_column(table, new, old)
    op.rename_table("jobs", "work")


def rename_column(table: str, old: str, new: str) -> None:
    """In both databases the same statement; Alembic would copy the table in SQLite."""
    op.execute(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}")


def _rename_index(table: str, column: str, old: str, new: str) -> None:
    """SQLite has no statement for it; there the index is made again."""
    if op.get_context().dialect.name == "postgresql":
        op.execute(f"ALTER INDEX {old} RENAME TO {new}")
    else:
        op.drop_index(old, table)
        op.create_index(new, table, [column])
