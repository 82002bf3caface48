"""One environment for four histories: the section's name in alembic.ini picks the module and its database."""

from importlib import import_module
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import text
from sqlalchemy.types import TypeDecorator

from app.bus.tables import metadata as bus
from app.config import Settings
from app.kernel.database import Database
from app.web.tables import metadata as web

module = context.config.config_ini_section
own = import_module(f"app.modules.{module}.infrastructure.tables").metadata


# Until the transaction ends; who waits longer than the lock_timeout of app/kernel/database.py gets Stale.
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('quartet migrations'))")


def plain_type(kind: str, thing: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write our types into a migration as what they are in the database, so that it outlives them."""
    if kind == "type" and isinstance(thing, TypeDecorator):
        return f"sa.{thing.impl_instance!r}"
    return False


def run() -> None:
    """Upgrade or compare this module's database, in one transaction."""
    database = context.config.attributes.get("database")
    if database is None:
        database = Database(getattr(Settings.from_environment(), f"{module}_database"))
    with database.begin() as connection:
        if not database.is_sqlite:  # where BEGIN IMMEDIATE has done it
            connection.execute(ONE_AT_A_TIME)
        context.configure(
            connection=connection,
            target_metadata=[own, bus, web],
            render_item=plain_type,
            render_as_batch=database.is_sqlite,
            include_name=lambda name, kind, parents: kind != "table" or name != "alembic_version",
        )
        context.run_migrations()


run()
