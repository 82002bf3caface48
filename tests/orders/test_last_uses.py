"""Many customers at once for the last uses of a promotion, on SQLite and PostgreSQL: exactly as many get one."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from app.kernel.money import Money
from app.modules.orders.domain.policies import backlog
from app.modules.orders.module import orders
from tests.orders.coupons import buys, code_used, coupon, used, used_by
from tests.servers import fresh_databases
from tests.shop import Shop

ORDERS, USES = 60, 7


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    database = fresh_databases("orders") if request.param == "postgresql" else nullcontext({})
    with database as made, pytest.MonkeyPatch.context() as patch:
        patch.setattr(backlog, "MIN_REFUSED", 1_000_000)
        alone = Shop(tmp_path_factory.mktemp("uses"), orders, **made)
        alone.offers("MUG", Money(900, "EUR"))
        yield alone
        alone.close()


def at_once(requests: list[Callable[[], TestResponse]]) -> list[TestResponse]:
    start = Barrier(12)

    def sent(n: int) -> TestResponse:
        if n < start.parties:
            start.wait()
        return requests[n]()

    with ThreadPoolExecutor(start.parties) as people:
        return list(people.map(sent, range(len(requests))))


def repeated(request: Callable[[], TestResponse]) -> TestResponse:
    """A shop that is busy has done nothing, and asks to be asked again."""
    while (answer := request()).status_code == 503:
        pass
    return answer


def test_of_60_orders_as_many_get_the_discount_as_there_are_uses(shop: Shop) -> None:
    coupon(shop, "ALLOFUS", total_limit=USES)
    customers = [shop.as_customer(uuid4()) for _ in range(ORDERS)]

    answers = at_once([lambda who=each: repeated(lambda: buys(who, 800, "ALLOFUS")) for each in customers])  # type: ignore[misc]

    codes = [answer.json.get("code", "placed") for answer in answers]  # type: ignore[union-attr]
    assert (codes.count("placed"), codes.count("coupon_used_up")) == (USES, ORDERS - USES)
    assert used(shop, "allofus") == (USES, USES)


def test_the_same_while_half_of_them_are_cancelled(shop: Shop) -> None:
    coupon(shop, "COMEGO", use_limit=USES, total_limit=USES, per_customer_limit=2)
    customers = [(uuid4(), n) for n in range(ORDERS)]

    def comes_and_goes(id: Any, n: int) -> TestResponse:
        caller = shop.as_customer(id)
        placed = repeated(lambda: buys(caller, 800, "COMEGO"))
        if placed.status_code == 201 and n % 2:
            order_id = placed.json["id"]  # type: ignore[index]
            assert repeated(lambda: caller.post(f"/orders/{order_id}/cancel")).status_code == 200
        return placed

    answers = at_once([lambda id=id, n=n: comes_and_goes(id, n) for id, n in customers])  # type: ignore[misc]

    stay = [n for (_, n), answer in zip(customers, answers, strict=True) if answer.status_code == 201 and n % 2 == 0]
    assert used(shop, "comego") == (len(stay), len(stay))
    assert len(stay) <= USES
    assert code_used(shop, "C0MEG0") == len(stay) == sum(used_by(shop, "comego").values())
    assert {answer.status_code for answer in answers} <= {201, 409}
    left = [repeated(lambda: buys(shop.as_customer(uuid4()), 800, "COMEGO")) for _ in range(USES - len(stay) + 1)]
    assert [answer.status_code for answer in left] == [201] * (USES - len(stay)) + [409]


def test_one_customer_with_two_orders_at_once_has_one_use(shop: Shop) -> None:
    coupon(shop, "MYONLY", per_customer_limit=1)
    alice = shop.as_customer(uuid4())

    answers = at_once([lambda: repeated(lambda: buys(alice, 800, "MYONLY"))] * 12)

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 11
    assert list(used_by(shop, "myonly").values()) == [1]
