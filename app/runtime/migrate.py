"""Migrates the databases of modules, each by its own history under migrations/.

Alembic is imported only where it is needed: it takes a tenth of a start, and most processes never migrate.
"""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from app.kernel.database import is_away
from app.kernel.errors import Stale
from app.wiring import Module

if TYPE_CHECKING:
    from alembic.config import Config

TIMEOUT, PAUSE = 60.0, 1.0  # seconds; each try waits for the lock of a table no longer than the lock_timeout
APP = Path(__file__).parents[1]
HISTORIES = next(
    each for each in (APP / "migrations", APP.parent / "migrations") if each.is_dir()
)  # in a wheel; in a clone


class Step(NamedTuple):
    """One revision of a module's history."""

    revision: str
    message: str
    applied: bool


class MigrationState(NamedTuple):
    """The revision of a module's database, compared with the code. `missing`: revisions not applied, oldest first."""

    module: str
    revision: str | None
    head: str | None
    missing: list[str]
    newer_than_code: bool


def upgrade(modules: Iterable[Module]) -> None:
    """Run the missing migrations of every module; then the `after_upgrade` of each.

    They run after all migrations, as they may publish events that another module consumes.
    """
    all_modules = list(modules)
    for module in all_modules:
        migrate(module)
    for module in all_modules:
        if module.after_upgrade:
            module.after_upgrade()


def migrate(module: Module) -> None:
    """Run the missing migrations of one module. Raises ClickException with the reason if they cannot run."""
    try:
        _migrate(module)
    except DBAPIError as error:
        if not is_away(error):
            raise
        raise click.ClickException(f"The database of {module.name} cannot be used: {error.orig}") from None


def _migrate(module: Module) -> None:
    """Run the migrations. A table in use is waited for only briefly, and tried again, as every later request for the
    table queues behind a waiting migration.
    """
    current, newest, known = revisions(module)
    if current == newest or not known:  # a newer version has migrated it: an older one serves on that
        return None
    from alembic import command

    until = time.monotonic() + TIMEOUT
    while True:
        try:
            return command.upgrade(config_of(module), "head")
        except Stale:
            if time.monotonic() > until:
                break
            time.sleep(PAUSE)
    raise click.ClickException(
        f"The tables of {module.name} are in use by a long transaction, or another migration runs: try again later."
    )


def write_next(module: Module, message: str) -> Path:
    """Generate the next migration of a module, from the differences between its tables and its database.

    Returns the path of the file.
    """
    from alembic import command

    migrate(module)
    following = int(known_revisions(module)[-1]) + 1
    made = command.revision(config_of(module), message, autogenerate=True, rev_id=f"{following:04}")
    assert made and not isinstance(made, list)
    return Path(made.path)


def is_installed() -> bool:
    """Whether this runs from a wheel, and not from a clone."""
    return HISTORIES.parent == APP


def missing_migrations(module: Module) -> str | None:
    """A sentence if the module's database lacks a migration, otherwise None."""
    current, newest, known = revisions(module)
    if current == newest or not known:
        return None
    return f"at {current}, not at {newest}: run `flask db upgrade`"


def newer_than_code(module: Module) -> str | None:
    """A sentence if a newer version has migrated the database, otherwise None.

    This version can still serve requests, but has to be replaced soon.
    """
    current, newest, known = revisions(module)
    if known:
        return None
    return f"at {current}, which is newer than this version's {newest}: deploy the newer version"


def revisions(module: Module) -> tuple[str | None, str, bool]:
    """The revision of the database, the newest of this version, and whether this version has the first one."""
    known = known_revisions(module)
    with module.database.read() as connection:
        is_migrated = inspect(connection).has_table("alembic_version")
        current: str | None = (
            connection.scalar(text("SELECT version_num FROM alembic_version")) if is_migrated else None
        )
    return current, known[-1], current is None or current in known


def known_revisions(module: Module) -> list[str]:
    """The revisions of this version, oldest first. The name of each file of a history begins with its revision."""
    return sorted(file.name.partition("_")[0] for file in (HISTORIES / module.name).glob("[0-9]*_*.py"))


def history(module: Module) -> list[Step]:
    """Every revision of this version, oldest first. A database that is ahead has applied all of them."""
    current, _, known = revisions(module)
    from alembic.script import ScriptDirectory

    steps: list[Step] = []
    applied = not known
    for each in ScriptDirectory.from_config(config_of(module)).walk_revisions():  # the newest first
        applied = applied or each.revision == current
        steps.append(Step(each.revision, each.doc, applied))
    return steps[::-1]


def migration_state(module: Module) -> MigrationState:
    """Compare the revision of a module's database with the code."""
    current, head, known = revisions(module)
    missing = [step.revision for step in history(module) if not step.applied]
    return MigrationState(module.name, current, head, missing, newer_than_code=not known)


def config_of(module: Module) -> "Config":
    """Alembic's configuration for a module. alembic.ini has the same for Alembic's command, but is not in a wheel."""
    from alembic.config import Config

    config = Config(ini_section=module.name)
    config.set_main_option("script_location", _escaped(HISTORIES))
    config.set_main_option("version_locations", _escaped(HISTORIES / module.name))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["database"] = module.database
    return config


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%")
