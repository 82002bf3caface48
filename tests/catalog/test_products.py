"""Products and their variants: adding, changing, taking off sale, reading."""

from typing import Any

import pytest

from tests.catalog.steps import added, adds, changes, changes_variant, code_of, euros, looks_at, shelves
from tests.shop import ALICE, Shop


def test_a_product_is_added_with_its_variants_and_available_at_its_location(shop: Shop) -> None:
    new = {
        "name": "Café crème cup",
        "description": "Two sips,\na saucer beside it.",
        "attributes": {"material": "stoneware"},
        "variants": [{"sku": "CUP-S", "name": "Small", "price": euros(790), "attributes": {"size": "S"}}],
    }

    answer = shop.as_staff().post("/products", new)

    product: Any = answer.json
    assert (answer.status_code, product["slug"], product["version"], product["on_sale"]) == (
        201,
        "cafe-creme-cup",
        1,
        True,
    )
    assert product["variants"] == [
        {
            "sku": "CUP-S",
            "name": "Small",
            "price": euros(790),
            "attributes": {"size": "S"},
            "on_sale": True,
            "available": 0,
            "weight_g": 0,
            "ships": True,
            "tax_category": "standard",
            "version": 1,
        }
    ]
    assert shop.as_guest().get(answer.location).json == product
    assert looks_at(shop, "cafe-creme-cup") == looks_at(shop, product["id"]) == product


def test_a_slug_is_taken_once(shop: Shop) -> None:
    added(shop, "Enamel mug")
    other = added(shop, "Other mug")

    assert code_of(adds(shop, "Another", slug="enamel-mug")) == (409, "slug_taken")
    assert code_of(changes(shop, other["id"], {"slug": "enamel-mug"})) == (409, "slug_taken")
    assert looks_at(shop, other["id"])["slug"] == "other-mug"


def test_a_sku_is_taken_once_and_nothing_of_the_refused_product_stays(shop: Shop) -> None:
    mug = added(shop, "Enamel mug", "MUG")

    assert code_of(adds(shop, "Copy", "NEW", "MUG")) == (409, "sku_taken")
    assert shop.as_guest().get("/products/copy").status_code == 404
    assert shop.as_guest().get("/stock/NEW").status_code == 404
    again = shop.as_staff().post(f"/products/{mug['id']}/variants", {"sku": "MUG", "price": euros(1)})
    assert code_of(again) == (409, "sku_taken")


def test_the_same_sku_twice_in_one_product_is_refused(shop: Shop) -> None:
    assert code_of(adds(shop, "Enamel mug", "MUG", "MUG")) == (409, "sku_taken")
    assert shop.as_guest().get("/products/enamel-mug").status_code == 404


def test_a_slug_that_reads_as_an_id_is_refused(shop: Shop) -> None:
    mug = added(shop)

    assert code_of(adds(shop, "Impostor", slug=mug["id"])) == (422, "slug_is_an_id")
    assert code_of(adds(shop, "Impostor", slug=mug["id"].replace("-", ""))) == (422, "slug_is_an_id")
    assert added(shop, mug["id"])["slug"] == f"{mug['id']}-2"
    assert code_of(changes(shop, mug["id"], {"slug": mug["id"]})) == (422, "slug_is_an_id")


def test_a_variant_is_added_later_and_belongs_to_its_product_only(shop: Shop) -> None:
    mug, pen = added(shop, "Enamel mug", "MUG"), added(shop, "Pen", "PEN")

    answer = shop.as_staff().post(f"/products/{mug['id']}/variants", {"sku": "MUG-L", "price": euros(1200)})

    assert (answer.status_code, answer.headers["ETag"]) == (201, '"v1"')
    assert [each["sku"] for each in looks_at(shop, mug["id"])["variants"]] == ["MUG", "MUG-L"]
    wrong = shop.as_staff().patch(f"/products/{pen['id']}/variants/MUG", {"name": "x"}, headers={"If-Match": '"v1"'})
    assert code_of(wrong) == (404, "no_such_sku")


def test_a_price_stays_in_its_currency(shop: Shop) -> None:
    mug = added(shop, "Enamel mug", "MUG")

    answer = changes_variant(shop, mug["id"], "MUG", {"price": {"amount": 900, "currency": "USD"}})

    assert code_of(answer) == (409, "other_currency")


def test_what_is_off_sale_keeps_its_page_and_leaves_the_list(shop: Shop) -> None:
    mug = added(shop, "Enamel mug", "MUG")
    tag = shop.as_guest().get(f"/products/{mug['id']}").headers["ETag"]
    shop.settle()
    assert len(shop.as_guest().get("/products").json["items"]) == 1  # type: ignore[index]

    assert shop.as_staff().delete(f"/products/{mug['id']}", headers={"If-Match": tag}).status_code == 204

    shop.settle()
    assert looks_at(shop, "enamel-mug")["on_sale"] is False
    assert shop.as_guest().get("/products").json["items"] == []  # type: ignore[index]


def test_a_product_belongs_to_a_category_that_exists_or_to_none(shop: Shop) -> None:
    shelves(shop, "mugs")

    mug = added(shop, "Enamel mug", category="mugs")

    assert mug["category"] == "mugs"
    assert code_of(adds(shop, "Other", category="nowhere")) == (422, "unknown_category")
    assert code_of(changes(shop, mug["id"], {"category": "nowhere"})) == (422, "unknown_category")
    assert changes(shop, mug["id"], {"category": None}).json["category"] is None  # type: ignore[index]


@pytest.mark.parametrize("role", ["guest", "customer"])
def test_only_staff_edit(shop: Shop, role: str) -> None:
    mug = added(shop, "Enamel mug", "MUG")
    caller, wanted = (shop.as_guest(), 401) if role == "guest" else (shop.as_customer(ALICE), 403)
    match, path = {"If-Match": '"v1.2"'}, f"/products/{mug['id']}"

    answers = [
        caller.post("/products", {"name": "Mine"}),
        caller.patch(path, {"name": "Mine"}, headers=match),
        caller.delete(path, headers=match),
        caller.post(f"{path}/variants", {"sku": "MINE", "price": euros(1)}),
        caller.patch(f"{path}/variants/MUG", {"price": euros(1)}, headers={"If-Match": '"v1"'}),
        caller.delete(f"{path}/variants/MUG", headers={"If-Match": '"v1"'}),
    ]

    assert [answer.status_code for answer in answers] == [wanted] * 6
    assert caller.get(path).json == mug


def test_what_is_not_there_is_404(shop: Shop) -> None:
    staff, match = shop.as_staff(), {"If-Match": '"v1"'}
    nobody = "01890000-0000-7000-8000-000000000000"

    answers = [
        staff.get("/products/nothing"),
        staff.get(f"/products/{nobody}"),
        staff.patch(f"/products/{nobody}", {"name": "x"}, headers=match),
        staff.patch("/products/not-an-id", {"name": "x"}, headers=match),
        staff.delete(f"/products/{nobody}", headers=match),
        staff.post(f"/products/{nobody}/variants", {"sku": "X", "price": euros(1)}),
        staff.get("/products/' OR 1=1--"),
        staff.get("/products/%00"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 8
