"""A purchase over all four modules, from sign-up until the order is paid."""

from typing import Any

from app.bus.contracts.orders import OrderPaid
from app.bus.contracts.payments import PaymentCaptured
from app.kernel.money import Money
from app.web.auth import FRESH
from tests.conftest import until
from tests.journeys.steps import pays, signs_up, stocks
from tests.shop import Shop


def test_from_sign_in_to_paid(shop: Shop) -> None:
    stocks(shop, "MUG", Money(900, "EUR"), on_hand=5)
    alice = signs_up(shop, "alice@example.com")

    order: Any = alice.orders({"MUG": 2}, Money(1800, "EUR")).json
    shop.settle()
    assert alice.get(f"/orders/{order['id']}").json["status"] == "awaiting_payment"
    pays(alice, order["id"], "pm_card_visa")
    shop.settle()

    assert alice.get(f"/orders/{order['id']}").json["status"] == "paid"
    assert len(shop.published(OrderPaid)) == 1
    assert [event.amount for event in shop.published(PaymentCaptured)] == [1800]
    assert shop.parked() == 0


def test_after_signing_out_every_module_refuses_the_token(shop: Shop) -> None:
    alice = signs_up(shop, "alice@example.com")
    paths = ("/users/me", "/orders", "/payments?order_id=01a20d02-8961-757a-a059-97a01e45ea32")
    before = [alice.get(path).status_code for path in paths]

    assert alice.post("/auth/logout-all").status_code == 204
    shop.settle()

    def refused_everywhere() -> bool:
        return [alice.get(path).status_code for path in paths] == [401, 401, 401]

    assert 401 not in before
    until(refused_everywhere, "her token is refused everywhere", seconds=FRESH + 5)
