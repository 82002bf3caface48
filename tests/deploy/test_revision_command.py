"""What `flask db revision` refuses; tests/docs/test_the_guide.py tests what it writes."""

from pathlib import Path

import pytest
from flask import Flask

from app.config.settings import Settings
from app.factory import create_app
from app.modules.orders.module import orders
from tests.conftest import ROOT


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return create_app(orders, settings=Settings.from_environment({"QUARTET_DATA": str(tmp_path)}))


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (
            ["catalog", "-m", "a column"],
            "Invalid value for MODULE: this entry point does not host 'catalog', only orders",
        ),
        (["orders"], "Missing option '--message'"),
        (["orders", "-m", "   "], "give a line of words"),
        (["orders", "-m", 'a "column"'], "give a line of words"),
        (["orders", "-m", "a\ncolumn"], "give a line of words"),
        (["orders", "-m", "ends with \\"], "give a line of words"),
    ],
)
def test_what_makes_no_migration_is_refused(app: Flask, words: list[str], why: str) -> None:
    before = sorted((ROOT / "migrations/orders").glob("*.py"))

    answer = app.test_cli_runner().invoke(args=["db", "revision", *words])

    assert answer.exit_code == 2
    assert why in " ".join(answer.output.split())
    assert sorted((ROOT / "migrations/orders").glob("*.py")) == before
