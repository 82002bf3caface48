"""Twenty requests at once to refund one of three units end in exactly three, whatever payments reports meanwhile."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from app.modules.orders.module import orders
from tests.orders.methods import sells
from tests.orders.test_refunds_of_units import order, pays, refunds, reports
from tests.servers import fresh_databases
from tests.shop import INVOICING, Shop


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    with fresh_databases("orders") if request.param == "postgresql" else nullcontext({}) as made:
        alone = Shop(tmp_path, orders, **INVOICING, **made)
        yield alone
        alone.close()


def test_no_unit_is_refunded_twice(shop: Shop) -> None:
    sells(shop, "MUG", 1000)
    order_id = pays(shop, {"MUG": 3}, 3000)

    def one(n: int) -> int:
        if n % 7 == 3:
            reports(shop, order_id, 3000)
        return refunds(shop, order_id, MUG=1).status_code

    with ThreadPoolExecutor(6) as staff:
        answers = list(staff.map(one, range(20)))
    reports(shop, order_id, 3000)

    assert set(answers) <= {201, 409, 503} and answers.count(201) == 3
    found: Any = shop.as_staff().get(f"/orders/{order_id}/refunds").json
    assert [each["status"] for each in found["items"]] == ["made"] * 3
    assert order(shop, order_id)["lines"][0]["refunded"] == 3
    assert order(shop, order_id)["status"] == "refunded"
