"""Cursors: pages stay consistent while products are added and changed, in every sort order and kind of search."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.modules.catalog.domain.search import Query, Sort
from app.web.paging import PageArgs
from tests.catalog.steps import added, changes
from tests.catalog.ways import WAYS, catches_up, searched, shop_searched_by
from tests.shop import Shop

pytestmark = pytest.mark.slow


@pytest.fixture(params=WAYS)
def each_shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """catalog with each kind of search."""
    with shop_searched_by(request.param, tmp_path) as shop:
        yield shop


def disturbs(shop: Shop, number: int) -> None:
    """Staff add products with the words more often, less often and not at all, and change one that is not counted."""
    added(shop, f"Mug mug cup {number}", f"A-{number}", cents=100)
    added(shop, f"Something with a long name for a shelf, and a cup {number}", f"B-{number}", description="mug " * 9)
    added(shop, f"Teapot {number}", f"C-{number}", cents=300)
    changes(shop, "changing", {"name": f"Changed mug cup {number}"})
    catches_up(shop)


@pytest.mark.parametrize("sort", list(Sort))
def test_unchanged_products_are_listed_once_while_others_are_added_and_changed(each_shop: Shop, sort: Sort) -> None:
    names = [f"Mug cup {'tall ' * (number % 3)}{number:02}" for number in range(14)]
    for number, name in enumerate(names):
        added(each_shop, name, f"SKU-{number}", cents=100 * (number % 3), description="cup mug " * (number % 2))
    added(each_shop, "Changing mug cup", "CHANGING", slug="changing")
    catches_up(each_shop)

    seen: list[str] = []
    query = Query(words="mug cup", sort=sort, limit=3)
    for number in range(100):
        hits = searched(each_shop, query).hits
        seen += [each.name for each in hits[:3]]
        if len(hits) <= 3:
            break
        query = replace(query, after=hits[2].cursor)
        if number < 3:
            disturbs(each_shop, number)

    assert sorted(each for each in seen if each in names) == sorted(names)


def test_every_kind_of_search_has_the_same_order_by_relevance(each_shop: Shop) -> None:
    added(each_shop, "Cup", "X-1")
    added(each_shop, "Tall cup", "X-2")
    added(each_shop, "Cup holder for the car", "X-3")
    added(each_shop, "Saucer", "X-4", description="For a cup.")
    added(each_shop, "Spoon", "X-5", attributes={"goes_with": "cup"})
    added(each_shop, "Cupboard", "CUP")
    catches_up(each_shop)

    found = [each.name for each in searched(each_shop, Query(words="cup")).hits]

    assert found == ["Cupboard", "Cup", "Tall cup", "Cup holder for the car", "Saucer", "Spoon"]


LONG = [
    "я" * 188,
    ("Кружка " + "эмалированная " * 13).strip(),
    "한글" * 60,
    "日" * 120,
    "👩" * 150,
    '"\\' * 100,
    "A" * 200,
]


@pytest.mark.parametrize("sort", list(Sort))
def test_a_cursor_fits_its_own_limit_whatever_a_name_is_written_in(each_shop: Shop, sort: Sort) -> None:
    for number, name in enumerate(LONG):
        for twice in range(2):
            added(each_shop, name, f"LONG-{number}-{twice}", slug=f"long-{number}-{twice}")
    catches_up(each_shop)

    seen, asked = [], {"sort": str(sort), "limit": 1}
    while True:
        answer: Any = each_shop.as_guest().get("/products", query_string=asked)
        assert answer.status_code == 200, answer.text
        seen += [each["slug"] for each in answer.json["items"]]
        if answer.json["next"] is None:
            break
        asked["cursor"] = answer.json["next"]

    assert sorted(seen) == sorted(f"long-{number}-{twice}" for number in range(len(LONG)) for twice in range(2))
    assert PageArgs().load({"cursor": "x" * 500})
