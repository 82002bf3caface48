"""Purchases with a coupon that are undone: unit by unit with its share, and as a whole, with or without its use."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.kernel.money import Money
from app.modules.catalog.module import catalog
from app.modules.orders.domain.carts.shares import share_of
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from tests.journeys.steps import assert_consistent, pays, signs_up, stocks
from tests.orders.coupons import buys, code_used, coupon, eur, ordered, refusal, used, used_by
from tests.orders.shipping import moved, packed
from tests.orders.steps import timeline_of
from tests.orders.taxes import GERMAN, collects
from tests.shop import INVOICING, Caller, Shop
from tests.users.conftest import CHEAP

PRICE = Money(900, "EUR")


def opened(folder: Path, sandbox: str, **settings: str) -> Shop:
    modules = (catalog, orders, payments, partial(users, passwords=CHEAP))
    shop = Shop(folder, *modules, STRIPE_API_BASE=sandbox, **settings)
    stocks(shop, "MUG", PRICE, on_hand=9)
    return shop


@pytest.fixture
def invoicing(tmp_path: Path, sandbox: str) -> Iterator[Shop]:
    """A shop with tax in its prices, and with invoices."""
    shop = opened(tmp_path, sandbox, **GERMAN, **INVOICING)
    collects(shop, DE=190_000)
    yield shop
    shop.close()


@pytest.fixture
def returning(tmp_path: Path, sandbox: str) -> Iterator[Shop]:
    """A shop that returns the uses of refunded orders."""
    shop = opened(tmp_path, sandbox, USES_AFTER_REFUND="returned")
    yield shop
    shop.close()


def paid(shop: Shop, caller: Caller, total: int, *codes: str, quantity: int = 1) -> str:
    order = ordered(buys(caller, total, *codes, quantity=quantity))
    shop.settle()
    if total:
        assert pays(caller, order["id"], "pm_card_visa").status_code == 200
        shop.settle()
    return str(order["id"])


def refunds(shop: Shop, order_id: str, amount: int) -> None:
    """Staff refund an amount, as they do for a unit: payments knows no units."""
    (payment,) = shop.as_staff().get(f"/payments?order_id={order_id}").json["items"]  # type: ignore[index]
    body = {"amount": eur(amount), "reason": "one was broken"}
    assert shop.as_staff().post(f"/payments/{payment['id']}/refunds", body).status_code in {201, 202}
    shop.settle()


def test_each_of_three_units_is_refunded_with_its_share_and_the_others_keep_theirs(invoicing: Shop) -> None:
    shop = invoicing
    coupon(shop, "TENOFF", value=[eur(1000)], total_limit=1)
    alice = signs_up(shop, "alice@example.com")
    order_id = paid(shop, alice, 1700, "TENOFF", quantity=3)

    def discounts() -> Any:
        return alice.get(f"/orders/{order_id}/discounts").json

    def credit_notes() -> list[Any]:
        found: Any = alice.get(f"/orders/{order_id}/documents").json
        return [each for each in found["items"] if each["kind"] == "credit_note"]

    given, due = discounts(), 1700
    tax: Any = alice.get(f"/orders/{order_id}").json["totals"]["tax"]["amount"]  # type: ignore[index]
    for unit, share in enumerate((333, 333, 334)):
        assert share_of(1000, 1, 3, unit) == share
        refunds(shop, order_id, 900 - share)
        due -= 900 - share

        order: Any = alice.get(f"/orders/{order_id}").json
        assert (order["due"], order["refunded"]) == (eur(due), eur(1700 - due))
        assert order["totals"]["discount"] == eur(1000)
        assert discounts() == given
        assert used(shop, "tenoff") == (1, 1)
        credited = [each["taxes"][0]["amount"]["amount"] for each in credit_notes()]
        assert sum(credited) == share_of(tax, 1700 - due, 1700), (
            "the tax of what was refunded so far, whatever the parts"
        )

    assert [each["amount"]["amount"] for each in credit_notes()] == [567, 567, 566]
    assert (order["status"], due, sum(credited)) == ("refunded", 0, tax)
    assert_consistent(shop)


def test_an_order_that_is_undone_before_dispatch_returns_its_use_where_that_is_set(returning: Shop) -> None:
    shop = returning
    coupon(shop, "SAVEME", use_limit=1, total_limit=1, per_customer_limit=1)
    alice = signs_up(shop, "alice@example.com")
    order_id = paid(shop, alice, 1700, "SAVEME", quantity=2)
    assert refusal(buys(alice, 800, "SAVEME")) == (409, "coupon_used_up")

    refunds(shop, order_id, 100)
    assert used(shop, "saveme") == (1, 1), "a part of the money is not all of it"
    assert alice.post(f"/orders/{order_id}/cancel").status_code == 200
    shop.settle()

    assert (used(shop, "saveme"), code_used(shop, "SAVEME")) == ((0, 0), 0)
    assert list(used_by(shop, "saveme").values()) == [0]
    assert "orders: promotions_returned" in timeline_of(alice, order_id)
    again = paid(shop, alice, 800, "SAVEME")
    refunds(shop, again, 800)  # all of it, by staff
    assert used(shop, "saveme") == (0, 0)
    assert_consistent(shop)


def test_what_has_left_keeps_its_use_whatever_is_set(returning: Shop) -> None:
    shop = returning
    coupon(shop, "LEFTUS", total_limit=1)
    alice = signs_up(shop, "alice@example.com")
    order_id = paid(shop, alice, 1700, "LEFTUS", quantity=2)
    moved(shop, order_id, packed(shop, order_id, MUG=1), "dispatch")
    shop.settle()

    refunds(shop, order_id, 1700)

    order: Any = alice.get(f"/orders/{order_id}").json
    assert (order["status"], order["due"]) == ("paid", eur(0))
    assert used(shop, "leftus") == (1, 1)
    assert "orders: promotions_returned" not in timeline_of(alice, order_id)
    assert_consistent(shop)
