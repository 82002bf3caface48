"""A list in pages: each product once, whatever is added meanwhile; forged cursors are refused."""

import base64
import json
from typing import Any

import pytest

from tests.catalog.steps import added, finds, names, shelves
from tests.shop import Shop

SORTS = ["name", "price", "-price", "newest", "relevance"]


def pens(shop: Shop, many: int) -> list[str]:
    """Add n pens, some with the same price and some with the same name; returns their slugs."""
    for number in range(many):
        added(
            shop,
            f"Pen {'abc'[number % 3]}",
            f"PEN-{number}",
            cents=100 + number % 4,
            slug=f"pen-{number}",
            description="ink " * (number % 5),
        )
    shop.settle()
    return [f"pen-{number}" for number in range(many)]


def pages(shop: Shop, **asked: Any) -> Any:
    """The slugs of each page, by following the Link headers."""
    answer: Any = shop.as_guest().get("/products", query_string=asked)
    while True:
        assert answer.status_code == 200
        yield [each["slug"] for each in answer.json["items"]]
        if answer.json["next"] is None:
            assert "Link" not in answer.headers
            return
        target, relation = answer.headers["Link"].split(";")
        assert relation == ' rel="next"'
        answer = shop.as_guest().get(target.strip("<>"))


@pytest.mark.parametrize("words", ["", "pen"])
@pytest.mark.parametrize("sort", SORTS)
def test_pages_contain_everything_once_in_the_order_of_one_long_page(shop: Shop, sort: str, words: str) -> None:
    every = pens(shop, 17)
    whole = [each["slug"] for each in finds(shop, sort=sort, q=words, limit=100)["items"]]

    visited = list(pages(shop, sort=sort, q=words, limit=4))

    assert [len(page) for page in visited] == [4, 4, 4, 4, 1]
    assert [slug for page in visited for slug in page] == whole
    assert sorted(whole) == sorted(every)


@pytest.mark.parametrize("sort", ["name", "price", "-price", "newest"])
def test_pages_contain_existing_products_once_while_others_are_added(shop: Shop, sort: str) -> None:
    every = pens(shop, 12)

    visited = []
    for number, page in enumerate(pages(shop, sort=sort, q="pen", limit=3)):
        visited += page
        if number < 3:
            added(shop, f"Pen {'abc'[number]}", f"NEW-{number}", cents=100 + number, slug=f"new-{number}")
            shop.settle()

    old = [slug for slug in visited if not slug.startswith("new")]
    assert sorted(old) == sorted(every)
    assert len(set(visited)) == len(visited)


def test_a_page_keeps_its_filters_when_followed(shop: Shop) -> None:
    shelves(shop, "pens")
    pens(shop, 3)
    for number in range(5):
        added(
            shop,
            f"Good pen {number}",
            f"GOOD-{number}",
            category="pens",
            attributes={"ink": "a&b=c"},
            slug=f"good-{number}",
        )
    shop.settle()

    visited = list(
        pages(shop, **{"q": "pen", "category": "pens", "attr.ink": ["a&b=c", "x"], "limit": 2, "sort": "name"})
    )

    assert visited == [["good-0", "good-1"], ["good-2", "good-3"], ["good-4"]]


def encoded(key: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


@pytest.mark.parametrize("asked", SORTS)
@pytest.mark.parametrize("given", SORTS)
def test_a_cursor_of_another_sort_is_refused(open_shop: Shop, given: str, asked: str) -> None:
    cursor = finds(open_shop, sort=given, q="mug", limit=1)["next"]

    answer: Any = open_shop.as_guest().get("/products", query_string={"sort": asked, "q": "mug", "cursor": cursor})

    if given == asked:
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.json["code"]) == (422, "bad_cursor")


def test_a_cursor_by_relevance_is_valid_only_with_words_or_only_without(open_shop: Shop) -> None:
    worded, plain = finds(open_shop, q="mug", limit=1)["next"], finds(open_shop, limit=1)["next"]

    for words, cursor in (("", worded), ("mug", plain)):
        answer: Any = open_shop.as_guest().get("/products", query_string={"q": words, "cursor": cursor})
        assert (answer.status_code, answer.json["code"]) == (422, "bad_cursor")


FORGED = [
    "x",
    "!!!!",
    "%00",
    "é",
    "a" * 501,
    "[" * 300,
    encoded("price"),
    encoded(None),
    encoded({}),
    encoded([]),
    encoded(["price"]),
    encoded(["price", 1]),
    encoded(["price", "1", "x"]),
    encoded(["price", True, "x"]),
    encoded(["price", 1.0, "x"]),
    encoded(["price", None, "x"]),
    encoded(["price", 1, 2]),
    encoded(["price", 1, None]),
    encoded(["price", 1, "x", "y"]),
    encoded(["price", [1], "x"]),
    encoded(["price", 2**63, "x"]),
    encoded(["price", -(2**64), "x"]),
    encoded(["price", float("nan"), "x"]),
    encoded(["price", float("inf"), "x"]),
    encoded([1, "x"]),
    encoded(["price", 1, "\ud800"]),
    base64.urlsafe_b64encode(b"[" * 300).decode(),
    base64.urlsafe_b64encode(b'["price", 1e999, "x"]').decode(),
    base64.urlsafe_b64encode(b"\xff\xfe").decode(),
]


@pytest.mark.parametrize("cursor", FORGED, ids=lambda each: each[:24])
def test_a_forged_cursor_is_refused(open_shop: Shop, cursor: str) -> None:
    answer: Any = open_shop.as_guest().get("/products", query_string={"sort": "price", "cursor": cursor})

    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"


def test_a_well_formed_cursor_made_by_a_client_is_accepted(open_shop: Shop) -> None:
    cursor = encoded(["price", 900, "0"])

    assert names(finds(open_shop, sort="price", cursor=cursor)) == ["Enamel mug", "Steel pan"]


@pytest.mark.parametrize("cut", [1, 5, 20])
@pytest.mark.parametrize("sort", SORTS)
def test_a_truncated_cursor_is_refused(open_shop: Shop, sort: str, cut: int) -> None:
    cursor = finds(open_shop, sort=sort, q="mug", limit=1)["next"]

    answer: Any = open_shop.as_guest().get(
        "/products", query_string={"sort": sort, "q": "mug", "cursor": cursor[:-cut]}
    )

    assert (answer.status_code, answer.json["code"]) == (422, "bad_cursor")


def test_a_cursor_of_a_product_that_was_removed_still_works(shop: Shop) -> None:
    pens(shop, 6)
    first = finds(shop, sort="name", limit=3)
    last = first["items"][-1]["id"]
    tag = shop.as_guest().get(f"/products/{last}").headers["ETag"]
    shop.as_staff().delete(f"/products/{last}", headers={"If-Match": tag})
    shop.settle()

    second = finds(shop, sort="name", limit=3, cursor=first["next"])

    assert names(first) + names(second) == ["Pen a", "Pen a", "Pen b", "Pen b", "Pen c", "Pen c"]
    assert second["next"] is None
