"""Migrates the databases of modules, each by its own history under migrations/."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import click
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

from app.kernel.database import is_away
from app.kernel.errors import Stale
from app.wiring import Module

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
    migrate(module)
    config = config_of(module)
    newest = ScriptDirectory.from_config(config).get_current_head()
    made = command.revision(config, message, autogenerate=True, rev_id=f"{int(newest or 0) + 1:04}")
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


def revisions(module: Module) -> tuple[str | None, str | None, bool]:
    """The revision of the database, the newest of this version, and whether this version has the first one."""
    history = ScriptDirectory.from_config(config_of(module))
    with module.database.read() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    known = current is None or current in {each.revision for each in history.walk_revisions()}
    return current, history.get_current_head(), known


def history(module: Module) -> list[Step]:
    """Every revision of this version, oldest first. A database that is ahead has applied all of them."""
    current, _, known = revisions(module)
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


def config_of(module: Module) -> Config:
    """Alembic's configuration for a module. alembic.ini has the same for Alembic's command, but is not in a wheel."""
    config = Config(ini_section=module.name)
    config.set_main_option("script_location", _escaped(HISTORIES))
    config.set_main_option("version_locations", _escaped(HISTORIES / module.name))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["database"] = module.database
    return config


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%")
