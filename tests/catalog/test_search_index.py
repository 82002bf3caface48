"""The index is a copy: it may lag, be lost or broken, and is rebuilt; it never returns to an older version."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.modules.catalog.domain.search import Document
from app.modules.catalog.use_cases.search.index_products import Reindex
from tests.catalog.steps import added, changes, finds, moves, names, search_of
from tests.shop import Shop


def index_of(shop: Shop) -> Path:
    """The path of the index."""
    return shop.settings.data / "search.sqlite"


def document(shop: Shop, id: str) -> Document:
    """A product as it would be indexed now."""
    with shop.modules["catalog"].reading() as reading:
        known: Document = reading.document(UUID(id))
    return known


def reindexes(shop: Shop) -> str:
    answer = shop.app.test_cli_runner().invoke(args=["catalog", "reindex"])
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_a_product_is_found_once_it_is_indexed(shop: Shop) -> None:
    added(shop, "Enamel mug", "MUG")
    assert names(finds(shop)) == []

    shop.settle()

    assert names(finds(shop)) == ["Enamel mug"]


def test_an_index_that_lags_is_never_set_back(shop: Shop) -> None:
    mug = added(shop, "Enamel mug", "MUG")
    old = document(shop, mug["id"])
    changes(shop, mug["id"], {"name": "Tin mug"})
    moves(shop, "MUG", "received", 1)
    shop.settle()

    search_of(shop).put([old])

    assert names(finds(shop)) == names(finds(shop, q="tin")) == ["Tin mug"]
    assert (names(finds(shop, q="enamel")), finds(shop)["items"][0]["in_stock"]) == ([], True)


def test_a_product_off_sale_stays_off_when_an_older_version_is_indexed(shop: Shop) -> None:
    mug = added(shop, "Enamel mug", "MUG")
    old = document(shop, mug["id"])
    changes(shop, mug["id"], {"on_sale": False})
    shop.settle()

    search_of(shop).put([old])

    assert names(finds(shop)) == []


def test_indexing_the_same_version_twice_changes_nothing(shop: Shop) -> None:
    mug = added(shop, "Enamel mug", "MUG", attributes={"colour": "blue"})
    shop.settle()
    once = finds(shop, q="mug", facets="true")

    search_of(shop).put([document(shop, mug["id"])] * 2)

    assert finds(shop, q="mug", facets="true") == once


@pytest.mark.slow
def test_reindex_removes_wrong_entries_and_indexes_all_batches(shop: Shop) -> None:
    mug = added(shop, "Enamel mug", "MUG")
    for number in range(205):
        added(shop, f"Pen {number}", f"PEN-{number}")
    shop.settle()
    known = document(shop, mug["id"])
    stranger = {**vars(known), "id": "01890000-0000-7000-8000-000000000000", "name": "Ghost"}
    search_of(shop).put([Document(**stranger)])
    assert names(finds(shop, q="ghost")) == ["Ghost"]

    assert "Indexed: 206 products" in reindexes(shop)

    assert names(finds(shop, q="ghost")) == []
    assert finds(shop, q="pen", facets="true")["facets"]["in_stock"] == {"true": 0, "false": 205}


def test_searches_use_the_old_index_until_the_rebuild_is_done(shop: Shop) -> None:
    added(shop, "Enamel mug", "MUG")
    shop.settle()
    reading, seen = shop.modules["catalog"].reading, []

    @contextmanager
    def looked_at_meanwhile() -> Iterator[Any]:
        seen.append(names(finds(shop)))
        with reading() as documents:
            yield documents

    Reindex(looked_at_meanwhile, search_of(shop)).execute()

    assert seen == [["Enamel mug"]]


def test_a_reindex_that_fails_half_way_leaves_the_old_index(shop: Shop) -> None:
    added(shop, "Enamel mug", "MUG")
    shop.settle()

    with pytest.raises(RuntimeError), search_of(shop).rebuild():
        raise RuntimeError("the disk is full")

    assert names(finds(shop)) == ["Enamel mug"]
    assert shop.as_guest().get("/readyz").json["checks"]["search"]["status"] == "ok"  # type: ignore[index]


def test_many_searches_run_at_once_while_products_are_indexed(shop: Shop) -> None:
    mug = added(shop, "Enamel mug", "MUG")
    shop.settle()
    known, statuses, done = document(shop, mug["id"]), set[int](), threading.Event()

    def ask() -> None:
        while not done.is_set():
            answer: Any = shop.as_guest().get("/products?q=mug&facets=true")
            statuses.add(answer.status_code if answer.json.get("items") else 0)

    customers = [threading.Thread(target=ask) for _ in range(6)]
    for customer in customers:
        customer.start()
    for _ in range(100):
        search_of(shop).put([known])
    done.set()
    for customer in customers:
        customer.join()

    assert statuses == {200}
