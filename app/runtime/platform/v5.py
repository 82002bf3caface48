"""Add the keys that sign tokens and are themselves signed by a root key.

The keys known before stay valid for two hours, in which the users module publishes them again, signed.
"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

COPIED = ("kid", "public_key", "retired", "version", "revision")
KNOWN = sa.table("known_signing_keys", *(sa.column(name) for name in COPIED))


def upgrade() -> None:
    trusted = op.create_table(
        "trusted_signing_keys",
        sa.Column("kid", sa.String(length=64), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("kid", "root"),
    )
    if op.get_context().as_sql:
        return  # without a connection there are no rows to copy
    until = sa.literal(datetime.now(UTC) + timedelta(hours=2), sa.DateTime(timezone=True))
    known = sa.select(*(KNOWN.c[name] for name in COPIED), sa.literal(""), until)
    op.get_bind().execute(sa.insert(trusted).from_select([*COPIED, "root", "until"], known))


def downgrade() -> None:
    op.drop_table("trusted_signing_keys")
