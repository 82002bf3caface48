"""Vacuum the outbox by the number of changes, not by its size: each query for new rows would step over marked ones."""

from alembic import op

SET = """
ALTER TABLE outbox SET (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 50000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000
)
"""
RESET = """
ALTER TABLE outbox RESET (
    autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold,
    autovacuum_vacuum_insert_scale_factor, autovacuum_vacuum_insert_threshold,
    autovacuum_analyze_scale_factor, autovacuum_analyze_threshold
)
"""


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute(SET)


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute(RESET)
