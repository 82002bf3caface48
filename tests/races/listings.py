"""Two variants of one product change at the same time: the product is listed with what both have become."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from werkzeug.test import TestResponse

from app.modules.catalog.infrastructure.tables import listings
from tests.catalog.steps import added, euros, looks_at
from tests.races.rivals import Race, race
from tests.shop import Shop

V1 = {"If-Match": '"v1"'}


def two_sizes(shop: Shop, n: int) -> tuple[str, str]:
    """A product with a small and a large variant, by its id, and its path."""
    product: Any = added(shop, f"Mug {n}", f"S-{n}")
    path = f"/products/{product['id']}"
    answer = shop.as_staff().post(f"{path}/variants", {"sku": f"L-{n}", "name": "large", "price": euros(2000)})
    assert answer.status_code == 201, answer.text
    return product["id"], path


def is_listed_as_it_is(shop: Shop, id: str, first: TestResponse, second: TestResponse) -> None:
    """The row that lists are read from has the lowest price that the product has, and every word of it."""
    assert {first.status_code, second.status_code} <= {200, 201, 204}, (first.text, second.text)
    page = looks_at(shop, id)
    sold = [each for each in page["variants"] if each["on_sale"]]
    with shop.modules["catalog"].database.read() as connection:
        listed = connection.execute(select(listings).where(listings.c.product_id == UUID(id))).one()
    assert listed.price == min(each["price"]["amount"] for each in sold)
    assert all(each["sku"].lower().replace("-", "_") in listed.words for each in sold), listed.words


@race("PATCH /api/v1/products/<ref>/variants/<sku:sku>", module="catalog")
def two_variants_become_cheaper(shop: Shop, n: int) -> Race:
    (id, path), staff = two_sizes(shop, n), shop.as_staff()
    return Race(
        lambda: staff.patch(f"{path}/variants/S-{n}", {"price": euros(700)}, headers=V1),
        lambda: staff.patch(f"{path}/variants/L-{n}", {"price": euros(600)}, headers=V1),
        lambda first, second: is_listed_as_it_is(shop, id, first, second),
    )


@race("POST /api/v1/products/<ref>/variants", module="catalog")
def two_variants_are_added_to_a_product(shop: Shop, n: int) -> Race:
    (id, path), staff = two_sizes(shop, n), shop.as_staff()
    return Race(
        lambda: staff.post(f"{path}/variants", {"sku": f"M-{n}", "price": euros(700)}),
        lambda: staff.post(f"{path}/variants", {"sku": f"X-{n}", "price": euros(600)}),
        lambda first, second: is_listed_as_it_is(shop, id, first, second),
    )


@race("DELETE /api/v1/products/<ref>/variants/<sku:sku>", module="catalog")
def the_cheapest_variant_is_withdrawn_while_another_becomes_dearer(shop: Shop, n: int) -> Race:
    (id, path), staff = two_sizes(shop, n), shop.as_staff()
    return Race(
        lambda: staff.delete(f"{path}/variants/S-{n}", headers=V1),
        lambda: staff.patch(f"{path}/variants/L-{n}", {"price": euros(2500)}, headers=V1),
        lambda first, second: is_listed_as_it_is(shop, id, first, second),
    )
