"""A request of staff writes once, also where the reading of what it has written has to be repeated."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.kernel.prepared import THRESHOLD
from app.modules.catalog.module import catalog
from tests.catalog.steps import added, euros, looks_at
from tests.servers import fresh_databases
from tests.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """catalog on PostgreSQL."""
    with fresh_databases("catalog") as variables:
        alone = Shop(tmp_path, catalog, **variables)
        yield alone
        alone.close()


@pytest.fixture
def mug(shop: Shop) -> Any:
    """A product, whose page is read by a prepared statement that the server no longer has: a pooler gave another
    connection."""
    product = added(shop, "Mug", "MUG")
    for _ in range(THRESHOLD + 1):
        looks_at(shop, product["id"])
    with shop.modules["catalog"].database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar_one()
        connection.execute(text("DEALLOCATE ALL"))
    return product


def test_one_product_is_added(shop: Shop, mug: Any) -> None:
    answer = shop.as_staff().post("/products", {"name": "Cup"})

    assert (answer.status_code, answer.json["slug"]) == (201, "cup")  # type: ignore[index]
    assert shop.as_guest().get("/products/cup-2").status_code == 404


def test_one_variant_is_added(shop: Shop, mug: Any) -> None:
    path = f"/products/{mug['id']}/variants"

    assert shop.as_staff().post(path, {"sku": "BIG", "name": "big", "price": euros(1200)}).status_code == 201


def test_a_change_is_no_change_of_another_version(shop: Shop, mug: Any) -> None:
    tag = {"If-Match": '"v1"'}

    answer = shop.as_staff().patch(f"/products/{mug['id']}", {"name": "Cup"}, headers=tag)

    assert (answer.status_code, answer.json["name"]) == (200, "Cup")  # type: ignore[index]


def test_nor_is_a_change_of_a_variant(shop: Shop, mug: Any) -> None:
    path, tag = f"/products/{mug['id']}/variants/MUG", {"If-Match": '"v1"'}

    assert shop.as_staff().patch(path, {"price": euros(1200)}, headers=tag).status_code == 200
