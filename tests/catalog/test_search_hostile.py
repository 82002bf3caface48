"""Queries that no honest customer sends: they are treated as words, or refused with a sentence."""

from typing import Any

import pytest

from tests.catalog.steps import added, finds, names
from tests.conftest import until
from tests.shop import Shop

WORDS = [
    "'",
    '"',
    '""',
    '"mug',
    "*",
    "mug*",
    "*:*",
    "^mug",
    "/.*/",
    "(((",
    ")",
    "NEAR(",
    "NEAR(mug pen, 5)",
    "AND",
    "mug AND",
    "OR",
    "mug OR pen",
    "NOT mug",
    "name:mug",
    "{name description}: mug",
    "- name : mug",
    "mug + pen",
    "' OR 1=1--",
    "'; DROP TABLE products; --",
    "%' UNION SELECT * FROM sqlite_master --",
    "\\",
    "%",
    "_",
    "{{7*7}}",
    "☕",
    "👩‍🚀 mug",
    "𞤀𞤣",
    "अंक",
    "½ ² ﬁ",
    "\u202emug",
    "\u0301",
    "a" * 200,
    "a " * 100,
    "mug " * 50,
    "null",
    "-1",
    "1e400",
]


@pytest.mark.parametrize("sort", ["relevance", "price"])
@pytest.mark.parametrize("words", WORDS, ids=lambda each: ascii(each)[:30])
def test_any_query_gets_an_answer(open_shop: Shop, words: str, sort: str) -> None:
    answer: Any = open_shop.as_guest().get("/products", query_string={"q": words, "sort": sort, "facets": "true"})

    assert answer.status_code == 200
    assert len(answer.json["items"]) < 5  # not everything
    assert names(finds(open_shop, q="enamel mug")) == ["Enamel mug"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ('"enamel"', True),
        ("enamel*", True),
        ("(enamel)", True),
        ("name:enamel", False),  # no product contains the word "name"
        ("NOT enamel", False),  # nor the word "not"
        ("enamel OR pen", False),
        ("enamel☕", True),
        ("☕", False),
        ("enamel' --", True),
    ],
)
def test_operators_are_words_and_signs_are_spaces(open_shop: Shop, words: str, found: bool) -> None:
    assert names(finds(open_shop, q=words)) == ["Enamel mug"] * found


@pytest.mark.parametrize(
    "asked",
    [
        {"q": "a" * 201},
        {"q": "a" * 10_000},
        {"q": "mug\x00"},
        {"q": "\x00"},
        {"q": "a\nb"},
        {"category": "nowhere"},
        {"category": ""},
        {"category": "' OR 1=1--"},
        {"category": "m" * 10_000},
        {"price_min": "-1"},
        {"price_min": "1.5"},
        {"price_min": "1e3"},
        {"price_min": "NaN"},
        {"price_min": ""},
        {"price_min": "٣"},
        {"price_max": "99999999999"},
        {"price_max": "2147483648"},
        {"price_max": "9" * 5000},
        {"in_stock": "1"},
        {"in_stock": "yes"},
        {"in_stock": ""},
        {"facets": "2"},
        {"sort": "stock"},
        {"sort": "PRICE"},
        {"sort": "price; DROP TABLE products"},
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "-1"},
        {"limit": "ten"},
        {"attr.": "blue"},
        {"attr.a=b": "blue"},
        {"attr.\x00": "blue"},
        {"attr." + "a" * 61: "blue"},
        {"attr.colour": "b" * 256},
        {"attr.colour": ["b"] * 11},
        {f"attr.a{number}": "b" for number in range(11)},
    ],
    ids=lambda each: ascii(each)[:40],
)
def test_an_invalid_query_is_refused_with_a_sentence(open_shop: Shop, asked: dict[str, Any]) -> None:
    answer: Any = open_shop.as_guest().get("/products", query_string=asked)

    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert answer.json["detail"]


@pytest.mark.parametrize("value", ["' OR 1=1--", '"', "%", "\x00", "☕", "b" * 100], ids=ascii)
def test_an_attribute_is_compared_as_it_is(open_shop: Shop, value: str) -> None:
    def answered() -> Any:
        found: Any = open_shop.as_guest().get("/products", query_string={"attr.colour": value, "facets": "true"})
        return None if found.json.get("degraded") else found

    answer: Any = until(answered, "the index answers in time")

    assert (answer.status_code, answer.json["items"]) == (200, [])
    assert answer.json["facets"]["attributes"] == {
        "colour": [{"value": "blue", "count": 3}, {"value": "red", "count": 2}]
    }


def test_a_product_may_contain_query_syntax(shop: Shop) -> None:
    name = '"NEAR(" * \'; DROP TABLE words; -- mug☕'
    added(shop, name, "MUG", slug="odd", attributes={"note": "' OR 1=1--"})
    shop.settle()

    assert names(finds(shop, q="near drop mug")) == [name]
    assert names(finds(shop, **{"attr.note": "' OR 1=1--"})) == [name]
