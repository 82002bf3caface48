"""Staff find products and variants by the ids that they have in other systems."""

from typing import Any

import pytest

from tests.catalog.steps import added, code_of
from tests.catalog.test_records import variant
from tests.shop import ALICE, Shop


def test_staff_find_a_product_by_its_reference_or_by_that_of_a_variant(shop_on_each: Shop) -> None:
    shop = shop_on_each
    added(
        shop,
        "Mug",
        variants=[variant("MUG", external_reference="A"), variant("MUG-L")],
        external_reference="P",
        slug="mug",
    )
    added(shop, "Pen", variants=[variant("PEN", external_reference="P")], slug="pen")

    def found(reference: str) -> list[tuple[str, list[str]]]:
        answer: Any = shop.as_staff().get("/product-records", query_string={"external_reference": reference})
        assert answer.status_code == 200, answer.text
        return sorted((each["slug"], [one["sku"] for one in each["variants"]]) for each in answer.json["items"])

    assert found("A") == [("mug", ["MUG", "MUG-L"])]
    assert found("P") == [("mug", ["MUG", "MUG-L"]), ("pen", ["PEN"])], "a product, and a variant of another"
    assert found("nothing") == []


@pytest.mark.parametrize(
    "query", ["", "external_reference=", "external_reference=" + "x" * 101, "external_reference=a&q=1"]
)
def test_a_search_for_a_reference_names_one(one_shop: Shop, query: str) -> None:
    assert one_shop.as_staff().get(f"/product-records?{query}").status_code == 422


def test_nobody_but_staff_searches_for_one(one_shop: Shop) -> None:
    path = "/product-records?external_reference=A"

    assert one_shop.as_guest().get(path).status_code == 401
    assert code_of(one_shop.as_customer(ALICE).get(path)) == (403, "role_missing")
