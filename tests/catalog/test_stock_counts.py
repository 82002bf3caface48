"""After any sequence of changes of a sku's stock, the counters equal the sums of the ledger."""

import tempfile
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.modules.catalog.module import catalog
from tests.catalog.steps import cancelled, confirmed, explained, moves, order, refunded, stocks
from tests.shop import Shop

pytestmark = pytest.mark.slow

STEPS = st.one_of(
    st.tuples(st.just("received"), st.integers(1, 6)),
    st.tuples(st.just("adjusted"), st.integers(-6, 6).filter(bool)),
    st.tuples(st.just("hold"), st.integers(1, 6)),
    st.tuples(st.sampled_from(["sell", "release", "return"]), st.integers(0, 5)),  # which of the orders
)


@given(steps=st.lists(STEPS, min_size=1, max_size=14))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_the_counters_are_what_the_ledger_says(steps: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder), catalog)
        try:
            lives_through(shop, steps)
        finally:
            shop.close()


def lives_through(shop: Shop, steps: list[tuple[str, int]]) -> None:
    """Do the steps, and the same in a model: the units on hand, and each order with its quantity and status."""
    stocks(shop, MUG=4)
    on_hand, orders = 4, list[tuple[UUID, int, str]]()
    for what, number in steps:
        held = sum(quantity for _, quantity, state in orders if state == "held")
        if what in {"received", "adjusted"}:
            fits = on_hand + number >= held
            assert moves(shop, "MUG", what, number).status_code == (201 if fits else 409)
            on_hand += number * fits
        elif what == "hold":
            state = "held" if on_hand - held >= number else "rejected"
            orders.append((order(shop, MUG=number), number, state))
        elif number < len(orders):
            id, quantity, state = orders[number]
            if what == "sell" and state == "held":
                shop.receives(confirmed(id))
                orders[number], on_hand = (id, quantity, "sold"), on_hand - quantity
            elif what == "release" and state in {"held", "rejected", "released"}:
                shop.receives(cancelled(id))
                orders[number] = (id, quantity, "released")
            elif what == "return" and state in {"sold", "returned"}:
                shop.receives(refunded(id))
                orders[number], on_hand = (id, quantity, "returned"), on_hand + quantity * (state == "sold")
        reported = explained(shop, "MUG")
        held = sum(quantity for _, quantity, state in orders if state == "held")
        assert (reported["on_hand"], reported["held"], reported["available"]) == (on_hand, held, on_hand - held)
        assert 0 <= reported["held"] <= reported["on_hand"]
        assert (reported["agrees"], reported["on_hand_by_ledger"]) == (True, on_hand)
        assert reported["sold"] == sum(quantity for _, quantity, state in orders if state == "sold")
        ledger = reported["ledger"]
        assert ledger.get("held", 0) - ledger.get("released", 0) - ledger.get("sold", 0) == held
        assert {each["order_id"]: each["quantity"] for each in reported["holds"]} == {
            str(id): quantity for id, quantity, state in orders if state == "held"
        }
    assert shop.parked() == 0
