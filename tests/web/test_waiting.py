"""Requests that wait for a change: whom a change wakes, and how many may wait."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection

from app.kernel.database import Database, notify_of_change
from app.kernel.money import Money
from app.modules.orders.domain.orders.order import Order
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.orders.see_order import see_order
from app.web import waiting
from app.web.waiting import ChangeNotifier, Seats, use_own_threads
from tests.conftest import until
from tests.shop import ALICE, BOB, Shop

PRICE = Money(900, "EUR")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path}/waiting.sqlite")
    yield opened
    opened.close()


def commits(database: Database, *keys: str) -> None:
    with database.begin() as connection:
        for key in keys:
            notify_of_change(connection, key)


def test_a_commit_wakes_only_those_who_wait_for_its_key(database: Database) -> None:
    changes = ChangeNotifier(database)

    with changes.watch("a") as first, changes.watch("a") as second, changes.watch("b") as other:
        commits(database, "a", "c")

        assert [first.is_set(), second.is_set(), other.is_set()] == [True, True, False]


def test_a_rolled_back_change_wakes_nobody(database: Database) -> None:
    changes = ChangeNotifier(database)

    def fails(connection: Connection) -> None:
        notify_of_change(connection, "a")
        raise LookupError

    with changes.watch("a") as changed:
        with pytest.raises(LookupError), database.begin() as connection:
            fails(connection)
        commits(database, "b")

        assert not changed.is_set()


def test_nothing_is_stored_for_keys_that_nobody_waits_for(database: Database) -> None:
    changes = ChangeNotifier(database)

    with changes.watch("a"):
        pass
    commits(database, "a")

    assert changes._waiting == {}


def test_a_caller_gets_a_share_of_the_seats_and_the_others_get_the_rest() -> None:
    seats = Seats(16)

    assert [seats.take("alice") for _ in range(3)] == [True, True, False]
    assert [seats.take(f"customer {n}") for n in range(15)] == [True] * 14 + [False]
    seats.give_back("alice")
    assert seats.take("bob")


def test_who_finds_no_seat_is_answered_at_once_and_learns_when_to_retry(shop: Shop) -> None:
    shop.offers("MUG", PRICE)
    alice, bob = shop.as_customer(ALICE), shop.as_customer(BOB)
    order: Any = alice.orders({"MUG": 1}, PRICE).json
    seats = waiting._seats(shop.app)
    assert seats.take(str(BOB))

    refused = alice.get(f"/orders/{order['id']}?wait=20")
    seats.give_back(str(BOB))

    assert (refused.status_code, refused.headers["Retry-After"]) == (200, "1")
    assert "Retry-After" not in alice.get(f"/orders/{order['id']}").headers
    assert bob.get(f"/orders/{order['id']}?wait=20").status_code == 404


def test_a_request_that_waits_looks_again_only_after_a_change_of_its_order(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.offers("MUG", PRICE)
    monkeypatch.setattr(waiting, "LOOK_AGAIN", 60.0)
    waiting._seats(shop.app).first_look = 60.0
    alice, bob = shop.as_customer(ALICE), shop.as_customer(BOB)
    mine: Any = alice.orders({"MUG": 1}, PRICE).json
    his: Any = bob.orders({"MUG": 1}, PRICE).json
    looks: list[UUID] = []

    def look(uow: UnitOfWork, order_id: UUID, *caller: Any) -> Order:
        looks.append(order_id)
        return see_order(uow, order_id, *caller)

    monkeypatch.setattr("app.modules.orders.controllers.orders.orders.see_order", look)
    with ThreadPoolExecutor(1) as waiter:
        asked = waiter.submit(alice.get, f"/orders/{mine['id']}?wait=25")
        until(lambda: len(looks) == 2, "it has seen that nothing has changed yet")
        assert bob.post(f"/orders/{his['id']}/cancel").status_code == 200
        assert alice.post(f"/orders/{mine['id']}/cancel").status_code == 200
        found: Any = asked.result(timeout=60).json

    assert found["status"] == "cancelled"
    assert looks == [UUID(mine["id"])] * 3


def test_many_customers_wait_at_once_where_the_server_has_threads_for_them(shop: Shop) -> None:
    use_own_threads(shop.app)
    seats = waiting._seats(shop.app)

    assert all(seats.take(f"customer {n}") for n in range(waiting.MAX_SEATS))
    assert not seats.take("one more")
