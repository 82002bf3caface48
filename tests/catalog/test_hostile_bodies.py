"""Bodies that no honest client sends: each is refused with a sentence, and nothing of it is stored."""

import json
from typing import Any

import pytest

from tests.catalog.steps import added, adds, changes, changes_variant, euros, looks_at
from tests.shop import Shop

NOT_AMOUNTS = [19.99, 900.5, True, False, "900", "", None, -1, 2**31, 2**63, 10**30, float("nan"), [900], {}]


@pytest.fixture(scope="module")
def mug(one_shop: Shop) -> Any:
    """A product that no test of the one shop changes."""
    return added(one_shop, "Enamel mug", "MUG")


@pytest.mark.parametrize("amount", NOT_AMOUNTS, ids=repr)
def test_a_price_is_a_whole_number_of_cents_and_nothing_else(one_shop: Shop, mug: Any, amount: Any) -> None:
    price = {"amount": amount, "currency": "EUR"}

    new = one_shop.as_staff().post("/products", {"name": "X", "variants": [{"sku": "X", "price": price}]})
    changed = changes_variant(one_shop, mug["id"], "MUG", {"price": price})

    assert {new.status_code, changed.status_code} <= {400, 422}
    assert one_shop.as_guest().get("/products/x").status_code == 404
    assert looks_at(one_shop, mug["id"]) == mug


def test_a_price_has_a_maximum(shop: Shop) -> None:
    assert adds(shop, "Free", "FREE", cents=0).status_code == 201
    assert adds(shop, "Dear", "DEAR", cents=99_999_999).status_code == 201
    assert adds(shop, "Dearer", "DEARER", cents=100_000_000).json["code"] == "bad_price"  # type: ignore[index]


@pytest.mark.parametrize("currency", ["eur", "EURO", "E", "", "ЕUR", "EU1", "EUR\n", None, 978], ids=repr)
def test_a_currency_is_three_capital_letters(one_shop: Shop, currency: Any) -> None:
    price = {"amount": 900, "currency": currency}

    answer = one_shop.as_staff().post("/products", {"name": "X", "variants": [{"sku": "X", "price": price}]})

    assert answer.status_code == 422


@pytest.mark.parametrize("price", [900, "9.00 EUR", None, {}, {"amount": 900}, {"currency": "EUR"}, [900, "EUR"]])
def test_a_price_is_an_amount_with_its_currency(one_shop: Shop, price: Any) -> None:
    answer = one_shop.as_staff().post("/products", {"name": "X", "variants": [{"sku": "X", "price": price}]})

    assert answer.status_code == 422


@pytest.mark.parametrize("on_sale", [1, 0, 1.0, "true", "yes", None, []], ids=repr)
def test_on_sale_is_true_or_false_and_nothing_that_resembles_them(one_shop: Shop, mug: Any, on_sale: Any) -> None:
    assert adds(one_shop, "X", on_sale=on_sale).status_code == 422
    assert changes(one_shop, mug["id"], {"on_sale": on_sale}).status_code == 422
    assert changes_variant(one_shop, mug["id"], "MUG", {"on_sale": on_sale}).status_code == 422


SET_BY_US = {
    "id": "01890000-0000-7000-8000-000000000000",
    "version": 99,
    "created_at": "2001-01-01T00:00:00Z",
    "available": 5,
    "role": "admin",
    "__class__": "x",
}


@pytest.mark.parametrize("field", SET_BY_US)
def test_what_the_shop_sets_cannot_be_sent(one_shop: Shop, mug: Any, field: str) -> None:
    more = {field: SET_BY_US[field]}
    variant = {"sku": "X", "price": euros(1), **more}

    answers = [
        adds(one_shop, "X", **more),
        adds(one_shop, "X", variants=[variant]),
        changes(one_shop, mug["id"], {"name": "Other", **more}),
        changes_variant(one_shop, mug["id"], "MUG", {"name": "Other", **more}),
        one_shop.as_staff().post(f"/products/{mug['id']}/variants", variant),
        one_shop.as_staff().post("/categories", {"slug": "x", "name": "X", **more}),
    ]

    assert [(each.status_code, each.json["code"]) for each in answers] == [(422, "invalid_request")] * 6  # type: ignore[index]
    assert looks_at(one_shop, mug["id"]) == mug
    assert one_shop.as_guest().get("/products/x").status_code == 404


def test_a_variant_keeps_its_sku_and_its_product(one_shop: Shop, mug: Any) -> None:
    assert changes_variant(one_shop, mug["id"], "MUG", {"sku": "OTHER"}).status_code == 422
    assert changes_variant(one_shop, mug["id"], "MUG", {"product_id": mug["id"]}).status_code == 422


@pytest.mark.parametrize("name", ["", "   ", "a\x00b", "a\nb", "\ud800", "n" * 201, 7, None, ["x"], True], ids=repr)
def test_a_name_is_one_line_of_text(one_shop: Shop, mug: Any, name: Any) -> None:
    assert adds(one_shop, name, slug="x").status_code in {400, 422}
    assert changes(one_shop, mug["id"], {"name": name}).status_code in {400, 422}
    assert looks_at(one_shop, mug["id"]) == mug


@pytest.mark.parametrize("slug", ["", "Mug", "mug_blue", "-mug", "mug--blue", "mug/blue", "é", "m" * 101], ids=repr)
def test_a_slug_fits_in_an_address(one_shop: Shop, slug: str) -> None:
    assert adds(one_shop, "X", slug=slug).status_code == 422


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
def test_attributes_are_a_few_names_with_a_short_value_each(one_shop: Shop, mug: Any, attributes: Any) -> None:
    assert adds(one_shop, "X", attributes=attributes).status_code == 422
    assert changes(one_shop, mug["id"], {"attributes": attributes}).status_code == 422
    assert changes_variant(one_shop, mug["id"], "MUG", {"attributes": attributes}).status_code == 422


@pytest.mark.parametrize("body", ["", "{", "[]", "null", "7", '"x"', '{"name": "X", "name": }', "[" * 5000])
def test_a_body_is_one_json_object(one_shop: Shop, body: str) -> None:
    answer = one_shop.as_staff().post("/products", data=body, headers={"Content-Type": "application/json"})

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
