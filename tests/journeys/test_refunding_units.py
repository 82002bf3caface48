"""Units of an order are refunded over all modules: by who asks twice, by two at once, and after messages were lost."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.kernel.ids import new_id
from app.kernel.money import Money
from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from tests.journeys.losing import Losses
from tests.journeys.steps import assert_consistent, buys, pays, signs_up, stocks
from tests.journeys.test_money_that_moves_later import at_stripe, of_order, reconciles
from tests.orders.coupons import buys as orders_with
from tests.orders.coupons import coupon, eur, ordered
from tests.orders.taxes import GERMAN, collects
from tests.shop import INVOICING, Caller, Shop
from tests.users.conftest import CHEAP

PRICE = Money(900, "EUR")


@pytest.fixture
def shop(tmp_path: Path, sandbox: str) -> Iterator[Shop]:
    """A shop with tax in its prices, and with invoices."""
    modules = (catalog, orders, payments, partial(users, passwords=CHEAP))
    alone = Shop(tmp_path, *modules, STRIPE_API_BASE=sandbox, **GERMAN, **INVOICING)
    stocks(alone, "MUG", PRICE, on_hand=9)
    collects(alone, DE=190_000)
    yield alone
    alone.close()


def refunds(shop: Shop, order_id: str, quantity: int = 1) -> Any:
    body = {"lines": [{"sku": "MUG", "quantity": quantity}], "reason": "one was broken"}
    return shop.as_staff().post(f"/orders/{order_id}/refunds", body, key=str(new_id()))


def amounts(shop: Shop, order_id: str, total: int) -> None:
    """Staff refund this amount of the payment."""
    (payment,) = shop.as_staff().get(f"/payments?order_id={order_id}").json["items"]  # type: ignore[index]
    body = {"amount": eur(total), "reason": "a kindness"}
    assert shop.as_staff().post(f"/payments/{payment['id']}/refunds", body).status_code == 201


def states(shop: Shop, order_id: str) -> list[str]:
    found: Any = shop.as_staff().get(f"/orders/{order_id}/refunds").json
    return [each["status"] for each in found["items"]]


def credit_notes(caller: Caller, order_id: str) -> list[Any]:
    found: Any = caller.get(f"/orders/{order_id}/documents").json
    return [each for each in found["items"] if each["kind"] == "credit_note"]


def test_each_unit_is_refunded_and_all_are_the_order(shop: Shop) -> None:
    coupon(shop, "TENOFF", value=[eur(1000)], total_limit=1)
    alice = signs_up(shop, "alice@example.com")
    order_id = ordered(orders_with(alice, 1700, "TENOFF", quantity=3))["id"]
    shop.settle()
    pays(alice, order_id, "pm_card_visa")
    shop.settle()

    for _ in range(3):
        assert refunds(shop, order_id).status_code == 201
        shop.settle()

    order: Any = alice.get(f"/orders/{order_id}").json
    assert (order["status"], order["due"], order["refunded"]) == ("refunded", eur(0), eur(1700))
    notes = credit_notes(alice, order_id)
    assert [each["amount"]["amount"] for each in notes] == [566, 567, 567]
    assert {each["lines"][0]["quantity"] for each in notes} == {1}
    assert sum(each["taxes"][0]["amount"]["amount"] for each in notes) == order["totals"]["tax"]["amount"]
    assert states(shop, order_id) == ["made"] * 3
    assert_consistent(shop)


def test_of_two_refunds_of_the_same_money_one_fails_and_its_units_are_free(shop: Shop) -> None:
    alice = signs_up(shop, "alice@example.com")
    order_id = buys(shop, alice, "MUG", 2, PRICE)

    amounts(shop, order_id, 1000)
    assert refunds(shop, order_id).status_code == 201, "orders does not know of the other one yet"
    shop.settle()

    order: Any = alice.get(f"/orders/{order_id}").json
    assert (order["refunded"], order["refund"], order["lines"][0]["refunded"]) == (eur(1000), "done", 0)
    assert states(shop, order_id) == ["failed"]
    assert_consistent(shop)


def test_a_refund_of_units_that_the_bank_refuses_later_is_taken_back(shop: Shop) -> None:
    alice = signs_up(shop, "alice@example.com")
    order_id = buys(shop, alice, "MUG", 2, PRICE)
    refunds(shop, order_id)
    shop.settle()
    refund = of_order(shop, order_id, "refunds")

    at_stripe(shop, "fail_refund", refund=refund["id"])
    reconciles(shop)

    order: Any = alice.get(f"/orders/{order_id}").json
    assert (order["refunded"], order["refund"], order["lines"][0]["refunded"]) == (eur(0), "failed", 0)
    assert states(shop, order_id) == ["failed"]
    assert refunds(shop, order_id, 2).status_code == 201
    shop.settle()
    assert (states(shop, order_id), alice.get(f"/orders/{order_id}").json["refunded"]) == (  # type: ignore[index]
        ["failed", "made"],
        eur(1800),
    )
    assert_consistent(shop)


@pytest.mark.parametrize(("consumer", "name"), [("payments", "refund_requested"), ("orders", "payment_refunded")])
def test_a_nudge_mends_what_was_lost(shop: Shop, consumer: str, name: str) -> None:
    alice = signs_up(shop, "alice@example.com")
    order_id = buys(shop, alice, "MUG", 2, PRICE)
    losses = Losses(shop)
    losses.begin(consumer, name)
    refunds(shop, order_id)
    shop.settle()
    losses.end()
    assert (losses.lost, states(shop, order_id)) == (1, ["requested"])

    nudges(shop, order_id)

    assert states(shop, order_id) == ["made"]
    assert_consistent(shop)


def test_a_lost_failure_is_in_the_next_report(shop: Shop) -> None:
    alice = signs_up(shop, "alice@example.com")
    order_id = buys(shop, alice, "MUG", 2, PRICE)
    losses = Losses(shop)
    losses.begin("orders", "refund_failed")
    amounts(shop, order_id, 1000)
    refunds(shop, order_id)
    shop.settle()

    assert (losses.lost, states(shop, order_id)) == (1, ["failed"])
    assert_consistent(shop)


def test_a_refund_that_payments_has_lost_is_found_at_stripe_and_not_made_again(shop: Shop) -> None:
    alice = signs_up(shop, "alice@example.com")
    order_id = buys(shop, alice, "MUG", 2, PRICE)
    losses = Losses(shop)
    losses.begin("orders", "payment_refunded")
    refunds(shop, order_id)
    shop.settle()
    losses.end()
    with shop.modules["payments"].database.begin() as connection:  # as after a restore from a backup
        connection.exec_driver_sql("DELETE FROM refunds")
        connection.exec_driver_sql("DELETE FROM jobs")

    nudges(shop, order_id)
    reconciles(shop)
    nudges(shop, order_id)

    assert of_order(shop, order_id, "refunds")["amount"] == 900
    assert states(shop, order_id) == ["made"]
    assert_consistent(shop)


def nudges(shop: Shop, order_id: str) -> None:
    shop.as_staff().post(f"/ops/orders/{order_id}/nudge", {"reason": "it waits"}, key=str(new_id()))
    shop.settle()
