"""The migration that adds the column of units fills it for the unpaid orders that exist already."""

from contextlib import nullcontext
from pathlib import Path
from uuid import UUID

import pytest
from alembic import command
from sqlalchemy import text

from app.config.settings import Settings
from app.modules.orders.module import orders
from app.runtime.migrate import config_of, upgrade
from tests.servers import fresh_databases
from tests.shop import ALICE

PLACE = text(
    "INSERT INTO orders (id, customer_id, status, lines, totals, currency, placed_at, alerted, version) "
    "VALUES (:id, :customer, :status, :lines, '{}', 'EUR', '2026-01-02 00:00:00', false, 1)"
)
LINES = '[{"sku":"MUG","name":"Mug","quantity":2},{"sku":"PEN","name":"Pen","quantity":40}]'


@pytest.mark.parametrize("on", ["sqlite", "postgresql"])
def test_units_of_unpaid_orders_are_counted_on_upgrade(tmp_path: Path, on: str) -> None:
    with fresh_databases("orders") if on == "postgresql" else nullcontext({}) as variables:
        module = orders(Settings.from_environment({"QUARTET_DATA": str(tmp_path), **variables}))
        command.upgrade(config_of(module), "0007")
        with module.database.begin() as connection:
            for n, status in enumerate(["placed", "awaiting_payment", "paid"]):
                row = {"id": UUID(int=n).hex, "customer": ALICE.hex, "status": status, "lines": LINES}
                connection.execute(PLACE, row)

        upgrade([module])

        with module.transaction() as uow:
            unpaid = uow.orders.lock_unpaid(ALICE)
        module.database.close()
    assert (unpaid.orders, unpaid.units) == (2, 84)
