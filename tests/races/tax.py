"""Races of the settings of tax. Each begins and ends without any: they depend on each other."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete
from werkzeug.test import TestResponse

from app.modules.orders.infrastructure.tax.tables import tax_categories, tax_rates, tax_registrations
from tests.orders.taxes import WHY, category, rate, registration
from tests.races.rivals import Check, Race, one_wins, race, refused
from tests.shop import Shop

V1 = {"If-Match": '"v1"'}


def cleared(shop: Shop, check: Check) -> Check:
    """Without rates and registrations now, and after the check."""

    def clear() -> None:
        with shop.modules["orders"].database.begin() as connection:
            for table in (tax_registrations, tax_rates):
                connection.execute(delete(table))
            connection.execute(delete(tax_categories).where(tax_categories.c.slug != "standard"))

    def checked(first: TestResponse, second: TestResponse) -> None:
        try:
            check(first, second)
        finally:
            clear()

    clear()
    return checked


@race("POST /api/v1/tax/categories", module="orders")
def two_categories_of_one_slug(shop: Shop, n: int) -> Race:
    check = cleared(shop, refused("tax_category_exists"))
    return Race(lambda: category(shop, "books"), lambda: category(shop, "books"), check)


@race("DELETE /api/v1/tax/categories/<slug>", "POST /api/v1/tax/rates", module="orders")
def a_category_goes_while_it_gets_a_rate(shop: Shop, n: int) -> Race:
    def check(first: TestResponse, second: TestResponse) -> None:
        found = [each["slug"] for each in shop.as_staff().get("/tax/categories").json["items"]]  # type: ignore[index]
        rates: Any = shop.as_staff().get("/tax/rates").json
        assert ("books" in found) == (len(rates["items"]) == 1), (first.text, second.text)

    check = cleared(shop, check)
    category(shop, "books")
    return Race(
        lambda: shop.as_staff().delete("/tax/categories/books"), lambda: rate(shop, "DE", 70_000, "books"), check
    )


@race("POST /api/v1/tax/rates", module="orders")
def two_rates_overlap(shop: Shop, n: int) -> Race:
    check = cleared(shop, refused("tax_rate_overlaps"))
    return Race(lambda: rate(shop, "DE", 190_000), lambda: rate(shop, "DE", 200_000), check)


@race("PATCH /api/v1/tax/rates/<uuid:rate_id>", module="orders")
def a_rate_is_ended_twice(shop: Shop, n: int) -> Race:
    check = cleared(shop, one_wins)
    added: Any = rate(shop, "DE", 190_000).json
    path = f"/tax/rates/{added['id']}"
    first, second = ({"valid_until": f"{year}-01-01T00:00:00Z", **WHY} for year in (2500, 2600))
    return Race(
        lambda: shop.as_staff().patch(path, first, headers=V1),
        lambda: shop.as_staff().patch(path, second, headers=V1),
        check,
    )


@race("POST /api/v1/tax/registrations", module="orders")
def a_shop_registers_twice(shop: Shop, n: int) -> Race:
    check = cleared(shop, refused("already_registered"))
    rate(shop, "DE", 190_000)
    return Race(lambda: registration(shop, "DE"), lambda: registration(shop, "DE"), check)


@race("PATCH /api/v1/tax/registrations/<uuid:registration_id>", module="orders")
def a_registration_is_ended_twice(shop: Shop, n: int) -> Race:
    check = cleared(shop, one_wins)
    rate(shop, "DE", 190_000)
    added: Any = registration(shop, "DE").json
    path = f"/tax/registrations/{added['id']}"
    first, second = ({"until": f"{year}-01-01T00:00:00Z", **WHY} for year in (2500, 2600))
    return Race(
        lambda: shop.as_staff().patch(path, first, headers=V1),
        lambda: shop.as_staff().patch(path, second, headers=V1),
        check,
    )


@race("POST /api/v1/tax-ids", module="orders")
def a_tax_number_is_added_twice(shop: Shop, n: int) -> Race:
    caller, body = shop.as_customer(UUID(int=0x7A800 + n)), {"country": "AT", "number": "U12345678"}
    check = refused("tax_number_exists")
    return Race(lambda: caller.post("/tax-ids", body), lambda: caller.post("/tax-ids", body), check)


@race("DELETE /api/v1/tax-ids/<uuid:tax_id>", module="orders")
def a_tax_number_is_deleted_twice(shop: Shop, n: int) -> Race:
    caller = shop.as_customer(UUID(int=0x7A900000 + n))
    added: Any = caller.post("/tax-ids", {"country": "AT", "number": "U12345678"}).json

    def check(first: TestResponse, second: TestResponse) -> None:
        assert {first.status_code, second.status_code} <= {204, 404}
        assert caller.get("/tax-ids").json["items"] == []  # type: ignore[index]

    path = f"/tax-ids/{added['id']}"
    return Race(lambda: caller.delete(path), lambda: caller.delete(path), check)


@race("PUT /api/v1/tax/exemptions/<uuid:customer_id>", module="orders")
def a_customer_is_exempted_twice(shop: Shop, n: int) -> Race:
    path = f"/tax/exemptions/{UUID(int=0x7AA00000 + n)}"

    def check(first: TestResponse, second: TestResponse) -> None:
        assert {first.status_code, second.status_code} == {200}, (first.text, second.text)

    return Race(
        lambda: shop.as_staff().put(path, {"reason": "a certificate"}),
        lambda: shop.as_staff().put(path, {"reason": "another one"}),
        check,
    )


@race("DELETE /api/v1/tax/exemptions/<uuid:customer_id>", module="orders")
def an_exemption_is_ended_twice(shop: Shop, n: int) -> Race:
    path = f"/tax/exemptions/{UUID(int=0x7AB00000 + n)}"
    shop.as_staff().put(path, {"reason": "a certificate"})
    check = refused("no_such_tax_exemption")
    return Race(lambda: shop.as_staff().delete(path), lambda: shop.as_staff().delete(path), check)
