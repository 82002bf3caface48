"""Renew one value with each change of a setting that prices depend on, so that processes know what they may cache."""

from collections.abc import Iterator
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TABLES = ("promotions", "shipping_methods", "shipping_rates", "zones", "zone_areas", "tax_rates", "tax_registrations")
COUNTER = "used"  # of promotions: orders change it, and it is no setting
FUNCTION = """
CREATE FUNCTION renew_settings_edition() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN UPDATE settings_edition SET edition = gen_random_uuid(); RETURN NULL; END $$
"""
ACTIONS = {
    "postgresql": "FOR EACH STATEMENT EXECUTE FUNCTION renew_settings_edition()",
    "sqlite": "BEGIN UPDATE settings_edition SET edition = lower(hex(randomblob(16))); END",
}


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    table = op.create_table(
        "settings_edition",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("edition", sa.String(36), nullable=False),
    )
    op.bulk_insert(table, [{"id": 1, "edition": str(uuid4())}])
    if dialect == "postgresql":
        op.execute(FUNCTION)
    for of, name, event in _triggers():
        op.execute(f"CREATE TRIGGER {name} AFTER {event} ON {of} {ACTIONS[dialect]}")


def downgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for table, name, _ in _triggers():
        op.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if on_postgresql else ""))
    if on_postgresql:
        op.execute("DROP FUNCTION renew_settings_edition()")
    op.drop_table("settings_edition")


def _triggers() -> Iterator[tuple[str, str, str]]:
    """Table, name and event of each trigger."""
    for table in (*TABLES, "tax_exemptions"):
        yield table, f"{table}_inserted", "INSERT"
        yield table, f"{table}_deleted", "DELETE"
        yield table, f"{table}_updated", f"UPDATE OF {', '.join(_settings_of(table))}"


def _settings_of(table: str) -> list[str]:
    return [each["name"] for each in sa.inspect(op.get_bind()).get_columns(table) if each["name"] != COUNTER]
