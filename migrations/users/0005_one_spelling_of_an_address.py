"""Normalize e-mail addresses: local parts in NFKC, domains as A-labels. An address whose normalized form belongs to another
account stays as it is; `flask doctor` lists it."""

import unicodedata

import idna
import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

USERS = sa.table(
    "users", sa.column("id", sa.Uuid()), sa.column("email", sa.String()), sa.column("version", sa.Integer())
)
OTHERS = USERS.alias("others")


def upgrade() -> None:
    if op.get_context().as_sql:
        return  # offline mode has no rows
    connection = op.get_bind()
    size = "octet_length(email)" if connection.dialect.name == "postgresql" else "length(CAST(email AS BLOB))"
    odd = sa.select(USERS.c.id, USERS.c.email).where(sa.text(f"{size} > length(email)")).order_by(USERS.c.id)
    for id, email in connection.execute(odd).all():
        normalized = _normalized(email)
        free = ~sa.exists().where(OTHERS.c.email == normalized)
        if normalized != email:
            fold = sa.update(USERS).where(USERS.c.id == id, free)
            connection.execute(fold.values(email=normalized, version=USERS.c.version + 1))


def _normalized(email: str) -> str:
    local, at, domain = email.rpartition("@")
    try:
        domain = domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        return email
    local = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", local).lower()).strip()
    normalized = f"{local}{at}{domain.lower()}"
    return normalized if len(normalized) <= 254 else email


def downgrade() -> None:
    """The earlier version accepts normalized addresses too."""
