"""The shop is killed while a shipment is dispatched: it is dispatched once, and catalog records it once."""

from pathlib import Path

import pytest

from tests.chaos.conftest import Before
from tests.orders.shipping import DHL

pytestmark = pytest.mark.slow
POINTS = ["before_commit", "after_commit", "before_publish", "after_effect", "before_mark"]


@pytest.mark.parametrize("point", POINTS)
def test_killed_at(point: str, sold: Before, tmp_path: Path) -> None:
    with sold.in_new_folder(tmp_path) as shop:
        marker = shop.folder / "killed"
        staff = f"Bearer {shop.staff_token()}"
        shop.start()
        path = f"/orders/{sold.paid}/shipments"
        status, shipment = shop.call("POST", path, {}, Authorization=staff, Idempotency_Key="one")
        assert status == 201, shipment
        shop.settles()
        assert shop.stop() == 0
        shop.start(CRASH_AT=f"{point}@{marker}")

        status, answer = shop.call("POST", f"{path}/{shipment['id']}/dispatch", DHL, Authorization=staff)

        assert (status, answer["status"], answer["version"]) == (200, "dispatched", 2)
        shop.settles()
        assert marker.exists(), f"nothing died at {point}"
        explained = shop.call("GET", "/stock/MUG/explain", Authorization=staff)[1]
        assert (explained["ledger"]["dispatched"], explained["unshipped"], explained["on_hand"]) == (1, 0, 4)
