"""What a search on Elasticsearch asks for, and which lists need no index: the answer is the same, only sooner."""

from typing import Any

import pytest

from app.modules.catalog.domain.search import Sort
from app.modules.catalog.infrastructure.search.database import DatabaseSearch
from tests.catalog.steps import added, assortment, finds, names
from tests.catalog.ways import shop_searched_by
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
