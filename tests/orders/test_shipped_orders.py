"""Orders that are shipped: what they need, what they cost, and where their personal data is stored."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from werkzeug.test import TestResponse

from app.bus.contracts.orders import OrderNudged, OrderPlaced
from app.kernel.ids import new_id
from tests.orders.methods import (
    BERLIN,
    FLAT,
    FREE_ABOVE_50,
    PARIS,
    V3,
    WHY,
    offers,
    quoted,
    rates,
    refusal,
    sells,
    zone,
)
from tests.orders.shipping import moved, packed
from tests.orders.steps import receives
from tests.shop import ALICE, BOB, Caller, Shop

TO_BERLIN = {"email": "Ada@Example.com", "language": "de", "shipping_address": BERLIN, "shipping_method": "standard"}
NOTHING: dict[str, Any] = {"email": "", "language": "", "shipping_address": None, "billing_address": None}


def sets_up(shop: Shop) -> None:
    sells(shop, "MUG", 900)
    zone(shop, "germany", "DE")
    offers(shop, "standard", "germany", FREE_ABOVE_50)


def orders(caller: Caller, mugs: int, total: int, key: str | None = None, **more: Any) -> TestResponse:
    body = {"items": [{"sku": "MUG", "quantity": mugs}], "expected_total": {"amount": total, "currency": "EUR"}}
    return caller.post("/orders", body | more, key=key)


def contact(caller: Caller, order: Any) -> Any:
    return caller.get(f"/orders/{order['id']}/address").json


def test_an_order_costs_what_was_quoted_and_keeps_its_method(shop: Shop) -> None:
    sets_up(shop)
    alice = shop.as_customer(ALICE)
    quote = quoted(alice, {"MUG": 2}, country="DE", shipping_method="standard")

    placed = orders(alice, 2, 2290, **TO_BERLIN)
    rates(shop, "standard", FLAT, V3)
    shop.as_staff().patch("/shipping/methods/standard", {"name": "Slow", **WHY}, headers={"If-Match": '"v4"'})

    order: Any = placed.json
    assert placed.status_code == 201
    assert order["totals"] == quote["totals"]
    assert order["shipping_method"] == {
        "code": "standard",
        "name": "Standard",
        "price": {"amount": 490, "currency": "EUR"},
    }
    shown: Any = alice.get(f"/orders/{order['id']}").json
    assert shown == order, "it is a snapshot"
    printed = shop.app.test_cli_runner().invoke(args=["orders", "show", order["id"]], catch_exceptions=False).output
    assert "shipping   Standard (standard), 4.90 EUR" in printed
    assert not re.findall(r"\b(?:Berlin|Ada)\b", printed, re.IGNORECASE)  # ids may have ada within
    [published] = shop.published(OrderPlaced)
    assert (published.ship_to, published.totals.shipping, published.totals.total) == ("DE", 490, 2290)


def test_its_customer_and_staff_see_who_it_is_for(shop: Shop) -> None:
    sets_up(shop)
    alice = shop.as_customer(ALICE)

    order: Any = orders(alice, 1, 1390, **TO_BERLIN, billing_address=PARIS).json

    seen = contact(alice, order)
    assert seen == contact(shop.as_staff(), order)
    assert (seen["email"], seen["language"]) == ("ada@example.com", "de")
    assert seen["shipping_address"] == dict.fromkeys(seen["shipping_address"], "") | BERLIN
    assert seen["billing_address"]["city"] == "Paris"
    assert refusal(shop.as_customer(BOB).get(f"/orders/{order['id']}/address")) == (404, "no_such_order")
    listed: Any = alice.get("/orders")
    assert "Berlin" not in listed.text and "example.com" not in listed.text


def test_a_repeated_request_is_answered_the_same(shop: Shop) -> None:
    sets_up(shop)
    alice, key = shop.as_customer(ALICE), str(new_id())

    first = orders(alice, 1, 1390, key=key, **TO_BERLIN)
    rates(shop, "standard", [{**FLAT[0], "amount": 10}], V3)
    second = orders(alice, 1, 1390, key=key, **TO_BERLIN)

    assert (second.status_code, second.json, second.headers["Idempotency-Replayed"]) == (201, first.json, "true")
    assert len(shop.published(OrderPlaced)) == 1


def test_a_cart_is_shipped_too(shop: Shop) -> None:
    sets_up(shop)
    alice = shop.as_customer(ALICE)
    alice.put("/cart/items/MUG", {"quantity": 6})

    answer = alice.post("/orders", {"expected_total": {"amount": 5400, "currency": "EUR"}, **TO_BERLIN})

    assert answer.status_code == 201
    assert answer.json["totals"]["shipping"]["amount"] == 0  # type: ignore[index]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"shipping_method": None}, "shipping_method_needed"),
        ({"shipping_method": "boat"}, "unknown_shipping_method"),
        ({"shipping_address": PARIS}, "not_shipped_there"),
        ({"shipping_address": {**BERLIN, "postal_code": "1"}}, "invalid_request"),
        ({"shipping_address": {**BERLIN, "more": "1"}}, "invalid_request"),
        ({"email": "nobody"}, "invalid_request"),
        ({"language": "german!"}, "invalid_request"),
    ],
    ids=str,
)
def test_what_cannot_be_shipped_is_refused(shop: Shop, change: dict[str, Any], code: str) -> None:
    sets_up(shop)

    assert refusal(orders(shop.as_customer(ALICE), 1, 1390, **{**TO_BERLIN, **change})) == (422, code)
    assert shop.published(OrderPlaced) == []


@pytest.mark.parametrize(
    ("missing", "code"),
    [("shipping_method", "shipping_method_needed"), ("shipping_address", "address_needed"), ("email", "email_needed")],
)
def test_what_a_parcel_needs_is_required(shop: Shop, missing: str, code: str) -> None:
    sets_up(shop)
    body = {name: value for name, value in TO_BERLIN.items() if name != missing}

    answer: Any = orders(shop.as_customer(ALICE), 1, 1390, **body)

    assert refusal(answer) == (422, code)
    if missing == "shipping_method":
        assert answer.json["methods"] == ["standard"]


def test_changed_rates_are_a_changed_price(shop: Shop) -> None:
    sets_up(shop)
    rates(shop, "standard", [{**FLAT[0], "amount": 500}], V3)

    answer: Any = orders(shop.as_customer(ALICE), 1, 1390, **TO_BERLIN)

    assert refusal(answer) == (409, "price_changed")
    assert answer.json["total"]["amount"] == 1400


def test_what_is_not_shipped_needs_nothing(shop: Shop) -> None:
    sets_up(shop)
    sells(shop, "MUG", 900, ships=False, version=2)
    alice = shop.as_customer(ALICE)

    order: Any = orders(alice, 1, 900).json

    assert (order["shipping_method"], contact(alice, order)) == (None, NOTHING)
    assert refusal(orders(alice, 1, 900, **TO_BERLIN)) == (422, "unknown_shipping_method")


def test_who_collects_needs_only_an_email_address(shop: Shop) -> None:
    sets_up(shop)
    offers(shop, "collect", None, [{**FLAT[0], "amount": 0}])

    answer = orders(shop.as_customer(ALICE), 1, 900, email="ada@example.com", shipping_method="collect")

    assert answer.status_code == 201, answer.text
    assert shop.published(OrderPlaced)[0].ship_to == ""


def test_a_nudge_names_the_country_and_region_and_nothing_finer(shop: Shop) -> None:
    sells(shop, "MUG", 900)
    home = {
        "name": "Ada",
        "line1": "1 Main St",
        "city": "Austin",
        "region": "TX",
        "postal_code": "78701",
        "country": "US",
    }
    order: Any = orders(shop.as_customer(ALICE), 1, 900, shipping_address=home).json

    shop.as_staff().post(f"/ops/orders/{order['id']}/nudge", {"reason": "it waits"})

    assert [each.ship_to for each in (*shop.published(OrderPlaced), *shop.published(OrderNudged))] == ["US-TX"] * 2


def test_the_shell_shows_country_method_and_shipments_and_no_person(shop: Shop) -> None:
    sets_up(shop)
    order: Any = orders(shop.as_customer(ALICE), 2, 2290, **TO_BERLIN).json
    receives(shop, order["id"], "stock_reserved", "payment_authorized", "payment_captured")
    shipment = packed(shop, order["id"])
    moved(shop, order["id"], shipment, "dispatch")

    shown = shop.app.test_cli_runner().invoke(args=["orders", "show", order["id"]]).output

    for line in ("ship to    DE\n", "shipping   Standard (standard), 4.90 EUR\n"):
        assert line in shown, shown
    assert f"shipment   {shipment} dispatched: 2 MUG, DHL 00340434161094021501\n" in shown
    assert not re.findall(r"\b(?:Ada|Linden|example\.com)\b", shown, re.IGNORECASE)  # ids may have ada within


def test_a_shop_without_methods_asks_once_for_them(shop: Shop) -> None:
    sells(shop, "MUG", 900)
    alice = shop.as_customer(ALICE)
    with statements(shop) as executed:
        assert orders(alice, 1, 900).status_code == 201

    ours = [each for each in executed if any(name in each for name in ("shipping_", "zone", "order_contacts"))]
    assert [each for each in ours if "INTO orders" not in each and "FROM shipping_methods" not in each] == []
    assert len([each for each in ours if "FROM shipping_methods" in each]) <= 1


@contextmanager
def statements(shop: Shop) -> Iterator[list[str]]:
    """The statements that orders executes meanwhile."""
    executed: list[str] = []

    def before(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        executed.append(statement)

    engines = shop.modules["orders"].database.engines
    for engine in engines:
        event.listen(engine, "before_cursor_execute", before)
    try:
        yield executed
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", before)
