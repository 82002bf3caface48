"""Many orders compete for the same stock at the same time."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import event

from app.bus.contracts.catalog import StockRejected, StockReleased, StockReserved, StockReturned, StockSold
from app.kernel.ids import new_id
from app.modules.catalog.module import catalog
from tests.catalog.steps import cancelled, confirmed, explained, order, placed, stock_of, stocks
from tests.servers import fresh_databases
from tests.shop import Shop

OF_STOCK = (StockReserved, StockRejected, StockSold, StockReleased, StockReturned)


def answers(shop: Shop, order_id: UUID) -> list[tuple[str, int]]:
    """The events that catalog has published about an order's stock, in the order of their versions."""
    published = [each for event in OF_STOCK for each in shop.published(event) if each.order_id == str(order_id)]
    return [(type(each).__name__, each.version) for each in sorted(published, key=lambda each: each.version)]


def at_once(*steps: Callable[[], object]) -> None:
    """Run each in a thread of its own; an exception in one of them is raised here."""
    start, failures = threading.Barrier(len(steps)), []

    def run(step: Callable[[], object]) -> None:
        start.wait()
        try:
            step()
        except Exception as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def test_twenty_five_concurrent_orders_hold_exactly_ten_of_ten_units(shop: Shop) -> None:
    stocks(shop, MUG=10)

    at_once(*(lambda: order(shop, MUG=1) for _ in range(25)))

    assert stock_of(shop, "MUG") == (10, 10)
    assert (len(shop.published(StockReserved)), len(shop.published(StockRejected)), shop.parked()) == (10, 15, 0)
    assert explained(shop, "MUG")["ledger"] == {"received": 10, "held": 10}


def test_orders_of_the_same_skus_in_opposite_order_do_not_deadlock(shop: Shop) -> None:
    stocks(shop, MUG=7, PEN=7)

    at_once(
        *(lambda: order(shop, MUG=1, PEN=1) for _ in range(8)),
        *(lambda: order(shop, PEN=1, MUG=1) for _ in range(8)),
    )

    assert (stock_of(shop, "MUG"), stock_of(shop, "PEN")) == ((7, 7), (7, 7))
    assert (len(shop.published(StockReserved)), len(shop.published(StockRejected)), shop.parked()) == (7, 9, 0)


def test_stock_is_sold_in_the_order_in_which_it_is_held_whatever_the_language_of_the_database(tmp_path: Path) -> None:
    skus = ["B", "a", "Å", "Z-1", "Z1", "z"]  # where any two are sorted in another way, two orders may deadlock
    with fresh_databases("catalog", sorted_as_in="en-US") as variables:
        shop = Shop(tmp_path, catalog, **variables)
        stocks(shop, **dict.fromkeys(skus, 5))
        order_id = order(shop, **dict.fromkeys(skus, 1))
        changed: list[str] = []

        def note(_c: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
            if statement.startswith("UPDATE stock"):
                changed.append(parameters["the_sku"])

        for engine in shop.modules["catalog"].database.engines:
            event.listen(engine, "before_cursor_execute", note)
        shop.receives(confirmed(order_id))
        shop.close()

    assert changed == sorted(skus)


def test_concurrent_copies_of_an_event_count_once(shop: Shop) -> None:
    stocks(shop, MUG=10)
    order_id, copy = new_id(), new_id()

    at_once(*(lambda: shop.receives(placed(order_id, MUG=1), id=copy) for _ in range(8)))

    assert (stock_of(shop, "MUG"), shop.parked()) == ((10, 1), 0)
    assert answers(shop, order_id) == [("StockReserved", 1)]


def test_concurrent_sales_and_cancellations_leave_what_was_not_sold(shop: Shop) -> None:
    stocks(shop, MUG=12)
    held = [order(shop, MUG=1) for _ in range(12)]

    at_once(
        *(lambda id=id: shop.receives(confirmed(id)) for id in held[:6]),
        *(lambda id=id: shop.receives(cancelled(id)) for id in held[6:]),
    )

    assert (stock_of(shop, "MUG"), shop.parked()) == ((6, 0), 0)
    assert (len(shop.published(StockSold)), len(shop.published(StockReleased))) == (6, 6)
