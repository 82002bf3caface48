"""Filters, and facets that count what further filters would find."""

from typing import Any

import pytest

from tests.catalog.steps import assortment, changes, finds, moves, names, order, stocks
from tests.shop import Shop


def found(shop: Shop, **asked: Any) -> set[str]:
    return set(names(finds(shop, **asked)))


@pytest.mark.parametrize(
    ("asked", "products"),
    [
        ({"category": "mugs"}, {"Enamel mug", "Café cup"}),
        ({"category": "kitchen"}, {"Enamel mug", "Café cup", "Steel pan"}),  # with all below it
        ({"price_min": 900}, {"Enamel mug", "Steel pan"}),  # a variant's
        ({"price_max": 700}, {"Café cup", "Notebook", "Über pen"}),
        ({"price_min": 700, "price_max": 900}, {"Enamel mug", "Café cup", "Notebook"}),
        ({"price_min": 900, "price_max": 700}, set()),
        ({"in_stock": "true"}, {"Enamel mug", "Notebook"}),  # one variant is enough
        ({"in_stock": "false"}, {"Café cup", "Steel pan", "Über pen"}),
        ({"attr_colour": "blue"}, {"Enamel mug", "Café cup", "Notebook"}),
        ({"attr_colour": ["red", "green"]}, {"Enamel mug", "Steel pan"}),  # either value of one name
        ({"attr_colour": "blue", "attr_material": "glass"}, {"Café cup"}),  # all names
        ({"attr_colour": "BLUE"}, set()),
        ({"attr_unheard_of": "x"}, set()),
        ({"q": "mug", "category": "mugs"}, {"Enamel mug"}),
        ({"category": "kitchen", "in_stock": "true", "attr_colour": "red", "price_max": 1400}, {"Enamel mug"}),
        ({"attr_colour": "blue", "attr_size": "l"}, set()),  # both of one variant
        ({"attr_colour": "blue", "attr_size": "s"}, {"Enamel mug"}),
        ({"attr_colour": "blue", "in_stock": "true"}, {"Notebook"}),
        ({"attr_colour": "blue", "in_stock": "false"}, {"Enamel mug", "Café cup"}),  # none of its blue ones is left
        ({"attr_colour": "red", "price_max": 1000}, set()),
        ({"attr_size": "s", "price_min": 1000}, set()),
        ({"price_min": 1000, "price_max": 2000}, {"Enamel mug"}),  # any variant's price
        ({"price_max": 1000, "in_stock": "true"}, {"Notebook"}),
        ({"price_max": 1000, "in_stock": "false"}, {"Enamel mug", "Café cup", "Über pen"}),  # its red ones cost more
        ({"price_min": 1000, "in_stock": "true"}, {"Enamel mug"}),
    ],
)
def test_filters_leave_the_products_that_match_all_of_them(
    open_shop: Shop, asked: dict[str, Any], products: set[str]
) -> None:
    assert found(open_shop, **asked) == products


def test_a_facet_is_counted_without_its_own_filter(open_shop: Shop) -> None:
    mugs, cheap, here, glass = (
        finds(open_shop, facets="true", **asked)["facets"]
        for asked in ({"category": "mugs"}, {"price_max": 700}, {"in_stock": "true"}, {"attr_material": "glass"})
    )

    shelves_of_all = [
        {"value": "kitchen", "count": 3},  # with all below it
        {"value": "mugs", "count": 2},
        {"value": "desk", "count": 1},
    ]
    assert mugs["category"] == shelves_of_all
    assert mugs["price"] == [{"from": 0, "to": 1000, "count": 2}, {"from": 1000, "to": 2500, "count": 1}]
    assert mugs["in_stock"] == {"true": 1, "false": 1}
    assert cheap["price"] == [
        {"from": 0, "to": 1000, "count": 4},
        {"from": 1000, "to": 2500, "count": 1},
        {"from": 2500, "to": 5000, "count": 1},
    ]
    one_each = [{"value": value, "count": 1} for value in ("desk", "kitchen", "mugs")]
    assert cheap["category"] == one_each
    assert here["in_stock"] == {"true": 2, "false": 3}
    assert here["category"] == one_each
    assert glass["attributes"] == {
        "colour": [{"value": "blue", "count": 1}],
        "material": [{"value": "glass", "count": 1}],
    }


def test_an_attributes_facet_is_counted_under_all_other_filters(open_shop: Shop) -> None:
    asked = {"category": "mugs", "attr_colour": "red", "in_stock": "true"}

    attributes = finds(open_shop, facets="true", **asked)["facets"]["attributes"]

    assert attributes["colour"] == [{"value": "red", "count": 1}]  # the blue ones are sold out
    assert attributes["size"] == [{"value": "l", "count": 1}]


CHOICES: list[dict[str, Any]] = [
    {},
    {"in_stock": "true"},
    {"in_stock": "false"},
    {"attr_colour": "blue"},
    {"attr_colour": "red", "in_stock": "false"},
    {"attr_size": ["s", "l"], "price_max": 1000},
    {"category": "kitchen", "price_min": 700},
    {"q": "mug", "in_stock": "true"},
]


@pytest.mark.parametrize("asked", CHOICES, ids=str)
def test_a_facet_counts_what_filtering_by_its_value_finds(open_shop: Shop, asked: dict[str, Any]) -> None:
    facets = finds(open_shop, facets="true", **asked)["facets"]

    for each in facets["category"]:
        assert len(found(open_shop, **{**asked, "category": each["value"]})) == each["count"], each
    for each in facets["price"]:
        bounds = {"price_min": each["from"]} | ({"price_max": each["to"] - 1} if each["to"] else {})
        others = {name: value for name, value in asked.items() if not name.startswith("price")}
        assert len(found(open_shop, **{**others, **bounds})) == each["count"], each
    for value, count in facets["in_stock"].items():
        assert len(found(open_shop, **{**asked, "in_stock": value})) == count, value
    for name, values in facets["attributes"].items():
        for each in values:
            assert len(found(open_shop, **{**asked, f"attr_{name}": each["value"]})) == each["count"], (name, each)


def test_facets_of_everything_count_everything_that_is_on_sale(shop: Shop) -> None:
    assortment(shop)
    changes(shop, shop.as_guest().get("/products/notebook").json["id"], {"on_sale": False})  # type: ignore[index]
    shop.settle()

    facets = finds(shop, facets="true", limit=1)["facets"]

    assert facets["category"] == [{"value": "kitchen", "count": 3}, {"value": "mugs", "count": 2}]
    assert [each["count"] for each in facets["price"]] == [3, 1, 1]
    assert facets["in_stock"] == {"true": 1, "false": 3}
    assert facets["attributes"]["colour"] == [{"value": "blue", "count": 2}, {"value": "red", "count": 2}]


def test_facets_are_present_only_if_requested(open_shop: Shop) -> None:
    assert "facets" not in finds(open_shop)
    assert finds(open_shop, q="nothing like it", facets="true")["facets"] == {
        "category": [],
        "price": [],
        "in_stock": {"true": 0, "false": 0},
        "attributes": {},
    }


def test_a_sold_out_product_is_listed_as_such_until_stock_arrives(shop: Shop) -> None:
    stocks(shop, MUG=2)
    shop.settle()
    assert found(shop, in_stock="true") == {"Mug"}

    order(shop, MUG=2)
    shop.settle()
    assert found(shop, in_stock="true") == set()

    moves(shop, "MUG", "received", 1)
    shop.settle()
    assert found(shop, in_stock="true") == {"Mug"}
