"""The stock of an order: held, sold, released or returned, each once."""

from collections.abc import Callable
from uuid import UUID

import pytest

from app.bus.contracts.catalog import StockRejected, StockReleased, StockReserved, StockReturned, StockSold
from app.bus.event import Event
from app.kernel.ids import new_id
from tests.catalog.steps import cancelled, confirmed, explained, order, placed, refunded, stock_of, stocks
from tests.shop import Shop

OF_STOCK = (StockReserved, StockRejected, StockSold, StockReleased, StockReturned)


def answers(shop: Shop, order_id: UUID) -> list[tuple[str, int]]:
    """The events that catalog has published about an order's stock, in the order of their versions."""
    published = [each for event in OF_STOCK for each in shop.published(event) if each.order_id == str(order_id)]
    return [(type(each).__name__, each.version) for each in sorted(published, key=lambda each: each.version)]


def test_a_placed_orders_stock_is_held(shop: Shop) -> None:
    stocks(shop, MUG=5, PEN=9)

    order_id = order(shop, MUG=2, PEN=9)

    assert answers(shop, order_id) == [("StockReserved", 1)]
    assert (stock_of(shop, "MUG"), stock_of(shop, "PEN")) == ((5, 2), (9, 9))
    assert [(each["order_id"], each["quantity"]) for each in explained(shop, "MUG")["holds"]] == [(str(order_id), 2)]


def test_an_order_gets_all_units_or_none_and_the_event_lists_what_is_short(shop: Shop) -> None:
    stocks(shop, MUG=5, PEN=1, CUP=3)

    order_id = order(shop, MUG=5, PEN=2, CUP=4, GHOST=1)

    [rejected] = shop.published(StockRejected)
    assert rejected.order_id == str(order_id)
    assert [(each.sku, each.wanted, each.available) for each in rejected.short] == [
        ("CUP", 4, 3),
        ("GHOST", 1, 0),
        ("PEN", 2, 1),
    ]
    assert [stock_of(shop, sku)[1] for sku in ("MUG", "PEN", "CUP")] == [0, 0, 0]
    assert explained(shop, "MUG")["ledger"] == {"received": 5}
    assert shop.parked() == 0


def test_a_confirmed_orders_stock_is_sold(shop: Shop) -> None:
    stocks(shop, MUG=5)
    order_id = order(shop, MUG=2)

    shop.receives(confirmed(order_id))

    assert answers(shop, order_id) == [("StockReserved", 1), ("StockSold", 2)]
    assert stock_of(shop, "MUG") == (3, 0)
    assert (explained(shop, "MUG")["sold"], explained(shop, "MUG")["holds"]) == (2, [])


def test_a_cancelled_orders_stock_is_available_again(shop: Shop) -> None:
    stocks(shop, MUG=5)
    order_id = order(shop, MUG=5)

    shop.receives(cancelled(order_id))

    assert answers(shop, order_id) == [("StockReserved", 1), ("StockReleased", 2)]
    assert stock_of(shop, "MUG") == (5, 0)
    assert answers(shop, order(shop, MUG=5)) == [("StockReserved", 1)]


@pytest.mark.parametrize("off", [cancelled, refunded])
def test_sold_stock_comes_back_when_the_order_is_cancelled_or_refunded(
    shop: Shop, off: Callable[[UUID], Event]
) -> None:
    stocks(shop, MUG=5)
    order_id = order(shop, MUG=2)
    shop.receives(confirmed(order_id))

    shop.receives(off(order_id))

    assert answers(shop, order_id) == [("StockReserved", 1), ("StockSold", 2), ("StockReturned", 3)]
    assert stock_of(shop, "MUG") == (5, 0)
    assert explained(shop, "MUG")["ledger"] == {"received": 5, "held": 2, "sold": 2, "returned": 2}


def test_a_rejected_order_has_nothing_to_give_back(shop: Shop) -> None:
    stocks(shop, MUG=1)
    order_id = order(shop, MUG=2)

    shop.receives(cancelled(order_id))

    assert answers(shop, order_id) == [("StockRejected", 1)]
    assert (stock_of(shop, "MUG"), shop.parked()) == ((1, 0), 0)


def test_the_same_event_twice_counts_once(shop: Shop) -> None:
    stocks(shop, MUG=5)
    order_id = new_id()

    for event in (placed(order_id, MUG=2), confirmed(order_id), refunded(order_id)):
        twice = new_id()
        shop.receives(event, id=twice)
        shop.receives(event, id=twice)

    assert answers(shop, order_id) == [("StockReserved", 1), ("StockSold", 2), ("StockReturned", 3)]
    assert explained(shop, "MUG")["ledger"] == {"received": 5, "held": 2, "sold": 2, "returned": 2}
    assert shop.parked() == 0


def test_an_order_placed_a_second_time_parks_and_holds_no_more(shop: Shop) -> None:
    stocks(shop, MUG=5)
    order_id = order(shop, MUG=2)

    shop.receives(placed(order_id, MUG=2))

    assert (stock_of(shop, "MUG"), shop.parked()) == ((5, 2), 1)
    assert answers(shop, order_id) == [("StockReserved", 1)]


def test_an_order_cancelled_twice_returns_its_stock_once(shop: Shop) -> None:
    stocks(shop, MUG=5)
    order_id = order(shop, MUG=2)

    shop.receives(cancelled(order_id))
    shop.receives(cancelled(order_id))

    assert answers(shop, order_id) == [("StockReserved", 1), ("StockReleased", 2)]
    assert (stock_of(shop, "MUG"), shop.parked()) == ((5, 0), 0)


@pytest.mark.parametrize("early", [confirmed, cancelled, refunded])
def test_an_event_that_arrives_before_its_order_parks_with_all_later_ones(
    shop: Shop, early: Callable[[UUID], Event]
) -> None:
    stocks(shop, MUG=5)
    order_id = new_id()

    shop.receives(early(order_id))
    shop.receives(placed(order_id, MUG=2))

    assert (stock_of(shop, "MUG"), shop.parked()) == ((5, 0), 2)
    assert answers(shop, order_id) == []
    assert answers(shop, order(shop, MUG=5)) == [("StockReserved", 1)]  # other orders are not held up


@pytest.mark.parametrize("too_late", ["released", "rejected"])
def test_what_is_not_held_cannot_be_sold(shop: Shop, too_late: str) -> None:
    stocks(shop, MUG=5)
    order_id = order(shop, MUG=9 if too_late == "rejected" else 2)
    shop.receives(cancelled(order_id))

    shop.receives(confirmed(order_id))

    assert (stock_of(shop, "MUG"), shop.parked()) == ((5, 0), 1)
    assert shop.published(StockSold) == []


def test_the_last_one_goes_to_one_of_two_orders(shop: Shop) -> None:
    stocks(shop, MUG=1)

    first, second = order(shop, MUG=1), order(shop, MUG=1)

    assert answers(shop, first) == [("StockReserved", 1)]
    assert answers(shop, second) == [("StockRejected", 1)]
