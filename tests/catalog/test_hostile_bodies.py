"""Bodies that no honest client sends: each is refused with a sentence, and nothing of it is stored."""

import json
from typing import Any

import pytest

from tests.catalog.steps import added, adds, changes, changes_variant, euros, looks_at
from tests.shop import Shop

NOT_AMOUNTS = [19.99, 900.5, True, False, "900", "", None, -1, 2**31, 2**63, 10**30, float("nan"), [900], {}]


@pytest.mark.parametrize("amount", NOT_AMOUNTS, ids=repr)
def test_a_price_is_a_whole_number_of_cents_and_nothing_else(shop: Shop, amount: Any) -> None:
    mug = added(shop, "Enamel mug", "MUG")
    price = {"amount": amount, "currency": "EUR"}

    new = shop.as_staff().post("/products", {"name": "X", "variants": [{"sku": "X", "price": price}]})
    changed = changes_variant(shop, mug["id"], "MUG", {"price": price})

    assert {new.status_code, changed.status_code} <= {400, 422}
    assert shop.as_guest().get("/products/x").status_code == 404
    assert looks_at(shop, mug["id"]) == mug


def test_a_price_has_a_maximum(shop: Shop) -> None:
    assert adds(shop, "Free", "FREE", cents=0).status_code == 201
    assert adds(shop, "Dear", "DEAR", cents=99_999_999).status_code == 201
    assert adds(shop, "Dearer", "DEARER", cents=100_000_000).json["code"] == "bad_price"  # type: ignore[index]


@pytest.mark.parametrize("currency", ["eur", "EURO", "E", "", "ЕUR", "EU1", "EUR\n", None, 978], ids=repr)
def test_a_currency_is_three_capital_letters(shop: Shop, currency: Any) -> None:
    price = {"amount": 900, "currency": currency}

    answer = shop.as_staff().post("/products", {"name": "X", "variants": [{"sku": "X", "price": price}]})

    assert answer.status_code == 422


@pytest.mark.parametrize("price", [900, "9.00 EUR", None, {}, {"amount": 900}, {"currency": "EUR"}, [900, "EUR"]])
def test_a_price_is_an_amount_with_its_currency(shop: Shop, price: Any) -> None:
    answer = shop.as_staff().post("/products", {"name": "X", "variants": [{"sku": "X", "price": price}]})

    assert answer.status_code == 422


@pytest.mark.parametrize("on_sale", [1, 0, 1.0, "true", "yes", None, []], ids=repr)
def test_on_sale_is_true_or_false_and_nothing_that_resembles_them(shop: Shop, on_sale: Any) -> None:
    mug = added(shop, "Enamel mug", "MUG")

    assert adds(shop, "X", on_sale=on_sale).status_code == 422
    assert changes(shop, mug["id"], {"on_sale": on_sale}).status_code == 422
    assert changes_variant(shop, mug["id"], "MUG", {"on_sale": on_sale}).status_code == 422


SET_BY_US = {
    "id": "01890000-0000-7000-8000-000000000000",
    "version": 99,
    "created_at": "2001-01-01T00:00:00Z",
    "available": 5,
    "role": "admin",
    "__class__": "x",
}


@pytest.mark.parametrize("field", SET_BY_US)
def test_what_the_shop_sets_cannot_be_sent(shop: Shop, field: str) -> None:
    mug, more = added(shop, "Enamel mug", "MUG"), {field: SET_BY_US[field]}
    variant = {"sku": "X", "price": euros(1), **more}

    answers = [
        adds(shop, "X", **more),
        adds(shop, "X", variants=[variant]),
        changes(shop, mug["id"], {"name": "Other", **more}),
        changes_variant(shop, mug["id"], "MUG", {"name": "Other", **more}),
        shop.as_staff().post(f"/products/{mug['id']}/variants", variant),
        shop.as_staff().post("/categories", {"slug": "x", "name": "X", **more}),
    ]

    assert [(each.status_code, each.json["code"]) for each in answers] == [(422, "invalid_request")] * 6  # type: ignore[index]
    assert looks_at(shop, mug["id"]) == mug
    assert shop.as_guest().get("/products/x").status_code == 404


def test_a_variant_keeps_its_sku_and_its_product(shop: Shop) -> None:
    mug = added(shop, "Enamel mug", "MUG")

    assert changes_variant(shop, mug["id"], "MUG", {"sku": "OTHER"}).status_code == 422
    assert changes_variant(shop, mug["id"], "MUG", {"product_id": mug["id"]}).status_code == 422


@pytest.mark.parametrize("name", ["", "   ", "a\x00b", "a\nb", "\ud800", "n" * 201, 7, None, ["x"], True], ids=repr)
def test_a_name_is_one_line_of_text(shop: Shop, name: Any) -> None:
    mug = added(shop, "Enamel mug")

    assert adds(shop, name, slug="x").status_code in {400, 422}
    assert changes(shop, mug["id"], {"name": name}).status_code in {400, 422}
    assert looks_at(shop, mug["id"]) == mug


@pytest.mark.parametrize("slug", ["", "Mug", "mug_blue", "-mug", "mug--blue", "mug/blue", "é", "m" * 101], ids=repr)
def test_a_slug_fits_in_an_address(shop: Shop, slug: str) -> None:
    assert adds(shop, "X", slug=slug).status_code == 422


HOSTILE_ATTRIBUTES = [
    {"Colour": "blue", "colour": "red"},
    {"": "blue"},
    {"a=b": "blue"},
    {"c" * 61: "blue"},
    {"colour": ""},
    {"colour": "b" * 256},
    {"colour": 7},
    {"colour": None},
    {"colour": {"$ne": 1}},
    {"colour": "blue\x00"},
    {f"a{number}": "x" for number in range(31)},
    [["colour", "blue"]],
    "colour",
]


@pytest.mark.parametrize("attributes", HOSTILE_ATTRIBUTES, ids=lambda each: str(each)[:30])
def test_attributes_are_a_few_names_with_a_short_value_each(shop: Shop, attributes: Any) -> None:
    mug = added(shop, "Enamel mug", "MUG")

    assert adds(shop, "X", attributes=attributes).status_code == 422
    assert changes(shop, mug["id"], {"attributes": attributes}).status_code == 422
    assert changes_variant(shop, mug["id"], "MUG", {"attributes": attributes}).status_code == 422


@pytest.mark.parametrize("body", ["", "{", "[]", "null", "7", '"x"', '{"name": "X", "name": }', "[" * 5000])
def test_a_body_is_one_json_object(shop: Shop, body: str) -> None:
    answer = shop.as_staff().post("/products", data=body, headers={"Content-Type": "application/json"})

    assert answer.status_code in {400, 422}
    assert answer.mimetype == "application/problem+json"


def test_a_number_of_five_thousand_digits_is_a_bad_request(shop: Shop) -> None:
    body = json.dumps({"name": "X", "variants": [{"sku": "X", "price": euros(1)}]}).replace(": 1,", f": {'9' * 5000},")
    assert "9" * 5000 in body

    answer = shop.as_staff().post("/products", data=body, headers={"Content-Type": "application/json"})

    assert answer.status_code in {400, 422}


def test_text_that_looks_like_sql_or_markup_is_kept_as_it_is(shop: Shop) -> None:
    name = "'; DROP TABLE products; -- <script>alert(1)</script> {{7*7}}"

    mug = added(shop, name, slug="bobby", description=name, attributes={"note": name[:90]})

    assert (mug["name"], mug["description"], mug["attributes"]["note"]) == (name, name, name[:90])
    assert looks_at(shop, "bobby") == mug
