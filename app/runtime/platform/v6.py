"""Rename tables, columns and indexes to the words of docs/glossary.md. No row changes."""

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
    op.rename_table("work", "jobs")
    for table, old, new in COLUMNS:
        rename_column(table, old, new)
    for table, column, old, new in INDEXES:
        _rename_index(table, column, old, new)


def downgrade() -> None:
    for table, column, old, new in INDEXES:
        _rename_index(table, column, new, old)
    for table, old, new in COLUMNS:
        rename_column(table, new, old)
    op.rename_table("jobs", "work")


def rename_column(table: str, old: str, new: str) -> None:
    """Rename a column by the same statement in both databases; Alembic would copy the whole table in SQLite."""
    op.execute(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}")


def _rename_index(table: str, column: str, old: str, new: str) -> None:
    """Rename an index. SQLite has no statement for that, so the index is created again there."""
    if op.get_context().dialect.name == "postgresql":
        op.execute(f"ALTER INDEX {old} RENAME TO {new}")
    else:
        op.drop_index(old, table)
        op.create_index(new, table, [column])
