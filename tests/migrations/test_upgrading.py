"""A database that is in use is brought up to date with its rows, while the old code goes on."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Column, Connection, MetaData, Table, insert, select, text

from app.config import Settings
from app.kernel.database import Database
from app.migrate import INI, behind, upgrade
from app.wiring import Module
from tests.conftest import ROOT
from tests.servers import fresh_databases

MODULES = sorted(path.name for path in (ROOT / "migrations").iterdir() if path.is_dir() and path.name[0] != "_")
LATER = sorted(path for path in (ROOT / "migrations").glob("*/[0-9]*.py") if not path.name.startswith("0001"))
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
    """A module over an empty database."""
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


def hosted(name: str, folder: Path, **variables: str) -> Module:
    """One of the modules that are in this tree."""
    make = getattr(import_module(f"app.modules.{name}.module"), name)
    module: Module = make(Settings.from_environment({"QUARTET_DATA": str(folder), **variables}))
    return module


def at_first(module: Module) -> None:
    """As it was when the first version of the shop was installed."""
    config = Config(INI, ini_section=module.name)
    config.attributes["database"] = module.database
    command.upgrade(config, "0001")


def tables(connection: Connection) -> list[Table]:
    """As they are in the database."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def sample(column: Column[Any]) -> Any:
    """A value that fits."""
    if column.foreign_keys:
        (foreign,) = column.foreign_keys
        return sample(foreign.column)
    if getattr(column.type, "enums", None):
        return column.type.enums[0]  # type: ignore[attr-defined]
    return SAMPLES[column.type.python_type]


def rows(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Everything, by table."""
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

    assert behind(module) is None
    assert all(before.values())
    after = rows(module.database)
    assert {name: [row[: len(old[0])] for row in after[name]] for name, old in before.items()} == before


def test_two_who_upgrade_at_once_do_not_collide(module: Module, tmp_path: Path) -> None:
    own = {"QUARTET_DATA": str(tmp_path), f"{module.name.upper()}_DATABASE_URL": module.database.url}
    run = [sys.executable, "-m", "flask", "--app", f"app.modules.{module.name}.wsgi", "db", "upgrade"]

    both = [subprocess.Popen(run, cwd=ROOT, env=os.environ | own, stdout=subprocess.DEVNULL) for _ in range(2)]

    assert [each.wait(timeout=60) for each in both] == [0, 0]
    assert behind(module) is None


@pytest.mark.parametrize("name", MODULES)
def test_the_outbox_is_vacuumed_by_its_changes(name: str, tmp_path: Path) -> None:
    with fresh_databases(name) as variables:
        module = hosted(name, tmp_path, **variables)
        upgrade([module])
        with module.database.read() as connection:
            options = connection.execute(text("SELECT reloptions FROM pg_class WHERE relname = 'outbox'")).scalar_one()
        module.database.close()

    assert {"autovacuum_vacuum_scale_factor=0", "autovacuum_vacuum_threshold=5000"} <= set(options)


@pytest.mark.parametrize("path", LATER, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_later_migration_does_nothing_that_stops_the_old_code(path: Path) -> None:
    """What would rewrite a big table, hold its lock while it is read, or take away what the old code uses."""
    steps = path.read_text(encoding="utf-8").partition("def upgrade")[2].partition("def downgrade")[0]

    assert not re.search(r"drop_column|drop_table|rename_table|alter_column\([^)]*(type_|new_column_name)", steps, re.S)
    assert not re.search(r"add_column\([^)]*nullable=False(?![^)]*server_default)", steps, re.S)
    assert "create_index" not in steps or "postgresql_concurrently=True" in steps
