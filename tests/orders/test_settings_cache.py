"""Settings that prices depend on are cached in each process, and no process prices with those that have ended."""

from collections.abc import Iterator
from contextlib import closing, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select, text

from app.modules.orders.infrastructure.promotions.tables import promotions
from app.modules.orders.infrastructure.tables import settings_edition
from app.modules.orders.module import orders
from tests.orders.coupons import promotion
from tests.orders.methods import V3, WHY, method, offers, rates, sells, zone
from tests.orders.taxes import GERMAN, collects
from tests.orders.test_numbers_of_documents import KilledError
from tests.orders.test_shipped_orders import statements
from tests.servers import fresh_databases
from tests.shop import ALICE, Shop

ITEMS = {"items": [{"sku": "MUG", "quantity": 1}]}
BERLIN = {"country": "DE", "postal_code": "10117"}
SETTINGS = {
    "promotions": "name = 'x'",
    "zones": "priority = 2",
    "zone_areas": "postal_prefix = '1'",
    "shipping_methods": "active = false",
    "shipping_rates": "amount = 1",
    "tax_rates": "ppm = 1",
    "tax_registrations": "until = since",
    "tax_exemptions": "reason = 'x'",
}


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The settings of shops on one database; each shop has caches of its own, as processes have."""
    with fresh_databases("orders") if request.param == "postgresql" else nullcontext({}) as variables:
        yield variables | GERMAN | {"QUARTET_DATA": str(tmp_path)}


@pytest.fixture
def shops(database: dict[str, str], tmp_path: Path) -> Iterator[tuple[Shop, Shop]]:
    """Two processes of one shop, with a setting of each sort."""
    with closing(Shop(tmp_path, orders, **database)) as one, closing(Shop(tmp_path, orders, **database)) as other:
        sells(one, "MUG", 900)
        collects(one, DE=190_000)
        zone(one, "germany", "DE")
        offers(one, "post", "germany")
        assert promotion(one, "off", automatic=True).status_code == 201
        exempt(one, ALICE)
        yield one, other


def exempt(shop: Shop, customer: Any) -> None:
    answer = shop.as_staff().put(f"/tax/exemptions/{customer}", WHY)
    assert answer.status_code < 300, answer.text


def total(shop: Shop, **place: str) -> int:
    """Of a quote for a parcel to Berlin, or to this place."""
    answer: Any = shop.as_guest().post("/cart/quote", ITEMS | BERLIN | place | {"shipping_method": "post"})
    assert answer.status_code == 200, answer.text
    amount: int = answer.json["totals"]["total"]["amount"]
    return amount


def edition(connection: Connection) -> str:
    found: str = connection.execute(select(settings_edition.c.edition)).scalar_one()
    return found


def test_a_process_prices_with_what_another_one_has_just_set(shops: tuple[Shop, Shop]) -> None:
    one, other = shops
    before = total(one)
    assert total(other) == before

    assert promotion(other, "more", automatic=True).status_code == 201
    assert total(one) == before - 100, "a new promotion"
    dear = [{"currency": "EUR", "from": 0, "amount": 1490}]
    assert rates(other, "post", dear, V3).status_code == 200
    assert total(one) == before - 100 + 1000, "other rates"
    assert method(other, "bike", "germany").status_code == 201
    staff = other.as_staff()
    assert (
        staff.patch("/shipping/methods/post", {"active": False, **WHY}, headers={"If-Match": '"v4"'}).status_code < 300
    )
    refused: Any = one.as_guest().post("/cart/quote", ITEMS | BERLIN | {"shipping_method": "post"})
    assert refused.status_code == 422, "no method is active"


@pytest.mark.parametrize("table", SETTINGS)
def test_each_change_of_a_setting_renews_the_edition(shops: tuple[Shop, Shop], table: str) -> None:
    """A migration that rebuilds a table on SQLite drops its triggers."""
    database = shops[0].modules["orders"].database
    with database.begin() as connection:
        before = edition(connection)
        assert connection.execute(text(f"UPDATE {table} SET {SETTINGS[table]}")).rowcount > 0
        changed = edition(connection)
        if table in {"zones", "shipping_methods"}:  # others refer to their rows
            connection.execute(text("DELETE FROM shipping_rates"))
            connection.execute(text("DELETE FROM zone_areas"))
            connection.execute(text("DELETE FROM shipping_methods")) if table == "zones" else None
        before_deletion = edition(connection)
        assert connection.execute(text(f"DELETE FROM {table}")).rowcount > 0
        deleted = edition(connection)
    assert len({before, changed, deleted}) == 3
    assert before_deletion != deleted


def test_an_order_that_uses_a_promotion_changes_no_setting(shops: tuple[Shop, Shop]) -> None:
    with shops[0].modules["orders"].database.begin() as connection:
        before = edition(connection)
        connection.execute(promotions.update().values(used=promotions.c.used + 1))
        assert edition(connection) == before


def test_settings_that_were_rolled_back_were_never_there(shops: tuple[Shop, Shop]) -> None:
    one, _ = shops
    before = total(one)
    with pytest.raises(KilledError), one.modules["orders"].transaction() as uow:
        post = uow.shipping.method("post")
        assert [each.code for each in uow.shipping.methods_for("germany")] == ["post"]
        uow.shipping.save_method(replace(post, active=False))
        assert uow.shipping.methods_for("germany") == [], "it sees what it has changed"
        raise KilledError
    assert total(one) == before


def test_a_second_quote_reads_no_settings(shops: tuple[Shop, Shop]) -> None:
    one, _ = shops
    total(one)
    with statements(one) as executed:
        total(one)
        total(one, postal_code="80331")
    read = [each for each in executed if any(f"FROM {table}" in each for table in SETTINGS)]
    assert read == [], "what is cached is by country, so that it is no more than the tables have"


def test_how_often_a_limited_promotion_was_used_is_read_each_time(shops: tuple[Shop, Shop]) -> None:
    one, other = shops
    assert promotion(other, "first", automatic=True, total_limit=1).status_code == 201
    before = total(one)
    with other.modules["orders"].database.begin() as connection:
        connection.execute(promotions.update().where(promotions.c.id == "first").values(used=1))
    assert total(one) == before + 100
