"""Sold units that are cancelled before they leave are on sale again, whatever event is lost, late or repeated."""

from dataclasses import replace
from uuid import UUID

from app.bus.contracts import orders
from app.kernel.ids import new_id
from tests.catalog.steps import explained, order, refunded, stock_of, stocks
from tests.catalog.test_auditing import audited
from tests.catalog.test_dispatches import audit_of_counters, shipped, sold, unshipped
from tests.catalog.test_nudges import nudged
from tests.shop import ALICE, Shop


def units(**quantities: int) -> list[orders.Units]:
    return [orders.Units(sku=sku, quantity=quantity) for sku, quantity in quantities.items()]


def reduced(order_id: UUID, **remaining: int) -> orders.UnitsCancelled:
    """The event that so many units of an order remain."""
    about = {"order_id": str(order_id), "customer_id": str(ALICE)}
    return orders.UnitsCancelled(remaining=units(**remaining), version=5, **about)


def part_sent(shop: Shop) -> UUID:
    """An order of two mugs and a pen, of which a mug has left."""
    stocks(shop, MUG=5, PEN=5)
    order_id = sold(shop, MUG=2, PEN=1)
    shop.receives(shipped(order_id, new_id(), MUG=1))
    return order_id


def test_they_do_not_stay_unshipped(shop: Shop) -> None:
    order_id = part_sent(shop)
    before = unshipped(shop), unshipped(shop, "PEN")

    for _ in range(2):
        shop.receives(reduced(order_id, MUG=1, PEN=0))

    assert (before, (unshipped(shop), unshipped(shop, "PEN"))) == ((1, 1), (0, 0))
    assert (stock_of(shop, "MUG"), stock_of(shop, "PEN")) == ((4, 0), (5, 0))
    assert explained(shop, "MUG")["agrees"] and explained(shop, "PEN")["agrees"]
    assert audit_of_counters(shop) == []


def test_the_rest_of_the_order_agrees_with_it(shop: Shop) -> None:
    order_id = part_sent(shop)
    shop.receives(reduced(order_id, MUG=1, PEN=0))

    answer = audited(shop, order_id, "paid", {new_id(): {"MUG": 1}}, MUG=1)

    assert answer.discrepancy == ""


def test_a_lost_event_is_found_and_mended_by_a_nudge(shop: Shop) -> None:
    order_id = part_sent(shop)
    shipment = {new_id(): {"MUG": 1}}
    found = audited(shop, order_id, "paid", shipment, MUG=1).discrepancy

    for _ in range(2):
        shop.receives(replace(nudged(order_id, "paid", MUG=2, PEN=1), cancelled=units(MUG=1, PEN=1)))

    assert found == "it is for 1 MUG, its stock is sold for 2 MUG, 1 PEN"
    assert audited(shop, order_id, "paid", shipment, MUG=1).discrepancy == ""
    assert (unshipped(shop), stock_of(shop, "MUG"), stock_of(shop, "PEN")) == (0, (4, 0), (5, 0))
    assert audit_of_counters(shop) == []


def test_catalog_that_lost_the_order_sells_only_what_remains(shop: Shop) -> None:
    stocks(shop, MUG=5)
    order_id = new_id()
    event = replace(nudged(order_id, "paid", MUG=2), cancelled=units(MUG=1))

    shop.receives(replace(event, shipments=[orders.DispatchedShipment(shipment_id=str(new_id()), lines=units(MUG=1))]))

    assert (stock_of(shop, "MUG"), unshipped(shop)) == ((4, 0), 0)


def test_an_order_that_was_undone_or_is_not_sold_stays_as_it_is(shop: Shop) -> None:
    stocks(shop, MUG=5)
    undone, held = sold(shop, MUG=2), order(shop, MUG=1)
    shop.receives(refunded(undone))

    for order_id in (undone, held, new_id()):
        shop.receives(reduced(order_id, MUG=0))

    assert stock_of(shop, "MUG") == (5, 1)
    assert shop.parked() == 0
