"""Races of the routes of shipping. Each begins and ends without methods: while one is active, all orders need one."""

from typing import Any

from sqlalchemy import delete
from werkzeug.test import TestResponse

from app.modules.orders.infrastructure.shipping_tables import shipping_methods, shipping_rates, zone_areas, zones
from tests.orders.shipping import FLAT, V1, V2, V3, WHY, method, offers, rates, zone
from tests.races.rivals import Check, Race, one_wins, race, refused
from tests.shop import Shop


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
