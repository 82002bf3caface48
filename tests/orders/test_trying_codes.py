"""What it costs to try codes: as much for an unknown one, only a few in a minute, and nothing where there are none."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import event

from app.kernel.money import Money
from app.modules.orders.module import orders
from tests.orders.coupons import buys, coupon, ordered
from tests.shop import Caller, Shop


def somebody(shop: Shop) -> Caller:
    return shop.as_customer(uuid4())


def test_codes_cannot_be_guessed_quickly(tmp_path: Path) -> None:
    shop = Shop(tmp_path, orders, LIMIT_COUPONS="3/minute")
    shop.offers("MUG", Money(900, "EUR"))
    items = {"items": [{"sku": "MUG", "quantity": 1}]}
    alice = somebody(shop)

    tried = [alice.post("/cart/quote", {**items, "codes": ["GUESS1", "GUESS2"]}).status_code]
    tried += [alice.put(f"/cart/codes/GUESS{n}").status_code for n in range(3, 5)]
    tried += [
        buys(alice, 900, "GUESS5").status_code,
        alice.post("/cart/quote", {**items, "codes": ["G6G6"]}).status_code,
    ]

    assert tried == [200, 422, 429, 429, 429]
    assert alice.post("/cart/quote", items).status_code == 200
    assert somebody(shop).put("/cart/codes/GUESS6").status_code == 422
    shop.close()


def test_an_unknown_code_costs_as_much_as_a_known_one(shop: Shop) -> None:
    shop.offers("MUG", Money(900, "EUR"))
    coupon(shop, "KNOWN")
    alice, bob = somebody(shop), somebody(shop)
    for each in (alice, bob):
        each.put("/cart/items/MUG", {"quantity": 1})

    with counted(shop) as known:
        alice.put("/cart/codes/KNOWN")
    with counted(shop) as unknown:
        bob.put("/cart/codes/UNKNOWN")

    assert len(known) == len(unknown)


def test_a_shop_without_promotions_and_shipping_executes_one_statement_for_both(tmp_path: Path) -> None:
    shop = Shop(tmp_path, orders)
    shop.offers("MUG", Money(900, "EUR"))
    alice = somebody(shop)

    with counted(shop) as found:
        ordered(alice.orders({"MUG": 1}, Money(900, "EUR")))

    about = ("promotions", "coupons", "redemptions", "discounts", "uses", "shipping_methods", "tax_rates")
    assert len([each for each in found if any(f" {table}" in each for table in about)]) == 1
    shop.close()


@contextmanager
def counted(shop: Shop) -> Iterator[list[str]]:
    """The statements that are executed meanwhile."""
    found: list[str] = []

    def before(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found.append(statement)

    for engine in shop.modules["orders"].database.engines:
        event.listen(engine, "before_cursor_execute", before)
    try:
        yield found
    finally:
        for engine in shop.modules["orders"].database.engines:
            event.remove(engine, "before_cursor_execute", before)
