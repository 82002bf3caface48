"""Purchases over all four modules that are cancelled, refunded, declined, or not paid in time."""

from datetime import timedelta
from typing import Any

from app.kernel.money import Money
from tests.journeys.steps import assert_consistent, buys, pays, places, signs_up, stock_of, stocks
from tests.orders.steps import sweeps, timeline_of
from tests.shop import Shop

PRICE = Money(900, "EUR")


def payment(shop: Shop, order_id: str) -> Any:
    [found] = shop.as_staff().get(f"/payments?order_id={order_id}").json["items"]  # type: ignore[index]
    return found


def test_an_order_cancelled_before_it_is_paid_frees_its_stock(shop: Shop) -> None:
    stocks(shop, "MUG", PRICE, on_hand=5)
    alice = signs_up(shop, "alice@example.com")
    order_id = places(shop, alice, "MUG", 2, PRICE)
    assert stock_of(shop, "MUG") == (5, 2)

    assert alice.post(f"/orders/{order_id}/cancel").json["status"] == "cancelled"  # type: ignore[index]
    shop.settle()

    assert stock_of(shop, "MUG") == (5, 0)
    assert payment(shop, order_id)["status"] == "cancelled"
    assert_consistent(shop)


def test_an_order_cancelled_after_it_is_paid_is_refunded_and_its_stock_returned(shop: Shop) -> None:
    stocks(shop, "MUG", PRICE, on_hand=5)
    alice = signs_up(shop, "alice@example.com")
    order_id = buys(shop, alice, "MUG", 2, PRICE)
    assert stock_of(shop, "MUG") == (3, 0)

    assert alice.post(f"/orders/{order_id}/cancel").json["status"] == "refunded"  # type: ignore[index]
    shop.settle()

    assert stock_of(shop, "MUG") == (5, 0)
    assert payment(shop, order_id)["refunded"]["amount"] == 1800
    assert {"catalog: stock_returned", "payments: full_refund"} <= set(timeline_of(alice, order_id))
    assert_consistent(shop)


def test_a_full_refund_by_staff_ends_the_order_and_a_partial_refund_does_not(shop: Shop) -> None:
    stocks(shop, "MUG", PRICE, on_hand=5)
    alice = signs_up(shop, "alice@example.com")
    order_id = buys(shop, alice, "MUG", 2, PRICE)
    refunds = f"/payments/{payment(shop, order_id)['id']}/refunds"

    part = {"reason": "a chip", "amount": {"amount": 300, "currency": "EUR"}}
    assert shop.as_staff().post(refunds, part).status_code == 201
    shop.settle()
    assert alice.get(f"/orders/{order_id}").json["status"] == "paid"  # type: ignore[index]

    assert shop.as_staff().post(refunds, {"reason": "the rest too"}).status_code == 201
    shop.settle()
    assert alice.get(f"/orders/{order_id}").json["status"] == "refunded"  # type: ignore[index]
    assert stock_of(shop, "MUG") == (5, 0)
    assert_consistent(shop)


def test_an_unpaid_order_is_cancelled_at_its_deadline(shop: Shop) -> None:
    stocks(shop, "MUG", PRICE, on_hand=5)
    alice = signs_up(shop, "alice@example.com")
    order_id = places(shop, alice, "MUG", 2, PRICE)

    sweeps(shop, after=timedelta(days=2))
    shop.settle()

    order: Any = alice.get(f"/orders/{order_id}").json
    assert (order["status"], order["reason"]) == ("cancelled", "deadline_passed")
    assert pays(alice, order_id, "pm_card_visa").status_code == 409
    assert stock_of(shop, "MUG") == (5, 0)
    assert_consistent(shop)


def test_a_declined_customer_may_try_another_card(shop: Shop) -> None:
    stocks(shop, "MUG", PRICE, on_hand=5)
    alice = signs_up(shop, "alice@example.com")
    order_id = places(shop, alice, "MUG", 1, PRICE)

    assert pays(alice, order_id, "pm_card_chargeDeclined").status_code == 402
    shop.settle()
    assert pays(alice, order_id, "pm_card_visa").status_code == 200
    shop.settle()

    assert alice.get(f"/orders/{order_id}").json["status"] == "paid"  # type: ignore[index]
    assert "payments: payment_failed" in timeline_of(alice, order_id)
    assert_consistent(shop)


def test_ten_declined_cards_end_the_order_and_free_its_stock(shop: Shop) -> None:
    stocks(shop, "MUG", PRICE, on_hand=5)
    alice = signs_up(shop, "alice@example.com")
    order_id = places(shop, alice, "MUG", 2, PRICE)

    answers = [pays(alice, order_id, "pm_card_chargeDeclined").status_code for _ in range(10)]
    shop.settle()

    assert answers == [402] * 9 + [409]
    order: Any = alice.get(f"/orders/{order_id}").json
    assert (order["status"], order["reason"]) == ("cancelled", "too_many_declines")
    assert stock_of(shop, "MUG") == (5, 0)
    assert timeline_of(alice, order_id).count("payments: payment_failed") == 10
    assert_consistent(shop)


def test_a_failed_capture_cancels_the_order(shop: Shop) -> None:
    stocks(shop, "MUG", PRICE, on_hand=5)
    alice = signs_up(shop, "alice@example.com")
    order_id = places(shop, alice, "MUG", 1, PRICE)

    pays(alice, order_id, "pm_card_captureFails")
    shop.settle()

    order: Any = alice.get(f"/orders/{order_id}").json
    assert (order["status"], order["reason"]) == ("cancelled", "capture_failed")
    assert stock_of(shop, "MUG") == (5, 0)
    assert_consistent(shop)


def test_a_cart_is_filled_as_a_guest_ordered_as_a_customer_and_empty_once_it_is_paid(shop: Shop) -> None:
    stocks(shop, "MUG", PRICE, on_hand=5)
    guest = shop.as_guest()
    token = guest.put("/cart/items/MUG", {"quantity": 2}).headers["X-Cart-Token"]
    alice = signs_up(shop, "alice@example.com")

    total: Any = alice.get("/cart", headers={"X-Cart-Token": token}).json["total"]  # type: ignore[index]
    order: Any = alice.post("/orders", {"expected_total": total}).json
    shop.settle()
    pays(alice, order["id"], "pm_card_visa")
    shop.settle()

    assert alice.get(f"/orders/{order['id']}").json["status"] == "paid"  # type: ignore[index]
    assert alice.get("/cart").json["lines"] == []  # type: ignore[index]
    assert_consistent(shop)
