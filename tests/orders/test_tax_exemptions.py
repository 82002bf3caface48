"""Staff exempt a customer from tax: the orders say so, and those of nobody else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.kernel.ids import new_id
from app.kernel.money import Money
from app.modules.orders.module import orders
from tests.orders.methods import BERLIN, refusal, sells
from tests.orders.taxes import GERMAN, ZURICH, collects
from tests.shop import ALICE, BOB, Shop

WHY = {"reason": "certificate 4711"}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    alone = Shop(tmp_path, orders, **GERMAN)
    sells(alone, "MUG", 1190)
    collects(alone, DE=190_000)
    yield alone
    alone.close()


def tax_of(shop: Shop, customer: Any, address: Any = BERLIN, total: int = 1190) -> list[tuple[str, int]]:
    items = [{"sku": "MUG", "quantity": 1}]
    body = {"items": items, "expected_total": {"amount": total, "currency": "EUR"}, "shipping_address": address}
    order: Any = shop.as_customer(customer).post("/orders", body).json
    return [(each["reason"], each["amount"]) for each in order["tax_lines"]]


def test_an_exempt_customer_pays_no_tax(shop: Shop) -> None:
    staff, path = shop.as_staff(), f"/tax/exemptions/{ALICE}"
    assert tax_of(shop, ALICE) == [("standard_rated", 190)]
    first: Any = staff.put(path, WHY).json
    again: Any = staff.put(path, {"reason": "certificate 4712"}).json

    assert again == {**first, "reason": "certificate 4712"}
    assert tax_of(shop, ALICE) == [("customer_exempt", 0)]
    assert tax_of(shop, ALICE, ZURICH) == [("export", 0)], "that has a box of its own"
    assert tax_of(shop, BOB) == [("standard_rated", 190)]
    listed: Any = staff.get("/tax/exemptions").json
    assert listed == {"items": [again], "next": None}

    assert staff.delete(path).status_code == 204
    assert refusal(staff.delete(path)) == (404, "no_such_tax_exemption")
    assert tax_of(shop, ALICE) == [("standard_rated", 190)]


def test_a_gross_price_may_lose_its_tax(tmp_path: Path) -> None:
    shop = Shop(tmp_path, orders, **GERMAN, EXPORT_PRICE="net")
    sells(shop, "MUG", 1190)
    collects(shop, DE=190_000)
    shop.as_staff().put(f"/tax/exemptions/{ALICE}", WHY)

    assert tax_of(shop, ALICE, total=1000) == [("customer_exempt", 0)]
    shop.close()


def test_only_staff_exempt(shop: Shop) -> None:
    alice, path = shop.as_customer(ALICE), f"/tax/exemptions/{ALICE}"
    for answer in (alice.put(path, WHY), alice.delete(path), alice.get("/tax/exemptions")):
        assert answer.status_code == 403
    assert shop.as_staff().put(path, {}).status_code == 422
    assert shop.as_staff().put(path, {"reason": "x" * 501}).status_code == 422


def test_exempt_customers_come_in_pages(shop: Shop) -> None:
    staff, customers = shop.as_staff(), sorted(str(new_id()) for _ in range(3))
    for each in customers:
        assert staff.put(f"/tax/exemptions/{each}", WHY).status_code == 200

    first: Any = staff.get("/tax/exemptions?limit=2").json
    rest: Any = staff.get(f"/tax/exemptions?limit=2&cursor={first['next']}").json

    assert [each["customer_id"] for each in first["items"] + rest["items"]] == customers
    assert rest["next"] is None


def test_without_tax_nobody_is_asked_for(tmp_path: Path) -> None:
    shop = Shop(tmp_path, orders)
    sells(shop, "MUG", 1190)
    shop.as_staff().put(f"/tax/exemptions/{ALICE}", WHY)
    order: Any = shop.as_customer(ALICE).orders({"MUG": 1}, Money(1190, "EUR")).json
    assert order["tax_lines"] == []
    shop.close()


def test_the_cart_of_an_exempt_customer_costs_what_its_order_does(tmp_path: Path) -> None:
    shop = Shop(tmp_path, orders, **GERMAN, PRICES="net")
    sells(shop, "MUG", 1000)
    collects(shop, DE=190_000)
    shop.as_staff().put(f"/tax/exemptions/{ALICE}", WHY)

    totals = {}
    for customer in (ALICE, BOB):
        caller = shop.as_customer(customer)
        caller.put("/cart/items/MUG", {"quantity": 1})
        cart: Any = caller.get("/cart").json
        totals[customer] = cart["total"]["amount"]
        placed: Any = caller.post("/orders", {"expected_total": {"amount": totals[customer], "currency": "EUR"}})
        assert placed.status_code == 201, placed.text

    assert totals == {ALICE: 1000, BOB: 1190}
    shop.close()
