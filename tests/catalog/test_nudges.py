"""What catalog does when an order is nudged: each status of the order with each status of its reservation."""

from uuid import UUID

import pytest
from prometheus_client import REGISTRY

from app.bus.contracts import orders
from app.bus.contracts.catalog import StockRejected
from app.kernel.ids import new_id
from tests.catalog.steps import cancelled, confirmed, order, placed, refunded, stock_of, stocks
from tests.catalog.test_stock_of_orders import answers
from tests.shop import ALICE, Shop

STATUSES = ("placed", "awaiting_payment", "confirmed", "paid", "cancelled", "refunded")
ON, PAID, OFF = STATUSES[:2], STATUSES[2:4], STATUSES[4:]
RESERVED, SOLD = ("StockReserved", 1), ("StockSold", 2)
# the reservation, the statuses of the order, the events then published, and of five units those on hand and held
CASES = [
    ("none", ON, [RESERVED], (5, 2)),
    ("none", PAID, [RESERVED, SOLD], (3, 0)),
    ("none", OFF, [], (5, 0)),
    ("held", ON, [RESERVED], (5, 2)),
    ("held", PAID, [SOLD], (3, 0)),
    ("held", OFF, [("StockReleased", 2)], (5, 0)),
    ("sold", (*ON, *PAID), [RESERVED, SOLD], (3, 0)),
    ("sold", OFF, [("StockReturned", 3)], (5, 0)),
    ("released", STATUSES, [("StockReleased", 2)], (5, 0)),
    ("returned", STATUSES, [("StockReturned", 3)], (5, 0)),
]


def nudged(order_id: UUID, status: str, **quantities: int) -> orders.OrderNudged:
    """The event that nudges an order in this status."""
    about = placed(order_id, **quantities)
    return orders.OrderNudged(
        order_id=str(order_id),
        customer_id=str(ALICE),
        status=status,
        lines=about.lines,
        totals=about.totals,
        currency=about.currency,
        deadline="",
        version=3,
    )


def claimed(shop: Shop, claim: str) -> UUID:
    """An order of two mugs whose reservation has this status."""
    if claim == "none":
        return new_id()
    order_id = order(shop, MUG=2)
    if claim in {"sold", "returned"}:
        shop.receives(confirmed(order_id))
    if claim == "released":
        shop.receives(cancelled(order_id))
    if claim == "returned":
        shop.receives(refunded(order_id))
    return order_id


@pytest.mark.parametrize(
    ("claim", "status", "expected", "level"),
    [(claim, status, published, level) for claim, statuses, published, level in CASES for status in statuses],
)
def test_what_a_status_requires_is_done_once_and_published(
    shop: Shop, claim: str, status: str, expected: list[tuple[str, int]], level: tuple[int, int]
) -> None:
    stocks(shop, MUG=5)
    order_id = claimed(shop, claim)
    before = answers(shop, order_id)

    shop.receives(nudged(order_id, status, MUG=2))

    published = answers(shop, order_id)
    for each in before:
        published.remove(each)
    assert published == expected
    assert stock_of(shop, "MUG") == level
    shop.receives(nudged(order_id, status, MUG=2))
    assert (stock_of(shop, "MUG"), shop.parked()) == (level, 0)


@pytest.mark.parametrize("status", STATUSES)
def test_a_rejected_reservation_stays_rejected_and_is_not_counted_again(shop: Shop, status: str) -> None:
    stocks(shop, MUG=1)
    order_id = order(shop, MUG=2)
    stock_counts = REGISTRY.get_sample_value("quartet_stock_rejected_total")

    shop.receives(nudged(order_id, status, MUG=2))

    first, again = shop.published(StockRejected)
    assert first == again
    assert (stock_of(shop, "MUG"), shop.parked()) == ((1, 0), 0)
    assert REGISTRY.get_sample_value("quartet_stock_rejected_total") == stock_counts


def test_an_order_whose_placing_was_missed_and_whose_stock_is_short_now_is_rejected(shop: Shop) -> None:
    stocks(shop, MUG=1)
    order_id = new_id()

    shop.receives(nudged(order_id, "placed", MUG=2))

    assert answers(shop, order_id) == [("StockRejected", 1)]


def test_an_order_that_is_confirmed_again_is_sold_once(shop: Shop) -> None:
    stocks(shop, MUG=5)
    order_id = claimed(shop, "sold")

    shop.receives(confirmed(order_id))

    assert (stock_of(shop, "MUG"), shop.parked()) == ((3, 0), 0)
    assert answers(shop, order_id) == [RESERVED, SOLD]
