"""Orders with a total of zero, and changes at Stripe after an order was paid or refunded, over all four modules."""

import json
from typing import Any
from urllib.request import Request, urlopen

from app.kernel.money import Money
from tests.journeys.steps import assert_consistent, buys, places, signs_up, stocks
from tests.orders.steps import status_of, timeline_of
from tests.shop import Shop

PRICE = Money(900, "EUR")


def at_stripe(shop: Shop, what: str, **given: Any) -> Any:
    """Make a change at Stripe, as a person does in its dashboard, or as a bank decides."""
    address = f"{shop.own['payments'].stripe_base}/sandbox/dashboard/{what}"
    with urlopen(
        Request(address, json.dumps(given).encode(), {"Content-Type": "application/json"}), timeout=60
    ) as reported:
        return json.load(reported)


def of_order(shop: Shop, order_id: str, kind: str) -> Any:
    """Stripe's one object of this kind for an order."""
    with urlopen(f"{shop.own['payments'].stripe_base}/sandbox/state?order_id={order_id}", timeout=60) as state:
        [one] = json.load(state)[kind]
    return one


def money_of(customer: Any, order_id: str) -> tuple[int, str, int]:
    order: Any = customer.get(f"/orders/{order_id}").json
    return order["refunded"]["amount"], order["refund"], order["disputed"]["amount"]


def reconciles(shop: Shop) -> None:
    shop.app.test_cli_runner().invoke(args=["payments", "reconcile", "--fix"])
    shop.settle()


def test_an_order_with_a_total_of_zero_is_paid_without_a_payment(embedded: Shop) -> None:
    stocks(embedded, "SAMPLE", Money(0, "EUR"), on_hand=5)
    alice = signs_up(embedded, "alice@example.com")

    order_id = places(embedded, alice, "SAMPLE", 1, Money(0, "EUR"))
    embedded.settle()

    assert status_of(alice, order_id) == "paid"
    assert alice.get(f"/payments?order_id={order_id}").json["items"] == []  # type: ignore[index]
    assert "catalog: stock_sold" in timeline_of(alice, order_id)
    alice.post(f"/orders/{order_id}/cancel")
    embedded.settle()
    assert "catalog: stock_returned" in timeline_of(alice, order_id)
    assert_consistent(embedded)


def test_a_refund_that_fails_days_later_is_reported_and_can_be_repeated(embedded: Shop) -> None:
    stocks(embedded, "MUG", PRICE, on_hand=5)
    alice = signs_up(embedded, "alice@example.com")
    order_id = buys(embedded, alice, "MUG", 1, PRICE)
    alice.post(f"/orders/{order_id}/cancel")
    embedded.settle()
    assert money_of(alice, order_id) == (900, "done", 0)

    at_stripe(embedded, "fail_refund", refund=of_order(embedded, order_id, "refunds")["id"])
    reconciles(embedded)

    assert (status_of(alice, order_id), money_of(alice, order_id)) == ("refunded", (0, "failed", 0))
    assert timeline_of(alice, order_id)[-1] == "payments: refund_failed"
    [payment] = alice.get(f"/payments?order_id={order_id}").json["items"]  # type: ignore[index]
    again = embedded.as_staff().post(f"/payments/{payment['id']}/refunds", {"reason": "the card was closed"})
    assert again.status_code == 201
    embedded.settle()
    assert money_of(alice, order_id) == (900, "done", 0)
    assert_consistent(embedded)


def test_an_order_shows_its_dispute(embedded: Shop) -> None:
    stocks(embedded, "MUG", PRICE, on_hand=5)
    alice = signs_up(embedded, "alice@example.com")
    order_id = buys(embedded, alice, "MUG", 1, PRICE)

    at_stripe(embedded, "dispute", intent=of_order(embedded, order_id, "intents")["id"])
    reconciles(embedded)

    assert (status_of(alice, order_id), money_of(alice, order_id)) == ("paid", (0, "none", 900))
    assert timeline_of(alice, order_id)[-1] == "payments: payment_disputed"


def test_a_payment_cancelled_by_hand_ends_its_order_and_frees_its_stock(embedded: Shop) -> None:
    stocks(embedded, "MUG", PRICE, on_hand=5)
    alice = signs_up(embedded, "alice@example.com")
    order_id = places(embedded, alice, "MUG", 1, PRICE)
    embedded.settle()

    at_stripe(embedded, "cancel", intent=of_order(embedded, order_id, "intents")["id"])
    reconciles(embedded)

    order: Any = alice.get(f"/orders/{order_id}").json
    assert (order["status"], order["reason"]) == ("cancelled", "cancelled_at_stripe")
    assert_consistent(embedded)
