"""Concurrent requests of customers, on every topology: each is answered, and the invariants hold."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from app.kernel.ids import new_id
from app.kernel.money import Money
from tests.journeys.steps import assert_consistent, pays, places, stock_of, stocks
from tests.shop import Caller, Shop

PRICE = Money(900, "EUR")


def status_of(customer: Caller, order_id: str) -> str:
    return str(customer.get(f"/orders/{order_id}").json["status"])  # type: ignore[index]


def test_of_twelve_customers_who_order_the_last_three_units_three_get_them(shop: Shop) -> None:
    stocks(shop, "LAST", PRICE, on_hand=3)
    crowd = [shop.as_customer(UUID(int=0xC0 + n)) for n in range(12)]

    with ThreadPoolExecutor(12) as at_once:
        placed = list(at_once.map(lambda each: places(shop, each, "LAST", 1, PRICE, settle=False), crowd))
        shop.settle()
        lucky = [each for each in zip(crowd, placed, strict=True) if status_of(*each) == "awaiting_payment"]
        paid = list(at_once.map(lambda each: pays(*each, "pm_card_visa").status_code, lucky))
    shop.settle()

    assert paid == [200] * 3
    assert Counter(map(status_of, crowd, placed)) == {"paid": 3, "cancelled": 9}
    assert stock_of(shop, "LAST") == (0, 0)
    assert_consistent(shop)


def test_an_order_that_is_paid_and_cancelled_at_once_ends_without_a_charge(shop: Shop) -> None:
    stocks(shop, "MUG", PRICE, on_hand=50)
    crowd = [shop.as_customer(UUID(int=0xC0 + n)) for n in range(5)]
    placed = [places(shop, each, "MUG", 1, PRICE) for each in crowd]

    with ThreadPoolExecutor(10) as at_once:
        paying = [at_once.submit(pays, *each, "pm_card_visa") for each in zip(crowd, placed, strict=True)]
        cancelling = [
            at_once.submit(customer.post, f"/orders/{id}/cancel") for customer, id in zip(crowd, placed, strict=True)
        ]
    shop.settle()

    assert {each.result().status_code for each in paying} <= {200, 409}
    assert {each.result().status_code for each in cancelling} == {200}
    assert set(map(status_of, crowd, placed)) <= {"cancelled", "refunded"}
    assert stock_of(shop, "MUG") == (50, 0)
    assert_consistent(shop)


def test_an_order_that_is_sent_eight_times_at_once_is_one_order(shop: Shop) -> None:
    stocks(shop, "MUG", PRICE, on_hand=50)
    customer, key = shop.as_customer(UUID(int=0xC0)), str(new_id())

    with ThreadPoolExecutor(8) as at_once:
        requests = [at_once.submit(customer.orders, {"MUG": 1}, PRICE, key=key) for _ in range(8)]
    shop.settle()

    answers = [each.result() for each in requests]
    assert {each.status_code for each in answers} <= {201, 409}
    assert len({each.json["id"] for each in answers if each.status_code == 201}) == 1  # type: ignore[index]
    assert stock_of(shop, "MUG") == (50, 1)
    assert_consistent(shop)
