"""The Alembic environment of all four modules: the section of alembic.ini selects the module and its database."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, String, text
from sqlalchemy.types import TypeDecorator

from app.bus.tables import metadata as bus
from app.config.settings import Settings
from app.jobs.tables import metadata as jobs
from app.kernel.database import Database
from app.kernel.errors import Stale
from app.ops.tables import metadata as ops
from app.web.tables import metadata as web
from app.wiring import Module

module = context.config.config_ini_section
own = import_module(f"app.modules.{module}.infrastructure.tables").metadata


# The lock is tried, not waited for: CREATE INDEX CONCURRENTLY would wait for the statement that waits for the lock.
TAKE = text("SELECT pg_try_advisory_lock(hashtext('quartet migrations'))")
GIVE_BACK = text("SELECT pg_advisory_unlock(hashtext('quartet migrations'))")


def plain_type(kind: str, thing: Any, _context: AutogenContext) -> str | Literal[False]:
    """Render our types as their database types, so that migrations do not depend on our classes."""
    if kind == "type" and isinstance(thing, TypeDecorator):
        return f"sa.{thing.impl_instance!r}"
    return False


def differs(made: MigrationContext, _column: Any, _meant: Any, inspected: Any, expected: Any) -> bool | None:
    """Ignores lengths of text on SQLite, which does not enforce them; migrations do not change them there."""
    both_text = isinstance(inspected, String) and isinstance(expected, String)
    return False if both_text and made.dialect.name == "sqlite" else None


@contextmanager
def alone(database: Database) -> Iterator[None]:
    """Allow only one migration of a PostgreSQL database at a time. Raises Stale while another one runs."""
    with database.read() as connection:
        if not connection.execute(TAKE).scalar_one():
            raise Stale("another migration is running")
        try:
            yield
        finally:
            connection.execute(GIVE_BACK)


def configure(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=[own, bus, jobs, ops, web],
        render_item=plain_type,
        compare_type=differs,
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=True,
        include_name=lambda name, kind, parents: kind != "table" or name != "alembic_version",
    )


def run() -> None:
    """Upgrade or compare the database of this module.

    SQLite uses one transaction, which locks out other writers. PostgreSQL uses one per migration; a migration can leave
    it (op.get_context().autocommit_block) to create an index concurrently with writers.
    """
    database = context.config.attributes.get("database")
    if database is None:
        made: Module = getattr(import_module(f"app.modules.{module}.module"), module)(Settings.from_environment())
        database = made.database
    if database.is_sqlite:
        with database.begin() as connection:
            configure(connection)
            context.run_migrations()
    else:
        with alone(database), database.step_by_step() as connection:
            configure(connection)
            with context.begin_transaction():
                context.run_migrations()


run()
