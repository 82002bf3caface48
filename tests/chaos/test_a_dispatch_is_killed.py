"""The shop is killed while a shipment is dispatched: it is dispatched once, and catalog records it once."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.chaos.conftest import PRICE, Before
from tests.chaos.live import LiveShop
from tests.orders.shipping import DHL

pytestmark = pytest.mark.slow
POINTS = ["before_commit", "after_commit", "before_publish", "after_effect", "before_mark"]
POINTS_OF_CAPTURES = [
    "before_commit",
    "after_commit",
    "before_publish",
    "after_effect",
    "before_capture",
    "after_capture",
]


@pytest.fixture(scope="module")
def shop(stocked: Before, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    with stocked.with_crash_points(tmp_path_factory.mktemp("dispatch"), *POINTS) as live:
        yield live


@pytest.fixture(scope="module")
def capturing(stocked: Before, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    """A shop that takes the money when it dispatches; until then, the bank holds it."""
    settings = {"CAPTURE": "shipment", "AT_HOLD_END": "cancel"}
    with stocked.with_crash_points(tmp_path_factory.mktemp("capture"), *POINTS_OF_CAPTURES, **settings) as live:
        yield live


def packs(shop: LiveShop, order_id: str, staff: str) -> str:
    """Pack a whole order. Returns the path of its shipment."""
    path = f"/orders/{order_id}/shipments"
    status, shipment = shop.call("POST", path, {}, Authorization=staff, Idempotency_Key=order_id)
    assert status == 201, shipment
    shop.settles()
    return f"{path}/{shipment['id']}"


def explained(shop: LiveShop, staff: str) -> Any:
    """The units dispatched, not yet shipped, and on hand."""
    answer = shop.call("GET", "/stock/MUG/explain", Authorization=staff)[1]
    return answer["ledger"].get("dispatched", 0), answer["unshipped"], answer["on_hand"]


@pytest.mark.parametrize("point", POINTS)
def test_killed_at(point: str, shop: LiveShop, stocked: Before) -> None:
    staff = f"Bearer {stocked.staff}"
    dispatched, unshipped, on_hand = explained(shop, staff)
    order_id = shop.buys(stocked.token, "MUG", PRICE)
    shop.order_is(stocked.token, order_id, "paid")
    shipment = packs(shop, order_id, staff)

    with shop.killed_at(point):
        status, answer = shop.call("POST", f"{shipment}/dispatch", DHL, Authorization=staff)

        assert (status, answer["status"], answer["version"]) == (200, "dispatched", 2)
        shop.settles()
    assert explained(shop, staff) == (dispatched + 1, unshipped, on_hand - 1)


@pytest.mark.parametrize("point", POINTS_OF_CAPTURES)
def test_killed_while_its_money_is_captured(point: str, capturing: LiveShop, stocked: Before) -> None:
    staff = f"Bearer {stocked.staff}"
    dispatched, unshipped, on_hand = explained(capturing, staff)
    order_id = capturing.buys(stocked.token, "MUG", PRICE)
    capturing.order_is(stocked.token, order_id, "confirmed")
    shipment = packs(capturing, order_id, staff)

    with capturing.killed_at(point):
        status, answer = capturing.call("POST", f"{shipment}/dispatch", DHL, Authorization=staff)

        assert (status, answer["status"], answer["version"]) == (200, "dispatched", 2)
        capturing.order_is(stocked.token, order_id, "paid")
        capturing.settles()
    assert capturing.captures()[order_id] == 1
    assert explained(capturing, staff) == (dispatched + 1, unshipped, on_hand - 1)
