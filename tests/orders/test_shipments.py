"""Orders are packed, dispatched and delivered; each unit once."""

from dataclasses import replace
from typing import Any

import pytest

from app.bus.contracts import orders
from app.bus.contracts.orders import OrderRefunded, ShipmentChanged, Units, UnitsCancelled
from app.bus.event import MAX_BODY_BYTES
from app.kernel.errors import Conflict
from app.kernel.ids import new_id
from app.modules.orders.domain.shipping.shipment import (
    MAX_SHIPMENT_LINES,
    MAX_SHIPMENTS,
    NEXT,
    Shipment,
    ShipmentStatus,
    refuse_one_more,
)
from app.web.schemas import MAX_SKU_LENGTH
from tests.orders.shipping import (
    DHL,
    code_of,
    counts_of,
    fulfilment_of,
    moved,
    moves,
    packed,
    packs,
    shipments_of,
)
from tests.orders.steps import order_in, receives, status_of, timeline_of
from tests.shop import ALICE, BOB, Shop

VERBS = {"dispatched": "dispatch", "delivered": "delivered", "lost": "lost", "unpacked": "unpack"}
PATH_TO = {"packed": [], "unpacked": ["unpack"], "dispatched": ["dispatch"]}
PATH_TO |= {"delivered": ["dispatch", "delivered"], "lost": ["dispatch", "lost"]}


def published(shop: Shop, order_id: str) -> list[tuple[str, int]]:
    return [(each.status, each.version) for each in shop.published(ShipmentChanged) if each.order_id == order_id]


def test_all_that_is_left_is_packed_dispatched_and_delivered(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "paid")
    url = "https://www.dhl.de/track?id=1"

    id = packed(shop, order_id)
    [at_first] = shipments_of(alice, order_id)
    moves(shop, order_id, id, "dispatch", {**DHL, "tracking_url": url})
    assert fulfilment_of(alice, order_id) == "dispatched"
    moved(shop, order_id, id, "delivered")

    [shipment] = shipments_of(alice, order_id)
    assert (at_first["status"], at_first["lines"]) == ("packed", [{"sku": "MUG", "quantity": 2}])
    assert (shipment["status"], shipment["carrier"], shipment["tracking_url"]) == ("delivered", "DHL", url)
    assert shipment["dispatched_at"] < shipment["delivered_at"]
    assert counts_of(alice, order_id) == {"MUG": (2, 0, 2, 2)}
    assert (status_of(alice, order_id), fulfilment_of(alice, order_id)) == ("paid", "delivered")
    assert timeline_of(alice, order_id)[-3:] == ["orders: packed", "orders: dispatched", "orders: delivered"]
    assert published(shop, order_id) == [("packed", 1), ("dispatched", 2), ("delivered", 3)]
    last = shop.published(ShipmentChanged)[-1]
    assert (last.shipment_id, last.customer_id, last.carrier) == (id, str(ALICE), "DHL")
    assert (last.lines, last.tracking_number) == ([Units(sku="MUG", quantity=2)], DHL["tracking_number"])


def test_an_order_leaves_in_parts(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "paid")

    first, second = packed(shop, order_id, MUG=1), packed(shop, order_id, MUG=1)
    seen = [fulfilment_of(alice, order_id)]
    for id, how in ((first, "dispatch"), (first, "delivered"), (second, "dispatch"), (second, "delivered")):
        moved(shop, order_id, id, how)
        seen.append(fulfilment_of(alice, order_id))

    assert seen == ["none", "part", "part", "dispatched", "delivered"]


def test_a_lost_shipment_is_not_delivered(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "paid")
    first, second = packed(shop, order_id, MUG=1), packed(shop, order_id, MUG=1)
    for id, how in ((first, "dispatch"), (second, "dispatch"), (first, "lost"), (second, "delivered")):
        moved(shop, order_id, id, how)

    assert fulfilment_of(alice, order_id) == "dispatched"
    assert [each["status"] for each in shipments_of(alice, order_id)] == ["lost", "delivered"]


def test_no_unit_is_packed_twice(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "paid")

    too_many, unknown = packs(shop, order_id, MUG=3), packs(shop, order_id, PEN=1)
    packed(shop, order_id, MUG=1)
    too_many_now = packs(shop, order_id, MUG=2)
    packed(shop, order_id)
    nothing = packs(shop, order_id)

    for answer in (too_many, unknown, too_many_now, nothing):
        assert code_of(answer) == (409, "nothing_left_to_pack")
    lefts: Any = [answer.json["left"] for answer in (too_many, too_many_now, nothing)]  # type: ignore[index]
    assert lefts == [[{"sku": "MUG", "quantity": 2}], [{"sku": "MUG", "quantity": 1}], []]
    assert counts_of(alice, order_id) == {"MUG": (2, 0, 2, 0)}


def test_unpacked_units_can_be_packed_again(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "paid")
    id = packed(shop, order_id)

    assert moved(shop, order_id, id, "unpack") == moved(shop, order_id, id, "unpack")
    assert counts_of(alice, order_id) == {"MUG": (2, 0, 0, 0)}
    packed(shop, order_id, MUG=2)

    assert [each["status"] for each in shipments_of(alice, order_id)] == ["unpacked", "packed"]
    assert published(shop, order_id) == [("packed", 1), ("unpacked", 2), ("packed", 1)]


@pytest.mark.parametrize("status", PATH_TO)
@pytest.mark.parametrize("to", VERBS)
def test_each_move_in_each_status(one_shop: Shop, status: str, to: str) -> None:
    shop, alice = one_shop, one_shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "paid")
    id = packed(shop, order_id)
    for how in PATH_TO[status]:
        moved(shop, order_id, id, how)
    before, count = shipments_of(alice, order_id), len(published(shop, order_id))

    answer = moves(shop, order_id, id, VERBS[to])

    changed = len(published(shop, order_id)) - count
    if to in NEXT[ShipmentStatus(status)]:
        assert (answer.status_code, answer.json["status"], changed) == (200, to, 1)  # type: ignore[index]
    elif to == status or (to == "dispatched" and status in {"delivered", "lost"}):
        assert (answer.status_code, [answer.json], changed) == (200, before, 0), "it is answered the same"
    else:
        assert (code_of(answer), shipments_of(alice, order_id), changed) == ((409, "wrong_state"), before, 0)


def test_a_shipment_has_one_tracking_number(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "paid")
    id = packed(shop, order_id)
    moved(shop, order_id, id, "dispatch")

    other = moves(shop, order_id, id, "dispatch", {**DHL, "tracking_number": "another"})

    assert code_of(other) == (409, "wrong_state")


@pytest.mark.parametrize("status", ["placed", "awaiting_payment", "confirmed", "cancelled", "refunded"])
def test_only_what_is_paid_is_packed(shop: Shop, status: str) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), status)

    assert code_of(packs(shop, order_id)) == (409, "not_paid")


def test_packing_is_repeated_with_its_key(shop: Shop) -> None:
    alice, key = shop.as_customer(ALICE), str(new_id())
    order_id = order_in(shop, alice, "paid")

    first, again = packs(shop, order_id, key, MUG=1), packs(shop, order_id, key, MUG=1)
    moved(shop, order_id, first.json["id"], "dispatch")  # type: ignore[index]
    later = packs(shop, order_id, key, MUG=1)

    assert first.json == again.json == later.json, "as it was then"
    assert len(shipments_of(alice, order_id)) == 1


@pytest.mark.slow
def test_an_order_has_a_limited_number_of_shipments(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "paid")
    for _ in range(MAX_SHIPMENTS):
        moved(shop, order_id, packed(shop, order_id), "unpack")

    assert code_of(packs(shop, order_id)) == (409, "too_many_shipments")


def test_a_cancelled_orders_shipments_are_unpacked(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "paid")
    id = packed(shop, order_id, MUG=1)

    assert alice.post(f"/orders/{order_id}/cancel").status_code == 200

    assert counts_of(alice, order_id) == {"MUG": (2, 2, 0, 0)}
    assert [each["status"] for each in shipments_of(alice, order_id)] == ["unpacked"]
    assert code_of(moves(shop, order_id, id, "dispatch")) == (409, "wrong_state")
    assert moved(shop, order_id, id, "unpack")["status"] == "unpacked"
    assert code_of(packs(shop, order_id)) == (409, "not_paid")
    assert published(shop, order_id) == [("packed", 1), ("unpacked", 2)]


def test_after_the_first_dispatch_nobody_cancels(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "paid")
    moved(shop, order_id, packed(shop, order_id, MUG=1), "dispatch")
    before = alice.get(f"/orders/{order_id}").json

    by_customer = alice.post(f"/orders/{order_id}/cancel")
    by_staff = shop.as_staff().post(f"/ops/orders/{order_id}/cancel", {"reason": "they rang"})

    assert code_of(by_customer) == code_of(by_staff) == (409, "already_dispatched")
    assert alice.get(f"/orders/{order_id}").json == before


def test_a_full_refund_after_the_first_dispatch_cancels_the_rest(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "paid")
    moved(shop, order_id, packed(shop, order_id, MUG=1), "dispatch")
    rest = packed(shop, order_id)

    receives(shop, order_id, "full_refund", "full_refund")

    order: Any = alice.get(f"/orders/{order_id}").json
    amounts = [order[name]["amount"] for name in ("refunded", "cancelled", "due")]
    assert (order["status"], order["fulfilment"], amounts) == ("paid", "dispatched", [1800, 0, 0])
    assert counts_of(alice, order_id) == {"MUG": (2, 1, 1, 1)}
    assert shop.published(OrderRefunded) == []
    [cancelled] = shop.published(UnitsCancelled)
    assert (cancelled.order_id, cancelled.remaining) == (order_id, [Units(sku="MUG", quantity=1)])
    assert timeline_of(alice, order_id).count("orders: units_cancelled") == 1
    assert [each["status"] for each in shipments_of(alice, order_id)] == ["dispatched", "unpacked"]
    assert code_of(moves(shop, order_id, rest, "dispatch")) == (409, "wrong_state")
    assert code_of(packs(shop, order_id)) == (409, "not_paid")


def test_one_of_which_all_has_left_is_only_recorded(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "paid")
    moved(shop, order_id, packed(shop, order_id), "dispatch")

    receives(shop, order_id, "full_refund")

    assert (fulfilment_of(alice, order_id), shop.published(UnitsCancelled)) == ("dispatched", [])
    assert alice.get(f"/orders/{order_id}").json["refunded"]["amount"] == 1800  # type: ignore[index]


def test_a_full_refund_before_that_unpacks_and_undoes_the_order(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "paid")
    packed(shop, order_id)

    receives(shop, order_id, "full_refund")

    assert status_of(alice, order_id) == "refunded"
    assert [each["status"] for each in shipments_of(alice, order_id)] == ["unpacked"]
    assert counts_of(alice, order_id) == {"MUG": (2, 2, 0, 0)}


def test_what_is_to_be_packed_is_listed(shop: Shop) -> None:
    alice, staff = shop.as_customer(ALICE), shop.as_staff()
    unpaid, paid, left, part = (order_in(shop, alice, each) for each in ("placed", "paid", "paid", "paid"))
    moved(shop, left, packed(shop, left), "dispatch")
    moved(shop, part, packed(shop, part, MUG=1), "dispatch")

    def listed(**query: str) -> list[str]:
        answer: Any = staff.get("/orders", query_string=query)
        return [each["id"] for each in answer.json["items"]]

    assert listed(fulfilment="none", status="paid") == [paid]
    assert listed(fulfilment="none") == [paid, unpaid]
    assert (listed(fulfilment="part"), listed(fulfilment="dispatched")) == ([part], [left])
    assert staff.get("/orders?fulfilment=some").status_code == 422


def test_a_stranger_sees_no_shipments(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "paid")
    packed(shop, order_id)

    strange = shop.as_customer(BOB).get(f"/orders/{order_id}/shipments")

    assert code_of(strange) == (404, "no_such_order")
    assert len(shipments_of(shop.as_staff(), order_id)) == 1


def test_a_shipment_belongs_to_its_order(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    mine, other = order_in(shop, alice, "paid"), order_in(shop, alice, "paid")
    id = packed(shop, mine)

    assert code_of(moves(shop, other, id, "dispatch")) == (404, "no_such_shipment")
    assert code_of(moves(shop, mine, str(new_id()), "unpack")) == (404, "no_such_shipment")
    assert code_of(packs(shop, str(new_id()))) == (404, "no_such_order")


@pytest.mark.parametrize(
    "body",
    [
        {"lines": []},
        {"lines": [{"sku": "MUG", "quantity": 0}]},
        {"lines": [{"sku": "MUG", "quantity": 1}] * 101},
        {"lines": [{"sku": "MUG"}]},
        {"units": []},
    ],
)
def test_a_shipment_of_nonsense_is_refused(shop: Shop, body: Any) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "paid")

    assert shop.as_staff().post(f"/orders/{order_id}/shipments", body).status_code == 422


@pytest.mark.parametrize(
    "tracking",
    [
        {"carrier": ""},
        {"carrier": "c" * 61},
        {"tracking_number": "1" * 101},
        {"tracking_number": "1\n2"},
        {"tracking_url": "javascript:alert(1)"},
        {"tracking_url": "http://example.com/"},
        {"tracking_url": "https://example.com/" + "x" * 2000},
        {"location": "here"},
    ],
)
def test_tracking_that_no_page_should_show_is_refused(shop: Shop, tracking: Any) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "paid")
    id = packed(shop, order_id)

    assert moves(shop, order_id, id, "dispatch", {**DHL, **tracking}).status_code == 422


def test_a_nudge_with_all_shipments_that_an_order_may_have_fits_in_an_event() -> None:
    wide = "\N{FAMILY}"  # four bytes in UTF-8
    sku, name = wide * MAX_SKU_LENGTH, f"{wide * 200} – {wide * 200}"
    line = orders.Line(sku=sku, name=name, quantity=1000, unit_price=10**12)
    left = [orders.Units(sku=sku, quantity=1000)] * (MAX_SHIPMENT_LINES // MAX_SHIPMENTS)
    event = orders.OrderNudged(
        order_id=str(ALICE),
        customer_id=str(ALICE),
        status="paid",
        lines=[line] * 100,
        totals=orders.Totals(items=10**12, shipping=10**12, tax=10**12, discount=10**12, total=10**12),
        currency="EUR",
        deadline="",
        version=2**31 - 1,
        shipments=[orders.DispatchedShipment(shipment_id=str(ALICE), lines=left)] * MAX_SHIPMENTS,
        cancelled=[orders.Units(sku=sku, quantity=1000)] * 100,
    )

    assert len(event.to_json()) < MAX_BODY_BYTES


def test_an_orders_shipments_have_a_limited_number_of_lines() -> None:
    one = {f"SKU-{n}": 1 for n in range(100)}
    shipments = [Shipment(id=ALICE, order_id=ALICE, lines=one) for _ in range(MAX_SHIPMENT_LINES // 100)]
    unpacked = replace(shipments[0], status=ShipmentStatus.UNPACKED)

    refuse_one_more(100, [*shipments[1:], unpacked])
    with pytest.raises(Conflict, match="1500 lines"):
        refuse_one_more(1, shipments)
