"""Races of the routes of catalog."""

from typing import Any

from werkzeug.test import TestResponse

from app.bus.contracts.catalog import OfferChanged
from tests.catalog.steps import added, adds, euros, looks_at, moves, shelves, stock_of
from tests.races.rivals import Race, one_wins, race, refused, statuses
from tests.shop import Shop

V1 = {"If-Match": '"v1"'}


def mug(shop: Shop, n: int, **more: Any) -> Any:
    return added(shop, f"Mug {n}", f"MUG-{n}", **more)


@race("POST /api/v1/categories")
def two_categories_of_one_slug(shop: Shop, n: int) -> Race:
    return Race(lambda: shelves(shop, f"new-{n}"), lambda: shelves(shop, f"new-{n}"), refused("category_exists"))


@race("PATCH /api/v1/categories/<slug>")
def a_category_is_renamed_and_moved(shop: Shop, n: int) -> Race:
    staff, path = shop.as_staff(), f"/categories/moved-{n}"
    shelves(shop, f"moved-{n}")
    shelves(shop, f"top-{n}")
    return Race(
        lambda: staff.patch(path, {"name": "New"}, headers=V1),
        lambda: staff.patch(path, {"parent": f"top-{n}"}, headers=V1),
        one_wins,
    )


@race("PATCH /api/v1/categories/<slug>")
def two_categories_hang_under_each_other(shop: Shop, n: int) -> Race:
    staff = shop.as_staff()
    for slug in ("left", "right"):
        shelves(shop, f"{slug}-{n}")
    return Race(
        lambda: staff.patch(f"/categories/left-{n}", {"parent": f"right-{n}"}, headers=V1),
        lambda: staff.patch(f"/categories/right-{n}", {"parent": f"left-{n}"}, headers=V1),
        refused("category_cycle"),
    )


@race("PATCH /api/v1/categories/<slug>", "POST /api/v1/categories")
def a_category_moves_under_a_new_one_below_it(shop: Shop, n: int) -> Race:
    staff = shop.as_staff()
    shelves(shop, f"over-{n}")
    return Race(
        lambda: staff.patch(f"/categories/over-{n}", {"parent": f"under-{n}"}, headers=V1),
        lambda: shelves(shop, f"under-{n}", f"over-{n}"),
        refused("category_cycle", "unknown_category"),
    )


@race("DELETE /api/v1/categories/<slug>", "POST /api/v1/products")
def a_category_is_removed_while_a_product_is_added_to_it(shop: Shop, n: int) -> Race:
    staff = shop.as_staff()
    shelves(shop, f"gone-{n}")
    return Race(
        lambda: adds(shop, f"Mug {n}", f"MUG-{n}", category=f"gone-{n}"),
        lambda: staff.delete(f"/categories/gone-{n}", headers=V1),
        refused("unknown_category", "category_in_use"),
    )


@race("DELETE /api/v1/categories/<slug>", "POST /api/v1/categories")
def a_category_is_removed_while_another_is_hung_under_it(shop: Shop, n: int) -> Race:
    staff = shop.as_staff()
    shelves(shop, f"gone-{n}")
    return Race(
        lambda: shelves(shop, f"child-{n}", f"gone-{n}"),
        lambda: staff.delete(f"/categories/gone-{n}", headers=V1),
        refused("unknown_category", "category_in_use"),
    )


@race("DELETE /api/v1/categories/<slug>", "PATCH /api/v1/products/<ref>")
def a_category_is_removed_while_a_product_moves_to_it(shop: Shop, n: int) -> Race:
    staff, product = shop.as_staff(), mug(shop, n)
    shelves(shop, f"gone-{n}")
    return Race(
        lambda: staff.delete(f"/categories/gone-{n}", headers=V1),
        lambda: staff.patch(f"/products/{product['id']}", {"category": f"gone-{n}"}, headers=V1),
        refused("unknown_category", "category_in_use"),
    )


@race("DELETE /api/v1/categories/<slug>")
def a_category_is_removed_and_renamed(shop: Shop, n: int) -> Race:
    staff, path = shop.as_staff(), f"/categories/gone-{n}"
    shelves(shop, f"gone-{n}")
    return Race(
        lambda: staff.delete(path, headers=V1),
        lambda: staff.patch(path, {"name": "New"}, headers=V1),
        refused("stale_version", "no_such_category"),
    )


@race("POST /api/v1/products")
def two_products_of_one_slug(shop: Shop, n: int) -> Race:
    return Race(
        lambda: adds(shop, "Mug", f"A-{n}", slug=f"mug-{n}"),
        lambda: adds(shop, "Mug", f"B-{n}", slug=f"mug-{n}"),
        refused("slug_taken"),
    )


@race("POST /api/v1/products", "POST /api/v1/products/<ref>/variants")
def two_variants_of_one_sku(shop: Shop, n: int) -> Race:
    product = mug(shop, n)
    return Race(
        lambda: adds(shop, f"Cup {n}", f"TAKEN-{n}"),
        lambda: shop.as_staff().post(f"/products/{product['id']}/variants", {"sku": f"TAKEN-{n}", "price": euros(1)}),
        refused("sku_taken"),
    )


@race("PATCH /api/v1/products/<ref>")
def a_product_is_changed_twice(shop: Shop, n: int) -> Race:
    staff, path = shop.as_staff(), f"/products/{mug(shop, n)['id']}"
    return Race(
        lambda: staff.patch(path, {"name": f"Cup {n}"}, headers=V1),
        lambda: staff.patch(path, {"description": "It keeps coffee hot."}, headers=V1),
        one_wins,
    )


@race("PATCH /api/v1/products/<ref>")
def two_products_take_one_slug(shop: Shop, n: int) -> Race:
    staff, one, other = shop.as_staff(), added(shop, f"One {n}", f"A-{n}"), added(shop, f"Other {n}", f"B-{n}")
    return Race(
        lambda: staff.patch(f"/products/{one['id']}", {"slug": f"best-{n}"}, headers=V1),
        lambda: staff.patch(f"/products/{other['id']}", {"slug": f"best-{n}"}, headers=V1),
        refused("slug_taken"),
    )


@race("POST /api/v1/products", "PATCH /api/v1/products/<ref>")
def two_products_take_one_external_reference(shop: Shop, n: int) -> Race:
    path, taken = f"/products/{mug(shop, n)['id']}", f"ERP-{n}"
    return Race(
        lambda: adds(shop, f"Cup {n}", f"CUP-{n}", external_reference=taken),
        lambda: shop.as_staff().patch(path, {"external_reference": taken}, headers=V1),
        refused("external_reference_taken"),
    )


@race("DELETE /api/v1/products/<ref>")
def a_product_is_withdrawn_and_renamed(shop: Shop, n: int) -> Race:
    staff, path = shop.as_staff(), f"/products/{mug(shop, n)['id']}"
    return Race(
        lambda: staff.delete(path, headers=V1), lambda: staff.patch(path, {"name": f"Cup {n}"}, headers=V1), one_wins
    )


def offer_is_true(shop: Shop, sku: str, ref: str) -> None:
    """The last published offer of a sku has its current state."""
    page = looks_at(shop, ref)
    [variant] = [each for each in page["variants"] if each["sku"] == sku]
    published = max((each for each in shop.published(OfferChanged) if each.sku == sku), key=lambda each: each.version)
    assert (published.version, published.price) == (variant["version"], variant["price"]["amount"])
    assert published.name.partition(" – ")[0] == page["name"]


@race("POST /api/v1/products/<ref>/variants", "PATCH /api/v1/products/<ref>")
def a_variant_is_added_while_its_product_is_renamed(shop: Shop, n: int) -> Race:
    staff, product = shop.as_staff(), mug(shop, n)
    path = f"/products/{product['id']}"

    def check(first: TestResponse, second: TestResponse) -> None:
        assert (first.status_code, second.status_code) == (201, 200)
        offer_is_true(shop, f"BIG-{n}", product["id"])

    return Race(
        lambda: staff.post(f"{path}/variants", {"sku": f"BIG-{n}", "name": "Big", "price": euros(1200)}),
        lambda: staff.patch(path, {"name": f"Cup {n}"}, headers=V1),
        check,
    )


@race("PATCH /api/v1/products/<ref>/variants/<sku:sku>")
def a_price_is_changed_twice(shop: Shop, n: int) -> Race:
    staff, product = shop.as_staff(), mug(shop, n)
    path = f"/products/{product['id']}/variants/MUG-{n}"

    def check(first: TestResponse, second: TestResponse) -> None:
        one_wins(first, second)
        offer_is_true(shop, f"MUG-{n}", product["id"])

    return Race(
        lambda: staff.patch(path, {"price": euros(1000)}, headers=V1),
        lambda: staff.patch(path, {"price": euros(1100), "name": "Big"}, headers=V1),
        check,
    )


@race("PATCH /api/v1/products/<ref>/variants/<sku:sku>", "PATCH /api/v1/products/<ref>")
def a_price_is_changed_while_the_product_is_renamed(shop: Shop, n: int) -> Race:
    staff, product = shop.as_staff(), mug(shop, n)
    path = f"/products/{product['id']}"

    def check(first: TestResponse, second: TestResponse) -> None:
        assert statuses(first, second) in ([200, 200], [200, 412]), "the offer has one version for both"
        assert second.status_code == 200
        offer_is_true(shop, f"MUG-{n}", product["id"])

    return Race(
        lambda: staff.patch(f"{path}/variants/MUG-{n}", {"price": euros(1000)}, headers=V1),
        lambda: staff.patch(path, {"name": f"Cup {n}"}, headers=V1),
        check,
    )


@race("POST /api/v1/products/<ref>/variants", "PATCH /api/v1/products/<ref>/variants/<sku:sku>")
def two_variants_take_one_external_reference(shop: Shop, n: int) -> Race:
    staff, taken = shop.as_staff(), {"external_reference": f"ERP-{n}"}
    path = f"/products/{mug(shop, n)['id']}/variants"
    return Race(
        lambda: staff.patch(f"{path}/MUG-{n}", taken, headers=V1),
        lambda: staff.post(path, {"sku": f"BIG-{n}", "price": euros(1200), **taken}),
        refused("external_reference_taken"),
    )


@race("DELETE /api/v1/products/<ref>/variants/<sku:sku>")
def a_variant_is_withdrawn_and_repriced(shop: Shop, n: int) -> Race:
    staff = shop.as_staff()
    path = f"/products/{mug(shop, n)['id']}/variants/MUG-{n}"
    return Race(
        lambda: staff.delete(path, headers=V1), lambda: staff.patch(path, {"price": euros(1)}, headers=V1), one_wins
    )


@race("POST /api/v1/stock/<sku:sku>/movements")
def goods_come_in_twice(shop: Shop, n: int) -> Race:
    sku = f"MUG-{n}"
    mug(shop, n)

    def check(first: TestResponse, second: TestResponse) -> None:
        assert (statuses(first, second), stock_of(shop, sku)) == ([201, 201], (8, 0))

    return Race(lambda: moves(shop, sku, "received", 5), lambda: moves(shop, sku, "received", 3), check)


@race("POST /api/v1/stock/<sku:sku>/movements")
def one_delivery_is_reported_twice(shop: Shop, n: int) -> Race:
    sku = f"MUG-{n}"
    mug(shop, n)

    def check(first: TestResponse, second: TestResponse) -> None:
        assert (statuses(first, second), stock_of(shop, sku)) == ([201, 201], (5, 0))
        assert first.json == second.json

    return Race(lambda: moves(shop, sku, "received", 5, sku), lambda: moves(shop, sku, "received", 5, sku), check)


@race("POST /api/v1/stock/<sku:sku>/movements")
def more_is_lost_than_there_is(shop: Shop, n: int) -> Race:
    sku = f"MUG-{n}"
    mug(shop, n)
    moves(shop, sku, "received", 5)
    return Race(
        lambda: moves(shop, sku, "adjusted", -3), lambda: moves(shop, sku, "adjusted", -4), refused("not_enough_stock")
    )
