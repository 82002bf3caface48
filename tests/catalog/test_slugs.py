"""The slug of a product is made of its name, in whatever script that is written."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.modules.catalog.domain.slug import MAX_LENGTH, RESERVED, checked, numbered, with_suffix
from tests.catalog.steps import added, adds, code_of, looks_at
from tests.shop import Shop


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("тест", "test"),
        ("کتاب فارسی", "ktb-frsy"),
        ("有机绿茶", "you-ji-lu-cha"),
        ("한국어 책", "han-gug-eo-chaeg"),
        ("Straße", "strasse"),
        ("Smørrebrød", "smorrebrod"),
        ("Łódź mug", "lodz-mug"),
        ("Þór & Ægir", "thor-aegir"),
        ("İstanbul", "istanbul"),
        ("Đà Nẵng", "da-nang"),
        ("مصباح LED", "msbh-led"),
        ("H₂O m² № 5", "h2o-m2-no-5"),
        ("ＦＵＬＬ width", "full-width"),
        ("🎁", "gift"),
        ("C++", "c"),
    ],
)
def test_a_name_in_any_script_makes_a_slug(shop: Shop, name: str, slug: str) -> None:
    product = added(shop, name)

    assert product["slug"] == slug
    assert looks_at(shop, slug)["name"] == name


def test_a_name_without_letters_makes_the_slug_of_the_sku(shop: Shop) -> None:
    assert added(shop, "---", "STAR-1")["slug"] == "star-1"


def test_without_a_sku_either_the_slug_is_made_of_the_id(shop: Shop) -> None:
    product = added(shop, "---")

    assert product["slug"] == f"product-{product['id'][-12:]}"
    assert looks_at(shop, product["slug"])["id"] == product["id"]


def test_products_of_one_name_are_numbered(shop: Shop) -> None:
    slugs = [added(shop, name)["slug"] for name in ("Mug", "Mug", "mug!", "Mug 2")]

    assert slugs == ["mug", "mug-2", "mug-3", "mug-2-2"]


def test_a_requested_slug_gets_no_number(shop: Shop) -> None:
    added(shop, "Mug")

    assert code_of(adds(shop, "Another", slug="mug")) == (409, "slug_taken")


@pytest.mark.parametrize("name", ["Suggest", "550e8400-e29b-41d4-a716-446655440000", "5" * 32])
def test_a_name_whose_slug_is_not_allowed_gets_a_number(shop: Shop, name: str) -> None:
    product = added(shop, name)

    assert product["slug"].endswith("-2")
    assert looks_at(shop, product["slug"])["id"] == product["id"]


def test_the_hundredth_product_of_a_name_gets_a_part_of_its_id(shop: Shop) -> None:
    products = [added(shop, "Mug") for _ in range(25)]

    assert len({each["slug"] for each in products}) == 25
    assert products[-1]["slug"] == f"mug-{products[-1]['id'][-12:]}"


@pytest.mark.parametrize("name", ["m" * 200, "茶" * 200, "ﷺ" * 200, "m-" * 100])
def test_a_slug_is_cut_to_its_maximum_length(shop: Shop, name: str) -> None:
    for _ in range(3):
        slug = added(shop, name)["slug"]
        assert len(slug) <= MAX_LENGTH
        assert checked(slug) == slug and looks_at(shop, slug)


def test_products_of_one_name_added_at_once_are_all_accepted(shop_on_each: Shop) -> None:
    with ThreadPoolExecutor(6) as staff:
        answers: list[Any] = list(staff.map(lambda _: adds(shop_on_each, "Mug"), range(6)))

    assert [answer.status_code for answer in answers] == [201] * 6
    assert len({answer.json["slug"] for answer in answers}) == 6


def test_no_number_makes_a_slug_that_is_not_allowed() -> None:
    assert not {each for reserved in RESERVED for each in numbered(reserved)} & RESERVED
    assert len(with_suffix("m" * MAX_LENGTH, "20")) == MAX_LENGTH
