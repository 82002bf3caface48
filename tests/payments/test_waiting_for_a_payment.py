"""Clients wait for the payment of an order that they have just placed."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.bus.contracts.orders import OrderCancelled
from app.kernel.ids import new_id
from app.web.waiting import ChangeNotifier
from tests.payments.steps import opens, requests_payment
from tests.shop import ALICE, Shop


def test_waiting_for_a_payment_ends_when_it_can_be_made(shop: Shop) -> None:
    alice, order_id = shop.as_customer(ALICE), requests_payment(shop)

    with ThreadPoolExecutor(1) as waiter:
        waiting = waiter.submit(alice.get, f"/payments?order_id={order_id}&wait=20&version=1")
        shop.settle()
        found: Any = waiting.result().json

    assert found["items"][0]["version"] > 1


def test_a_waiting_client_gets_the_payment_as_soon_as_it_can_be_paid(shop: Shop) -> None:
    alice, order_id = shop.as_customer(ALICE), str(new_id())

    with ThreadPoolExecutor(1) as waiter:
        waiting = waiter.submit(alice.get, f"/payments?order_id={order_id}&wait=20")
        requests_payment(shop, order_id=order_id)
        shop.settle()
        found: Any = waiting.result().json

    assert [each["status"] for each in found["items"]] == ["open"]
    assert found["items"][0]["client_secret"]


def test_a_payment_that_can_be_paid_is_returned_without_waiting(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    payment, alice = opens(shop), shop.as_customer(ALICE)
    monkeypatch.setattr(ChangeNotifier, "watch", lambda *_: pytest.fail("it waits"))

    for wait in ({"query_string": {"order_id": payment["order_id"], "wait": 20}}, {"headers": {"Prefer": "wait=20"}}):
        answer: Any = alice.get(
            f"/payments?order_id={payment['order_id']}" if "headers" in wait else "/payments", **wait
        )
        assert answer.json["items"] == [payment]


def test_a_payment_cancelled_before_its_creation_at_stripe_is_not_waited_for(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = requests_payment(shop)
    shop.receives(OrderCancelled(order_id=order_id, customer_id=str(ALICE), reason="deadline_passed", version=4))
    monkeypatch.setattr(ChangeNotifier, "watch", lambda *_: pytest.fail("it waits"))

    found: Any = shop.as_customer(ALICE).get(f"/payments?order_id={order_id}&wait=20").json

    assert len(found["items"]) == 1


def test_waiting_for_a_payment_that_was_never_requested_ends_with_the_timeout(shop: Shop) -> None:
    found = shop.as_customer(ALICE).get(f"/payments?order_id={new_id()}&wait=1&version=0")

    assert found.json == {"items": [], "next": None}
