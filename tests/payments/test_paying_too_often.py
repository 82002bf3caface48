"""The limits of attempts to pay, by customer, by payment and by network address."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.kernel.ids import new_id
from app.modules.payments.module import payments
from tests.payments.steps import intents, opens, pays
from tests.servers import address
from tests.shop import ALICE, BOB, Shop

Make = Callable[..., Shop]


@pytest.fixture
def shop_with(tmp_path: Path, sandbox: str) -> Iterator[Make]:
    """payments with limits of its own, behind a proxy that forwards the addresses."""
    opened: list[Shop] = []

    def make(**limits: str) -> Shop:
        opened.append(Shop(tmp_path, payments, STRIPE_API_BASE=sandbox, TRUSTED_PROXIES="127.0.0.1", **limits))
        return opened[-1]

    yield make
    for shop in opened:
        shop.close()


def tries(shop: Shop, payment: Any, customer: UUID = ALICE, address: int = 1, **more: Any) -> int:
    """Confirm with a declined card."""
    headers = {"X-Forwarded-For": f"192.0.2.{address}"}
    caller = shop.as_customer(customer)
    return pays(caller, payment["id"], "pm_card_chargeDeclined", headers=headers, **more).status_code


def test_a_customer_tries_so_many_cards_over_all_payments(shop_with: Make) -> None:
    shop = shop_with(LIMIT_CONFIRM="3/day")
    each = [opens(shop) for _ in range(5)]

    statuses = [tries(shop, payment, address=n) for n, payment in enumerate(each)]

    assert statuses == [402, 402, 402, 429, 429]
    assert len([intent for intent in intents(shop) if intent["last_payment_error"]]) == 3, "Stripe was not called"


def test_an_address_tries_ten_times_as_many_over_all_customers(shop_with: Make) -> None:
    shop = shop_with(LIMIT_CONFIRM="1/day")
    customers = [UUID(int=n + 1) for n in range(12)]
    each = [opens(shop, customer) for customer in customers]

    statuses = [tries(shop, payment, customer) for payment, customer in zip(each, customers, strict=True)]

    assert statuses == [402] * 10 + [429] * 2


def test_an_attempt_is_counted_in_one_round_trip(shop_with: Make, sent_to_redis: list[bytes]) -> None:
    shop = shop_with(REDIS_URL=address("TEST_REDIS_URL"))
    each = [opens(shop) for _ in range(2)]
    tries(shop, each[0])
    sent_to_redis.clear()

    tries(shop, each[1])

    counted = [b"confirm/" in sent for sent in sent_to_redis]
    assert counted == [True, True], "the customer's attempts, and then the payment's and the address's"


def test_nobody_uses_up_the_attempts_at_anothers_payment(shop_with: Make) -> None:
    shop = shop_with(LIMIT_CONFIRM="2/day")
    payment = opens(shop)

    strangers = [tries(shop, payment, customer, address=2) for customer in (BOB, BOB, UUID(int=5), UUID(int=6))]

    assert strangers == [404] * 4
    assert tries(shop, payment) == 402


def test_attempts_are_no_writes_and_a_refused_one_can_be_made_later(shop_with: Make) -> None:
    shop, key = shop_with(LIMIT_CONFIRM="1/day", LIMIT_WRITES="1/day"), str(new_id())
    one, other = opens(shop), opens(shop, BOB)
    tries(shop, one)

    refused = pays(shop.as_customer(ALICE), one["id"], key=key)

    assert (refused.status_code, refused.json["code"]) == (429, "rate_limited")  # type: ignore[index]
    assert refused.headers["RateLimit-Policy"] == '"confirm";q=1;w=86400'
    assert pays(shop.as_customer(BOB), other["id"], key=key).status_code == 200
