"""Which keys sign tokens, as root keys say. Those known before there were any count for two hours more, in which users
says them again, signed."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

COPIED = ("kid", "public_key", "retired", "version", "revision")
KNOWN = sa.table("known_signing_keys", *(sa.column(name) for name in COPIED))


def upgrade() -> None:
    """From the version before."""
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
        return  # no rows to look at
    until = sa.literal(datetime.now(UTC) + timedelta(hours=2), sa.DateTime(timezone=True))
    known = sa.select(*(KNOWN.c[name] for name in COPIED), sa.literal(""), until)
    op.get_bind().execute(sa.insert(trusted).from_select([*COPIED, "root", "until"], known))


def downgrade() -> None:
    """To the version before."""
    op.drop_table("trusted_signing_keys")
