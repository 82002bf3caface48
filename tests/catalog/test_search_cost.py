"""What a search on Elasticsearch asks for, and which lists need no index: the answer is the same, only sooner."""

from dataclasses import replace
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from sqlalchemy import text

from app.modules.catalog.domain.search import Query, Sort
from app.modules.catalog.infrastructure.search import frequent
from app.modules.catalog.infrastructure.search.database import DatabaseSearch
from tests.catalog.steps import added, assortment, changes, finds, names
from tests.catalog.ways import catches_up, searched, shop_searched_by
from tests.shop import Shop

ALL = {"price_min": "0"}  # a filter that every product passes: such a list comes from the index


@pytest.mark.parametrize("sort", list(Sort))
def test_the_first_page_of_all_products_is_the_one_of_the_index(es_shop: Shop, sort: Sort) -> None:
    assortment(es_shop)

    listed, indexed = (finds(es_shop, sort=sort.value, limit=2, **more) for more in ({}, ALL))
    following = [finds(es_shop, sort=sort.value, limit=2, cursor=listed["next"], **more) for more in ({}, ALL)]

    assert listed == indexed and len(listed["items"]) == 2 and listed.keys() == {"items", "next"}
    assert following[0] == following[1] and len(following[0]["items"]) == 2


@pytest.mark.parametrize("way", ["sqlite", "postgresql"])
def test_the_first_page_of_all_products_needs_no_index(way: str, tmp_path: Any) -> None:
    with shop_searched_by(way, tmp_path) as shop:
        added(shop, "Enamel mug", "MUG")

        listed, searched = (shop.as_guest().get(f"/products{query}").json for query in ("", "?q=mug"))

    assert names(listed) == names(searched) == ["Enamel mug"]
    assert "degraded" not in listed and searched["degraded"]  # type: ignore[operator,index]


@pytest.mark.parametrize("way", ["sqlite", "postgresql"])
def test_the_first_page_of_all_products_has_as_many_as_requested(way: str, tmp_path: Any) -> None:
    with shop_searched_by(way, tmp_path) as shop:
        for number in range(12):
            added(shop, f"Mug {number:02}", f"MUG-{number}")

        pages: dict[int, Any] = {
            limit: shop.as_guest().get(f"/products?sort=name&limit={limit}").json for limit in (1, 9, 10, 11, 12, 100)
        }

    everything = [f"Mug {number:02}" for number in range(12)]
    assert {limit: names(page) for limit, page in pages.items()} == {limit: everything[:limit] for limit in pages}
    assert {limit for limit, page in pages.items() if page["next"]} == {1, 9, 10, 11}


def test_postgresql_does_not_plan_the_first_page_of_all_products_each_time(tmp_path: Any) -> None:
    with shop_searched_by("postgresql", tmp_path) as shop:
        added(shop, "Enamel mug", "MUG")
        for _ in range(20):
            assert len(shop.as_guest().get("/products?limit=1").json["items"]) == 1  # type: ignore[index]

        with shop.modules["catalog"].database.read() as connection:
            pages = text("SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE statement LIKE :page")
            [(planned, reused)] = connection.execute(pages, {"page": "%FROM listings%"}).all()

    assert (planned, reused) == (5, 11), "PostgreSQL plans the first five, and the driver prepares the fifth"


def test_while_the_database_is_away_the_index_lists_all_products(
    es_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    assortment(es_shop)

    def is_away(*_: Any) -> Any:
        raise ConnectionError

    monkeypatch.setattr(DatabaseSearch, "find", is_away)

    assert len(finds(es_shop)["items"]) == 5


def test_typos_are_tolerated_where_the_words_find_nothing(es_shop: Shop) -> None:
    for name in ("Enamel mug", "Mud brush", "Tin mugs"):
        added(es_shop, name, name.upper().replace(" ", "-"))
    es_shop.settle()

    assert names(finds(es_shop, q="mud")) == ["Mud brush"], "no mug"
    assert names(finds(es_shop, q="enamle")) == ["Enamel mug"]
    assert finds(es_shop, q="enamle")["items"][0]["highlight"]["name"] == "<em>Enamel</em> mug"


def test_facets_of_words_that_filters_leave_nothing_of_are_those_of_the_words(es_shop: Shop) -> None:
    added(es_shop, "Mud brush", "BRUSH", cents=900)
    added(es_shop, "Enamel mug", "MUG", cents=100)
    es_shop.settle()

    found = finds(es_shop, q="mud", facets="true", price_max="200")
    misspelt = finds(es_shop, q="enamle", facets="true")

    assert found["items"] == [] and [each["from"] for each in found["facets"]["price"]] == [0]
    assert found["facets"]["price"][0]["count"] == 1, "the brush, and no mug"
    assert names(misspelt) == ["Enamel mug"] and misspelt["facets"]["price"][0]["count"] == 1


def test_words_are_highlighted_where_they_are_found_by_stems_and_synonyms(es_shop: Shop) -> None:
    added(es_shop, "Beaker", "B", description="Like two mugs.")
    es_shop.settle()

    [found] = finds(es_shop, q="mug")["items"]

    assert found["highlight"] == {"name": "<em>Beaker</em>", "description": "Like two <em>mugs</em>."}


def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the calls that Elasticsearch's client makes from now on, to find products."""
    calls: list[str] = []

    def recorded(name: str) -> Any:
        real = getattr(Elasticsearch, name)

        def call(*args: Any, **named: Any) -> Any:
            calls.append(name)
            return real(*args, **named)

        return call

    for name in ("search", "msearch"):
        monkeypatch.setattr(Elasticsearch, name, recorded(name))
    return calls


CUPS = ("Tall cup", "Cup", "Cup of glass", "Small cup", "Cup holder", "Cup for tea and for coffee")


@pytest.mark.parametrize("filters", [{}, {"price_min": 200}, {"in_stock": False}, {"attributes": {"size": ["M"]}}])
def test_a_frequent_word_is_looked_for_in_names_alone_with_the_same_result(
    es_shop: Shop, monkeypatch: pytest.MonkeyPatch, filters: dict[str, Any]
) -> None:
    monkeypatch.setattr(frequent, "MANY", 5)
    for number, name in enumerate(CUPS):
        added(es_shop, name, f"S-{number}", cents=250 + number, attributes={"size": "M"}, description="Not a cup.")
    added(es_shop, "Saucer", "SAUCER", description="For a cup.")
    catches_up(es_shop)
    calls, query = asked(monkeypatch), Query(words="c", limit=3, **filters)

    pages = [searched(es_shop, query) for _ in range(2)]
    following = [searched(es_shop, replace(query, after=page.hits[2].cursor)) for page in pages]

    assert calls == ["search", "msearch", "search", "search"]
    assert pages[0] == pages[1] and len(pages[0].hits) == 4
    assert following[0] == following[1]
    assert {*CUPS} <= {each.name for each in (*pages[1].hits, *following[1].hits)}


def test_a_frequent_word_is_looked_for_everywhere_where_names_do_not_fill_the_page_or_one_equals_it(
    es_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frequent, "MANY", 5)
    products = [added(es_shop, f"{size} cup", size) for size in ("Small", "Tall", "Large", "Huge", "Wide")]
    catches_up(es_shop)
    calls, query = asked(monkeypatch), Query(words="cup", limit=3)
    searched(es_shop, query)

    added(es_shop, "Saucer", "cup", description="Goes below.")
    catches_up(es_shop)
    with_equal = searched(es_shop, query)
    again = searched(es_shop, query)
    for each in products[:2]:
        changes(es_shop, each["slug"], {"name": "Mug"})
    changes(es_shop, "saucer", {"description": "A cup's friend."})
    catches_up(es_shop)
    short = searched(es_shop, replace(query, limit=2))

    assert calls == ["search", "msearch", "search", "search", "search"]
    assert [each.name for each in with_equal.hits] == ["Saucer", "Wide cup", "Huge cup", "Large cup"]
    assert again == with_equal
    assert [each.name for each in short.hits] == ["Saucer", "Wide cup", "Huge cup"]


def test_suggestions_are_the_shortest_names_and_of_these_the_newest(es_shop: Shop) -> None:
    for number, name in enumerate(CUPS):
        added(es_shop, name, f"S-{number}")
    catches_up(es_shop)

    items: Any = es_shop.as_guest().get("/products/suggest?q=cu&limit=4").json["items"]  # type: ignore[index]

    assert [each["name"] for each in items] == ["Cup", "Cup holder", "Small cup", "Tall cup"]
