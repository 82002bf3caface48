"""Commands run before the first start, or while a database is away, print a sentence and no traceback."""

from pathlib import Path

import pytest

from app.factory import create_app
from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from tests.shop import Shop

COMMANDS = (
    "bus status",
    "bus parked list",
    "bus prune",
    "catalog announce",
    "demo load",
    "orders stuck",
    "payments reconcile",
    "users announce",
    "users keys list",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_on_databases_that_are_not_there_says_what_to_do(tmp_path: Path, command: str) -> None:
    app = create_app(catalog, orders, payments, users, settings=Shop(tmp_path).settings)

    result = app.test_cli_runner().invoke(args=command.split())
    app.extensions["quartet_background"].stop(timeout=5)

    assert result.exit_code == 1
    assert "not up to date: run `flask db upgrade`" in result.output, result.exception


def test_a_command_beside_a_database_that_is_away_says_so(tmp_path: Path) -> None:
    away = "postgresql://quartet:hunter22@127.0.0.1:9/orders"
    app = create_app(orders, settings=Shop(tmp_path, ORDERS_DATABASE_URL=away).settings)

    result = app.test_cli_runner().invoke(args=["orders", "stuck"])
    app.extensions["quartet_background"].stop(timeout=5)

    assert result.exit_code == 1
    assert "A database cannot be used" in result.output, result.exception
    assert "hunter22" not in result.output
