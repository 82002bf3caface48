"""The shop is killed while it dispatches an order whose money the bank holds: it leaves once, and is paid once."""

from pathlib import Path

import pytest

from tests.chaos.conftest import PRICE, Before
from tests.orders.shipping import DHL

pytestmark = pytest.mark.slow
POINTS = ["before_commit", "after_commit", "before_publish", "after_effect", "before_capture", "after_capture"]
AT_DISPATCH = {"CAPTURE": "shipment", "AT_HOLD_END": "cancel"}


@pytest.mark.parametrize("point", POINTS)
def test_killed_at(point: str, stocked: Before, tmp_path: Path) -> None:
    with stocked.in_new_folder(tmp_path) as shop:
        shop.variables |= AT_DISPATCH
        marker = shop.folder / "killed"
        staff = f"Bearer {shop.staff_token()}"
        shop.start()
        order_id = shop.buys(stocked.token, "MUG", PRICE)
        shop.order_is(stocked.token, order_id, "confirmed")
        path = f"/orders/{order_id}/shipments"
        status, shipment = shop.call("POST", path, {}, Authorization=staff, Idempotency_Key="one")
        assert status == 201, shipment
        shop.settles()
        assert shop.stop() == 0
        shop.start(CRASH_AT=f"{point}@{marker}")

        status, answer = shop.call("POST", f"{path}/{shipment['id']}/dispatch", DHL, Authorization=staff)

        assert (status, answer["status"], answer["version"]) == (200, "dispatched", 2)
        shop.order_is(stocked.token, order_id, "paid")
        shop.settles()
        assert marker.exists(), f"nothing died at {point}"
        assert shop.captures() == {order_id: 1}
        explained = shop.call("GET", "/stock/MUG/explain", Authorization=staff)[1]
        assert (explained["ledger"]["dispatched"], explained["unshipped"], explained["on_hand"]) == (1, 0, 4)
