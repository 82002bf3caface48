"""Refunds, failed refunds and disputes, as an order shows them."""

from typing import Any

import pytest

from app.bus.contracts.payments import PaymentRefunded, RefundFailed
from tests.orders.steps import order_in, paid_by, published_about, receives, status_of, timeline_of
from tests.orders.test_stuck_orders import stuck
from tests.shop import ALICE, Shop

SETTLED = {"reason": "paid back by bank transfer"}


def money_of(shop: Shop, order_id: str) -> tuple[int, str, int]:
    """The refunded amount, the state of the refund, and the disputed amount."""
    order: Any = shop.as_customer(ALICE).get(f"/orders/{order_id}").json
    return order["refunded"]["amount"], order["refund"], order["disputed"]["amount"]


def test_an_order_shows_how_much_was_refunded(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "paid")
    assert money_of(shop, order_id) == (0, "none", 0)

    receives(shop, order_id, "part_refund")
    assert money_of(shop, order_id) == (500, "pending", 0)

    receives(shop, order_id, "full_refund")
    assert money_of(shop, order_id) == (1800, "done", 0)
    assert status_of(shop.as_customer(ALICE), order_id) == "refunded"


def test_a_paid_order_that_is_cancelled_waits_for_its_refund(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "paid")
    alice.post(f"/orders/{order_id}/cancel")
    assert money_of(shop, order_id) == (0, "pending", 0)

    receives(shop, order_id, "full_refund")
    assert money_of(shop, order_id) == (1800, "done", 0)


def test_an_order_with_a_failed_refund_keeps_its_status_and_is_stuck_until_written_off(shop: Shop, caplog: Any) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "refunded")
    published = published_about(shop, order_id)

    receives(shop, order_id, "refund_failed")

    assert (status_of(alice, order_id), money_of(shop, order_id)) == ("refunded", (0, "failed", 0))
    assert published_about(shop, order_id) == published  # its stock is not reserved again
    assert timeline_of(alice, order_id)[-1] == "payments: refund_failed"
    assert "a refund failed (lost_or_stolen_card)" in caplog.text
    assert order_id in stuck(shop) and "a refund failed" in stuck(shop)

    assert alice.post(f"/ops/orders/{order_id}/write-off", SETTLED).status_code == 403
    assert shop.as_staff().post(f"/ops/orders/{order_id}/write-off", SETTLED).status_code == 200
    assert stuck(shop) == "No order is stuck.\n"
    assert money_of(shop, order_id) == (0, "failed", 0)
    assert timeline_of(alice, order_id)[-1] == "orders: refund_written_off"


def test_an_order_is_no_longer_stuck_once_a_later_refund_succeeds(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "refunded")
    receives(shop, order_id, "refund_failed", "full_refund")

    assert money_of(shop, order_id) == (1800, "done", 0)
    assert stuck(shop) == "No order is stuck.\n"


def test_an_order_is_stuck_again_when_another_refund_fails(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "refunded")
    receives(shop, order_id, "refund_failed")
    shop.app.test_cli_runner().invoke(args=["orders", "write-off", order_id, "--reason", "by bank transfer"])
    receives(shop, order_id, "full_refund", "refund_failed")

    assert order_id in stuck(shop)


def test_an_order_is_stuck_again_when_the_next_refund_fails_at_once(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "refunded")
    receives(shop, order_id, "refund_failed")
    shop.app.test_cli_runner().invoke(args=["orders", "write-off", order_id, "--reason", "by bank transfer"])
    assert stuck(shop) == "No order is stuck.\n"

    receives(shop, order_id, "refund_failed")

    assert order_id in stuck(shop)


def test_what_was_written_off_stays_so_when_a_refund_is_refused_that_was_never_tried(shop: Shop, caplog: Any) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "paid")
    receives(shop, order_id, "refund_failed")
    shop.app.test_cli_runner().invoke(args=["orders", "write-off", order_id, "--reason", "by bank transfer"])
    caplog.clear()

    money = paid_by(refund_id=str(ALICE), amount=900, refunded=0, captured=1800, currency="EUR", state="failed")
    shop.receives(RefundFailed(order_id=order_id, code="refund_too_large", **money))

    assert (stuck(shop), caplog.text) == ("No order is stuck.\n", "")


def test_what_was_written_off_stays_so_while_a_smaller_refund_is_made(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "paid")
    receives(shop, order_id, "refund_failed")
    shop.app.test_cli_runner().invoke(args=["orders", "write-off", order_id, "--reason", "by bank transfer"])

    receives(shop, order_id, "part_refund")
    assert money_of(shop, order_id) == (500, "pending", 0)
    some = paid_by(amount=0, refunded=500, captured=1800, currency="EUR", state="failed")
    shop.receives(PaymentRefunded(order_id=order_id, **some))

    assert (money_of(shop, order_id), stuck(shop)) == ((500, "failed", 0), "No order is stuck.\n")


@pytest.mark.parametrize("status", ["paid", "refunded", "cancelled"])
def test_the_timeline_has_a_dispute_with_the_date_of_reply(shop: Shop, status: str) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, status)

    receives(shop, order_id, "disputed")

    assert (status_of(alice, order_id), money_of(shop, order_id)[2]) == (status, 1800)
    [*_, reported] = alice.get(f"/orders/{order_id}/timeline").json["items"]  # type: ignore[index]
    assert (reported["what"], reported["detail"]["respond_by"]) == ("payment_disputed", "2026-12-01T00:00:00Z")


def test_a_cancelled_order_waits_for_no_refund_of_what_a_bank_has_taken(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "paid")
    receives(shop, order_id, "disputed")
    alice.post(f"/orders/{order_id}/cancel")
    timeline = timeline_of(alice, order_id)

    nothing_due = paid_by(amount=0, refunded=0, captured=1800, currency="EUR", state="none")
    shop.receives(PaymentRefunded(order_id=order_id, **nothing_due))

    assert (money_of(shop, order_id), timeline_of(alice, order_id)) == ((0, "none", 1800), timeline)


def test_an_order_of_which_a_part_was_captured_is_not_paid(shop: Shop, caplog: Any) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "confirmed")

    receives(shop, order_id, "captured_short")

    assert status_of(alice, order_id) == "confirmed"
    assert "only 100 of 1800" in caplog.text


@pytest.mark.parametrize("status", ["awaiting_payment", "confirmed"])
def test_a_captured_part_that_was_given_back_leaves_an_unpaid_order_that_can_be_cancelled(
    shop: Shop, status: str
) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, status)

    receives(shop, order_id, "captured_short")
    shop.receives(PaymentRefunded(order_id=order_id, **paid_by(amount=100, refunded=100, captured=100, currency="EUR")))

    assert (status_of(alice, order_id), money_of(shop, order_id)) == (status, (100, "done", 0))
    assert shop.parked() == 0
    assert alice.post(f"/orders/{order_id}/cancel").json["status"] == "cancelled"  # type: ignore[index]


def test_an_order_that_can_never_be_paid_ends_at_once_with_its_reason(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "awaiting_payment")

    receives(shop, order_id, "unpayable")

    order: Any = alice.get(f"/orders/{order_id}").json
    assert (order["status"], order["reason"]) == ("cancelled", "cancelled_at_stripe")
    assert published_about(shop, order_id)[-1] == "order_cancelled"
