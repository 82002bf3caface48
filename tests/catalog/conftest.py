"""Fixtures of catalog alone: the events of the other modules are made by the tests."""

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from app.modules.catalog.module import catalog
from tests.catalog.steps import assortment, has_index, works_off
from tests.servers import fresh_databases, fresh_index
from tests.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """catalog without the other modules."""
    alone = Shop(tmp_path, catalog)
    yield alone
    alone.close()


@pytest.fixture(scope="module")
def one_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The same shop for all tests of a file that send what is refused: they leave nothing behind."""
    alone = Shop(tmp_path_factory.mktemp("one_shop"), catalog)
    yield alone
    alone.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def shop_on_each(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """catalog alone, on SQLite and on PostgreSQL."""
    servers = fresh_databases("catalog") if request.param == "postgresql" else nullcontext({})
    with servers as variables:
        alone = Shop(tmp_path, catalog, **variables)
        yield alone
        alone.close()


@pytest.fixture(scope="module", params=["fts5", "elasticsearch"])
def open_shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """catalog with a small assortment, for tests that only read; on both kinds of index."""
    with fresh_index() if request.param == "elasticsearch" else nullcontext({}) as variables:
        alone = Shop(tmp_path_factory.mktemp("open_shop"), catalog, **variables)
        has_index(alone)
        assortment(alone)
        works_off(alone)  # also what is tried again because Elasticsearch took too long
        yield alone
        alone.close()


@pytest.fixture
def es_shop(tmp_path: Path) -> Iterator[Shop]:
    """catalog with its index in Elasticsearch, complete and without products."""
    with fresh_index() as variables:
        alone = Shop(tmp_path, catalog, **variables)
        has_index(alone)
        yield alone
        alone.close()
