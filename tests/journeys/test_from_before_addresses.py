"""A shop of before addresses, shipping, tax and promotions is upgraded, and turns all of them on: its orders end well.

Its databases are in shop_before_addresses, with events that were not published and jobs that were not done.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.invariants import assert_invariants
from tests.journeys.former_shops import NO_MAXIMUM, FormerShop
from tests.journeys.steps import pays, signs_in
from tests.orders.coupons import coupon, eur
from tests.orders.methods import BERLIN, FREE_ABOVE_50, offers, quoted, zone
from tests.orders.shipping import code_of, fulfilment_of, moved, packed
from tests.orders.taxes import GERMAN, collects
from tests.shop import INVOICING, Caller, Shop

REVISIONS = {"catalog": "0008", "orders": "0010", "payments": "0009", "users": "0007"}
FORMER_SHOP = FormerShop(Path(__file__).parent / "shop_before_addresses", REVISIONS)
ORDERS = FORMER_SHOP.orders
SETTINGS = {**NO_MAXIMUM, **GERMAN, **INVOICING}


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Shop]:
    with FORMER_SHOP.in_its_files(tmp_path, **SETTINGS) as shop:
        yield shop


@pytest.fixture
def on_servers(tmp_path: Path) -> Iterator[Shop]:
    with FORMER_SHOP.on_servers(tmp_path, **SETTINGS) as shop:
        yield shop


@pytest.fixture(params=["embedded", pytest.param("on_servers", marks=pytest.mark.slow)])
def shop(request: pytest.FixtureRequest) -> Shop:
    """On SQLite, and on PostgreSQL with Kafka."""
    found: Shop = request.getfixturevalue(request.param)
    return found


def test_the_fixture_has_what_an_upgrade_may_meet() -> None:
    unpublished = {
        name: [line for line in FORMER_SHOP.sql(name).splitlines() if line.startswith('INSERT INTO "outbox"')]
        for name in REVISIONS
    }
    for name, event in (("orders", "order_placed"), ("orders", "order_refunded"), ("payments", "payment_authorized")):
        assert any(event in line and line.endswith(",NULL);") for line in unpublished[name]), event
    assert sum(file.stat().st_size for file in FORMER_SHOP.dumps.iterdir()) < 200_000


def test_its_orders_end_well_and_new_ones_have_all_there_is(shop: Shop) -> None:
    shop.settle()
    alice = signs_in(shop, "alice@example.com")
    assert states(shop, alice) == {
        "paid": ("paid", 1800),
        "part refunded": ("paid", 1800),
        "open": ("awaiting_payment", 900),
        "declined": ("awaiting_payment", 2700),
        "refunded": ("refunded", 0),  # requested then, and made now
        "authorized": ("paid", 1800),  # reported then, and captured now
        "placed": ("awaiting_payment", 3600),
    }

    turns_all_on(shop)
    for name in ("open", "declined"):  # placed without an address, a method and tax, they stay as they were agreed
        assert pays(alice, ORDERS[name], "pm_card_visa").status_code == 200
    assert alice.post(f"/orders/{ORDERS['placed']}/cancel").status_code == 200
    shop.settle()
    for name in ("paid", "part refunded", "open", "authorized"):
        moved(shop, ORDERS[name], packed(shop, ORDERS[name]), "dispatch")
    new = buys_all_there_is(shop, alice)

    assert states(shop, alice) == {
        "paid": ("paid", 1800),
        "part refunded": ("paid", 1800),
        "open": ("paid", 900),
        "declined": ("paid", 2700),
        "refunded": ("refunded", 0),
        "authorized": ("paid", 1800),
        "placed": ("cancelled", 0),
    }
    assert {name: fulfilment_of(alice, id) for name, id in ORDERS.items() if name in {"paid", "open", "declined"}} == {
        "paid": "dispatched",
        "open": "dispatched",
        "declined": "none",
    }
    assert code_of(alice.post(f"/orders/{ORDERS['open']}/cancel")) == (409, "already_dispatched")
    listed: Any = alice.get("/orders").json
    assert len({each["number"] for each in listed["items"]}) == len(ORDERS) + 1
    assert invoiced(alice, ORDERS["open"]) == [(900, [])]
    assert invoiced(alice, ORDERS["paid"]) == [], "it was paid before the shop had invoices"
    assert invoiced(alice, new) == [(2590, [414])]
    assert shop.parked() == 0
    assert_invariants({name: module.database.url for name, module in shop.modules.items()})


def states(shop: Shop, alice: Caller) -> dict[str, tuple[str, int]]:
    """The status of each of its orders, and what is due of its money."""
    shop.settle()
    found: dict[str, Any] = {name: alice.get(f"/orders/{id}").json for name, id in ORDERS.items()}
    return {name: (order["status"], order["due"]["amount"]) for name, order in found.items()}


def turns_all_on(shop: Shop) -> None:
    zone(shop, "germany", "DE")
    offers(shop, "standard", "germany", FREE_ABOVE_50)
    collects(shop, DE=190_000)
    coupon(shop, "UPGRADED", total_limit=1)


def buys_all_there_is(shop: Shop, alice: Caller) -> str:
    """Order and pay the cart of then, at the price that was changed then. Returns the id of the order."""
    cart: Any = alice.get("/cart").json
    items = {each["sku"]: each["quantity"] for each in cart["lines"]}
    assert items == {"MUG": 2}
    quote = quoted(alice, items, country="DE", postal_code="10117", shipping_method="standard", codes=["UPGRADED"])
    assert quote["totals"]["total"] == eur(2 * 1100 + 490 - 100)
    body = {"email": "alice@example.com", "shipping_address": BERLIN, "shipping_method": "standard"}
    answer = alice.post("/orders", {"expected_total": quote["totals"]["total"], "codes": ["UPGRADED"], **body})
    assert answer.status_code == 201, answer.text
    order: Any = answer.json
    shop.settle()
    assert pays(alice, order["id"], "pm_card_visa").status_code == 200
    shop.settle()
    return str(order["id"])


def invoiced(alice: Caller, order_id: str) -> list[tuple[int, list[int]]]:
    """The amount of each document of an order, and its taxes."""
    found: Any = alice.get(f"/orders/{order_id}/documents").json
    return [(each["amount"]["amount"], [tax["amount"]["amount"] for tax in each["taxes"]]) for each in found["items"]]
