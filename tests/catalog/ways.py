"""The four kinds of search: two kinds of index, and the two databases while there is no index."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from app.modules.catalog.domain.search import Query, SearchResult
from app.modules.catalog.infrastructure.search.elasticsearch import ElasticsearchSearch
from app.modules.catalog.module import catalog
from tests.catalog.steps import has_index, search_of
from tests.conftest import until
from tests.servers import fresh_databases, fresh_index
from tests.shop import Shop

WAYS = ["fts5", "elasticsearch", "sqlite", "postgresql"]


@contextmanager
def shop_searched_by(way: str, folder: Path) -> Iterator[Shop]:
    """catalog with this kind of search; for the databases, Elasticsearch is configured but cannot be reached."""
    variables: dict[str, str] = {}
    with ExitStack() as stack:
        if way == "elasticsearch":
            variables |= stack.enter_context(fresh_index())
        elif way != "fts5":
            closed = stack.enter_context(socket.socket())
            closed.bind(("127.0.0.1", 0))
            variables["ELASTICSEARCH_URL"] = f"http://127.0.0.1:{closed.getsockname()[1]}"
        if way == "postgresql":
            variables |= stack.enter_context(fresh_databases("catalog"))
        shop = Shop(folder, catalog, **variables)
        stack.callback(shop.close)
        if way == "elasticsearch":
            has_index(shop)
        yield shop


def has_an_index(shop: Shop) -> bool:
    return not shop.own["catalog"].elasticsearch_url or shop.own["catalog"].search_index.startswith("test-")


def catches_up(shop: Shop) -> None:
    """Wait until changes are in the index, if there is one."""
    if has_an_index(shop):
        shop.settle()
        search: Any = search_of(shop)
        if isinstance(search, ElasticsearchSearch):
            search.refresh()


def searched(shop: Shop, query: Query) -> SearchResult:
    """The result of this kind of search; an index that does not answer in time is queried again."""
    search: Any = search_of(shop)

    def answered() -> Any:
        found = search.find(query)
        return None if found.degraded and has_an_index(shop) else found

    found: SearchResult = until(answered, "the index answers")
    assert found.degraded != has_an_index(shop)
    return found
