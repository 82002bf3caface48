"""Races of refunds of units, all in the module orders."""

from typing import Any

from werkzeug.test import TestResponse

from app.bus.contracts.orders import RefundRequested
from app.kernel.ids import new_id
from tests.orders.steps import status_of
from tests.orders.test_refunds_of_units import refunds
from tests.races.rivals import Race, race, refused, statuses
from tests.races.shipments import CANCEL, paid
from tests.shop import Caller, Shop

REFUND = "POST /api/v1/orders/<uuid:order_id>/refunds"


def count_of(caller: Caller, order_id: str) -> int:
    [line] = caller.get(f"/orders/{order_id}").json["lines"]  # type: ignore[index]
    return int(line["refunded"])


def requested(shop: Shop, order_id: str) -> list[int]:
    return [each.amount for each in shop.published(RefundRequested) if each.order_id == order_id]


@race(REFUND, module="orders")
def two_people_refund_the_same_units(shop: Shop, n: int) -> Race:
    caller, order_id = paid(shop, n)

    def check(first: TestResponse, second: TestResponse) -> None:
        refused("nothing_left_to_refund")(first, second)
        assert (count_of(caller, order_id), requested(shop, order_id)) == (2, [1800])

    return Race(lambda: refunds(shop, order_id, MUG=2), lambda: refunds(shop, order_id, MUG=2), check)


@race(REFUND, module="orders")
def two_people_refund_a_unit_each(shop: Shop, n: int) -> Race:
    caller, order_id = paid(shop, n)

    def check(first: TestResponse, second: TestResponse) -> None:
        assert statuses(first, second) == [201, 201]
        assert (count_of(caller, order_id), requested(shop, order_id)) == (2, [900, 900])

    return Race(lambda: refunds(shop, order_id, MUG=1), lambda: refunds(shop, order_id, MUG=1), check)


@race(REFUND, module="orders")
def one_refund_is_sent_twice(shop: Shop, n: int) -> Race:
    caller, order_id = paid(shop, n)
    key = str(new_id())

    def check(first: TestResponse, second: TestResponse) -> None:
        assert (statuses(first, second), first.json) == ([201, 201], second.json)
        assert (count_of(caller, order_id), requested(shop, order_id)) == (1, [900])

    return Race(lambda: refunds(shop, order_id, key, MUG=1), lambda: refunds(shop, order_id, key, MUG=1), check)


@race(REFUND, CANCEL, module="orders")
def a_unit_is_refunded_and_its_order_cancelled(shop: Shop, n: int) -> Race:
    caller, order_id = paid(shop, n)

    def check(first: TestResponse, second: TestResponse) -> None:
        code: Any = first.json
        assert first.status_code == 201 or code["code"] == "not_paid"
        assert (second.status_code, status_of(caller, order_id)) == (200, "refunded")
        assert count_of(caller, order_id) == (first.status_code == 201)

    return Race(lambda: refunds(shop, order_id, MUG=1), lambda: caller.post(f"/orders/{order_id}/cancel"), check)
