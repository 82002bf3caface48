"""The limits on unpaid orders and units of one customer, and on what one network address orders per hour."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.kernel.ids import new_id
from app.modules.orders.module import orders
from tests.orders.steps import MUG, receives
from tests.servers import fresh_databases
from tests.shop import ALICE, BOB, Caller, Shop


@pytest.fixture(params=["sqlite", "postgresql"])
def capped(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """A shop in which each customer may have three unpaid orders, of ten units in total."""
    with fresh_databases("orders") if request.param == "postgresql" else nullcontext({}) as variables:
        alone = Shop(tmp_path, orders, MAX_OPEN_ORDERS="3", MAX_HELD_UNITS="10", **variables)
        alone.offers("MUG", MUG)
        yield alone
        alone.close()


def limited(tmp_path: Path, **limits: str) -> Shop:
    shop = Shop(tmp_path, orders, TRUSTED_PROXIES="127.0.0.1", **limits)
    shop.offers("MUG", MUG)
    return shop


def tries(customer: Caller, quantity: int, **headers: str) -> str:
    """Order this many mugs; returns the id of the order, or the code of the error."""
    answer: Any = customer.orders({"MUG": quantity}, MUG * quantity, headers=headers).json
    return str(answer.get("code") or answer["id"])


def placed(answer: str) -> bool:
    return "-" in answer


def test_one_order_too_many_is_refused_until_another_is_paid_or_cancelled(capped: Shop) -> None:
    alice = capped.as_customer(ALICE)
    first, second, third = (tries(alice, 1) for _ in range(3))

    assert tries(alice, 1) == "too_many_open_orders"
    alice.post(f"/orders/{first}/cancel")
    assert placed(tries(alice, 1)) and tries(alice, 1) == "too_many_open_orders"
    receives(capped, second, "stock_reserved")
    assert tries(alice, 1) == "too_many_open_orders"
    receives(capped, second, "payment_authorized")
    assert placed(tries(alice, 1)) and placed(third)


def test_units_in_unpaid_orders_are_counted_over_all_of_them(capped: Shop) -> None:
    alice = capped.as_customer(ALICE)

    assert placed(tries(alice, 6))
    refused: Any = alice.orders({"MUG": 5}, MUG * 5).json
    assert (refused["code"], refused["held"], refused["limit"]) == ("too_many_units_held", 6, 10)
    assert placed(tries(alice, 4))


def test_the_limit_applies_to_an_order_of_the_cart_and_the_cart_stays_unlocked(capped: Shop) -> None:
    alice = capped.as_customer(ALICE)
    alice.put("/cart/items/MUG", {"quantity": 11})

    answer: Any = alice.post("/orders", {"expected_total": {"amount": 9900, "currency": "EUR"}})

    assert answer.json["code"] == "too_many_units_held"
    cart: Any = alice.get("/cart").json
    assert (cart["lines"][0]["quantity"], cart["order_id"]) == (11, None)


def test_the_cap_is_per_customer_and_a_repeated_request_is_counted_once(capped: Shop) -> None:
    alice, key = capped.as_customer(ALICE), str(new_id())

    answers = [alice.orders({"MUG": 10}, MUG * 10, key=key).status_code for _ in range(4)]

    assert answers == [201] * 4 and placed(tries(capped.as_customer(BOB), 10))


def test_the_limit_of_units_per_address_counts_all_customers_of_the_address(tmp_path: Path) -> None:
    shop = limited(tmp_path, LIMIT_UNITS="10/day")

    here = [tries(shop.as_customer(UUID(int=n + 1)), 4, **{"X-Forwarded-For": "192.0.2.1"}) for n in range(3)]
    there = tries(shop.as_customer(ALICE), 4, **{"X-Forwarded-For": "192.0.2.2"})
    less = tries(shop.as_customer(ALICE), 2, **{"X-Forwarded-For": "192.0.2.1"})

    assert [placed(each) for each in here] == [True, True, False] and here[2] == "rate_limited"
    assert placed(there) and placed(less)
    shop.close()


def test_an_order_over_the_rate_limit_is_rolled_back(tmp_path: Path) -> None:
    shop = limited(tmp_path, LIMIT_ORDERS="1/day")
    alice, key = shop.as_customer(ALICE), str(new_id())
    tries(shop.as_customer(BOB), 1)

    refused = alice.orders({"MUG": 1}, MUG, key=key)

    assert refused.status_code == 429 and int(refused.headers["Retry-After"]) >= 1
    assert alice.get("/orders").json == {"items": [], "next": None}
    elsewhere = alice.orders({"MUG": 1}, MUG, key=key, headers={"X-Forwarded-For": "192.0.2.7"})
    assert elsewhere.status_code == 201, "the key was not used up"
    shop.close()


def test_a_refused_order_does_not_count_towards_the_rate_limit(tmp_path: Path) -> None:
    shop = limited(tmp_path, LIMIT_ORDERS="1/day")
    alice = shop.as_customer(ALICE)

    refused = [alice.orders({"MUG": 1}, MUG * 2).status_code for _ in range(3)]

    assert refused == [409] * 3 and placed(tries(alice, 1))
    shop.close()


@pytest.mark.parametrize("on", ["sqlite", "postgresql"])
def test_orders_at_once_stay_under_the_cap(tmp_path: Path, on: str) -> None:
    servers = fresh_databases("orders") if on == "postgresql" else nullcontext({})
    with servers as variables:
        shop = Shop(tmp_path, orders, MAX_OPEN_ORDERS="3", **variables)
        shop.offers("MUG", MUG)
        alice = shop.as_customer(ALICE)
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: tries(alice, 1), range(12)))
        shop.close()

    assert sum(placed(each) for each in answers) == 3
    assert {each for each in answers if not placed(each)} == {"too_many_open_orders"}
