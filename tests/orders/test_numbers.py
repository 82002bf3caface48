"""Orders have a number for people: unique, ascending, shown, and searched by."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from alembic import command
from sqlalchemy import text

from app.config.settings import Settings
from app.kernel import clock
from app.modules.orders.module import orders
from app.runtime.migrate import config_of, upgrade
from tests.orders.steps import MUG, receives
from tests.servers import fresh_databases
from tests.shop import ALICE, BOB, Caller, Shop

PLACE = text(
    "INSERT INTO orders (id, customer_id, status, lines, totals, currency, placed_at, alerted, version) "
    "VALUES (:id, :customer, 'paid', '[]', :totals, 'EUR', :at, false, 1)"
)
ZERO = '{"amount":0,"currency":"EUR"}'
TOTALS = f'{{"items":{ZERO},"shipping":{ZERO},"tax":{ZERO},"discount":{ZERO},"total":{ZERO}}}'


@pytest.fixture(params=["sqlite", "postgresql"])
def variables(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    with fresh_databases("orders") if request.param == "postgresql" else nullcontext({}) as made:
        yield made


def placed(customer: Caller, key: str | None = None) -> Any:
    return customer.orders({"MUG": 1}, MUG, key=key).json


def running(order: Any) -> int:
    return int(order["number"].partition("-")[2])


def test_an_order_is_numbered_when_it_is_placed(tmp_path: Path, variables: dict[str, str]) -> None:
    shop = Shop(tmp_path, orders, **variables)
    shop.offers("MUG", MUG)
    alice = shop.as_customer(ALICE)

    first, second, again = placed(alice), placed(alice, key="mine"), placed(alice, key="mine")
    receives(shop, second["id"], "stock_reserved")

    assert re.fullmatch(r"[0-9]{6}-[0-9]+", first["number"])
    assert first["number"].startswith(f"{clock.now():%y%m%d}-")
    assert running(second) == running(first) + 1
    assert again["number"] == second["number"]
    assert alice.get(f"/orders/{second['id']}").json["number"] == second["number"]  # type: ignore[index]
    assert [each["number"] for each in alice.get("/orders").json["items"]] == [second["number"], first["number"]]  # type: ignore[index]
    shop.close()


def test_orders_at_the_same_time_have_different_numbers(tmp_path: Path, variables: dict[str, str]) -> None:
    shop = Shop(tmp_path, orders, **variables)
    shop.offers("MUG", MUG)
    customers = [shop.as_customer(UUID(int=n)) for n in range(1, 9)]

    with ThreadPoolExecutor(8) as pool:
        numbers = [running(order) for order in pool.map(placed, customers * 5)]

    assert len(set(numbers)) == 40
    assert max(numbers) - min(numbers) == 39, "a number is lost only with a transaction"
    shop.close()


def test_an_order_is_found_by_its_number(shop: Shop) -> None:
    shop.offers("MUG", MUG)
    alice, bob, staff = shop.as_customer(ALICE), shop.as_customer(BOB), shop.as_staff()
    mine, theirs = placed(alice), placed(bob)

    def found(who: Caller, number: str) -> list[str]:
        return [each["id"] for each in who.get(f"/orders?number={number}").json["items"]]  # type: ignore[index]

    assert found(alice, mine["number"]) == found(staff, mine["number"]) == [mine["id"]]
    assert found(alice, theirs["number"]) == []
    assert found(staff, f"250101-{running(mine)}") == [], "the date is a part of the number"
    assert found(staff, f"{mine['number']}0000") == []


@pytest.mark.parametrize("number", ["", "1", "261126", "261126-", "261126-x", f"261126-{'9' * 19}", "261126-1%27"])
def test_what_is_no_number_is_refused(number: str, shop: Shop) -> None:
    answer = shop.as_staff().get(f"/orders?number={number}")

    assert (answer.status_code, answer.json["code"]) == (422, "invalid_request")  # type: ignore[index]


def test_orders_of_before_are_numbered_by_their_age(tmp_path: Path, variables: dict[str, str]) -> None:
    settings = Settings.from_environment({"QUARTET_DATA": str(tmp_path), **variables})
    module = orders(settings)
    command.upgrade(config_of(module), "0010")
    with module.database.begin() as connection:
        for n in (3, 1, 2):
            row = {"id": UUID(int=n).hex, "customer": ALICE.hex, "totals": TOTALS, "at": f"2026-01-0{n} 00:00:00"}
            connection.execute(PLACE, row)

    upgrade([module])

    with module.reading() as uow:
        assert [uow.orders.get(UUID(int=n)).number for n in (1, 2, 3)] == ["260101-1", "260102-2", "260103-3"]
    module.database.close()
    shop = Shop(tmp_path, orders, **variables)
    shop.offers("MUG", MUG)
    assert running(placed(shop.as_customer(ALICE))) == 4
    shop.close()
