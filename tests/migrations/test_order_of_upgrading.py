"""`flask db upgrade` runs the migrations of all modules first, then the `after_upgrade` of each module."""

from dataclasses import replace
from pathlib import Path

import click
import pytest

from app.runtime.migrate import missing_migrations, upgrade
from tests.migrations.test_upgrading import MODULES, hosted


def test_what_follows_migrations_finds_every_module_up_to_date(tmp_path: Path) -> None:
    made = [hosted(name, tmp_path) for name in MODULES]
    found: list[str | None] = []

    upgrade(replace(each, after_upgrade=lambda: found.extend(map(missing_migrations, made))) for each in made)

    assert found == [None] * len(made) ** 2
    for each in made:
        each.database.close()


def test_nothing_follows_where_one_cannot_be_migrated(tmp_path: Path) -> None:
    nowhere = {f"{MODULES[-1].upper()}_DATABASE_URL": "postgresql+psycopg2://nobody:x@127.0.0.1:9/nowhere"}
    made = [hosted(name, tmp_path, **nowhere) for name in MODULES]
    found: list[str] = []

    with pytest.raises(click.ClickException, match=f"The database of {MODULES[-1]} cannot be used"):
        upgrade(replace(each, after_upgrade=lambda: found.append("ran")) for each in made)

    assert found == []
    for each in made:
        each.database.close()
