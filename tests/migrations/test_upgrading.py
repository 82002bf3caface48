"""Upgrading a database that has rows, while the old version uses it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Any
from uuid import UUID

import pytest
from alembic import command
from sqlalchemy import Column, Connection, MetaData, Table, insert, select, text

from app.config.settings import Settings
from app.kernel.database import Database
from app.kernel.errors import Stale
from app.runtime.migrate import config_of, migrate, missing_migrations, revisions, upgrade
from app.wiring import Module
from tests.conftest import ROOT, until
from tests.servers import fresh_databases

MODULES = sorted(path.name for path in (ROOT / "migrations").iterdir() if path.is_dir() and path.name[0] != "_")
MAKES_AN_INDEX = """
from alembic import op

revision, down_revision = "9999", "{newest}"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index("outbox_published", "outbox", ["published_at"], postgresql_concurrently=True)
"""
RENAMED = {"work": "jobs"}  # tables, by their first name
JSON = {"lines": "[]", "totals": "{}"}  # columns that a migration reads
SAMPLES: dict[type, Any] = {
    int: 1,
    str: "x",
    bytes: b"x",
    bool: True,
    float: 1.5,
    UUID: UUID(int=7),
    datetime: datetime(2026, 1, 2, tzinfo=UTC),
    dict: {},
    Decimal: Decimal(1),
}


@pytest.fixture(params=[(kind, name) for kind in ("sqlite", "postgresql") for name in MODULES], ids=" ".join)
def module(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Module]:
    """A module with an empty database."""
    kind, name = request.param
    if kind == "sqlite":
        made = hosted(name, tmp_path)
        yield made
        made.database.close()
        return
    with fresh_databases(name) as variables:
        made = hosted(name, tmp_path, **variables)
        yield made
        made.database.close()


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Module]:
    """One module on PostgreSQL, at its first migration."""
    with fresh_databases(MODULES[-1]) as variables:
        made = replace(hosted(MODULES[-1], tmp_path, **variables), after_upgrade=None)
        at_first(made)
        yield made
        made.database.close()


def hosted(name: str, folder: Path, **variables: str) -> Module:
    """A module of this tree, by name."""
    make = getattr(import_module(f"app.modules.{name}.module"), name)
    module: Module = make(Settings.from_environment({"QUARTET_DATA": str(folder), **variables}))
    return module


def at_first(module: Module) -> None:
    """Migrate to the first revision only, as the first version of the shop did."""
    command.upgrade(config_of(module), "0001")


def tables(connection: Connection) -> list[Table]:
    """The tables of the database, by reflection."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def sample(column: Column[Any]) -> Any:
    """A valid value for a column."""
    if column.foreign_keys:
        (foreign,) = column.foreign_keys
        return sample(foreign.column)
    if getattr(column.type, "enums", None):
        return column.type.enums[0]  # type: ignore[attr-defined]
    return JSON.get(column.name) or SAMPLES[column.type.python_type]


def rows(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    with database.read() as connection:
        return {table.name: [tuple(row) for row in connection.execute(select(table))] for table in tables(connection)}


def test_every_row_is_there_afterwards(module: Module) -> None:
    at_first(module)
    with module.database.begin() as connection:
        for table in tables(connection):
            row = {column.name: sample(column) for column in table.columns}
            connection.execute(insert(table), row)
    before = rows(module.database)

    upgrade([replace(module, after_upgrade=None)])

    assert missing_migrations(module) is None
    assert all(before.values())
    after = rows(module.database)
    assert {
        name: [row[: len(old[0])] for row in after[RENAMED.get(name, name)]] for name, old in before.items()
    } == before


def test_two_who_upgrade_at_once_do_not_collide(module: Module, tmp_path: Path) -> None:
    own = {"QUARTET_DATA": str(tmp_path), f"{module.name.upper()}_DATABASE_URL": module.database.url}
    run = [sys.executable, "-m", "flask", "--app", f"app.modules.{module.name}.wsgi", "db", "upgrade"]

    both = [subprocess.Popen(run, cwd=ROOT, env=os.environ | own, stdout=subprocess.DEVNULL) for _ in range(2)]

    assert [each.wait(timeout=60) for each in both] == [0, 0]
    assert missing_migrations(module) is None


def test_a_migration_does_not_wait_in_the_database_for_another_one(one: Module) -> None:
    with one.database.begin() as other:
        other.execute(text("SELECT pg_advisory_xact_lock(hashtext('quartet migrations'))"))

        with pytest.raises(Stale):  # waiting would end in lock_timeout, which is another error
            command.upgrade(config_of(one), "head")

    upgrade([one])
    assert missing_migrations(one) is None


@pytest.mark.parametrize("name", MODULES)
def test_the_outbox_is_vacuumed_by_its_changes(name: str, tmp_path: Path) -> None:
    with fresh_databases(name) as variables:
        module = hosted(name, tmp_path, **variables)
        upgrade([module])
        with module.database.read() as connection:
            options = connection.execute(text("SELECT reloptions FROM pg_class WHERE relname = 'outbox'")).scalar_one()
        module.database.close()

    assert {"autovacuum_vacuum_scale_factor=0", "autovacuum_vacuum_threshold=5000"} <= set(options)


def test_the_migrations_make_what_the_code_expects(module: Module) -> None:
    upgrade([replace(module, after_upgrade=None)])

    command.check(config_of(module))  # raises if they differ


def waits_for_a_lock(module: Module) -> bool:
    """Whether a connection to its database waits for a lock."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    with module.database.read() as connection:
        return bool(connection.execute(waiting).scalar_one())


def publish(connection: Connection, position: int) -> None:
    """Insert into the outbox as the old version does."""
    table = next(table for table in tables(connection) if table.name == "outbox")
    row = {column.name: sample(column) for column in table.columns}
    connection.execute(insert(table), {**row, "position": position})


@pytest.mark.slow  # five seconds: the time that a migration waits for a table
def test_a_migration_of_a_table_in_use_is_retried_and_meanwhile_the_old_code_writes(one: Module) -> None:
    with ThreadPoolExecutor(1) as migrator:
        with one.database.begin() as vacuum:
            vacuum.execute(text("LOCK TABLE outbox IN SHARE UPDATE EXCLUSIVE MODE"))
            upgrading = migrator.submit(upgrade, [one])
            until(lambda: waits_for_a_lock(one), "the migration waits")
            with one.database.begin() as other:
                publish(other, 1)
            until(lambda: not waits_for_a_lock(one), "it lets the others go first")
        upgrading.result(timeout=30)

    assert missing_migrations(one) is None
    assert len(rows(one.database)["outbox"]) == 1


def test_a_later_migration_can_make_an_index_beside_those_who_write(one: Module, tmp_path: Path) -> None:
    upgrade([one])
    history = copytree(ROOT / "migrations" / one.name, tmp_path / one.name, ignore=ignore_patterns("__pycache__"))
    newest = max(history.glob("0*.py")).name[:4]
    (history / "9999_index.py").write_text(MAKES_AN_INDEX.format(newest=newest))
    config = config_of(one)
    config.set_section_option(one.name, "version_locations", str(history))

    with ThreadPoolExecutor(1) as migrator:
        with one.database.begin() as early:
            publish(early, 1)
            upgrading = migrator.submit(command.upgrade, config, "head")
            until(lambda: waits_for_a_lock(one), "it waits for who was there first")
            with one.database.begin() as other:
                publish(other, 2)
        upgrading.result(timeout=30)

    is_valid = text("SELECT indisvalid FROM pg_index WHERE indexrelid = 'outbox_published'::regclass")
    with one.database.read() as connection:
        assert connection.execute(is_valid).scalar_one()


def test_a_database_that_is_away_is_a_sentence_and_no_traceback(tmp_path: Path) -> None:
    away = {
        "QUARTET_DATA": str(tmp_path),
        f"{MODULES[-1].upper()}_DATABASE_URL": "postgresql://quartet:hunter22@127.0.0.1:9/x",
    }
    run = [sys.executable, "-m", "flask", "--app", f"app.modules.{MODULES[-1]}.wsgi", "db", "upgrade"]

    ended = subprocess.run(run, cwd=ROOT, env=os.environ | away, capture_output=True, text=True, timeout=60)

    assert ended.returncode == 1
    assert ended.stderr.startswith(f"Error: The database of {MODULES[-1]} cannot be used: ")
    assert "Traceback" not in ended.stderr and "hunter22" not in ended.stderr


def test_an_older_version_starts_on_the_database_of_a_newer_one(one: Module) -> None:
    upgrade([one])
    with one.database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    migrate(one)

    assert revisions(one)[0] == "9999", "it is rolled back by starting the old processes"
