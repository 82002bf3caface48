"""Later migrations run while the old version serves: they must neither break it nor lock a big table for long.

Checked by the SQL that each migration sends to PostgreSQL, however it is written.
"""

import re
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from io import StringIO
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import op
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from tests.conftest import ROOT

LATER = sorted(path for path in (ROOT / "migrations").glob("*/[0-9]*.py") if not path.name.startswith("0001"))
DANGEROUS = {
    "removes or renames what the old code uses": r"\bDROP (TABLE|COLUMN)\b|\bRENAME\b",
    "makes the database refuse rows of the old code": r"\bADD COLUMN\b(?!.*\bDEFAULT\b).*\bNOT NULL\b",
    "reads a whole table under a lock": r"\bSET NOT NULL\b"
    r"|\bADD (CONSTRAINT|CHECK|FOREIGN|UNIQUE|PRIMARY)\b(?!.*NOT VALID)",
    # a longer VARCHAR, or VARCHAR to TEXT, only changes the catalogue (PostgreSQL, ALTER TABLE, Notes)
    "rewrites a table": r"\bALTER COLUMN \S+ (SET DATA )?TYPE\b(?! VARCHAR\(| TEXT$)"
    r"|\bADD COLUMN\b.*SERIAL\b|\bVACUUM FULL\b|\bCLUSTER\b",
    "blocks writers": r"\b(CREATE( UNIQUE)?|DROP) INDEX (?!CONCURRENTLY)|\bREINDEX\b(?!.*CONCURRENTLY)",
    "locks a table": r"\bLOCK TABLE\b|\bTRUNCATE\b",
}


def sql(upgrade: Callable[[], None]) -> list[str]:
    """The statements that a migration sends to PostgreSQL."""
    sent = StringIO()
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": sent})
    with Operations.context(context):
        upgrade()
    return [" ".join(statement.split()) for statement in sent.getvalue().split(";") if statement.strip()]


def dangers(upgrade: Callable[[], None]) -> set[str]:
    """The dangers of a migration. Anything is allowed on a table that it creates itself: nothing uses it yet."""
    statements = sql(upgrade)
    new = {made[1] for each in statements if (made := re.match(r"CREATE TABLE (\w+)", each))}
    on_old = [each for each in statements if not any(re.search(rf"\b(TABLE|ON) {name}\b", each) for name in new)]
    return {why for why, pattern in DANGEROUS.items() for each in on_old if re.search(pattern, each, re.IGNORECASE)}


RENAMES = {"removes or renames what the old code uses"}
NEEDS_A_STOP = {"names_of_the_field": RENAMES, "who_requested_and_when": RENAMES}  # 0.2.0: see docs/upgrading.md


def upgrade_in(path: Path) -> Callable[[], None]:
    """The function `upgrade` of a migration."""
    spec = spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    upgrade: Callable[[], None] = module.upgrade
    return upgrade


@pytest.mark.parametrize("path", LATER, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_it_does_nothing_that_stops_the_old_code(path: Path) -> None:
    assert dangers(upgrade_in(path)) == NEEDS_A_STOP.get(path.stem[5:], set())


@pytest.mark.parametrize(
    "upgrade",
    [
        lambda: op.add_column("carts", sa.Column("note", sa.String(20), nullable=False)),
        lambda: op.execute("ALTER TABLE carts ADD COLUMN note VARCHAR(20) NOT NULL"),
        lambda: op.drop_column("carts", "note"),
        lambda: op.drop_table("carts"),
        lambda: op.rename_table("carts", "baskets"),
        lambda: op.alter_column("carts", "note", new_column_name="remark"),
        lambda: op.alter_column("carts", "note", type_=sa.BigInteger()),
        lambda: op.alter_column("carts", "note", nullable=False),
        lambda: op.create_index("carts_note", "carts", ["note"]),
        lambda: op.create_index("carts_note", "carts", ["note"], unique=True),
        lambda: op.drop_index("carts_note"),
        lambda: op.create_unique_constraint("carts_once", "carts", ["note"]),
        lambda: op.create_foreign_key("carts_owner", "carts", "people", ["owner"], ["id"]),
        lambda: op.create_check_constraint("carts_positive", "carts", "quantity > 0"),
        lambda: op.execute("LOCK TABLE carts"),
    ],
)
def test_what_is_dangerous_is_found(upgrade: Callable[[], None]) -> None:
    assert len(dangers(upgrade)) == 1, sql(upgrade)


def make_a_table() -> None:
    """Create a table with an index."""
    op.create_table("wishes", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("sku", sa.Text(), unique=True))
    op.create_index("wishes_sku", "wishes", ["sku"])


def make_an_index_beside_writers() -> None:
    with op.get_context().autocommit_block():
        op.create_index("carts_note", "carts", ["note"], postgresql_concurrently=True)


@pytest.mark.parametrize(
    "upgrade",
    [
        lambda: op.add_column("carts", sa.Column("note", sa.String(20))),
        lambda: op.add_column("carts", sa.Column("note", sa.String(20), nullable=False, server_default="")),
        lambda: op.alter_column("carts", "note", type_=sa.String(200)),
        lambda: op.create_check_constraint("carts_few", "carts", "quantity < 100", postgresql_not_valid=True),
        make_a_table,
        make_an_index_beside_writers,
    ],
)
def test_what_is_harmless_is_let_through(upgrade: Callable[[], None]) -> None:
    assert dangers(upgrade) == set(), sql(upgrade)
