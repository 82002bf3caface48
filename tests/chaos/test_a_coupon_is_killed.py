"""The shop is killed while an order with the last use of a code is placed or cancelled: the use is counted once."""

from pathlib import Path

import pytest

from tests.chaos.conftest import Before
from tests.orders.coupons import EARLIER, WHY, eur

pytestmark = pytest.mark.slow
POINTS = ["before_commit", "after_commit"]


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("while_", ["placing", "cancelling"])
def test_killed_at(point: str, while_: str, stocked: Before, tmp_path: Path) -> None:
    with stocked.in_new_folder(tmp_path) as shop:
        marker, token = shop.folder / "killed", f"Bearer {stocked.token}"
        staff = f"Bearer {shop.staff_token()}"
        shop.start()
        promotion = {"id": "last", "name": "Last", "kind": "fixed_once", "value": [eur(100)], "starts_at": EARLIER}
        more = {"active": True, "total_limit": 1, "per_customer_limit": 1, **WHY}
        status, answer = shop.call(
            "POST", "/promotions", promotion | more, Authorization=staff, Idempotency_Key="promotion"
        )
        assert status == 201, answer
        path, codes = "/promotions/last/coupons", {"codes": ["LAST"], "use_limit": 1, **WHY}
        assert shop.call("POST", path, codes, Authorization=staff, Idempotency_Key="code")[0] == 201
        shop.settles()
        order = {"items": [{"sku": "MUG", "quantity": 1}], "codes": ["LAST"], "expected_total": eur(800)}

        def places(key: str) -> str:
            status, placed = shop.call("POST", "/orders", order, Authorization=token, Idempotency_Key=key)
            assert status == 201, placed
            return str(placed["id"])

        def cancels(order_id: str) -> None:
            path = f"/orders/{order_id}/cancel"
            assert shop.call("POST", path, {}, Authorization=token, Idempotency_Key=order_id)[0] == 200

        def dies() -> None:
            shop.settles()
            assert shop.stop() == 0
            shop.start(CRASH_AT=f"{point}@{marker}")

        if while_ == "placing":
            dies()
        first = places("first")
        if while_ == "cancelling":
            dies()
        cancels(first)

        second = places("second")
        shop.settles()
        assert marker.exists(), f"nothing died at {point}"
        found = shop.call("GET", "/promotions/last/coupons", Authorization=staff)[1]
        assert [(each["used"], each["orders"]) for each in found["items"]] == [(1, [second])]
