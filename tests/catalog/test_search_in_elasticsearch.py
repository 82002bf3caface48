"""What only Elasticsearch finds, how its index is rebuilt, and what is found while it is down."""

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from threading import Event
from typing import Any
from urllib.request import Request, urlopen

import pytest
from click.testing import Result

from app.modules.catalog.infrastructure.search import elasticsearch as search_elasticsearch
from app.modules.catalog.module import catalog
from app.modules.catalog.use_cases.search import index_products
from app.modules.catalog.use_cases.search.index_products import OutOfTime, Reindex
from tests.catalog.steps import added, assortment, changes, euros, finds, has_index, moves, names, search_of
from tests.conftest import accepted, until
from tests.servers import control, forget_index, fresh_databases
from tests.shop import Shop

AS_SHIPPED = search_elasticsearch.QUICK  # seconds, before a test is more patient


def suggests(shop: Shop, q: str) -> list[str]:
    finds(shop)
    answer: Any = shop.as_guest().get("/products/suggest", query_string={"q": q}).json
    return [each["name"] for each in answer["items"]]


def states(shop: Shop, *command: str) -> Result:
    return shop.app.test_cli_runner().invoke(args=["catalog", *command])


def asks(shop: Shop, method: str, path: str, body: Any = None) -> Any:
    data = json.dumps(body).encode() if body is not None else None
    request = Request(f"{shop.own['catalog'].elasticsearch_url}/{path}", data, {"Content-Type": "application/json"})
    request.method = method
    with urlopen(request, timeout=60) as answer:
        return json.load(answer)


def indices(shop: Shop) -> list[str]:
    return sorted(asks(shop, "GET", f"{shop.own['catalog'].search_index}-*"))


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("enamle mug", ["Enamel mug"]),  # a typo
        ("notebok", ["Notebook"]),
        ("beaker", ["Enamel mug", "Steel pan"]),  # a synonym
        ("notepads", ["Notebook"]),  # the stem of a synonym
        ("mugs", ["Enamel mug", "Steel pan"]),  # a stem; the name before the description
        ("uber", ["Über pen"]),
        ("pan steel", ["Steel pan"]),
        ("zzzz", []),
    ],
)
def test_words_are_found_by_stems_synonyms_and_despite_typos(es_shop: Shop, words: str, found: list[str]) -> None:
    assortment(es_shop)

    assert names(finds(es_shop, q=words)) == found


def test_suggestions_follow_the_typing_on_either_index(open_shop: Shop) -> None:
    assert suggests(open_shop, "ena") == ["Enamel mug"]
    assert suggests(open_shop, "enamel m") == ["Enamel mug"]
    assert suggests(open_shop, "CAFÉ") == suggests(open_shop, "caf") == ["Café cup"]
    assert suggests(open_shop, "coffee") == []
    assert suggests(open_shop, "!?") == []


def test_matches_are_highlighted_and_everything_else_is_escaped(es_shop: Shop) -> None:
    added(es_shop, "Mug <b>", "M", description="A mug & more <script>alert(1)</script>")
    es_shop.settle()

    [mug] = finds(es_shop, q="mug")["items"]

    assert mug["highlight"]["name"] == "<em>Mug</em> &lt;b&gt;"
    assert mug["highlight"]["description"] == "A <em>mug</em> &amp; more &lt;script&gt;alert(1)&lt;/script&gt;"


def test_reindex_moves_the_alias_and_leaves_one_index(es_shop: Shop) -> None:
    assortment(es_shop)
    before = indices(es_shop)

    done = states(es_shop, "reindex")

    assert done.exit_code == 0, done.output
    assert len(indices(es_shop)) == len(before) == 1
    assert indices(es_shop) != before
    assert names(finds(es_shop, q="enamel")) == ["Enamel mug"]


def test_searches_do_not_notice_a_rebuild_of_the_index(es_shop: Shop) -> None:
    assortment(es_shop)
    finds(es_shop)
    enough = Event()

    def asks_on() -> list[Any]:
        answers = []
        while not enough.is_set():
            answers.append(es_shop.as_guest().get("/products?q=enamel"))
        return answers

    with ThreadPoolExecutor(1) as customer:
        asking = customer.submit(asks_on)
        codes = [states(es_shop, "reindex").exit_code for _ in range(3)]
        enough.set()

    assert codes == [0, 0, 0]
    assert {each.status_code for each in asking.result()} == {200}
    assert {tuple(names(each.json)) for each in asking.result()} == {("Enamel mug",)}


def test_an_interrupted_reindex_continues_where_it_was(es_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_products, "BATCH", 2)
    assortment(es_shop)
    module = es_shop.modules["catalog"]
    reindex = Reindex(module.reading, search_of(es_shop))
    with pytest.raises(OutOfTime):
        reindex.execute(seconds=0)
    found_meanwhile = names(finds(es_shop, q="enamel"))
    reported: list[int] = []

    reindex.execute(reported.append)

    assert found_meanwhile == ["Enamel mug"]
    assert sum(reported) == 3, "two of five were in already"
    assert len(finds(es_shop)["items"]) == 5
    assert len(indices(es_shop)) == 1


def test_changes_during_a_rebuild_are_in_the_new_index(es_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_products, "BATCH", 2)
    assortment(es_shop)
    module = es_shop.modules["catalog"]
    reindex = Reindex(module.reading, search_of(es_shop))
    with pytest.raises(OutOfTime):
        reindex.execute(seconds=0)
    first = es_shop.as_guest().get("/products/enamel-mug").json
    changes(es_shop, first["id"], {"name": "Tin mug"})  # type: ignore[index]
    added(es_shop, "Wooden spoon", "SPOON")
    es_shop.settle()

    reindex.execute()

    assert sorted(names(finds(es_shop))) == ["Café cup", "Notebook", "Steel pan", "Tin mug", "Wooden spoon", "Über pen"]


def test_the_index_is_compared_with_the_database_and_corrected(es_shop: Shop) -> None:
    assortment(es_shop)
    cup, pan = (es_shop.as_guest().get(f"/products/{slug}").json for slug in ("cafe-cup", "steel-pan"))
    assert states(es_shop, "verify-index").output.endswith("The index agrees with the database on 5 products.\n")
    asks(es_shop, "DELETE", f"{es_shop.own['catalog'].search_index}/_doc/{cup['id']}?refresh=true")  # type: ignore[index]
    newer_than_code = f"{es_shop.own['catalog'].search_index}/_doc/{pan['id']}"  # type: ignore[index]
    source = asks(es_shop, "GET", newer_than_code)["_source"]
    asks(es_shop, "PUT", f"{newer_than_code}?version=99&version_type=external&refresh=true", source)

    differs = states(es_shop, "verify-index")
    fixed = states(es_shop, "verify-index", "--fix")
    again = states(es_shop, "verify-index")

    assert (differs.exit_code, fixed.exit_code, again.exit_code) == (1, 0, 0)
    assert "The index differs: 1 ahead, 1 missing." in differs.output
    assert "Corrected: 1 ahead, 1 missing." in fixed.output


def test_an_older_version_never_overwrites_a_newer_one(es_shop: Shop) -> None:
    product = added(es_shop, "Mug", "M")
    es_shop.settle()
    module = es_shop.modules["catalog"]
    with module.reading() as reading:
        old = list(reading.documents(None, 10))  # type: ignore[attr-defined]
    changes(es_shop, product["id"], {"name": "Beaker"})
    es_shop.settle()

    search_of(es_shop).put(old)

    assert names(finds(es_shop)) == ["Beaker"]


def test_a_deleted_index_is_rebuilt_automatically_and_lists_come_from_the_database_meanwhile(es_shop: Shop) -> None:
    assortment(es_shop)
    forget_index(es_shop.own["catalog"].elasticsearch_url, es_shop.own["catalog"].search_index)

    meanwhile = finds(es_shop, q="mug")
    readiness: Any = es_shop.as_guest().get("/readyz").json
    has_index(es_shop)
    afterwards = finds(es_shop, q="mug")

    assert meanwhile["degraded"] is True
    assert sorted(names(meanwhile)) == ["Enamel mug", "Steel pan"]
    assert "being rebuilt" in readiness["checks"]["search"]["detail"]
    assert "degraded" not in afterwards
    assert names(afterwards) == ["Enamel mug", "Steel pan"]


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A socket that accepts connections and never responds, like a frozen server."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
        yield listener


@pytest.fixture(params=[pytest.param(each, marks=pytest.mark.slow) for each in ("sqlite", "postgresql")])
def without(
    request: pytest.FixtureRequest, silent: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shop]:
    """A shop whose Elasticsearch hangs."""
    monkeypatch.setattr(search_elasticsearch, "QUICK", AS_SHIPPED)
    with fresh_databases("catalog") if request.param == "postgresql" else nullcontext({}) as variables:
        hung = Shop(tmp_path, catalog, ELASTICSEARCH_URL=f"http://127.0.0.1:{silent.getsockname()[1]}", **variables)
        yield hung
        hung.close()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "mug"}, {"Enamel mug", "Steel pan"}),
        ({"q": "MUG enam"}, {"Enamel mug"}),
        ({"q": "100%"}, set()),
        ({"q": "!?"}, set()),
        ({"category": "kitchen"}, {"Enamel mug", "Café cup", "Steel pan"}),
        ({"attr_colour": "blue"}, {"Enamel mug", "Café cup", "Notebook"}),
        ({"attr_size": ["l"]}, {"Enamel mug"}),
        ({"in_stock": "true"}, {"Enamel mug", "Notebook"}),
        ({"price_min": 800, "price_max": 1000}, {"Enamel mug"}),
    ],
)
def test_while_it_hangs_the_database_answers(without: Shop, asked: dict[str, Any], found: set[str]) -> None:
    stock_shelves(without)

    answer = without.as_guest().get(
        "/products", query_string={k.replace("attr_", "attr."): v for k, v in asked.items()}
    )

    assert answer.json["degraded"] is True  # type: ignore[index]
    assert set(names(answer.json)) == found


def stock_shelves(shop: Shop) -> None:
    """The assortment, without waiting for its index."""
    blue, red = {"colour": "blue"}, {"colour": "red"}
    for slug, parent in (("kitchen", None), ("mugs", "kitchen"), ("desk", None)):
        shop.as_staff().post("/categories", {"slug": slug, "name": slug.title(), "parent": parent})
    enamel = [
        {"sku": "MUG-S", "name": "Small", "price": euros(900), "attributes": {**blue, "size": "s"}},
        {"sku": "MUG-L", "name": "Large", "price": euros(1400), "attributes": {**red, "size": "l"}},
    ]
    added(shop, "Enamel mug", variants=enamel, category="mugs", description="Keeps coffee hot.")
    added(shop, "Café cup", "CUP", cents=700, category="mugs", attributes={**blue, "material": "glass"})
    added(shop, "Steel pan", "PAN", cents=4900, category="kitchen", attributes=red, description="Not a mug.")
    added(shop, "Notebook", "NTB", cents=700, category="desk", attributes=blue)
    added(shop, "Über pen", "PEN", cents=300)
    moves(shop, "MUG-L", "received", 1)
    moves(shop, "NTB", "received", 5)


@pytest.mark.parametrize("sort", ["relevance", "price", "-price", "newest", "name"])
@pytest.mark.parametrize("words", ["", "c"])
def test_pages_from_the_database_contain_everything_once(without: Shop, sort: str, words: str) -> None:
    stock_shelves(without)
    guest = without.as_guest()
    whole = names(guest.get("/products", query_string={"sort": sort, "q": words}).json)

    visited: list[str] = []
    asked: dict[str, Any] = {"sort": sort, "q": words, "limit": 2}
    while True:
        found: Any = guest.get("/products", query_string=asked).json
        visited += names(found)
        if found["next"] is None:
            break
        asked["cursor"] = found["next"]

    assert visited == whole
    assert len(whole) == (4 if words else 5)


def test_only_one_request_in_a_while_waits_for_a_server_that_hangs(without: Shop, silent: socket.socket) -> None:
    began = time.monotonic()
    degraded = [finds_degraded(without) for _ in range(20)]
    pauses = int((time.monotonic() - began) / search_elasticsearch.PAUSE)

    assert all(degraded)
    assert 1 <= accepted(silent) <= 1 + pauses


def finds_degraded(shop: Shop) -> bool:
    return bool(shop.as_guest().get("/products?q=mug").json["degraded"])  # type: ignore[index]


@pytest.mark.alone
@pytest.mark.parametrize(
    ("ends", "returns"), [pytest.param("kill", "up", marks=pytest.mark.thorough), ("pause", "resume")]
)
def test_elasticsearch_goes_and_comes_back(
    es_shop: Shop, ends: str, returns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assortment(es_shop)
    monkeypatch.setattr(search_elasticsearch, "QUICK", AS_SHIPPED)

    control(ends, "elasticsearch")
    away = finds_degraded(es_shop)
    added(es_shop, "Tin mug", "TIN")
    control(returns, "elasticsearch")

    def is_back() -> bool:
        es_shop.settle()
        found: Any = es_shop.as_guest().get("/products?q=tin").json
        return "degraded" not in found and names(found) == ["Tin mug"]

    until(is_back, "the index has caught up", seconds=90)
    assert away
    assert AS_SHIPPED <= 1
