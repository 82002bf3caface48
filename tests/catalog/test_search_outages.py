"""A read-only index is reported, one of an older version is rebuilt automatically, lists without one are limited."""

import json
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from urllib.request import Request, urlopen

import pytest
from elasticsearch import ApiError, Elasticsearch
from sqlalchemy import text

from app.modules.catalog.domain import words
from app.modules.catalog.infrastructure.search import database as search_database
from app.modules.catalog.infrastructure.search import rebuilding
from app.modules.catalog.infrastructure.search.elasticsearch import ElasticsearchSearch
from app.runtime.migrate import upgrade
from tests.catalog.steps import added, adds, changes, changes_variant, euros, finds, has_index, names, search_of
from tests.catalog.ways import shop_searched_by
from tests.conftest import until
from tests.shop import Shop

OF_BEFORE = {"dynamic": "strict", "properties": {"id": {"type": "keyword"}, "name": {"type": "text"}}}


@pytest.fixture(params=["sqlite", "postgresql"])
def without(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """A shop whose Elasticsearch is down."""
    with shop_searched_by(request.param, tmp_path) as shop:
        yield shop


def asks(shop: Shop, method: str, path: str, body: Any = None) -> Any:
    data = json.dumps(body).encode() if body is not None else None
    request = Request(f"{shop.own['catalog'].elasticsearch_url}/{path}", data, {"Content-Type": "application/json"})
    request.method = method
    with urlopen(request, timeout=60) as answer:
        return json.load(answer)


def reported(shop: Shop) -> tuple[str, str]:
    """The check of search in /readyz."""
    check: Any = shop.as_guest().get("/readyz").json["checks"]["search"]  # type: ignore[index]
    return check["status"], check["detail"] or "nothing"


@pytest.mark.parametrize("block", ["write", "read_only", "read_only_allow_delete"])
def test_a_read_only_index_is_reported_until_it_is_writable(es_shop: Shop, block: str) -> None:
    added(es_shop, "Enamel mug", "MUG")
    es_shop.settle()
    settings = f"{es_shop.own['catalog'].search_index}/_settings"
    until(lambda: reported(es_shop) == ("ok", "nothing"), "all is well")

    asks(es_shop, "PUT", settings, {f"index.blocks.{block}": True})
    try:
        until(lambda: "read-only" in reported(es_shop)[1], "it is reported")
        assert reported(es_shop)[0] == "failing"
        assert names(finds(es_shop, q="mug")) == ["Enamel mug"]
    finally:
        asks(es_shop, "PUT", settings, {f"index.blocks.{block}": None})
    until(lambda: reported(es_shop) == ("ok", "nothing"), "all is well again")


def test_an_index_of_others_that_is_read_only_is_not_reported(es_shop: Shop) -> None:
    """Elasticsearch tells the blocks of all its indexes, also of those that were not asked for."""
    other = f"{es_shop.own['catalog'].search_index}-others"
    asks(es_shop, "PUT", other, {"settings": {"index.blocks.write": True, "number_of_replicas": 0}})

    assert search_of(es_shop).trouble() is None


def test_a_read_only_file_is_reported(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    added(shop, "Enamel mug", "MUG")
    shop.settle()
    until(lambda: reported(shop) == ("ok", "nothing"), "all is well")

    monkeypatch.setattr("os.access", lambda path, mode: False)  # as on a disk that was mounted read-only

    until(lambda: "read-only" in reported(shop)[1], "it is reported")
    assert names(finds(shop, q="mug")) == ["Enamel mug"]


def test_an_index_of_an_older_version_is_rebuilt_and_lists_come_from_the_database_meanwhile(es_shop: Shop) -> None:
    added(es_shop, "Läufer 3 m²", "RUG")
    es_shop.settle()
    alias = es_shop.own["catalog"].search_index
    ((current, _),) = asks(es_shop, "GET", alias).items()
    asks(es_shop, "PUT", f"{alias}-before", {"mappings": OF_BEFORE})
    asks(es_shop, "PUT", f"{alias}-unfinished", {"mappings": OF_BEFORE, "aliases": {f"{alias}-building": {}}})
    moves = [{"remove_index": {"index": current}}, {"add": {"index": f"{alias}-before", "alias": alias}}]
    asks(es_shop, "POST", "_aliases", {"actions": moves})
    search_of(es_shop)._current_until = 0

    meanwhile: Any = es_shop.as_guest().get("/products?q=m²").json
    added(es_shop, "Enamel mug", "MUG")
    has_index(es_shop)
    until(lambda: [es_shop.settle(), len(finds(es_shop)["items"]) == 2][1], "what was added meanwhile is found")

    assert (meanwhile["degraded"], names(meanwhile)) == (True, ["Läufer 3 m²"])
    assert "degraded" not in finds(es_shop, q="m²")
    assert len(asks(es_shop, "GET", f"{alias}-*")) == 1


@pytest.mark.parametrize("how", ["a batch", "one product", "the end"])
def test_an_index_is_rebuilt_at_the_pace_of_a_server_that_is_busy(
    es_shop: Shop, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    added(es_shop, "Enamel mug", "MUG")
    owner: Any = type(Elasticsearch("http://127.0.0.1:9").indices) if how == "the end" else ElasticsearchSearch
    name, sent = ("refresh" if how == "the end" else "bulk"), list[float]()
    answered = getattr(owner, name)

    def busy_at_first(target: Any, *args: Any, **kwargs: Any) -> Any:
        sent.append(time.monotonic())
        if len(sent) > 2:
            return answered(target, *args, **kwargs)
        if how == "one product":
            return [{"_id": args[0][0].id, "status": 429, "error": {"type": "es_rejected_execution_exception"}}]
        raise ApiError("circuit_breaking_exception", Mock(status=429), {})

    with monkeypatch.context() as busy:
        busy.setattr(rebuilding, "PAUSES", (0.1, 0.1, 0.1))
        busy.setattr(owner, name, busy_at_first)
        result = es_shop.app.test_cli_runner().invoke(args=["catalog", "reindex"])

    assert result.exit_code == 0, result.output
    assert len(sent) == 3
    assert names(finds(es_shop, q="mug")) == ["Enamel mug"]


def test_a_server_that_stays_busy_ends_the_rebuilding_and_the_next_one_goes_on(
    es_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    added(es_shop, "Enamel mug", "MUG")
    with monkeypatch.context() as busy:
        busy.setattr(rebuilding, "PAUSES", (0, 0))
        busy.setattr(ElasticsearchSearch, "bulk", Mock(side_effect=ApiError("busy", Mock(status=429), {})))
        refused = es_shop.app.test_cli_runner().invoke(args=["catalog", "reindex"])

    assert refused.exit_code != 0 and "too much to do" in refused.output, refused.output
    assert es_shop.app.test_cli_runner().invoke(args=["catalog", "reindex"]).exit_code == 0
    assert names(finds(es_shop, q="mug")) == ["Enamel mug"]


def test_a_file_of_an_older_version_is_rebuilt_at_the_start(shop: Shop) -> None:
    added(shop, "Läufer 3 m²", "RUG")
    shop.settle()
    search_of(shop).close()
    file = shop.settings.data / "search.sqlite"
    for suffix in ("", "-wal", "-shm"):
        Path(f"{file}{suffix}").unlink(missing_ok=True)
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE products (number INTEGER PRIMARY KEY, id TEXT, folded TEXT, price INTEGER)")
        connection.execute("CREATE VIRTUAL TABLE words USING fts5 (name, description, attributes)")
        connection.execute("PRAGMA user_version = 1")
    connection.close()

    upgrade(shop.modules.values())

    assert names(finds(shop, q="m²")) == ["Läufer 3 m²"]


@pytest.mark.parametrize("harm", ["DELETE FROM listings", "UPDATE listings SET edition = 1, words = ''"])
def test_the_listings_of_an_older_database_are_filled_at_the_start(without: Shop, harm: str) -> None:
    added(without, "Läufer 3 m²", "RUG")
    with without.modules["catalog"].database.begin() as connection:
        connection.execute(text(harm))
    assert names(without.as_guest().get("/products?q=m²").json) == []

    upgrade(without.modules.values())

    assert names(without.as_guest().get("/products?q=m²").json) == ["Läufer 3 m²"]
    assert words.EDITION > 1


def test_without_an_index_changes_by_staff_are_found_at_once(without: Shop) -> None:
    mug = added(without, "Enamel mug", "MUG")
    guest, staff = without.as_guest(), without.as_staff()

    staff.post(f"/products/{mug['id']}/variants", {"sku": "MUG.XL", "price": euros(2000)})
    assert names(guest.get("/products?q=mug.xl").json) == ["Enamel mug"]
    changes(without, mug["id"], {"name": "Tin cup"})
    assert (names(guest.get("/products?q=enamel").json), names(guest.get("/products?q=tin").json)) == ([], ["Tin cup"])
    changes_variant(without, mug["id"], "MUG", {"price": euros(500)})
    assert guest.get("/products?q=tin").json["items"][0]["price"] == euros(500)  # type: ignore[index]
    changes(without, mug["id"], {"on_sale": False})
    assert names(guest.get("/products").json) == []


def test_without_an_index_attributes_price_and_stock_are_of_one_variant(without: Shop) -> None:
    blue, red = {"colour": "blue", "size": "s"}, {"colour": "red", "size": "l"}
    variants = [
        {"sku": "BLUE-S", "price": euros(900), "attributes": blue},
        {"sku": "RED-L", "price": euros(1900), "attributes": red},
    ]
    assert adds(without, "Shirt", variants=variants, attributes={"fabric": "wool"}).status_code == 201
    without.as_staff().post("/stock/RED-L/movements", {"kind": "received", "quantity": 5, "reason": "delivery"})

    def found(query: str) -> list[str]:
        return names(without.as_guest().get(f"/products?{query}").json)

    for none in ("attr.colour=blue&attr.size=l", "attr.colour=blue&in_stock=true", "attr.colour=red&price_max=1000"):
        assert found(none) == [], none
    for one in ("attr.colour=blue&attr.size=s&attr.fabric=wool", "attr.colour=blue&in_stock=false", "price_min=1500"):
        assert found(one) == ["Shirt"], one
    assert found("in_stock=false") == found("attr.colour=red&in_stock=false") == []


def test_a_list_that_takes_the_database_too_long_is_refused_and_the_next_is_not(
    without: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    added(without, "Enamel mug", "MUG")
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000)"
    quick = search_database.DatabaseSearch._page

    def hangs(search: Any, query: Any) -> Any:
        return quick(search, query).where(text(f"({numbers} SELECT count(*) FROM n) > 0"))

    monkeypatch.setattr(search_database.DatabaseSearch, "_page", hangs)
    refused: Any = without.as_guest().get("/products?q=mug")
    monkeypatch.undo()
    answered: Any = without.as_guest().get("/products?q=mug")

    assert (refused.status_code, refused.json["code"]) == (503, "search_unavailable")
    assert int(refused.headers["Retry-After"]) >= 1
    assert (answered.status_code, names(answered.json)) == (200, ["Enamel mug"])
    assert search_database.SECONDS <= 0.3
