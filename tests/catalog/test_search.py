"""What customers find by words, and in which order."""

from typing import Any

import pytest

from tests.catalog.steps import added, changes, euros, finds, names
from tests.shop import Shop


def found(shop: Shop, **asked: Any) -> set[str]:
    return set(names(finds(shop, **asked)))


@pytest.mark.parametrize(
    ("words", "products"),
    [
        ("enamel", {"Enamel mug"}),  # the name
        ("ENAMEL Mug", {"Enamel mug"}),
        ("coffee", {"Enamel mug"}),  # the description
        ("mug", {"Enamel mug", "Steel pan"}),
        ("glass", {"Café cup"}),  # an attribute's value
        ("material", {"Café cup"}),  # and its name
        ("MUG-L", {"Enamel mug"}),  # a sku
        ("ntb", {"Notebook"}),
        ("note", {"Notebook"}),  # the beginning of the last word
        ("n", {"Notebook", "Steel pan"}),
        ("steel pa", {"Steel pan"}),
        ("ste pan", set()),  # only of the last word
        ("book", set()),  # the beginning, not the end
        ("enamel pan", set()),  # all of the words
        ("cafe", {"Café cup"}),  # with accents and without
        ("CAFÉ", {"Café cup"}),
        ("cafe\u0301", {"Café cup"}),
        ("uber", {"Über pen"}),
        ("über pén", {"Über pen"}),
        ("", {"Enamel mug", "Café cup", "Steel pan", "Notebook", "Über pen"}),
        ("   ", {"Enamel mug", "Café cup", "Steel pan", "Notebook", "Über pen"}),
    ],
)
def test_words_find_the_products_that_contain_them(open_shop: Shop, words: str, products: set[str]) -> None:
    assert found(open_shop, q=words) == products


def test_a_hit_in_the_name_comes_before_one_in_the_description(open_shop: Shop) -> None:
    assert names(finds(open_shop, q="mug")) == ["Enamel mug", "Steel pan"]


@pytest.mark.parametrize(
    ("sort", "products"),
    [
        ("name", ["Café cup", "Enamel mug", "Notebook", "Steel pan", "Über pen"]),
        ("price", ["Über pen", "Café cup", "Notebook", "Enamel mug", "Steel pan"]),
        ("-price", ["Steel pan", "Enamel mug", "Notebook", "Café cup", "Über pen"]),
        ("newest", ["Über pen", "Notebook", "Steel pan", "Café cup", "Enamel mug"]),
        ("relevance", ["Über pen", "Notebook", "Steel pan", "Café cup", "Enamel mug"]),  # without words: the newest
    ],
)
def test_a_list_has_the_requested_order(open_shop: Shop, sort: str, products: list[str]) -> None:
    assert names(finds(open_shop, sort=sort)) == products


def test_a_listed_product_shows_its_lowest_price_and_its_slug(open_shop: Shop) -> None:
    [mug] = finds(open_shop, q="enamel")["items"]

    assert (mug.pop("id"), mug) == (
        open_shop.as_guest().get("/products/enamel-mug").json["id"],  # type: ignore[index]
        {
            "slug": "enamel-mug",
            "name": "Enamel mug",
            "category": "mugs",
            "price": euros(900),
            "in_stock": True,
            "image": None,
            "highlight": {"name": "<em>Enamel</em> mug", "description": "Keeps coffee hot."},
        },
    )


def test_a_changed_product_is_found_by_its_new_words_only(shop: Shop) -> None:
    mug = added(shop, "Enamel mug", "MUG", attributes={"colour": "blue"})
    changes(shop, mug["id"], {"name": "Tin cup", "attributes": {"colour": "red"}})
    shop.settle()

    assert (found(shop, q="enamel"), found(shop, q="blue"), found(shop, attr_colour="blue")) == (set(), set(), set())
    assert found(shop, q="tin red") == {"Tin cup"}


def test_a_product_without_variants_is_not_listed(shop: Shop) -> None:
    mug = added(shop, "Enamel mug")
    shop.settle()
    assert found(shop) == set()

    shop.as_staff().post(f"/products/{mug['id']}/variants", {"sku": "MUG", "price": euros(900)})

    shop.settle()
    assert found(shop) == {"Enamel mug"}
