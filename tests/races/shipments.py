"""Races of the routes of shipments, all in the module orders."""

from typing import Any

from werkzeug.test import TestResponse

from app.bus.contracts.orders import OrderRefunded, ShipmentChanged
from app.kernel.ids import new_id
from tests.orders.shipping import DHL, counts_of, moved, moves, packed, packs, shipments_of
from tests.orders.steps import order_in, status_of
from tests.races.orders import customer
from tests.races.rivals import Race, race, refused, statuses
from tests.shop import Caller, Shop

PACK = "POST /api/v1/orders/<uuid:order_id>/shipments"
DISPATCH, DELIVERED, LOST, UNPACK = (
    f"{PACK}/<uuid:shipment_id>/{how}" for how in ("dispatch", "delivered", "lost", "unpack")
)
CANCEL, BY_STAFF = "POST /api/v1/orders/<uuid:order_id>/cancel", "POST /api/v1/ops/orders/<uuid:order_id>/cancel"


def paid(shop: Shop, n: int) -> tuple[Caller, str]:
    """An order of two mugs, and its customer."""
    caller = customer(shop, n)
    return caller, order_in(shop, caller, "paid")


def published(shop: Shop, order_id: str) -> list[str]:
    return [each.status for each in shop.published(ShipmentChanged) if each.order_id == order_id]


@race(PACK, module="orders")
def two_people_pack_the_same_units(shop: Shop, n: int) -> Race:
    caller, order_id = paid(shop, n)

    def check(first: TestResponse, second: TestResponse) -> None:
        refused("nothing_left_to_pack")(first, second)
        assert counts_of(caller, order_id) == {"MUG": (2, 0, 2, 0)}
        assert published(shop, order_id) == ["packed"]

    return Race(lambda: packs(shop, order_id, MUG=2), lambda: packs(shop, order_id), check)


@race(PACK, module="orders")
def two_people_pack_a_part_each(shop: Shop, n: int) -> Race:
    caller, order_id = paid(shop, n)

    def check(first: TestResponse, second: TestResponse) -> None:
        assert statuses(first, second) == [201, 201]
        assert counts_of(caller, order_id) == {"MUG": (2, 0, 2, 0)}

    return Race(lambda: packs(shop, order_id, MUG=1), lambda: packs(shop, order_id, MUG=1), check)


@race(PACK, module="orders")
def one_packing_is_sent_twice(shop: Shop, n: int) -> Race:
    caller, order_id = paid(shop, n)
    key = str(new_id())

    def check(first: TestResponse, second: TestResponse) -> None:
        assert (statuses(first, second), first.json) == ([201, 201], second.json)
        assert counts_of(caller, order_id) == {"MUG": (2, 0, 1, 0)}

    return Race(lambda: packs(shop, order_id, key, MUG=1), lambda: packs(shop, order_id, key, MUG=1), check)


@race(PACK, CANCEL, module="orders")
def an_order_is_packed_and_cancelled(shop: Shop, n: int) -> Race:
    caller, order_id = paid(shop, n)

    def check(first: TestResponse, second: TestResponse) -> None:
        code: Any = first.json
        assert first.status_code == 201 or code["code"] == "not_paid"
        assert second.status_code == 200
        assert counts_of(caller, order_id) == {"MUG": (2, 2, 0, 0)}
        assert {each["status"] for each in shipments_of(caller, order_id)} <= {"unpacked"}

    return Race(lambda: packs(shop, order_id), lambda: caller.post(f"/orders/{order_id}/cancel"), check)


def cancelled_or_dispatched(shop: Shop, caller: Caller, order_id: str, cancels: TestResponse) -> None:
    """Either is so as a whole: the order is undone and nothing has left, or it is paid and the goods are gone."""
    [shipment] = shipments_of(caller, order_id)
    states = status_of(caller, order_id), shipment["status"], counts_of(caller, order_id)["MUG"]
    times = len([each for each in shop.published(OrderRefunded) if each.order_id == order_id])
    if cancels.status_code == 200:
        assert (states, times) == (("refunded", "unpacked", (2, 2, 0, 0)), 1)
        assert published(shop, order_id) == ["packed", "unpacked"]
    else:
        assert (states, times) == (("paid", "dispatched", (2, 0, 2, 2)), 0)
        assert published(shop, order_id) == ["packed", "dispatched"]


@race(DISPATCH, CANCEL, module="orders")
def an_order_is_dispatched_and_cancelled(shop: Shop, n: int) -> Race:
    caller, order_id = paid(shop, n)
    id = packed(shop, order_id)

    def check(first: TestResponse, second: TestResponse) -> None:
        refused("already_dispatched", "wrong_state", "not_paid")(first, second)
        cancelled_or_dispatched(shop, caller, order_id, second)

    return Race(lambda: moves(shop, order_id, id, "dispatch"), lambda: caller.post(f"/orders/{order_id}/cancel"), check)


@race(BY_STAFF, DISPATCH, module="orders")
def an_order_is_cancelled_by_staff_and_dispatched(shop: Shop, n: int) -> Race:
    caller, order_id = paid(shop, n)
    id = packed(shop, order_id)

    def check(first: TestResponse, second: TestResponse) -> None:
        refused("already_dispatched", "wrong_state", "not_paid")(first, second)
        cancelled_or_dispatched(shop, caller, order_id, first)

    return Race(
        lambda: shop.as_staff().post(f"/ops/orders/{order_id}/cancel", {"reason": "they rang"}),
        lambda: moves(shop, order_id, id, "dispatch"),
        check,
    )


@race(DISPATCH, module="orders")
def a_shipment_is_dispatched_twice(shop: Shop, n: int) -> Race:
    caller, order_id = paid(shop, n)
    id = packed(shop, order_id)

    def check(first: TestResponse, second: TestResponse) -> None:
        assert (statuses(first, second), first.json) == ([200, 200], second.json)
        assert counts_of(caller, order_id) == {"MUG": (2, 0, 2, 2)}
        assert published(shop, order_id) == ["packed", "dispatched"]

    return Race(lambda: moves(shop, order_id, id, "dispatch"), lambda: moves(shop, order_id, id, "dispatch"), check)


@race(DISPATCH, module="orders")
def a_shipment_is_dispatched_with_two_numbers(shop: Shop, n: int) -> Race:
    _, order_id = paid(shop, n)
    id = packed(shop, order_id)
    other = {**DHL, "tracking_number": "2"}
    return Race(
        lambda: moves(shop, order_id, id, "dispatch"),
        lambda: moves(shop, order_id, id, "dispatch", other),
        refused("wrong_state"),
    )


@race(UNPACK, DISPATCH, module="orders")
def a_shipment_is_unpacked_and_dispatched(shop: Shop, n: int) -> Race:
    caller, order_id = paid(shop, n)
    id = packed(shop, order_id)

    def check(first: TestResponse, second: TestResponse) -> None:
        refused("wrong_state")(first, second)
        assert counts_of(caller, order_id)["MUG"] in {(2, 0, 0, 0), (2, 0, 2, 2)}
        assert len(published(shop, order_id)) == 2

    return Race(lambda: moves(shop, order_id, id, "unpack"), lambda: moves(shop, order_id, id, "dispatch"), check)


@race(DELIVERED, LOST, module="orders")
def a_shipment_is_delivered_and_lost(shop: Shop, n: int) -> Race:
    _, order_id = paid(shop, n)
    id = packed(shop, order_id)
    moved(shop, order_id, id, "dispatch")
    return Race(
        lambda: moves(shop, order_id, id, "delivered"),
        lambda: moves(shop, order_id, id, "lost"),
        refused("wrong_state"),
    )


@race(DISPATCH, module="orders")
def two_shipments_of_an_order_are_dispatched(shop: Shop, n: int) -> Race:
    caller, order_id = paid(shop, n)
    one, two = packed(shop, order_id, MUG=1), packed(shop, order_id, MUG=1)

    def check(first: TestResponse, second: TestResponse) -> None:
        assert statuses(first, second) == [200, 200]
        assert counts_of(caller, order_id) == {"MUG": (2, 0, 2, 2)}
        assert caller.get(f"/orders/{order_id}").json["fulfilment"] == "dispatched"  # type: ignore[index]

    return Race(lambda: moves(shop, order_id, one, "dispatch"), lambda: moves(shop, order_id, two, "dispatch"), check)
