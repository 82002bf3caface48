"""The migrations that add columns and tables fill them for the orders that exist already."""

from contextlib import nullcontext
from json import dumps
from pathlib import Path
from uuid import UUID

import pytest
from alembic import command
from sqlalchemy import select, text

from app.config.settings import Settings
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.modules.orders.domain.orders.filter import OrderFilter, Sort
from app.modules.orders.domain.orders.state_machine import Status
from app.modules.orders.domain.shipping.shipment import ShipmentStatus, Tracking
from app.modules.orders.infrastructure.tables import order_lines
from app.modules.orders.infrastructure.tables import orders as table
from app.modules.orders.module import orders
from app.modules.orders.use_cases.shipments.move_shipment import move_shipment
from app.modules.orders.use_cases.shipments.pack_shipment import pack_shipment
from app.runtime.migrate import config_of, upgrade
from tests.servers import fresh_databases
from tests.shop import ALICE

PLACE = text(
    "INSERT INTO orders (id, customer_id, status, lines, totals, currency, placed_at, alerted, version) "
    "VALUES (:id, :customer, :status, :lines, :totals, 'EUR', '2026-01-02 00:00:00', false, 1)"
)
LINES = (
    '[{"sku":"MUG","name":"Mug","quantity":2,"unit_price":{"amount":650,"currency":"EUR"}},'
    '{"sku":"PEN","name":"Pen","quantity":40,"unit_price":{"amount":50,"currency":"EUR"}}]'
)
AMOUNTS = {"items": 3300, "shipping": 0, "tax": 0, "discount": 0, "total": 3300}
TOTALS = dumps({name: {"amount": amount, "currency": "EUR"} for name, amount in AMOUNTS.items()})


@pytest.mark.parametrize("on", ["sqlite", "postgresql"])
def test_units_of_unpaid_orders_are_counted_on_upgrade(tmp_path: Path, on: str) -> None:
    with fresh_databases("orders") if on == "postgresql" else nullcontext({}) as variables:
        module = orders(Settings.from_environment({"QUARTET_DATA": str(tmp_path), **variables}))
        command.upgrade(config_of(module), "0007")
        with module.database.begin() as connection:
            for n, status in enumerate(["placed", "awaiting_payment", "paid"]):
                connection.execute(PLACE, old_order(n, status))

        upgrade([module])

        with module.transaction() as uow:
            unpaid = uow.orders.lock_unpaid(ALICE)
        module.database.close()
    assert (unpaid.orders, unpaid.units) == (2, 84)


@pytest.mark.parametrize("on", ["sqlite", "postgresql"])
def test_lines_and_totals_of_old_orders_become_rows_and_columns(tmp_path: Path, on: str) -> None:
    with fresh_databases("orders") if on == "postgresql" else nullcontext({}) as variables:
        module = orders(Settings.from_environment({"QUARTET_DATA": str(tmp_path), **variables}))
        command.upgrade(config_of(module), "0011")
        with module.database.begin() as connection:
            for n, status in enumerate(["paid", "cancelled", "refunded"]):
                connection.execute(PLACE, old_order(n, status))
        upgrade([module])
        with module.database.begin() as connection:  # by the old version, which may still serve
            for n, status in enumerate(["placed", "cancelled"], start=3):
                connection.execute(PLACE, old_order(n, status))
            connection.execute(text("UPDATE orders SET status = 'cancelled' WHERE status = 'paid'"))
            rows = connection.execute(select(order_lines.c.order_id, order_lines.c.cancelled)).all()
            totals = connection.execute(select(table.c.total).order_by(table.c.id)).scalars().all()

        with module.transaction() as uow:
            read = [uow.orders.get(UUID(int=n)) for n in range(5)]
            listed = uow.orders.matching(OrderFilter(), Sort.OLDEST, None, 10)
            uow.orders.save(read[3])
        with module.database.begin() as connection:
            total = connection.execute(select(table.c.total).where(table.c.id == UUID(int=3))).scalar_one()
        module.database.close()

    counts = sorted((row.order_id.int, row.cancelled) for row in rows)
    assert counts == [(0, 0), (0, 0), (1, 2), (1, 40), (2, 2), (2, 40)]
    assert totals == [3300, 3300, 3300, None, None]
    assert total == 3300, "an order of the old version gets its total when it changes"
    every = [("MUG", "Mug", 2, Money(650, "EUR")), ("PEN", "Pen", 40, Money(50, "EUR"))]
    for order in (*read, *listed):
        assert [(line.sku, line.name, line.quantity, line.unit_price) for line in order.lines] == every
        assert [line.cancelled for line in order.lines] == ([0, 0] if order.status is Status.PLACED else [2, 40])


@pytest.mark.slow
@pytest.mark.parametrize("on", ["sqlite", "postgresql"])
def test_orders_of_before_are_packed_and_dispatched(tmp_path: Path, on: str) -> None:
    with fresh_databases("orders") if on == "postgresql" else nullcontext({}) as variables:
        module = orders(Settings.from_environment({"QUARTET_DATA": str(tmp_path), **variables}))
        command.upgrade(config_of(module), "0011")
        with module.database.begin() as connection:
            connection.execute(PLACE, old_order(0, "paid"))
        upgrade([module])
        with module.database.begin() as connection:  # by the old version, without rows of lines
            connection.execute(PLACE, old_order(1, "paid"))

        for n in range(2):
            id, shipment_id = UUID(int=n), new_id()
            with module.transaction() as uow:
                before = uow.orders.get(id).fulfilment
                pack_shipment(uow, shipment_id, id, {"PEN": 39}, "test")
            with module.transaction() as uow:
                dispatched = ShipmentStatus.DISPATCHED
                move_shipment(uow, id, shipment_id, dispatched, "test", Tracking(carrier="DHL", number="1"))
            with module.transaction() as uow:
                order = uow.orders.get(id)
            counts = [(line.sku, line.packed, line.dispatched) for line in order.lines]
            assert (before, order.fulfilment, counts) == ("none", "part", [("MUG", 0, 0), ("PEN", 39, 39)])
        module.database.close()


def old_order(n: int, status: str) -> dict[str, str]:
    return {"id": UUID(int=n).hex, "customer": ALICE.hex, "status": status, "lines": LINES, "totals": TOTALS}
