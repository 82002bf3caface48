"""Sold units stay on the shelf until they are dispatched: each leaves once, whatever event is lost or late."""

from uuid import UUID

import pytest

from app.bus.contracts import orders
from app.bus.event import Event
from app.kernel.ids import new_id
from tests.catalog.steps import confirmed, explained, order, placed, refunded, stock_of, stocks
from tests.catalog.test_auditing import audited
from tests.catalog.test_nudges import nudged
from tests.shop import ALICE, Shop


def shipped(order_id: UUID, shipment_id: UUID, status: str = "dispatched", **units: int) -> orders.ShipmentChanged:
    """The event that a shipment has reached a status."""
    return orders.ShipmentChanged(
        order_id=str(order_id),
        customer_id=str(ALICE),
        shipment_id=str(shipment_id),
        status=status,
        lines=[orders.Units(sku=sku, quantity=quantity) for sku, quantity in units.items()],
        carrier="DHL",
        tracking_number="1",
        version=2,
    )


def unshipped(shop: Shop, sku: str = "MUG") -> int:
    return int(explained(shop, sku)["unshipped"])


def sold(shop: Shop, **units: int) -> UUID:
    order_id = order(shop, **units)
    shop.receives(confirmed(order_id))
    return order_id


def test_sold_units_are_unshipped_until_they_are_dispatched(shop: Shop) -> None:
    stocks(shop, MUG=5)
    held = order(shop, MUG=2)
    before = unshipped(shop)
    shop.receives(confirmed(held))
    first, second = new_id(), new_id()
    seen = [unshipped(shop)]
    for event in (
        shipped(held, first, "packed", MUG=1),
        shipped(held, first, "dispatched", MUG=1),
        shipped(held, first, "delivered", MUG=1),
        shipped(held, second, "unpacked", MUG=1),
        shipped(held, second, "lost", MUG=1),  # of which the dispatch was lost, too
    ):
        shop.receives(event)
        seen.append(unshipped(shop))

    assert (before, seen) == (0, [2, 2, 1, 1, 1, 0])
    assert stock_of(shop, "MUG") == (3, 0), "the counters have lost these units when they were sold"
    assert explained(shop, "MUG")["agrees"]
    assert audit_of_counters(shop) == []


def test_a_shipment_that_is_consumed_twice_leaves_once(shop: Shop) -> None:
    stocks(shop, MUG=5, PEN=5)
    order_id, shipment_id = sold(shop, MUG=2, PEN=1), new_id()

    for _ in range(3):
        shop.receives(shipped(order_id, shipment_id, MUG=2, PEN=1))

    assert (unshipped(shop), unshipped(shop, "PEN")) == (0, 0)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_dispatch_may_come_before_its_cause(shop: Shop, place: int) -> None:
    stocks(shop, MUG=5)
    order_id, shipment_id = new_id(), new_id()
    events: list[Event] = [placed(order_id, MUG=2), confirmed(order_id)]
    events.insert(place, shipped(order_id, shipment_id, MUG=2))

    for event in events:
        shop.receives(event)

    assert (unshipped(shop), stock_of(shop, "MUG"), shop.parked()) == (0, (3, 0), 0)
    assert audit_of_counters(shop) == []


def test_one_nudge_reports_every_dispatch_that_was_lost(shop: Shop) -> None:
    stocks(shop, MUG=5)
    order_id, ids = new_id(), (new_id(), new_id())
    left = [orders.DispatchedShipment(shipment_id=str(id), lines=[orders.Units(sku="MUG", quantity=1)]) for id in ids]
    event = nudged(order_id, "paid", MUG=2)
    with_shipments = orders.OrderNudged(
        **{name: getattr(event, name) for name in event.__dataclass_fields__} | {"shipments": left}
    )

    shop.receives(with_shipments)
    shop.receives(with_shipments)
    shop.receives(shipped(order_id, ids[0], MUG=1))

    assert (unshipped(shop), explained(shop, "MUG")["ledger"]["dispatched"]) == (0, 2)


def test_an_audit_finds_a_shipment_that_was_lost(shop: Shop) -> None:
    stocks(shop, MUG=5)
    order_id = sold(shop, MUG=2)
    missed = new_id()

    before = audited(shop, order_id, "paid", shipped={missed: {"MUG": 1}}, MUG=2)
    shop.receives(shipped(order_id, missed, MUG=1))
    after = audited(shop, order_id, "paid", shipped={missed: {"MUG": 1}}, MUG=2)

    assert (before.discrepancy, after.discrepancy) == ("1 MUG of it was dispatched, in stock nothing", "")


def test_what_has_left_is_not_returned(shop: Shop) -> None:
    """orders refuses to cancel then; but it may have been restored from a backup of before."""
    stocks(shop, MUG=5)
    order_id = sold(shop, MUG=2)
    shop.receives(shipped(order_id, new_id(), MUG=1))

    shop.receives(refunded(order_id))

    assert (stock_of(shop, "MUG"), unshipped(shop)) == ((4, 0), 0)
    assert audit_of_counters(shop) == []


def audit_of_counters(shop: Shop) -> list[str]:
    [audit] = [each for each in shop.modules["catalog"].audits if each.name == "counters"]
    return [each.sentence for each in audit.compare(None) if not isinstance(each, int)]  # type: ignore[arg-type]
