"""What a basket costs changes between any two statements of a quote and of the order at its total, on PostgreSQL.

An order is placed at the total of its quote, or refused with price_changed and the total of now: never at another.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete
from werkzeug.test import TestResponse

from app.kernel.money import Money
from app.modules.orders.domain.policies import backlog
from app.modules.orders.infrastructure.promotions.tables import promotions
from app.modules.orders.infrastructure.shipping.tables import shipping_methods, shipping_rates, zone_areas, zones
from app.modules.orders.infrastructure.tax.tables import tax_rates, tax_registrations
from app.modules.orders.module import orders
from tests.orders.coupons import WHY, eur, promotion
from tests.orders.methods import BERLIN, FLAT, V1, V3, offers, rates, zone
from tests.orders.taxes import collects, rate
from tests.races.rivals import Meeting, Race, run
from tests.servers import fresh_databases
from tests.shop import Caller, Shop

BEFORE = 1535  # a mug of 9 euros and shipping of 4.90, 1 euro off, and 19 % of tax: 1290 + 245
EMPTIED = promotions, shipping_rates, shipping_methods, zone_areas, zones, tax_registrations, tax_rates
BY_WEIGHT = [{"currency": "EUR", "from": 0, "below": 1, "amount": 90}, {**FLAT[0], "from": 1, "amount": 990}]
OFF = {"active": False, **WHY}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """orders with net prices, so that a rate changes the total."""
    with fresh_databases("orders") as made, pytest.MonkeyPatch.context() as patch:
        patch.setattr(backlog, "MIN_REFUSED", 1_000_000)
        folder: Path = tmp_path_factory.mktemp("prices")
        alone = Shop(folder, orders, **made, TAX="internal", HOME_COUNTRY="DE", PRICES="net")
        yield alone
        alone.close()


def opened(shop: Shop) -> None:
    """Nothing is left of the attempt before; then all that makes a total is set up."""
    with shop.modules["orders"].database.begin() as connection:
        for table in EMPTIED:
            connection.execute(delete(table))
    zone(shop, "germany", "DE")
    offers(shop, "standard", "germany")
    collects(shop, DE=190_000)
    assert promotion(shop, "autumn", automatic=True).status_code == 201


def quote(caller: Caller, sku: str) -> int:
    """The total with the one method."""
    items = [{"sku": sku, "quantity": 1}]
    body = {"items": items, "country": "DE", "postal_code": "10117", "shipping_method": "standard"}
    answer: Any = caller.post("/cart/quote", body).json
    return int(answer["totals"]["total"]["amount"])


def order(caller: Caller, sku: str, total: int) -> TestResponse:
    body = {"email": "ada@example.com", "shipping_address": BERLIN, "shipping_method": "standard"}
    items = [{"sku": sku, "quantity": 1}]
    return caller.post("/orders", {"items": items, "expected_total": eur(total), **body})


def add_a_rate(shop: Shop, _: str) -> TestResponse:
    return rate(shop, "DE", 10_000, name="Levy")


def replace_shipping_rates(shop: Shop, _: str) -> TestResponse:
    return rates(shop, "standard", BY_WEIGHT, V3, by="weight")


def change_a_promotion(shop: Shop, _: str) -> TestResponse:
    return shop.as_staff().patch("/promotions/autumn", {"value": [eur(200)], **WHY}, headers=V1)


def end_a_promotion(shop: Shop, _: str) -> TestResponse:
    return shop.as_staff().patch("/promotions/autumn", OFF, headers=V1)


def change_all(shop: Shop, sku: str) -> TestResponse:
    """One after the other: a quote may meet each of them."""
    for change in (add_a_rate, replace_shipping_rates):
        assert change(shop, sku).status_code < 300
    return change_a_promotion(shop, sku)


AFTER = {  # the total of who asks once the change is made
    add_a_rate: 1548,  # 1290 + 258, of 20 %
    replace_shipping_rates: 1059,  # 890 + 169
    change_a_promotion: 1416,  # 1190 + 226
    end_a_promotion: 1654,  # 1390 + 264
    change_all: 948,  # 790 + 158
}


@pytest.mark.parametrize(
    "change",
    [pytest.param(each, id=each.__name__, marks=[] if each is change_all else pytest.mark.thorough) for each in AFTER],
)
def test_an_order_costs_what_was_agreed(
    shop: Shop, numbers: Iterator[int], change: Callable[[Shop, str], TestResponse]
) -> None:
    ends = set[tuple[int, int]]()

    def attempt(shop: Shop, n: int) -> Race:
        opened(shop)
        caller, sku, agreed = shop.as_customer(UUID(int=0xACE000 + n)), f"MUG-{n}", list[int]()
        shop.offers(sku, Money(900, "EUR"))

        def first() -> TestResponse:
            agreed.append(quote(caller, sku))
            return order(caller, sku, agreed[0])

        def check(ordered: TestResponse, changed: TestResponse) -> None:
            assert changed.status_code < 300, changed.text
            answer: Any = ordered.json
            ends.add((ordered.status_code, agreed[0]))
            if ordered.status_code == 201:
                assert adds_up(caller, answer) == agreed[0]
            else:
                assert (ordered.status_code, answer["code"]) == (409, "price_changed"), ordered.text
                total_now = answer["total"]["amount"]
                assert total_now != agreed[0]
                again = order(caller, sku, total_now)
                assert again.status_code == 201 or again.json["code"] == "price_changed"  # type: ignore[index]
            assert quote(caller, sku) == AFTER[change]

        return Race(first, lambda: change(shop, sku), check)

    assert run(shop, Meeting("prices", "orders", (), attempt), numbers) > 1
    assert ends >= {(201, AFTER[change]), (201, BEFORE), (409, BEFORE)}, ends


def adds_up(caller: Caller, order: Any) -> int:
    """The total of an order, which its parts come to, and the rows of its discounts and its tax to these."""
    parts = {name: each["amount"] for name, each in order["totals"].items() if name != "tax_included"}
    shown: Any = caller.get(f"/orders/{order['id']}").json
    given: Any = caller.get(f"/orders/{order['id']}/discounts").json
    assert sum(each["amount"]["amount"] for each in given["items"]) == parts["discount"]
    assert sum(each["amount"] for each in shown["tax_lines"]) == parts["tax"]
    assert parts["items"] + parts["shipping"] + parts["tax"] - parts["discount"] == parts["total"]
    return int(parts["total"])
