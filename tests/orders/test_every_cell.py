"""Every cell of the state table, in the running module: the new status, the published events, and the timeline."""

from datetime import timedelta

import pytest

from tests.orders.steps import EVENTS, order_in, published_about, receives, status_of, sweeps, timeline_of
from tests.orders.test_state_machine import CELLS
from tests.shop import ALICE, Shop

LATER = timedelta(days=1)
PUBLISHED = {  # by the status that an order reaches
    "awaiting_payment": "payment_requested",
    "confirmed": "order_confirmed",
    "paid": "order_paid",
    "cancelled": "order_cancelled",
    "refunded": "order_refunded",
}
MODULES = {name: "catalog" if name.startswith("stock") else "payments" for name in EVENTS}
BY_CLOCK_OR_CUSTOMER = {"deadline", "cancel"}


@pytest.mark.parametrize(("status", "trigger", "expected"), CELLS)
def test_a_cell_of_the_table_in_the_running_module(one_shop: Shop, status: str, trigger: str, expected: str) -> None:
    shop, alice = one_shop, one_shop.as_customer(ALICE)
    order_id = order_in(shop, alice, status)
    published, timeline, parked = published_about(shop, order_id), timeline_of(alice, order_id), shop.parked()

    if trigger == "deadline":
        sweeps(shop, LATER)
    elif trigger == "cancel":
        assert alice.post(f"/orders/{order_id}/cancel").status_code == 200
    else:
        receives(shop, order_id, trigger)

    moved = expected not in {"raise", "ignored", "recorded"}
    new_published, new_timeline = (
        published_about(shop, order_id)[len(published) :],
        timeline_of(alice, order_id)[len(timeline) :],
    )
    assert status_of(alice, order_id) == (expected if moved else status)
    assert new_published == ([PUBLISHED[expected]] if moved else [])
    assert shop.parked() - parked == (expected == "raise")
    consumed = f"{MODULES.get(trigger, 'orders')}: {trigger}"
    if moved:
        assert new_timeline == [consumed, f"orders: {expected}"]
    elif expected == "raise" or (expected == "ignored" and trigger in BY_CLOCK_OR_CUSTOMER):
        assert new_timeline == []  # the sweep skips such an order, and a repeated cancel changes nothing
    else:
        assert new_timeline == [consumed]
