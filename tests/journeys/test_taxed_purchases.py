"""Purchases with tax over all four modules: at home, abroad, as export, by a business, and in the United States."""

from collections.abc import Iterator
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from sandbox import verifier as double
from tests.conftest import answering
from tests.journeys.steps import assert_consistent, pays, signs_up
from tests.journeys.test_shipped_purchases import logged, rows
from tests.orders.methods import BERLIN, offers, quoted, zone
from tests.orders.taxes import AUSTIN, VIENNA, ZURICH, category, collects, rate, registration
from tests.shop import Shop
from tests.users.conftest import CHEAP

assert logged
NUMBER = "U87654321"
AMERICAN = {"SHOP_CURRENCY": "USD", "HOME_COUNTRY": "US-TX", "PRICES": "net"}


@pytest.fixture
def verifier() -> Iterator[str]:
    with double.serving(0) as server, answering(server):
        yield f"http://127.0.0.1:{server.server_address[1]}"


def opened(folder: Path, sandbox: str, verifier: str, currency: str, **settings: str) -> Shop:
    """A whole shop with a mug and a book, which ships everywhere for 5.95; shipping is taxed as the goods are."""
    modules = (catalog, orders, payments, partial(users, passwords=CHEAP))
    more = {"TAX": "internal", "STRIPE_API_BASE": sandbox, "TAX_VERIFIER_URL": verifier, **settings}
    shop = Shop(folder, *modules, **more)
    staff = shop.as_staff()
    category(shop, "books")
    for sku, amount, of in (("MUG", 1190, "standard"), ("BOOK", 1070, "books")):
        variant = {"sku": sku, "price": {"amount": amount, "currency": currency}, "tax_category": of}
        assert staff.post("/products", {"name": sku.title(), "variants": [variant]}).status_code == 201
        received = {"kind": "received", "quantity": 9, "reason": "new"}
        assert staff.post(f"/stock/{sku}/movements", received).status_code == 201
    zone(shop, "world", "DE", "AT", "CH", "US")
    bands = [{"currency": currency, "from": 0, "amount": 595}]
    offers(shop, "post", "world", bands, tax_category="proportional")
    shop.settle()
    return shop


@pytest.fixture
def german(tmp_path: Path, sandbox: str, verifier: str) -> Iterator[Shop]:
    shop = opened(tmp_path, sandbox, verifier, "EUR", HOME_COUNTRY="DE", EXPORT_PRICE="net")
    rate(shop, "DE", 70_000, "books", tax_reason="reduced_rated")
    rate(shop, "AT", 100_000, "books", tax_reason="reduced_rated")
    collects(shop, DE=190_000, AT=200_000)
    yield shop
    shop.close()


@pytest.fixture
def american(tmp_path: Path, sandbox: str, verifier: str) -> Iterator[Shop]:
    shop = opened(tmp_path, sandbox, verifier, "USD", **AMERICAN)
    rate(shop, "US", 62_500, name="State", region="TX")
    rate(shop, "US", 20_000, name="County", region="TX", postal_prefix="787")
    assert registration(shop, "US", "TX").status_code == 201
    yield shop
    shop.close()


def buys(shop: Shop, address: Any, number: str = "") -> tuple[Any, dict[str, int]]:
    """A customer quotes, orders and pays a mug and a book; the order, and its tax by reason."""
    buyer = signs_up(shop, "zebulon@example.com")
    if number:
        assert buyer.post("/tax-ids", {"country": address["country"], "number": number}).status_code == 201
        shop.settle()
    items = {"MUG": 1, "BOOK": 1}
    where = {name: address[name] for name in ("country", "region", "postal_code") if name in address}
    quote = quoted(buyer, items, shipping_method="post", **where)
    body = {
        "items": [{"sku": sku, "quantity": 1} for sku in items],
        "expected_total": quote["totals"]["total"],
        "email": "zebulon@example.com",
        "shipping_address": address,
        "shipping_method": "post",
    }
    order: Any = buyer.post("/orders", body).json
    shop.settle()
    assert pays(buyer, order["id"], "pm_card_visa").status_code == 200
    shop.settle()
    paid: Any = buyer.get(f"/orders/{order['id']}").json
    assert (paid["status"], paid["due"], paid["tax_lines"]) == ("paid", quote["totals"]["total"], quote["tax_lines"])
    assert shop.parked() == 0
    assert_consistent(shop)
    by_reason: dict[str, int] = {}
    for line in paid["tax_lines"]:
        by_reason[line["reason"]] = by_reason.get(line["reason"], 0) + line["amount"]
    return paid["totals"], by_reason


def amounts(totals: Any) -> tuple[int, ...]:
    return tuple(totals[name]["amount"] for name in ("items", "shipping", "tax", "total"))


@pytest.mark.parametrize(
    ("address", "number", "expected", "reasons"),
    [
        (BERLIN, "", (2260, 595, 328, 2855), {"reduced_rated": 88, "standard_rated": 240}),
        (VIENNA, "", (2260, 595, 374, 2855), {"reduced_rated": 123, "standard_rated": 251}),
        (ZURICH, "", (2000, 500, 0, 2500), {"export": 0}),
        (VIENNA, NUMBER, (2000, 500, 0, 2500), {"intra_community_supply": 0}),
    ],
    ids=["DE to DE", "DE to AT", "DE to CH", "DE to AT, a business"],
)
def test_a_german_shop_sells(german: Shop, address: Any, number: str, expected: Any, reasons: Any) -> None:
    totals, by_reason = buys(german, address, number)

    print(amounts(totals), by_reason)
    assert (amounts(totals), by_reason, totals["tax_included"]) == (expected, reasons, True)


def test_an_american_shop_sells(american: Shop) -> None:
    totals, by_reason = buys(american, AUSTIN)

    print(amounts(totals), by_reason)
    assert (amounts(totals), totals["tax_included"]) == ((2260, 595, 235, 3090), False)
    assert by_reason == {"standard_rated": 235}


def test_a_tax_number_lies_in_two_tables_only(german: Shop, logged: StringIO) -> None:
    buys(german, VIENNA, NUMBER)

    found = {(module, table) for module, table, row in rows(german) if NUMBER.lower() in row}
    assert found == {("orders", "buyer_tax_ids"), ("orders", "order_tax_ids")}
    assert NUMBER not in logged.getvalue()
