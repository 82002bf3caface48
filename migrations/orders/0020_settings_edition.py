"""Renew one value with each change of a setting that prices depend on, so that processes know what they may cache."""

from collections.abc import Iterator
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

SETTINGS = {  # the columns of each table that are settings: orders change promotions.used
    "promotions": "id, name, kind, rule, starts_at, ends_at, priority, combines, automatic, total_limit, "
    "per_customer_limit, active, version",
    "shipping_methods": "code, name, zone_id, carrier, tracking_url, min_days, max_days, active, rated_by, "
    "tax_category, version",
    "shipping_rates": "method, currency, from_, below, amount",
    "zones": "id, name, priority, version",
    "zone_areas": "zone_id, n, country, region, postal_prefix, postal_from, postal_to",
    "tax_rates": "id, country, region, postal_prefix, category, name, ppm, reason, valid_from, valid_until, version",
    "tax_registrations": "id, country, region, since, until, version",
    "tax_exemptions": "customer_id, reason, since",
}
FUNCTION = """
CREATE FUNCTION renew_settings_edition() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN UPDATE settings_edition SET edition = gen_random_uuid(); RETURN NULL; END $$
"""
ACTIONS = {
    "postgresql": "FOR EACH STATEMENT EXECUTE FUNCTION renew_settings_edition()",
    "sqlite": "BEGIN UPDATE settings_edition SET edition = lower(hex(randomblob(16))); END",
}


def upgrade() -> None:
    dialect = op.get_context().dialect.name
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
    on_postgresql = op.get_context().dialect.name == "postgresql"
    for table, name, _ in _triggers():
        op.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if on_postgresql else ""))
    if on_postgresql:
        op.execute("DROP FUNCTION renew_settings_edition()")
    op.drop_table("settings_edition")


def _triggers() -> Iterator[tuple[str, str, str]]:
    """Table, name and event of each trigger."""
    for table, columns in SETTINGS.items():
        yield table, f"{table}_inserted", "INSERT"
        yield table, f"{table}_deleted", "DELETE"
        yield table, f"{table}_updated", f"UPDATE OF {columns}"
