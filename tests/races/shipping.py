"""Races of the routes of shipping. Each begins and ends without methods: while one is active, all orders need one."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete
from werkzeug.test import TestResponse

from app.kernel.money import Money
from app.modules.orders.infrastructure.shipping.tables import shipping_methods, shipping_rates, zone_areas, zones
from tests.orders.methods import BERLIN, FLAT, V1, V2, V3, WHY, method, offers, rates, sells, zone
from tests.races.rivals import Check, Race, one_wins, race, refused
from tests.shop import Caller, Shop


def cleared(shop: Shop, check: Check | None = None) -> Check:
    """Without zones and methods now, and after the check."""

    def clear() -> None:
        with shop.modules["orders"].database.begin() as connection:
            for table in (shipping_rates, shipping_methods, zone_areas, zones):
                connection.execute(delete(table))

    def checked(first: TestResponse, second: TestResponse) -> None:
        try:
            if check:
                check(first, second)
        finally:
            clear()

    clear()
    return checked


@race("POST /api/v1/shipping/zones", module="orders")
def two_zones_of_one_id(shop: Shop, n: int) -> Race:
    check = cleared(shop, refused("zone_exists"))
    return Race(lambda: zone(shop, "eu", "DE"), lambda: zone(shop, "eu", "FR"), check)


@race("POST /api/v1/shipping/zones", module="orders")
def the_last_place_for_a_zone_is_taken_twice(shop: Shop, n: int) -> Race:
    check = cleared(shop, refused("too_many_zones"))
    for other in range(99):
        zone(shop, f"z-{other}")
    return Race(lambda: zone(shop, "one"), lambda: zone(shop, "other"), check)


@race("PATCH /api/v1/shipping/zones/<zone_id>", module="orders")
def a_zone_is_changed_twice(shop: Shop, n: int) -> Race:
    staff, path = shop.as_staff(), "/shipping/zones/eu"

    def check(first: TestResponse, second: TestResponse) -> None:
        one_wins(first, second)
        found: Any = staff.get(path).json
        assert [each["country"] for each in found["areas"]] in (["FR"], ["NL"])

    check = cleared(shop, check)
    zone(shop, "eu", "DE", "AT")
    return Race(
        lambda: staff.patch(path, {"areas": [{"country": "FR"}], **WHY}, headers=V1),
        lambda: staff.patch(path, {"areas": [{"country": "NL"}], **WHY}, headers=V1),
        check,
    )


@race("POST /api/v1/shipping/methods", module="orders")
def two_methods_of_one_code(shop: Shop, n: int) -> Race:
    check = cleared(shop, refused("shipping_method_exists"))
    return Race(lambda: method(shop, "standard", None), lambda: method(shop, "standard", None), check)


@race("PATCH /api/v1/shipping/methods/<code>", module="orders")
def a_method_is_changed_twice(shop: Shop, n: int) -> Race:
    staff, path = shop.as_staff(), "/shipping/methods/standard"
    check = cleared(shop, one_wins)
    method(shop, "standard", None)
    return Race(
        lambda: staff.patch(path, {"name": "One", **WHY}, headers=V1),
        lambda: staff.patch(path, {"name": "Other", **WHY}, headers=V1),
        check,
    )


@race("PUT /api/v1/shipping/methods/<code>/rates", "PATCH /api/v1/shipping/methods/<code>", module="orders")
def rates_are_taken_away_while_the_method_is_activated(shop: Shop, n: int) -> Race:
    staff, path = shop.as_staff(), "/shipping/methods/standard"

    def check(first: TestResponse, second: TestResponse) -> None:
        one_wins(first, second)
        assert staff.get(path).json["active"] == bool(staff.get(f"{path}/rates").json["rates"])  # type: ignore[index]

    check = cleared(shop, check)
    method(shop, "standard", None)
    rates(shop, "standard", FLAT)
    return Race(
        lambda: rates(shop, "standard", [], V2),
        lambda: staff.patch(path, {"active": True, **WHY}, headers=V2),
        check,
    )


@race("PUT /api/v1/shipping/methods/<code>/rates", module="orders")
def rates_are_replaced_twice(shop: Shop, n: int) -> Race:
    check = cleared(shop, one_wins)
    offers(shop, "standard", None)
    cheap, dear = ([{**FLAT[0], "amount": amount}] for amount in (100, 900))
    return Race(lambda: rates(shop, "standard", cheap, V3), lambda: rates(shop, "standard", dear, V3), check)


def orders(shop: Shop, n: int, total: int) -> TestResponse:
    """A customer orders a mug to Berlin."""
    body = {
        "items": [{"sku": f"MUG-{n}", "quantity": 1}],
        "expected_total": {"amount": total, "currency": "EUR"},
        "email": f"ada-{n}@example.com",
        "shipping_address": BERLIN,
        "shipping_method": "standard",
    }
    return shop.as_customer(UUID(int=0xC0DE00 + n)).post("/orders", body)


def ships(shop: Shop, n: int) -> None:
    sells(shop, f"MUG-{n}", 900)
    zone(shop, "germany", "DE")
    offers(shop, "standard", "germany")


@race("POST /api/v1/orders", "PUT /api/v1/shipping/methods/<code>/rates", module="orders")
def rates_are_replaced_while_an_order_is_placed(shop: Shop, n: int) -> Race:
    def check(first: TestResponse, second: TestResponse) -> None:
        assert second.status_code == 200, second.text
        placed: Any = first.json
        if first.status_code == 201:
            assert placed["totals"]["shipping"]["amount"] == 490, "the price that the customer saw"
        else:
            assert (placed["code"], placed["total"]["amount"]) == ("price_changed", 910)

    check = cleared(shop, check)
    ships(shop, n)
    by_weight = [{"currency": "EUR", "from": 0, "below": 1, "amount": 10}, {**FLAT[0], "from": 1, "amount": 99}]
    return Race(lambda: orders(shop, n, 1390), lambda: rates(shop, "standard", by_weight, V3, by="weight"), check)


@race("POST /api/v1/cart/quote", "PUT /api/v1/cart/items/<sku:sku>", module="orders")
def a_guests_cart_is_claimed_by_a_quote_and_filled(shop: Shop, n: int) -> Race:
    for sku in ("MUG", "PEN"):
        sells(shop, f"{sku}-{n}", 900)
    token = shop.as_guest().put(f"/cart/items/PEN-{n}", {"quantity": 2}).headers["X-Cart-Token"]
    both = Caller(shop.door, {**shop.as_customer(UUID(int=0xC0DE00 + n)).headers, "X-Cart-Token": token})

    def check(first: TestResponse, second: TestResponse) -> None:
        assert (first.status_code, second.status_code) == (200, 200), (first.text, second.text)
        found: Any = both.get("/cart").json
        assert {each["sku"]: each["quantity"] for each in found["lines"]} == {f"MUG-{n}": 1, f"PEN-{n}": 2}

    return Race(lambda: both.post("/cart/quote", {}), lambda: both.put(f"/cart/items/MUG-{n}", {"quantity": 1}), check)


MUNICH = {**BERLIN, "city": "München", "postal_code": "80331"}


@race("PATCH /api/v1/orders/<uuid:order_id>/address", "POST /api/v1/orders/<uuid:order_id>/cancel", module="orders")
def an_address_is_changed_while_the_order_is_cancelled(shop: Shop, n: int) -> Race:
    caller = shop.as_customer(UUID(int=0xC0DE00 + n))
    empty = cleared(shop)
    ships(shop, n)
    path = f"/orders/{orders(shop, n, 1390).json['id']}"  # type: ignore[index]

    def check(first: TestResponse, second: TestResponse) -> None:
        empty(first, second)
        assert second.status_code == 200 and first.status_code in {200, 409}, first.text
        shown: Any = caller.get(f"{path}/address").json
        changed = shown["shipping_address"]["city"] == "München"
        assert changed == (first.status_code == 200)
        assert caller.get(path).json["status"] == "cancelled"  # type: ignore[index]

    return Race(
        lambda: caller.patch(f"{path}/address", {"shipping_address": MUNICH}),
        lambda: caller.post(f"{path}/cancel"),
        check,
    )


@race("PATCH /api/v1/orders/<uuid:order_id>/record", module="orders")
def a_record_is_changed_twice(shop: Shop, n: int) -> Race:
    sells(shop, f"MUG-{n}", 900)
    order: Any = shop.as_customer(UUID(int=0xC0DE00 + n)).orders({f"MUG-{n}": 1}, Money(900, "EUR")).json
    path, tag, staff = f"/orders/{order['id']}/record", {"If-Match": '"v0"'}, shop.as_staff()
    return Race(
        lambda: staff.patch(path, {"metadata": {"a": "1"}, **WHY}, headers=tag),
        lambda: staff.patch(path, {"metadata": {"a": "2"}, **WHY}, headers=tag),
        one_wins,
    )


@race("PATCH /api/v1/orders/<uuid:order_id>/record", module="orders")
def two_orders_take_one_external_reference(shop: Shop, n: int) -> Race:
    sells(shop, f"MUG-{n}", 900)
    caller = shop.as_customer(UUID(int=0xC0DE00 + n))
    placed: list[Any] = [caller.orders({f"MUG-{n}": 1}, Money(900, "EUR")).json for _ in range(2)]
    one, other = (f"/orders/{each['id']}/record" for each in placed)
    taken, tag, staff = {"external_reference": f"SO-{n}", **WHY}, {"If-Match": '"v0"'}, shop.as_staff()
    return Race(
        lambda: staff.patch(one, taken, headers=tag),
        lambda: staff.patch(other, taken, headers=tag),
        refused("external_reference_taken"),
    )


@race("POST /api/v1/orders/search", "PATCH /api/v1/orders/<uuid:order_id>/address", module="orders")
def an_order_is_searched_while_its_email_changes(shop: Shop, n: int) -> Race:
    caller, staff = shop.as_customer(UUID(int=0xC0DE00 + n)), shop.as_staff()
    empty = cleared(shop)
    ships(shop, n)
    path = f"/orders/{orders(shop, n, 1390).json['id']}/address"  # type: ignore[index]

    def check(first: TestResponse, second: TestResponse) -> None:
        empty(first, second)
        assert (first.status_code, second.status_code) == (200, 200)
        found: Any = [staff.post("/orders/search", {"email": f"{who}-{n}@example.com"}).json for who in ("ada", "eve")]
        assert [len(each["items"]) for each in found] == [0, 1]

    return Race(
        lambda: staff.post("/orders/search", {"email": f"ada-{n}@example.com"}),
        lambda: caller.patch(path, {"email": f"eve-{n}@example.com"}),
        check,
    )
