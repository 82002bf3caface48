"""The shop is killed while an order with the last use of a code is placed or cancelled: the use is counted once."""

from collections.abc import Iterator
from contextlib import nullcontext

import pytest

from tests.chaos.conftest import Before
from tests.chaos.live import LiveShop
from tests.orders.coupons import EARLIER, WHY, eur

pytestmark = pytest.mark.slow
POINTS = ["before_commit", "after_commit"]


@pytest.fixture(scope="module")
def shop(stocked: Before, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    with stocked.with_crash_points(tmp_path_factory.mktemp("coupons"), *POINTS) as live:
        yield live


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("while_", ["placing", "cancelling"])
def test_killed_at(point: str, while_: str, shop: LiveShop, stocked: Before) -> None:
    token, staff = f"Bearer {stocked.token}", f"Bearer {stocked.staff}"
    name = f"{while_}-{point}".replace("_", "-")
    promotion = {"id": name, "name": "Last", "kind": "fixed_once", "value": [eur(100)], "starts_at": EARLIER}
    more = {"active": True, "total_limit": 1, "per_customer_limit": 1, **WHY}
    status, answer = shop.call("POST", "/promotions", promotion | more, Authorization=staff, Idempotency_Key=name)
    assert status == 201, answer
    path, codes = f"/promotions/{name}/coupons", {"codes": [name], "use_limit": 1, **WHY}
    status, answer = shop.call("POST", path, codes, Authorization=staff, Idempotency_Key=f"{name} code")
    assert status == 201, answer
    shop.settles()

    def places(key: str) -> str:
        order = {"items": [{"sku": "MUG", "quantity": 1}], "codes": [name], "expected_total": eur(800)}
        status, placed = shop.call("POST", "/orders", order, Authorization=token, Idempotency_Key=f"{name} {key}")
        assert status == 201, placed
        return str(placed["id"])

    with shop.killed_at(point) if while_ == "placing" else nullcontext():
        first = places("first")
        shop.settles()
    with shop.killed_at(point) if while_ == "cancelling" else nullcontext():
        path = f"/orders/{first}/cancel"
        assert shop.call("POST", path, {}, Authorization=token, Idempotency_Key=first)[0] == 200
        shop.settles()

    second = places("second")
    shop.settles()
    found = shop.call("GET", f"/promotions/{name}/coupons", Authorization=staff)[1]
    assert [(each["used"], each["orders"]) for each in found["items"]] == [(1, [second])]
