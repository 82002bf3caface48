"""An index that is lost, broken or of an older edition is reported, and rebuilt."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.modules.catalog.infrastructure.search.file import SearchFile
from app.runtime.migrate import upgrade
from tests.catalog.steps import added, finds, names, search_of
from tests.conftest import until
from tests.shop import Shop


def index_of(shop: Shop) -> Path:
    """The path of the index."""
    return shop.settings.data / "search.sqlite"


def reindexes(shop: Shop) -> str:
    answer = shop.app.test_cli_runner().invoke(args=["catalog", "reindex"])
    assert answer.exit_code == 0, answer.output
    return answer.output


def loses(shop: Shop) -> None:
    """Someone deletes the index."""
    for suffix in ("", "-wal", "-shm"):
        Path(f"{index_of(shop)}{suffix}").unlink(missing_ok=True)


def breaks(shop: Shop) -> None:
    """The disk corrupts the file of the index."""
    loses(shop)
    index_of(shop).write_bytes(b"This is no database. " * 1000)


def readiness(shop: Shop) -> tuple[str, str, int]:
    """The status in /readyz, its part about search, and the HTTP status."""
    answer: Any = shop.as_guest().get("/readyz")
    return answer.json["status"], answer.json["checks"]["search"]["status"], answer.status_code


@pytest.mark.parametrize("harm", [loses, breaks])
def test_a_damaged_index_is_reported_and_does_not_stop_the_shop(shop: Shop, harm: Any) -> None:
    added(shop, "Enamel mug", "MUG")
    shop.settle()
    assert readiness(shop)[1:] == ("ok", 200)

    harm(shop)

    until(lambda: readiness(shop) == ("degraded", "failing", 200), "the damage is reported")
    assert shop.as_guest().get("/products/enamel-mug").status_code == 200
    answer: Any = shop.as_guest().get("/products")
    if harm is breaks:
        assert (answer.status_code, answer.json["code"]) == (503, "search_unavailable")
        assert answer.headers["Retry-After"]
    else:
        assert (answer.status_code, answer.json["items"]) == (200, [])


@pytest.mark.parametrize("harm", [loses, breaks])
def test_reindex_repairs_a_damaged_index(shop: Shop, harm: Any) -> None:
    added(shop, "Enamel mug", "MUG")
    added(shop, "Pen", "PEN")
    shop.settle()
    harm(shop)

    assert "Indexed: 2 products" in reindexes(shop)

    assert sorted(names(finds(shop))) == ["Enamel mug", "Pen"]
    until(lambda: readiness(shop)[1] == "ok", "it is reported")


@pytest.mark.parametrize("harm", [loses, breaks])
def test_a_start_repairs_a_damaged_index(shop: Shop, harm: Any) -> None:
    added(shop, "Enamel mug", "MUG")
    shop.settle()
    harm(shop)

    upgrade(shop.modules.values())

    assert names(finds(shop, q="mug")) == ["Enamel mug"]


@pytest.mark.parametrize("harm", [loses, breaks])
def test_a_change_that_met_a_damaged_index_is_not_lost(shop: Shop, harm: Any) -> None:
    harm(shop)
    added(shop, "Enamel mug", "MUG")
    shop.settle()

    reindexes(shop)

    assert names(finds(shop)) == ["Enamel mug"]


def test_an_index_of_an_older_edition_is_rebuilt_at_the_start(shop: Shop) -> None:
    added(shop, "Enamel mug", "MUG")
    shop.settle()
    search_of(shop).close()
    with closing(sqlite3.connect(index_of(shop))) as connection, connection:
        connection.execute("DROP INDEX by_price")
        connection.execute("DROP INDEX by_name")
        connection.execute("ALTER TABLE products DROP COLUMN currency")
        connection.execute("PRAGMA user_version = 0")
    connection.close()

    upgrade(shop.modules.values())

    assert names(finds(shop, q="mug")) == ["Enamel mug"]
    assert finds(shop)["items"][0]["price"]["currency"] == "EUR"


def test_a_connection_to_a_file_that_was_replaced_is_not_used_again(tmp_path: Path) -> None:
    file = SearchFile(tmp_path / "search.sqlite")
    with file.reading():  # another connection still reads the old file
        file.delete()
        with file.writing() as connection:
            connection.execute("PRAGMA user_version = 7")

    with file.reading() as first, file.reading() as second:
        assert [each.execute("PRAGMA user_version").fetchone()[0] for each in (first, second)] == [7, 7]
    file.close()


def test_a_new_file_can_be_opened_twice_at_once(tmp_path: Path) -> None:
    """The second connection waits until the first has switched the file to a write-ahead log."""
    path = tmp_path / "search.sqlite"
    first = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    first.execute("BEGIN IMMEDIATE")
    end = threading.Timer(0.2, first.execute, ["COMMIT"])
    end.start()

    with closing(SearchFile(path)) as file, file.writing() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"

    end.join()
    first.close()
