"""Data imported from other shops is accepted: harmless flaws are corrected, deceptive characters are refused."""

import json
from typing import Any

import pytest

from tests.catalog.steps import added, adds, code_of, euros, looks_at
from tests.conftest import until
from tests.shop import Shop


@pytest.mark.parametrize(
    ("sku", "again"),
    [("MUG", "mug"), ("Größe", "GRÖSSE"), ("Größe", "GRO\u0308SSE"), ("ΣΑΣ", "σας"), ("ÅNGSTRÖM", "a\u030angström")],
)
def test_skus_differ_in_more_than_case(shop_on_each: Shop, sku: str, again: str) -> None:
    mug = added(shop_on_each, "Mug", sku)

    assert code_of(adds(shop_on_each, "Copy", again)) == (409, "sku_taken")
    later = shop_on_each.as_staff().post(f"/products/{mug['id']}/variants", {"sku": again, "price": euros(1)})
    assert code_of(later) == (409, "sku_taken")


@pytest.mark.parametrize("sku", ["Größe", "a" * 100, "茶" * 100, "\ufb03" * 100, "İ" * 100])
def test_a_sku_has_up_to_a_hundred_characters_of_any_script(shop_on_each: Shop, sku: str) -> None:
    product = added(shop_on_each, "Mug", sku)

    assert [each["sku"] for each in product["variants"]] == [sku]


@pytest.mark.parametrize("sku", ["a" * 101, "", " ", ".", "..", "a/../b", "./a", "\u202eGUM", "\u3164", "\x00"])
def test_a_sku_that_is_no_path_segment_or_is_invisible_is_refused(one_shop: Shop, sku: str) -> None:
    assert code_of(adds(one_shop, "Mug", sku)) == (422, "invalid_request")


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("  Mug ", "Mug"),
        ("Blue\tmug", "Blue mug"),
        ("Mug\r\n", "Mug"),
        ("\ufeffMug", "Mug"),
        ("Cafe\u0301", "Café"),
    ],
)
def test_harmless_flaws_are_corrected(shop: Shop, sent: str, stored: str) -> None:
    assert added(shop, sent)["name"] == stored


def test_names_of_all_scripts_and_their_joiners_stay_as_they_are(shop: Shop) -> None:
    names = ["نیم‌فاصله", "👩‍👩‍👧‍👦 mug", "क्‍ष", "\u200fעברית", "🏴󠁧󠁢󠁥󠁮󠁧󠁿 flag", "ก็", "한국어"]

    assert [added(shop, name)["name"] for name in names] == names


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Mug \u202eTXT", "Character 5 (U+202E) changes the direction of the text: leave it out."),
        ("\u2067Mug", "Character 1 (U+2067) changes the direction of the text: leave it out."),
        ("M\x1bug", "Character 2 (U+001B) is a control character: leave it out."),
        ("Blue\nmug", "Character 5 ends the line: write one line."),
        ("Mug\ud800", "Character 4 (U+D800) is half a character: leave it out."),
        ("Mug\uffff", "Character 4 (U+FFFF) is not a character: leave it out."),
        ("\u200b\u2060\u3164\u2800", "It has no visible character."),
        ("\u0301\ufe0f", "It has no visible character."),
        ("a" + "\u0301" * 31, "Character 32: one letter has more than 30 marks."),
    ],
)
def test_deceptive_characters_are_refused_with_their_position(one_shop: Shop, name: str, why: str) -> None:
    answer: Any = adds(one_shop, name)

    assert (answer.status_code, answer.json["errors"]) == (422, {"name": [why]})


@pytest.mark.parametrize("letter", ["a", "\U0001f375", '"', "\n", "é", "\u2028"])
def test_a_description_has_65_000_characters_however_they_are_escaped(shop: Shop, letter: str) -> None:
    text = "a" + letter * 64_998 + "z"
    body = json.dumps({"name": "Mug", "description": text, "variants": []}, ensure_ascii=True)

    answer: Any = shop.as_staff().post("/products", data=body, content_type="application/json")

    assert answer.status_code == 201, answer.json
    assert len(answer.json["description"]) == 65_000
    assert code_of(adds(shop, "Other", description=text + "z")) == (422, "invalid_request")


def test_a_product_has_up_to_250_variants_with_values_of_255_characters(shop: Shop) -> None:
    form = {"price": euros(900), "attributes": {"Größe": "x" * 255}}
    variants = [{"sku": f"S-{n}", "name": str(n), **form} for n in range(251)]

    taken: Any = shop.as_staff().post("/products", {"name": "Mug", "variants": variants[:250]})
    over = shop.as_staff().post("/products", {"name": "Cup", "variants": variants})

    assert (taken.status_code, len(taken.json["variants"])) == (201, 250)
    assert code_of(over) == (422, "invalid_request")


def test_attributes_have_names_as_the_shop_writes_them(shop: Shop) -> None:
    product = added(shop, "Shirt", "SHIRT", attributes={"Color": "Blue", "Größe (EU)": "42.5", "сезон": "лето"})
    shop.settle()

    assert looks_at(shop, product["id"])["attributes"] == {"Color": "Blue", "Größe (EU)": "42.5", "сезон": "лето"}
    found: Any = shop.as_guest().get("/products", query_string={"attr.Größe (EU)": "42.5", "facets": "true"}).json
    assert [each["slug"] for each in found["items"]] == ["shirt"]
    assert found["facets"]["attributes"]["Größe (EU)"] == [{"value": "42.5", "count": 1}]


def test_elasticsearch_counts_attributes_of_any_name(es_shop: Shop) -> None:
    name = 'a.b*c[d]>"e" (Größe)|~'
    added(es_shop, "Shirt", "SHIRT", attributes={name: "42.5", "aXb": "no"})
    es_shop.settle()

    def found() -> Any:
        answer: Any = es_shop.as_guest().get("/products", query_string={f"attr.{name}": "42.5", "facets": "true"}).json
        return answer if answer["items"] else None

    assert until(found, "it is found")["facets"]["attributes"][name] == [{"value": "42.5", "count": 1}]
