"""Every cell of the table, walked as neighbours, customers and the clock would: what comes of it, is said, is told."""

from datetime import timedelta

import pytest

from tests.orders.steps import EVENTS, hears, order_in, said_about, status_of, story_of, sweeps
from tests.orders.test_an_orders_life import CELLS
from tests.shop import ALICE, Shop

LATER = timedelta(days=1)
SAID = {
    "awaiting_payment": "payment_requested",
    "confirmed": "order_confirmed",
    "paid": "order_paid",
    "cancelled": "order_cancelled",
    "refunded": "order_refunded",
}
MODULES = {name: "catalog" if name.startswith("stock") else "payments" for name in EVENTS}
BY_CLOCK_OR_CUSTOMER = {"deadline", "cancel"}


@pytest.mark.parametrize(("status", "happening", "expected"), CELLS)
def test_a_cell_as_the_shop_lives_it(one_shop: Shop, status: str, happening: str, expected: str) -> None:
    shop, alice = one_shop, one_shop.as_customer(ALICE)
    order_id = order_in(shop, alice, status)
    said, story, parked = said_about(shop, order_id), story_of(alice, order_id), shop.parked()

    if happening == "deadline":
        sweeps(shop, LATER)
    elif happening == "cancel":
        assert alice.post(f"/orders/{order_id}/cancel").status_code == 200
    else:
        hears(shop, order_id, happening)

    moved = expected not in {"raise", "moot", "noted"}
    new_said, new_story = said_about(shop, order_id)[len(said) :], story_of(alice, order_id)[len(story) :]
    assert status_of(alice, order_id) == (expected if moved else status)
    assert new_said == ([SAID[expected]] if moved else [])
    assert shop.parked() - parked == (expected == "raise")
    heard = f"{MODULES.get(happening, 'orders')}: {happening}"
    if moved:
        assert new_story == [heard, f"orders: {expected}"]
    elif expected == "raise" or (expected == "moot" and happening in BY_CLOCK_OR_CUSTOMER):
        assert new_story == []  # nothing happened: no clock looks at it, and a repeated cancel is only answered
    else:
        assert new_story == [heard]
